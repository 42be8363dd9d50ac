"""Who may take the champion's place: each way of being worse fails at its own line."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.decision import CLASSES, IS_MALIGNANT, MELANOMA, DecisionRule
from ml.gate import Cost, Pair, judge_camera, judge_costs, judge_images, judge_shadow
from ml.metrics import Answers, read_answers
from warehouse.looks import Look, Verdict, VerdictLine
from warehouse.vocabulary import LookReason

N = 1400
RULE = DecisionRule((1.0,) * 7, 0.0)
LABELS = np.tile(np.arange(7), N // 7)
GROUPS = np.arange(N) // 2
PARTS = pd.DataFrame(
    {
        "sex": np.where(np.arange(N) % 4 < 2, "female", "male"),
        "localization": np.where(np.arange(N) < 10, "ear", "back"),
    }
)


def answered(right: np.ndarray) -> Answers:
    """Answer with 0.8, rightly where told; 0.8 are right of the champion's, so that it is apt."""
    told = np.where(right, LABELS, (LABELS + 1) % 7)
    return read_answers(LABELS, np.full((N, 7), 0.2 / 6) + np.eye(7)[told] * (0.8 - 0.2 / 6), RULE)


def share_right(share: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(N) < share


CHAMPION = share_right(0.8)


def judged(right: np.ndarray, probabilities: np.ndarray | None = None) -> Verdict:
    challenger = answered(right)
    if probabilities is not None:
        challenger = replace(challenger, probabilities=probabilities)
    lines = judge_images(Pair(challenger, answered(CHAMPION), GROUPS, PARTS))
    return Verdict(Look(LookReason.judgement, "new", 1, "old"), tuple(lines))


def line_of(verdict: Verdict, name: str) -> VerdictLine:
    return next(line for line in verdict.lines if line.name == name)


def test_the_champion_itself_and_a_better_one_pass():
    assert judged(CHAMPION).failing == []
    better = CHAMPION | (share_right(0.5, 2))
    verdict = judged(better)
    assert line_of(verdict, "balanced_accuracy").difference > 0.05
    assert line_of(verdict, "melanoma_sensitivity").is_passed


def test_one_that_has_learnt_nothing_fails_nearly_everywhere():
    verdict = judged(share_right(1 / 7, 3))
    assert {
        "balanced_accuracy",
        "balanced_accuracy_interval",
        "melanoma_sensitivity",
        "calibration",
        "sex female",
        "sex male",
    } <= set(verdict.failing)


def test_one_better_overall_but_worse_on_melanoma_is_refused_by_that_line():
    right = CHAMPION | (share_right(0.05, 4) & (LABELS != MELANOMA))
    lost = np.flatnonzero(CHAMPION & (LABELS == MELANOMA))[:1]
    right[lost] = False
    verdict = judged(right)
    assert line_of(verdict, "balanced_accuracy").difference > 0
    assert verdict.failing == ["melanoma_sensitivity"]


def test_one_tuned_to_a_subgroup_is_refused_by_the_other():
    female = (PARTS["sex"] == "female").to_numpy()
    male = ~female & (LABELS != MELANOMA)
    right = CHAMPION | (female & share_right(0.6, 5))
    right &= ~(male & share_right(0.15, 6))
    verdict = judged(right)
    assert line_of(verdict, "balanced_accuracy").is_passed
    assert verdict.failing == ["sex male"]


def test_a_part_of_few_images_says_nothing():
    assert "localization ear" not in {line.name for line in judged(CHAMPION).lines}


def test_one_that_is_too_sure_of_itself_is_refused_by_calibration():
    sure = np.eye(7)[answered(CHAMPION).forced] * 0.999 + 0.001 / 7
    assert judged(CHAMPION, sure).failing == ["calibration"]


def failing_told(challenger: Answers, rows: np.ndarray | None = None) -> list[str]:
    rows = np.arange(N) if rows is None else rows
    one, other = challenger.take(rows), answered(CHAMPION).take(rows)
    lines = judge_images(Pair(one, other, GROUPS[rows], PARTS.iloc[rows]))
    return [line.name for line in lines if not line.is_passed]


def told_by(challenger: Answers, **flags: np.ndarray) -> Answers:
    """Say of some frames that they are uncertain or no lesion; their costs follow."""
    changed = replace(challenger, **flags)
    likely = changed.is_likely & changed.is_assessable
    costs = np.where(likely, changed.costs[:, 1], RULE.costs.uncertain)
    return replace(changed, is_likely=likely, costs=np.stack([costs, changed.costs[:, 1]], axis=1))


def test_one_that_refuses_frames_is_refused_however_well_it_would_answer():
    better = answered(CHAMPION | share_right(0.1, 8))
    nothing = told_by(better, is_assessable=np.zeros(N, dtype=bool))
    assert "refused" in failing_told(nothing)
    few = np.arange(N) % 100 != 0
    assert failing_told(told_by(better, is_assessable=few)) == []


def test_one_that_tells_more_malignant_lesions_as_likely_benign_is_refused():
    # Both answer alike before abstention; the champion says uncertain where it is wrong.
    cautious = told_by(answered(CHAMPION), is_likely=CHAMPION)
    bold = told_by(answered(CHAMPION), is_likely=np.ones(N, dtype=bool))
    lines = judge_images(Pair(bold, cautious, GROUPS, PARTS))
    assert [line.name for line in lines if not line.is_passed] == ["missed_malignancy", "cost"]
    back = judge_images(Pair(cautious, bold, GROUPS, PARTS))
    assert all(line.is_passed for line in back)


def test_one_malignant_lesion_more_of_few_is_told_and_does_not_refuse_by_itself():
    rows = np.arange(28)
    cautious = told_by(answered(CHAMPION), is_likely=np.zeros(N, dtype=bool)).take(rows)
    wrong = np.flatnonzero(IS_MALIGNANT[LABELS[rows]] & (LABELS[rows] != cautious.forced))
    benign = [place for place in wrong if not IS_MALIGNANT[cautious.forced[place]]]
    bold = np.isin(rows, benign[:1])
    one = told_by(cautious, is_likely=bold)
    lines = judge_images(Pair(one, cautious, GROUPS[rows], PARTS.iloc[rows]))
    line = next(each for each in lines if each.name == "missed_malignancy")
    assert (line.difference > 0, line.n) == (True, int(IS_MALIGNANT[LABELS[rows]].sum()))
    assert line.is_passed


def test_without_a_malignant_image_nothing_can_be_said_of_what_is_missed():
    rows = np.flatnonzero(~IS_MALIGNANT[LABELS])
    assert failing_told(answered(CHAMPION), rows) == ["melanoma_sensitivity", "missed_malignancy"]


def test_without_a_melanoma_nobody_is_promoted():
    rows = LABELS != MELANOMA
    one = answered(CHAMPION).take(rows)
    lines = judge_images(Pair(one, one, GROUPS[rows], PARTS[rows]))
    failing = [line.name for line in lines if not line.is_passed]
    assert failing == ["melanoma_sensitivity"]


@pytest.mark.parametrize(
    ("challenger", "failing"),
    [
        (Cost(11.0, 1000), []),
        (Cost(40.0, 1000), ["latency_ms"]),
        (Cost(10.0, 9000), ["graph_bytes"]),
    ],
)
def test_one_that_costs_half_as_much_again_is_refused(challenger: Cost, failing: list[str]):
    lines = judge_costs(challenger, Cost(10.0, 1000))
    assert [line.name for line in lines if not line.is_passed] == failing


def test_few_frames_of_the_camera_are_told_and_many_decide():
    worse = CHAMPION & share_right(0.5, 7)
    for n, decides in ((14, False), (700, True)):
        rows = np.arange(n)
        pair = Pair(
            answered(worse).take(rows), answered(CHAMPION).take(rows), GROUPS[:n], PARTS[:n]
        )
        line = judge_camera(pair)
        assert (line.is_decisive, line.n) == (decides, n)
    assert not line.is_passed


def test_unseen_answers_decide_once_enough_were_reviewed():
    nothing = judge_shadow(np.zeros((0, 2), dtype=bool), np.array([], dtype=int))
    assert (nothing.n, nothing.is_decisive, nothing.is_passed) == (0, False, True)
    worse = np.stack([np.arange(40) % 4 == 0, np.ones(40, dtype=bool)], axis=1)
    line = judge_shadow(worse, np.arange(40))
    assert (line.is_decisive, line.is_passed) == (True, False)


def test_classes_are_those_the_test_was_written_for():
    assert len(CLASSES) == 7
