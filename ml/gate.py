"""
Whether a challenger may take the champion's place: a verdict line by line.

Both answer the same images, so what makes them hard cancels out; intervals are paired bootstraps
over lesions (`ml.bootstrap`). A line that does not hold refuses the challenger, however good the
others are: nobody is promoted on an average that hides a loss.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.bootstrap import bootstrap, resamples
from ml.comparison import Difference, compare
from ml.decision import IS_MALIGNANT, MELANOMA
from ml.metrics import Answers, forced_figures
from ml.subgroups import FEWEST
from warehouse.looks import VerdictLine
from warehouse.vocabulary import SubgroupKind

MARGIN = 0.02  # of balanced accuracy; a fall of less is not told from luck by one more resplit
CALIBRATION_MARGIN = 0.02  # of the expected calibration error
REFUSED_MARGIN = 0.02  # of the share told to be no lesion; as many of tune's may be refused
SLOWER = 1.5  # times the champion's latency, and two milliseconds of measuring
LATENCY_ROOM_MS = 2.0
LARGER = 1.5  # times the champion's graph
ERROR_RATE = 0.025  # one-sided, of all subgroups together

Floats = NDArray[np.float64]
BALANCED = ("all", "balanced_accuracy")


@dataclass(frozen=True)
class Pair:
    """What challenger and champion say of the same N images."""

    challenger: Answers
    champion: Answers
    groups: NDArray[np.intp]  # (N,) lesion groups
    parts: pd.DataFrame  # N rows; columns: the words of SubgroupKind


@dataclass(frozen=True)
class Cost:
    """What it takes to serve a model."""

    latency_ms: float  # median of one image
    graph_bytes: int


def judge_images(pair: Pair) -> list[VerdictLine]:
    """Return the lines about one set of images that both models have answered."""
    found = {
        (each.diagnosis, each.metric): each
        for each in compare(pair.challenger, pair.champion, pair.groups)
    }
    n = len(pair.groups)
    return [
        *judge_balance(found[BALANCED], n),
        judge_melanoma(found.get(("mel", "recall")), pair.champion),
        judge_calibration(found["all", "ece"], n),
        *judge_told(found, pair.champion),
        *judge_subgroups(pair),
    ]


def judge_balance(told: Difference, n: int) -> Iterator[VerdictLine]:
    """Balanced accuracy may not fall by more than a margin, nor clearly by any amount."""
    figures = told.first, told.second, told.difference, told.low, told.high
    yield VerdictLine(
        "balanced_accuracy",
        f"balanced accuracy changes by {told.difference:+.3f}; it may fall by {MARGIN}",
        *figures,
        bound=-MARGIN,
        n=n,
        is_passed=told.difference >= -MARGIN,
    )
    high = 0.0 if told.high is None else told.high
    yield VerdictLine(
        "balanced_accuracy_interval",
        f"the best that its interval allows is {high:+.3f}; it must not lie below 0",
        *figures,
        bound=0.0,
        n=n,
        is_passed=high >= 0,
    )


def judge_melanoma(told: Difference | None, champion: Answers) -> VerdictLine:
    """Of the same melanomas no fewer may be found: no margin and no interval excuses one."""
    name = "melanoma_sensitivity"
    n = int((champion.labels == MELANOMA).sum())
    if told is None:
        word = "there is no melanoma to find: nothing can be said, and nobody is promoted on that"
        return VerdictLine(name, word, None, None, None, None, None, 0.0, n, is_passed=False)
    return VerdictLine(
        name,
        f"of {n} melanomas {told.first:.3f} are found, by the champion {told.second:.3f}",
        *(told.first, told.second, told.difference, told.low, told.high),
        bound=0.0,
        n=n,
        is_passed=told.difference >= 0,
    )


def judge_calibration(told: Difference, n: int) -> VerdictLine:
    """Return whether the expected calibration error does not clearly rise by more than a margin."""
    is_clear = told.low is not None and told.low > 0
    return VerdictLine(
        "calibration",
        f"the calibration error changes by {told.difference:+.3f}; it may rise by "
        f"{CALIBRATION_MARGIN}, or by what its interval does not tell from none",
        *(told.first, told.second, told.difference, told.low, told.high),
        bound=CALIBRATION_MARGIN,
        n=n,
        is_passed=told.difference <= CALIBRATION_MARGIN or not is_clear,
    )


def judge_told(
    found: dict[tuple[str, str], Difference], champion: Answers
) -> Iterator[VerdictLine]:
    """
    Yield the lines about what a person would be told, abstentions and refusals with it.

    Each fails where its paired interval lies above a margin. Of few malignant images the interval
    is wide: one more that is missed is in the line's word, but does not refuse by itself.
    """
    n, n_malignant = len(champion.labels), int(IS_MALIGNANT[champion.labels].sum())
    missed = found.get(("all", "missed_malignancy"))
    yield judge_rise(
        "missed_malignancy", "malignant images told as likely benign", missed, 0.0, n_malignant
    )
    yield judge_rise("cost", "the mean cost of what is told", found["all", "cost"], 0.0, n)
    yield judge_rise(
        "refused", "images told to be no lesion", found["all", "refused"], REFUSED_MARGIN, n
    )


def judge_rise(name: str, what: str, told: Difference | None, margin: float, n: int) -> VerdictLine:
    """Return the line of a figure that may not clearly rise by more than a margin."""
    if told is None:
        word = f"{what}: there is none to judge by, and nobody is promoted on that"
        return VerdictLine(name, word, None, None, None, None, None, margin, n, is_passed=False)
    low = 0.0 if told.low is None else told.low
    return VerdictLine(
        name,
        f"{what}: {told.first:.3f} against {told.second:.3f}; the least rise that the interval "
        f"allows is {low:+.3f}, up to {margin} is allowed",
        *(told.first, told.second, told.difference, told.low, told.high),
        bound=margin,
        n=n,
        is_passed=low <= margin,
    )


def judge_subgroups(pair: Pair) -> list[VerdictLine]:
    """
    No part of the images may fall beyond its interval.

    There are many parts, and of forty one would seem to fall by chance alone: the intervals are
    Bonferroni's, normal ones from the spread of the resamples, so that a challenger as good as the
    champion everywhere is refused in one case of forty at most.
    """
    chosen = list(large_parts(pair))
    if not chosen:
        return []
    z = NormalDist().inv_cdf(1 - ERROR_RATE / len(chosen))
    return [judge_subgroup(pair, name, rows, z) for name, rows in chosen]


def large_parts(pair: Pair) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the parts with enough images to say anything about, as name and mask (N,)."""
    for kind in SubgroupKind:
        if kind.value not in pair.parts:
            continue
        column = pair.parts[kind.value]
        for subgroup in sorted(column.dropna().unique()):
            rows = (column == subgroup).to_numpy(dtype=np.bool_)
            if rows.sum() >= FEWEST:
                yield f"{kind.value} {subgroup}", rows


