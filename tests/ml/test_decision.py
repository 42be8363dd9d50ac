import json
from dataclasses import replace

import numpy as np
import pytest

from ml.assessable import fit_gate
from ml.decision import CLASSES, Costs, DecisionRule, fit_rule

NEVUS, MELANOMA = CLASSES.index("nv"), CLASSES.index("mel")


def answers(*rows: dict[str, float]) -> np.ndarray:
    return np.array([[row.get(code, 0.001) for code in CLASSES] for row in rows])


def a_rule(**changes: object) -> DecisionRule:
    # By these costs everything is told.
    free = Costs(missed_melanoma=0, missed_carcinoma=0, wrong_name=0, uncertain=0)
    return DecisionRule(
        **({"offsets": (1.0,) * 7, "nevus_threshold": 0.0, "costs": free} | changes)
    )


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
    offsets = tuple(float(place) for place in range(1, 8))
    gate = fit_gate(np.random.default_rng(1).normal(size=(300, 16)))
    rule = a_rule(offsets=offsets, nevus_threshold=0.7, costs=Costs(uncertain=0.4), gate=gate)
    assert DecisionRule.from_dict(json.loads(json.dumps(rule.as_dict()))) == rule


def test_a_rule_of_another_version_is_not_read():
    with pytest.raises(ValueError, match="version 1"):
        DecisionRule.from_dict(a_rule().as_dict() | {"version": 1})


def test_a_missed_melanoma_costs_most_and_a_right_answer_nothing():
    table = Costs().table
    assert table[MELANOMA, NEVUS] == table.max()
    assert (np.diag(table) == 0).all()
    assert table[MELANOMA, CLASSES.index("bcc")] < table[CLASSES.index("bcc"), NEVUS]


def test_a_nevus_is_told_only_where_the_risk_of_a_melanoma_is_worth_it():
    rule = a_rule(costs=Costs(missed_melanoma=20, uncertain=0.5))
    near = 0.5 / 20
    _, is_likely = rule.decide(
        np.array(
            [
                [p if code == "mel" else (1 - p) * (code == "nv") for code in CLASSES]
                for p in (near * 0.9, near * 1.1)
            ]
        )
    )
    assert is_likely.tolist() == [True, False]


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
    # Even costs that would tell everything leave the threshold of nevi standing.
    free = replace(rule, costs=Costs(uncertain=99))
    assert told_as_nevi(replace(free, nevus_threshold=0.0), MELANOMA) == 60
    assert told_as_nevi(free, MELANOMA) == allowed
    assert told_as_nevi(free, NEVUS) > 50
    assert told_as_nevi(rule, MELANOMA) <= allowed


def test_abstaining_costs_less_than_telling_all_or_telling_nothing():
    random = np.random.default_rng(4)
    logits = random.normal(size=(3000, 7))
    logits[:, NEVUS] += 2
    probabilities = np.exp(2 * logits) / np.exp(2 * logits).sum(axis=1, keepdims=True)
    labels = np.array([random.choice(7, p=row) for row in probabilities])
    rule = fit_rule(probabilities, labels, 1 / np.bincount(labels)[labels])
    told_all, told_nothing = (
        replace(rule, costs=Costs(uncertain=99)),
        replace(rule, costs=Costs(uncertain=0)),
    )

    def cost(read: DecisionRule) -> float:
        places, is_likely = read.decide(probabilities)
        table, uncertain = rule.costs.table, rule.costs.uncertain
        return float(np.where(is_likely, table[labels, places], uncertain).mean())

    assert cost(rule) < min(cost(told_all), cost(told_nothing))


def test_a_damaged_rule_is_not_read():
    with pytest.raises((KeyError, TypeError)):
        DecisionRule.from_dict({"offsets": {}})
