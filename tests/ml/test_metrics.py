"""Our vectorised metrics against scikit-learn's, and the bootstrap against what it must do."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from ml.decision import CLASSES, Costs, DecisionRule
from ml.evaluation import assess
from ml.metrics import compute_figures, read_answers, reliability_bins
from ml.subgroups import FEWEST, age_band, assess_subgroups

RULE = DecisionRule((1.0, 1.2, 1.0, 2.0, 1.5, 0.7, 2.0), 0.5)


@pytest.fixture(scope="module")
def answers():
    random = np.random.default_rng(5)
    labels = np.concatenate([np.arange(7), random.integers(0, 7, 393)])
    logits = random.normal(size=(400, 7))
    logits[np.arange(400), labels] += 1.2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return read_answers(labels, probabilities, RULE)


def test_every_figure_equals_scikit_learns(answers):
    figures = {key: value[0] for key, value in compute_figures(answers, np.ones((1, 400))).items()}
    labels, forced, shares = answers.labels, answers.forced, answers.probabilities
    expected = {
        "accuracy": sk.accuracy_score(labels, forced),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, forced),
        "macro_f1": sk.f1_score(labels, forced, average="macro"),
        "macro_auc": sk.roc_auc_score(labels, shares, multi_class="ovr", average="macro"),
        "log_loss": sk.log_loss(labels, shares),
    }
    for name, value in expected.items():
        assert figures["all", name] == pytest.approx(value), name
    recall = sk.recall_score(labels, forced, average=None)
    precision = sk.precision_score(labels, forced, average=None)
    for place, code in enumerate(CLASSES):
        assert figures[code, "recall"] == pytest.approx(recall[place])
        assert figures[code, "precision"] == pytest.approx(precision[place])
        auc = sk.roc_auc_score(labels == place, shares[:, place])
        assert figures[code, "auc"] == pytest.approx(auc)


def test_counting_an_image_twice_equals_having_it_twice(answers):
    weights = np.random.default_rng(6).integers(0, 3, 400)
    repeated = np.repeat(np.arange(400), weights)
    by_weight = compute_figures(answers, weights[None].astype(float))
    by_row = compute_figures(answers.take(repeated), np.ones((1, len(repeated))))
    for key, value in by_row.items():
        assert by_weight[key][0] == pytest.approx(value[0], nan_ok=True), key


def test_forced_figures_ignore_abstention_and_coverage_tells_it(answers):
    figures = compute_figures(answers, np.ones((1, 400)))
    strict = read_answers(
        answers.labels,
        answers.probabilities,
        DecisionRule(RULE.offsets, 1.0, Costs(uncertain=0.01)),
    )
    told = compute_figures(strict, np.ones((1, 400)))
    assert told["all", "accuracy"] == figures["all", "accuracy"]
    assert told["all", "coverage"][0] < figures["all", "coverage"][0]


def test_intervals_are_wider_where_images_share_a_lesion(answers):
    def width(groups: np.ndarray) -> float:
        found = assess(answers, groups, "drawn", "validation").metrics
        (accuracy,) = (each for each in found if each.metric == "accuracy")
        assert accuracy.low < accuracy.value < accuracy.high
        return accuracy.high - accuracy.low

    right = answers.labels == answers.forced
    alike = np.argsort(np.argsort(~right, kind="stable")) // 8  # eight images, one fate
    assert width(alike) > 1.5 * width(np.arange(400))


def test_the_confusion_matrix_counts_every_image_once(answers):
    confusion = assess(answers, np.arange(400), "drawn", "validation").confusion
    assert sum(confusion.values()) == 400
    right = sum(n for (dx, answer), n in confusion.items() if dx == answer)
    assert right / 400 == pytest.approx(np.mean(answers.labels == answers.forced))


@pytest.mark.parametrize("percent", [80, 90, 95])
def test_the_sensitivity_for_melanoma_is_the_best_on_the_roc_curve(answers, percent: int):
    is_melanoma, scores = answers.labels == CLASSES.index("mel"), answers.probabilities[:, 4]
    coarse = np.round(scores, 2)  # many images alike, as a threshold sees them
    for each in (scores, coarse):
        shares = answers.probabilities.copy()
        shares[:, 4] = each
        figures = compute_figures(
            read_answers(answers.labels, shares, RULE), np.ones((1, len(each)))
        )
        false, true, _ = sk.roc_curve(is_melanoma, each, drop_intermediate=False)
        expected = true[false <= 1 - percent / 100 + 1e-12].max()
        assert figures["mel", f"sensitivity_at_{percent}"][0] == pytest.approx(expected)


def test_the_bins_hold_every_image_and_make_up_the_calibration_error(answers):
    bins = reliability_bins(answers)
    assert sum(each.n for each in bins) == 400
    assert all(each.low <= each.mean_confidence <= each.high for each in bins)
    gaps = sum(each.n * abs(each.mean_confidence - each.accuracy) for each in bins) / 400
    assert gaps == pytest.approx(compute_figures(answers, np.ones((1, 400)))["all", "ece"][0])


def test_an_image_that_shows_no_lesion_is_told_as_nothing_and_keeps_its_forced_answer(answers):
    blind = answers.take(np.arange(400))
    blind.is_assessable[:100] = False
    blind.is_likely[:100] = False
    seen, told = (compute_figures(each, np.ones((1, 400))) for each in (answers, blind))
    assert told["all", "refused"][0] == 0.25
    assert told["all", "accuracy"] == seen["all", "accuracy"]
    assert told["all", "coverage"][0] <= seen["all", "coverage"][0]


def test_each_part_of_the_images_has_the_figures_of_those_images_alone(answers):
    parts = pd.DataFrame({"sex": ["female"] * 250 + ["male"] * 140 + ["unknown"] * 10})
    found = {
        (each.subgroup, each.metric): each
        for each in assess_subgroups(answers, np.arange(400), parts)
    }
    alone = compute_figures(answers.take(np.arange(250)), np.ones((1, 250)))
    accuracy = found["female", "accuracy"]
    assert accuracy.value == alone["all", "accuracy"][0]
    assert accuracy.low < accuracy.value < accuracy.high
    assert found["male", "share"].value == 0.35
    assert found["unknown", "share"].n == 10 < FEWEST
    assert ("unknown", "accuracy") not in found


@pytest.mark.parametrize(
    ("age_years", "band"), [(None, "unknown"), (0, "0-9"), (9.5, "0-9"), (80, "80+"), (79, "70-79")]
)
def test_ages_have_the_bands_of_the_warehouse(age_years, band: str):
    assert age_band(age_years) == band
