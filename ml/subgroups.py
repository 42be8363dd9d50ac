"""Whether a model is as good for everyone: figures on each part of the images."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.bootstrap import bootstrap
from ml.decision import MELANOMA
from ml.metrics import Answers, Figures, compute_figures
from warehouse.registry import SubgroupMetric
from warehouse.vocabulary import SubgroupKind

FEWEST = 20  # images; of fewer, nothing can be said but how many they are

# By the key of `compute_figures`. A balanced accuracy or AUC is the mean over the diagnoses that a
# part has, so parts with other diagnoses are not to be compared by it.
FIGURES = {
    ("all", "accuracy"): "accuracy",
    ("all", "balanced_accuracy"): "balanced_accuracy",
    ("all", "macro_auc"): "macro_auc",
    ("mel", "recall"): "melanoma_recall",
    ("mel", "auc"): "melanoma_auc",
    ("all", "coverage"): "coverage",
    ("all", "missed_malignancy"): "missed_malignancy",
    ("all", "refused"): "refused",
}

OLDEST_BAND_YEARS = 80


def age_band(age_years: float | None) -> str:
    """Return ten years of age, as dbt's macro of the same name has them."""
    if age_years is None or np.isnan(age_years):
        return "unknown"
    if age_years >= OLDEST_BAND_YEARS:
        return f"{OLDEST_BAND_YEARS}+"
    decade = int(age_years // 10) * 10
    return f"{decade}-{decade + 9}"


def assess_subgroups(
    answers: Answers, groups: NDArray[np.intp], parts: pd.DataFrame
) -> list[SubgroupMetric]:
    """
    Return the figures of every part of the images, with their 95 % intervals.

    groups: (N,) lesion groups. parts: N rows in the order of the answers, one column a
    SubgroupKind; an image without a value is in no part.
    """
    return [
        metric
        for kind in SubgroupKind
        if kind.value in parts
        for subgroup in sorted(parts[kind.value].dropna().unique())
        for metric in assess_subgroup(
            answers, groups, (kind.value, subgroup), (parts[kind.value] == subgroup).to_numpy()
        )
    ]


def assess_subgroup(
    answers: Answers,
    groups: NDArray[np.intp],
    name: tuple[str, str],
    chosen: NDArray[np.bool_],
) -> list[SubgroupMetric]:
    """Return the figures of the chosen images; of too few, their number alone."""
    n = int(chosen.sum())
    share = SubgroupMetric(*name, "share", n / len(chosen), None, None, n)
    if n < FEWEST:
        return [share]
    compute = partial(subgroup_figures, answers.take(chosen))
    plain = compute(np.ones((1, n)))
    intervals = bootstrap(compute, groups[chosen])
    melanomas = int((answers.labels[chosen] == MELANOMA).sum())
    figures = [
        SubgroupMetric(
            *(*name, FIGURES[key], float(value[0])),
            *intervals[key],
            melanomas if key[0] == "mel" else n,
        )
        for key, value in plain.items()
        if not np.isnan(value[0])
    ]
    return [share, *figures]


def subgroup_figures(answers: Answers, weights: NDArray[np.float64]) -> Figures:
    """Return those of all figures that are told of a part."""
    figures = compute_figures(answers, weights)
    return {key: figures[key] for key in FIGURES}
