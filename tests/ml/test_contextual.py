"""Age, sex and site beside the image."""

import numpy as np
import pytest
from factories import a_model

from ml import context
from ml.contextual import add_context, fit_context, open_network
from ml.dataset import Examples
from ml.predictor import Predictor
from warehouse.errors import BadInputError
from warehouse.published import current, read_split
from warehouse.registry import CHAMPION, promote_first, record_model, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import Split


def test_what_is_not_known_is_all_zeros():
    assert context.encode(None, "unknown", "unknown").sum() == 0
    assert context.encode(float("nan"), "unknown", "unknown").sum() == 0
    assert (context.missing(2) == 0).all()


def test_an_age_is_shared_out_between_its_two_knots():
    thirty = context.encode(30, "unknown", "unknown")[: len(context.AGE_KNOTS)]
    assert thirty.tolist() == [0, 0.5, 0.5, 0, 0]
    assert context.encode(95, "unknown", "unknown")[: len(context.AGE_KNOTS)].tolist()[-1] == 1


def test_every_word_has_its_own_column():
    places = {
        int(context.encode(None, sex, site).argmax())
        for sex, site in [("unknown", site) for site in context.SITES]
        + [(sex, "unknown") for sex in context.SEXES]
    }
    assert len(places) == len(context.SITES) + len(context.SEXES)


def test_a_site_that_goes_with_a_diagnosis_speaks_for_it_and_no_context_for_none():
    rows = [
        context.encode(50, "male", "ear") if dx == 1 else context.encode(50, "male", "back")
        for dx in np.repeat(np.arange(7), 30)
    ]
    labels = np.repeat(np.arange(7), 30)
    nothing = np.zeros(len(labels))
    examples = Examples(
        "train", nothing, nothing, labels, nothing, nothing, nothing, np.array(rows)
    )
    kernel = fit_context(examples, seed=1)
    told = context.encode(None, "unknown", "ear") @ kernel
    assert told.argmax() == 1
    assert (context.missing(1) @ kernel == 0).all()


def test_a_model_that_has_a_context_already_is_not_given_another(settings: Settings, store: Store):
    image = a_model("image")
    both = a_model("both", parent_model_id="image", parameters={"context_strength": 0.9})
    for record in (image, both):
        record_model(store, record, [])
    assert promote_first(store, "both")
    for name in ("both", CHAMPION):
        with pytest.raises(BadInputError, match=r"both: it has a context.*`dermhouse .* image`"):
            add_context(settings, store, name)


@pytest.fixture
def contextual(trained: Settings):
    store = open_store(trained)
    report = add_context(trained, store, CHAMPION)
    yield trained, store, report
    store.close()


def test_a_second_model_takes_a_context_and_answers_as_the_first_without_it(contextual):
    settings, store, report = contextual
    parent = resolve(store, CHAMPION)
    assert report.record.parent_model_id == parent.model_id
    assert report.record.split_hash == parent.split_hash
    first = Predictor.open(settings.models_dir, parent.model_id).graph
    second = Predictor.open(settings.models_dir, report.model_id).graph
    assert (first.uses_context, second.uses_context) == (False, True)
    image = np.random.default_rng(3).integers(0, 255, (1, 96, 96, 3), np.uint8)
    (one, map_one), (two, map_two) = first.predict(image), second.predict(image)
    scale = report.record.parameters["context_temperature"]
    _, parent_head = open_network(settings, parent)
    _, head = open_network(settings, report.record)
    assert head.kernel == pytest.approx(parent_head.kernel / scale, rel=1e-4, abs=1e-6)
    assert np.corrcoef(map_one.ravel(), map_two.ravel())[0, 1] > 0.99
    assert one.shape == two.shape


def test_the_figures_of_a_contextual_model_are_those_of_its_served_graph(contextual):
    settings, _, report = contextual
    assert report.evaluation.n == len(read_split(current(settings), Split.validation))
    assert 0 <= report.as_dict()["balanced_accuracy"] <= 1
