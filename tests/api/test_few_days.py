"""What a chart over the days shows when there are hardly any."""

import os
import re
import subprocess
import sys
from datetime import date, timedelta

import pyarrow as pa
import pytest

from api.charts.catalogue import CHARTS
from api.charts.look import Look
from api.charts.pictures import as_svg

FIRST = date(2026, 11, 2)
SEEN_PX = 4.0  # radius of a dot that is not overlooked
DOT = re.compile(r'd="M([\d.]+),0A')
COLUMNS = {
    "captures_by_day": ["capture_count", "kept_count", "reviewed_count"],
    "latency_by_day": ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"],
    "decisions_by_day": ["likely_count", "uncertain_count", "not_assessable_count"],
    "capture_quality": ["p10", "p50", "p90", "capture_count"],
}


def radii(name: str, days: int) -> list[float]:
    """Return the radius of every dot of a chart over so many days."""
    moments = {"date_day": [FIRST + timedelta(days=place) for place in range(days)]}
    counts = {column: [10.0 + place] * days for place, column in enumerate(COLUMNS[name])}
    svg = as_svg(CHARTS[name], pa.table(moments | counts), Look())
    return [float(found) for found in DOT.findall(svg)]


@pytest.mark.parametrize("name", COLUMNS)
def test_the_first_day_of_a_series_is_seen(name: str):
    dots = radii(name, days=1)
    assert dots
    assert min(dots) > SEEN_PX


@pytest.mark.parametrize("name", COLUMNS)
def test_the_dots_of_a_long_series_do_not_hide_its_line(name: str):
    dots = radii(name, days=60)
    assert dots
    assert max(dots) < SEEN_PX


DRAW = """
import sys
from datetime import date
import pyarrow as pa
from api.charts.catalogue import CHARTS
from api.charts.look import Look
from api.charts.pictures import as_svg
counts = dict.fromkeys(["capture_count", "kept_count", "reviewed_count"], [3, 4])
days = pa.table({"date_day": [date(2026, 3, 1), date(2026, 3, 2)]} | counts)
sys.stdout.write(as_svg(CHARTS["captures_by_day"], days, Look()))
"""


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Pacific/Auckland"])
def test_a_day_is_the_same_day_wherever_it_is_read(zone: str):
    drawn = subprocess.run(
        [sys.executable, "-c", DRAW],
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(re.findall(r">(\d+ \w{3})<", drawn.stdout)) <= {"1 Mar", "2 Mar"}
    assert ">1 Mar<" in drawn.stdout
