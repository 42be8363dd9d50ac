"""Drift as the marts tell it, against the formula worked out apart from them."""

from datetime import date, timedelta

import numpy as np
import pytest
from dbt_project_home import DbtHome

pytestmark = pytest.mark.xdist_group("dbt")

FIRST = date(2026, 1, 1)
REFERENCE_DAYS, WINDOW_DAYS = 28, 7
BUCKETS = ["back", "face", "trunk", "hand"]


def psi(reference: np.ndarray, window: np.ndarray) -> float:
    """The index of two counts, half a case added to each bucket that either has."""
    present = (reference + window) > 0
    r, w = reference[present] + 0.5, window[present] + 0.5
    r, w = r / r.sum(), w / w.sum()
    return float(((w - r) * np.log(w / r)).sum())


def told(home: DbtHome, counts: np.ndarray) -> dict[date, tuple]:
    """Put daily counts (days, buckets) into mix_by_day; return what is told of each day."""
    rows = [
        f"('localization', 'all', date '{FIRST + timedelta(days=day)}', '{bucket}', {count})"
        for day, daily in enumerate(counts)
        for bucket, count in zip(BUCKETS, daily, strict=True)
        if count
    ]
    home.execute("delete from mix_by_day; insert into mix_by_day values " + ", ".join(rows))
    statuses = home.build("--select", "drift_by_bucket", "drift_by_day")
    assert set(statuses.values()) <= {"success", "pass"}
    rows = home.query("select date_day, psi, psi_by_chance, drift_level from drift_by_day")
    return {day: others for day, *others in rows}


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(20260301)


def test_the_index_of_every_day_is_the_formulas(breakable: DbtHome, rng):
    days = 70
    shares = np.where(np.arange(days)[:, None] < 50, [0.4, 0.1, 0.3, 0.2], [0.1, 0.6, 0.2, 0.1])
    counts = rng.poisson(shares * 200)
    days_told = told(breakable, counts)
    assert sorted(days_told) == [FIRST + timedelta(days=d) for d in range(REFERENCE_DAYS, days)]
    reference = counts[:REFERENCE_DAYS].sum(axis=0)
    for number in range(REFERENCE_DAYS, days):
        window = counts[max(REFERENCE_DAYS, number - WINDOW_DAYS + 1) : number + 1].sum(axis=0)
        index, _, level = days_told[FIRST + timedelta(days=number)]
        assert index == pytest.approx(psi(reference, window))
        assert level == ("large" if index >= 0.25 else "moderate" if index >= 0.1 else "small")
    levels = [days_told[day][2] for day in sorted(days_told)]
    assert levels[0] == "small"
    assert levels[-1] == "large"


def test_what_chance_brings_is_what_chance_brings(rng):
    """The mean of the index of two samples of one mix: (buckets - 1) * (1 / n + 1 / m)."""
    shares, n, m = [0.4, 0.1, 0.3, 0.2], 2800, 700
    drawn = [psi(rng.multinomial(n, shares), rng.multinomial(m, shares)) for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(3 * (1 / n + 1 / m), rel=0.1)


def test_a_day_with_too_few_cases_is_not_told_of(breakable: DbtHome):
    counts = np.zeros((40, 4), dtype=int)
    counts[:REFERENCE_DAYS] = [40, 10, 30, 20]
    counts[35] = [0, 9, 0, 0]
    ((index, by_chance, level),) = told(breakable, counts).values()
    assert (index, level) == (None, "too_few")
    assert by_chance == pytest.approx(3 * (1 / 2800 + 1 / 9))
