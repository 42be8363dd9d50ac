"""A short form of `python -m benchmarks.chaos`."""

import random

import pytest

from benchmarks.chaos import torment
from warehouse.settings import Settings


@pytest.mark.slow
def test_a_killed_server_loses_no_acknowledged_answer_and_disturbs_neither_builds_nor_readers(
    trained: Settings,
):
    verdict, seen = torment(trained, runs=2, chance=random.Random(1))
    assert verdict.has_passed, (verdict, seen.posted.refused, seen.reader_errors, seen.build_errors)
    assert verdict.queries > 0
    assert verdict.builds > 0
