"""Two models on the same images: what is paired is narrower than what is not."""

import numpy as np
import pytest

from ml.comparison import compare
from ml.decision import DecisionRule
from ml.evaluation import assess
from ml.metrics import Answers, read_answers
from warehouse.errors import BadInputError

RULE = DecisionRule((1.0,) * 7, 0.0)
GROUPS = np.arange(600) // 2


def answered(strength: float, seed: int) -> Answers:
    """Two models see the same hard and easy images, each with a little noise of its own."""
    common, own = np.random.default_rng(1), np.random.default_rng(seed)
    labels = np.concatenate([np.arange(7), common.integers(0, 7, 593)])
    logits = common.normal(size=(600, 7)) + own.normal(0, 0.1, size=(600, 7))
    logits[np.arange(600), labels] += strength
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return read_answers(labels, shares, RULE)


def test_a_model_does_not_differ_from_itself():
    model = answered(1.0, seed=2)
    for each in compare(model, model, GROUPS):
        assert (each.difference, each.low, each.high) == (0, 0, 0)
        assert not each.is_clear


def test_a_better_model_is_clearly_better_in_both_orders():
    better, worse = answered(1.6, seed=2), answered(1.0, seed=3)
    forth = {each.metric: each for each in compare(better, worse, GROUPS)}
    back = {each.metric: each for each in compare(worse, better, GROUPS)}
    assert forth["balanced_accuracy"].is_clear
    assert forth["balanced_accuracy"].low > 0
    assert back["macro_auc"].high < 0
    assert back["macro_auc"].difference == -forth["macro_auc"].difference


def test_a_paired_interval_is_narrower_than_the_models_own():
    first, second = answered(1.1, seed=2), answered(1.0, seed=3)
    (paired,) = (e for e in compare(first, second, GROUPS) if e.metric == "balanced_accuracy")
    (alone,) = (
        each
        for each in assess(first, GROUPS, "drawn", "validation").metrics
        if each.metric == "balanced_accuracy"
    )
    assert paired.high - paired.low < (alone.high - alone.low) / 1.5


def test_answers_to_different_images_are_not_compared():
    other = answered(1.0, seed=2)
    with pytest.raises(BadInputError, match="different images"):
        compare(other, other.take(np.arange(10)), GROUPS)
