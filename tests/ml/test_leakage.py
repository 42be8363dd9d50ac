"""How a diagnosis was confirmed and where an image was taken never reach a model."""

from dataclasses import fields

import duckdb
import numpy as np
import pytest

from ml.context import WIDTH
from ml.dataset import Examples, load_examples
from ml.evaluation import ask
from ml.predictor import Predictor
from ml.shortcuts import CLINICAL, FORBIDDEN, audit_shortcuts
from warehouse.published import current, read_split, read_subgroups
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Confirmation, Dataset, Localization, Sex, Split, values

LEAKING = {"dx_type", "dataset", "source", "confirmation", "source_code", "confirmation_code"}


def learnt(settings: Settings, split: Split) -> Examples:
    return load_examples(settings, split, read_split(current(settings), split), 96)


def as_arrays(examples: Examples) -> dict[str, np.ndarray]:
    return {each.name: np.asarray(getattr(examples, each.name)) for each in fields(examples)}


@pytest.mark.parametrize("split", Split)
def test_the_rows_a_model_learns_from_have_no_leaking_column(built: Settings, split: Split):
    assert not LEAKING & set(read_split(current(built), split).columns)
    assert not LEAKING & {each.name for each in fields(Examples)}


@pytest.mark.parametrize("split", Split)
def test_other_sources_and_confirmations_change_nothing_a_model_sees(built: Settings, split: Split):
    before = as_arrays(learnt(built, split))
    with duckdb.connect(str(current(built).path)) as connection:
        for column, word in (("source", "rosendahl"), ("confirmation", "follow_up")):
            connection.execute(f"update fct_diagnoses set {column}_key = md5('{word}')")
    parts = read_subgroups(current(built))
    assert set(parts["source"]) == {"rosendahl"}
    assert set(parts["confirmation"]) == {"follow_up"}
    for name, after in as_arrays(learnt(built, split)).items():
        assert (after == before[name]).all(), name


def test_a_context_has_no_room_for_more_than_age_sex_and_site():
    words = len(values(Sex)) + len(values(Localization)) - 2  # less the two unknowns
    ages = WIDTH - words
    assert 0 < ages < len(values(Confirmation)) + len(values(Dataset))
    assert set(CLINICAL) == {"age_years", "sex_code", "localization_code"}


def test_the_served_graph_takes_an_image_and_at_most_a_context(trained: Settings):
    store = open_store(trained)
    predictor = Predictor.open(trained.models_dir, resolve(store, CHAMPION).model_id)
    store.close()
    assert {each.name for each in predictor.graph.session.get_inputs()} <= {"image", "context"}
    served = ask(predictor.graph, learnt(trained, Split.tune))
    assert served.probabilities.sum(axis=1) == pytest.approx(np.ones(len(served.probabilities)))


def test_the_audit_scores_what_is_allowed_and_what_is_forbidden_apart(built: Settings):
    found = audit_shortcuts(current(built))
    assert {(each.columns, each.split) for each in found} == {
        (columns, split) for columns in (CLINICAL, FORBIDDEN) for split in ("tune", "validation")
    }
    for each in found:
        figures = each.as_dict()["figures"]
        value, low, high = figures["macro_auc_all"]
        assert 0 <= low <= value <= high <= 1
