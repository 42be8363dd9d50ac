"""Training without one source, and judging on it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import duckdb
import pandas as pd
import pytest
from recipes import TINY

from ml.held_out_source import EVALUATION, evaluate_left_out, leave_out
from ml.seen import shown_by
from ml.training import Plan, train
from warehouse.errors import BadInputError
from warehouse.figures import read_evaluations
from warehouse.published import current, read_lineage, read_split
from warehouse.registry import CHAMPION
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import Split

# Every third lesion group outside tune; of each only its first image is the source's.
MOVED = """
    update fct_diagnoses set source_key = md5('rosendahl') where image_id in (
        select min(image_id) from ml_images where split <> 'tune'
        group by lesion_group_id
        having cast('0x' || left(md5(lesion_group_id), 4) as integer) % 3 = 0
    )
"""


@pytest.fixture
def two_sources(built: Settings) -> Settings:
    with duckdb.connect(str(current(built).path)) as connection:
        connection.execute(MOVED)
    return built


@pytest.fixture
def opened(two_sources: Settings) -> Iterator[tuple[Settings, Store]]:
    with closing(open_store(two_sources)) as store:
        yield two_sources, store


def lineage_of(settings: Settings) -> pd.DataFrame:
    return read_lineage(current(settings))


def test_a_lesion_goes_whole_even_where_only_one_image_is_the_sources(two_sources: Settings):
    warehouse, lineage = current(two_sources), lineage_of(two_sources)
    frames = {split: read_split(warehouse, split) for split in Split}
    left = leave_out(frames, warehouse, "rosendahl")
    gone = shown_by(lineage, "rosendahl")
    assert len(gone) > (lineage["source_code"] == "rosendahl").sum() > 0
    assert set(left[Split.train]["image_id"]) == set(frames[Split.train]["image_id"]) - set(gone)
    assert left[Split.validation] is frames[Split.validation]
    assert left[Split.train]["weight"].mean() == pytest.approx(1)
    by_class = left[Split.train].groupby("diagnosis_code")["weight"].sum()
    assert by_class.to_numpy() == pytest.approx(by_class.mean())


def test_a_source_that_is_not_there_is_told_with_those_that_are(two_sources: Settings):
    with pytest.raises(BadInputError, match=r"--without-source moon: .* rosendahl, synthetic"):
        leave_out({}, current(two_sources), "moon")


def test_a_model_is_judged_on_every_image_of_the_source_it_never_met(opened):
    settings, store = opened
    recipe = replace(TINY, without_source="rosendahl")
    model = train(settings, store, Plan(recipe)).record
    lineage = lineage_of(settings)
    theirs = lineage[lineage["source_code"] == "rosendahl"]
    assert set(theirs["split"]) == {"train", "validation"}
    report = evaluate_left_out(settings, store, model.model_id)
    assert (report.evaluation.n, report.left_out, report.warnings) == (len(theirs), 0, [])
    told = report.as_dict()
    assert (told["dataset"], told["split"]) == ("rosendahl", EVALUATION)
    (facts,) = (
        each for each in read_evaluations(store, model.model_id) if each.split == EVALUATION
    )
    assert {each.n for each in facts.metrics if each.diagnosis == "all"} == {len(theirs)}


def test_a_model_that_met_every_source_cannot_be_judged_so(trained: Settings):
    with (
        closing(open_store(trained)) as store,
        pytest.raises(BadInputError, match="was trained on every source"),
    ):
        evaluate_left_out(trained, store, CHAMPION)
