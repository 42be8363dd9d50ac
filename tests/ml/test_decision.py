from dataclasses import replace

import numpy as np
import pytest

from ml.decision import CLASSES, DecisionRule, fit_rule

NEVUS, MELANOMA = CLASSES.index("nv"), CLASSES.index("mel")


def answers(*rows: dict[str, float]) -> np.ndarray:
    return np.array([[row.get(code, 0.001) for code in CLASSES] for row in rows])


def a_rule(**changes: object) -> DecisionRule:
    fields = {"offsets": (1.0,) * 7, "nevus_threshold": 0.0, "uncertain_below": 0.0} | changes
    return DecisionRule(**fields)


def test_without_offsets_the_most_probable_class_is_answered():
    places, is_likely = a_rule().decide(answers({"nv": 0.6, "mel": 0.4}))
    assert (places[0], is_likely[0]) == (NEVUS, True)


def test_an_offset_can_turn_a_nevus_into_a_melanoma():
    offsets = tuple(3.0 if code == "mel" else 1.0 for code in CLASSES)
    places, _ = a_rule(offsets=offsets).decide(answers({"nv": 0.6, "mel": 0.4}))
    assert places[0] == MELANOMA


def test_a_nevus_under_its_threshold_is_uncertain_and_a_melanoma_is_not():
    rule = a_rule(nevus_threshold=0.8)
    _, is_likely = rule.decide(answers({"nv": 0.7, "mel": 0.2}, {"mel": 0.5, "nv": 0.4}))
    assert is_likely.tolist() == [False, True]


def test_a_rule_survives_its_journey_through_json():
    rule = a_rule(offsets=tuple(float(place) for place in range(1, 8)), nevus_threshold=0.7)
    assert DecisionRule.from_dict(rule.as_dict()) == rule


def test_a_fitted_rule_reassures_at_most_one_malignant_image_in_twenty():
    # 60 of 100 melanomas look like nevi, more or less, among 400 nevi that do too.
    shares = [*np.linspace(0.55, 0.9, 60), *np.linspace(0.5, 0.95, 400)]
    rows = [{"nv": share, "mel": 0.97 - share} for share in shares]
    rows += [{"mel": 0.9}] * 40 + [{code: 0.9} for code in CLASSES]
    labels = np.array([MELANOMA] * 60 + [NEVUS] * 400 + [MELANOMA] * 40 + list(range(7)))
    probabilities = answers(*rows)
    rule = fit_rule(probabilities, labels, np.ones(len(labels)))

    def told_as_nevi(rule: DecisionRule, diagnosis: int) -> int:
        places, is_likely = rule.decide(probabilities[labels == diagnosis])
        return int((is_likely & (places == NEVUS)).sum())

    allowed = (100 + 1 + 2) // 20
    assert told_as_nevi(replace(rule, nevus_threshold=0.0), MELANOMA) == 60
    assert told_as_nevi(rule, MELANOMA) == allowed
    assert told_as_nevi(rule, NEVUS) > 50


def test_a_fitted_rule_abstains_only_where_it_would_mostly_be_wrong():
    random = np.random.default_rng(4)
    labels = random.integers(0, 7, 3000)
    logits = random.normal(size=(3000, 7))
    logits[np.arange(3000), labels] += random.uniform(0, 3, 3000)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rule = fit_rule(probabilities, labels, np.ones(3000))
    places, _ = rule.decide(probabilities)
    low = probabilities.max(axis=1) < rule.uncertain_below
    assert low.any()
    assert (places == labels)[low].mean() <= 0.5
    assert (places == labels)[~low].mean() > 0.5


def test_a_damaged_rule_is_not_read():
    with pytest.raises((KeyError, TypeError)):
        DecisionRule.from_dict({"offsets": {}})
