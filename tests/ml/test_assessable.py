"""Which frames are refused: those unlike any lesion, and few of the lesions themselves."""

import numpy as np
import pytest

from ml.artifact import Card
from ml.assessable import FEWEST, REFUSED, SIGNALS, Gate, fit_gate, measure_signals
from ml.decision import DecisionRule
from ml.nonlesions import FAMILIES, SKIN, Family, draw_family
from ml.predictor import Predictor
from ml.preprocess import Frame
from warehouse.vocabulary import Decision

SIZE = 96


def lesions(count: int, seed: int) -> np.ndarray:
    """Skin with a dark spot in the middle, as plain as can be."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    frames = []
    for _ in range(count):
        tone = SKIN[1] - random.uniform(0, 40)
        inside = np.hypot(rows, columns) < random.uniform(0.15, 0.35)
        frame = np.where(inside[..., None], tone * random.uniform(0.4, 0.7), tone)
        frames.append(np.clip(frame + random.normal(0, 4, frame.shape), 0, 255))
    return np.array(frames, dtype=np.uint8)


class MeanColour:
    """Stands where a network does: the map follows the frame's colour."""

    uses_context = False

    def predict(self, batch: np.ndarray, _context: object = None) -> tuple[np.ndarray, np.ndarray]:
        colour = batch.reshape(len(batch), -1, 3).mean(axis=1) / 255
        maps = np.concatenate([colour, colour, colour[:, :1]], axis=1)[:, None, None]
        return np.full((len(batch), 7), 1 / 7), maps


def signals(frames: np.ndarray) -> np.ndarray:
    _, maps = MeanColour().predict(frames)
    return np.stack(
        [measure_signals(*each) for each in zip(map(Frame.of, frames), maps, strict=True)]
    )


@pytest.fixture(scope="module")
def gate() -> Gate:
    fitted = fit_gate(signals(lesions(FEWEST, seed=1)))
    assert fitted is not None
    return fitted


def test_at_most_two_in_a_hundred_of_the_lesions_it_knows_are_refused(gate: Gate):
    refused = ~gate.accepts(signals(lesions(FEWEST, seed=1)))
    assert 0 < refused.sum() <= REFUSED * FEWEST


def test_most_lesions_it_does_not_know_are_accepted(gate: Gate):
    assert gate.accepts(signals(lesions(100, seed=2))).mean() > 0.9


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_frames_without_a_lesion_are_refused(gate: Gate, family: Family):
    frames = draw_family(family, 20, SIZE, seed=1)
    assert frames.shape == (20, SIZE, SIZE, 3)
    assert not gate.accepts(signals(frames)).any()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_same_seed_draws_the_same_frames(family: Family):
    assert (draw_family(family, 3, SIZE, 1) == draw_family(family, 3, SIZE, 1)).all()


def test_too_few_lesions_make_no_gate():
    assert fit_gate(np.zeros((FEWEST - 1, len(SIGNALS)))) is None


def test_the_predictor_says_not_assessable_instead_of_a_diagnosis(gate: Gate):
    rule = DecisionRule((1.0,) * 7, 0.0, gate=gate)
    predictor = Predictor(Card(SIZE, rule, ""), MeanColour())
    (black,) = draw_family(FAMILIES[0], 1, SIZE, 1)
    assert predictor.answer(Frame.of(black)).decision is Decision.not_assessable
    known = lesions(FEWEST, seed=1)
    usual = known[gate.accepts(signals(known))][0]
    assert predictor.answer(Frame.of(usual)).decision is not Decision.not_assessable
