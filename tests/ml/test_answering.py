"""Frames that share a run of the model are answered as each would be alone."""

import numpy as np
import pytest
from camera_frames import a_frame
from second_model import SECOND, add_second_model

from ml.answering import Asked, Known, OpenModel, Seen, open_model, see, see_all
from ml.preprocess import UndecodableImageError
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import Store, open_store
from warehouse.vocabulary import Localization, Sex

LIMIT = 10**8
NOBODY, SOMEBODY = Known(), Known(61.0, Sex.female, Localization.back, "subject-1")


@pytest.fixture
def store(trained: Settings):
    store = open_store(trained)
    yield store
    store.close()


@pytest.fixture
def model(trained: Settings, store: Store) -> OpenModel:
    return open_model(trained, resolve(store, CHAMPION))


def said(seen: Seen | UndecodableImageError) -> tuple[object, ...]:
    """What an answer says and measures, without what is made anew each time."""
    assert isinstance(seen, Seen)
    frame, answer = seen.frame, seen.prediction
    measured = (frame.sha256, frame.brightness, frame.sharpness, frame.lesion_share)
    known = (frame.age_years, frame.sex, frame.localization, frame.subject)
    return answer.model_id, answer.dx, answer.decision, answer.probabilities, measured, known


def test_two_frames_at_once_get_the_very_answers_that_each_would_get_alone(model: OpenModel):
    asked = [
        Asked(model, a_frame(1), NOBODY, LIMIT, "one"),
        Asked(model, a_frame(2), SOMEBODY, LIMIT, "two"),
    ]
    together = see_all(asked)
    assert [said(seen) for seen in together] == [said(see(each)) for each in asked]
    for seen, each in zip(together, asked, strict=True):
        assert isinstance(seen, Seen)
        assert seen.prediction.prediction_id == each.prediction_id
        alone = see(each).answer.activation
        assert np.array_equal(seen.answer.activation, alone)


def test_a_frame_that_cannot_be_read_is_told_and_spoils_no_other(model: OpenModel):
    good = Asked(model, a_frame(1), NOBODY, LIMIT)
    bad = Asked(model, b"no image", NOBODY, LIMIT)
    first, second, third = see_all([good, bad, Asked(model, a_frame(2), NOBODY, LIMIT)])
    assert said(first) == said(see(good))
    assert isinstance(second, UndecodableImageError)
    assert isinstance(third, Seen)
    (alone,) = see_all([bad])
    assert isinstance(alone, UndecodableImageError)


def test_frames_put_to_two_models_are_each_answered_by_their_own(
    model: OpenModel, trained: Settings, store: Store
):
    other = open_model(trained, resolve(store, add_second_model(trained)))
    asked = [Asked(each, a_frame(3), NOBODY, LIMIT) for each in (model, other, model)]
    models = [seen.prediction.model_id for seen in see_all(asked) if isinstance(seen, Seen)]
    assert models == [model.model_id, SECOND, model.model_id]