def judge_subgroup(pair: Pair, name: str, rows: NDArray[np.bool_], z: float) -> VerdictLine:
    """Return the line of one part: its balanced accuracy over the diagnoses that it has."""
    challenger, champion = pair.challenger.take(rows), pair.champion.take(rows)
    difference = paired(challenger, champion)
    everything = np.ones((1, int(rows.sum())))
    spread = np.concatenate([difference(each) for each in resamples(pair.groups[rows])])
    change = float(difference(everything)[0])
    half = z * float(np.nanstd(spread))
    return VerdictLine(
        name,
        f"balanced accuracy changes by {change:+.3f}, by {change + half:+.3f} at best; "
        "it must not lie below 0",
        float(forced_figures(challenger, everything)[BALANCED][0]),
        float(forced_figures(champion, everything)[BALANCED][0]),
        change,
        change - half,
        change + half,
        bound=0.0,
        n=int(rows.sum()),
        is_passed=change + half >= 0,
    )


def paired(challenger: Answers, champion: Answers) -> Callable[[Floats], Floats]:
    """Return the difference in balanced accuracy as a function of weights (B, N)."""

    def difference(weights: Floats) -> Floats:
        mine = forced_figures(challenger, weights)[BALANCED]
        return np.asarray(mine - forced_figures(champion, weights)[BALANCED])

    return difference


def judge_costs(challenger: Cost, champion: Cost) -> list[VerdictLine]:
    """Neither the latency nor the size of the graph may grow by half."""
    slowest = SLOWER * champion.latency_ms + LATENCY_ROOM_MS
    largest = LARGER * champion.graph_bytes
    return [
        cost_line("latency_ms", challenger.latency_ms, champion.latency_ms, slowest),
        cost_line("graph_bytes", challenger.graph_bytes, champion.graph_bytes, largest),
    ]


def cost_line(name: str, mine: float, others: float, bound: float) -> VerdictLine:
    """Return the line of a cost that may reach a bound."""
    word = f"{mine:,.1f} against {others:,.1f}; up to {bound:,.1f} is allowed"
    change = mine - others
    return VerdictLine(
        name, word, mine, others, change, None, None, bound, 1, is_passed=mine <= bound
    )


def judge_camera(pair: Pair) -> VerdictLine:
    """Return the line of what came from the camera; it decides once there are enough images."""
    n = len(pair.groups)
    difference = paired(pair.challenger, pair.champion)
    everything = np.ones((1, n))
    low, high = bootstrap(lambda weights: {BALANCED: difference(weights)}, pair.groups)[BALANCED]
    change = float(difference(everything)[0])
    return VerdictLine(
        "camera_validation",
        f"on {n} reviewed frames of the camera balanced accuracy changes by {change:+.3f}"
        + ("" if n >= FEWEST else f"; {FEWEST} would decide"),
        float(forced_figures(pair.challenger, everything)[BALANCED][0]),
        float(forced_figures(pair.champion, everything)[BALANCED][0]),
        change,
        low,
        high,
        bound=0.0,
        n=n,
        is_passed=high is None or high >= 0,
        is_decisive=n >= FEWEST,
    )


def judge_shadow(is_right: NDArray[np.bool_], groups: NDArray[np.intp]) -> VerdictLine:
    """
    Answers given in use, the challenger's unseen, to captures that somebody reviewed since.

    is_right: (N, 2) challenger, champion. groups: (N,) lesion groups.
    """
    n = len(groups)
    mine, others = is_right.mean(axis=0) if n else (None, None)
    change = None if mine is None else float(mine - others)
    low = high = None
    if n:
        gain = is_right[:, 0].astype(np.float64) - is_right[:, 1]

        def mean(weights: Floats) -> dict[tuple[str, str], Floats]:
            return {BALANCED: weights @ gain / weights.sum(axis=1)}

        low, high = bootstrap(mean, groups)[BALANCED]
    told = "" if change is None else f", accuracy changes by {change:+.3f}"
    return VerdictLine(
        "shadow_answers",
        f"{n} unseen answers were reviewed{told}"
        + ("" if n >= FEWEST else f"; {FEWEST} would decide"),
        None if mine is None else float(mine),
        None if others is None else float(others),
        change,
        low,
        high,
        bound=0.0,
        n=n,
        is_passed=high is None or high >= 0,
        is_decisive=n >= FEWEST,
    )
