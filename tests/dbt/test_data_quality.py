"""Thresholds judge what was measured, when they change too; sources stay told apart."""

import pytest
from dbt_project_home import DbtHome

pytestmark = pytest.mark.xdist_group("dbt")


def status(home: DbtHome) -> list[tuple]:
    return home.query("""
        select quality_check_code, category, checked_count, found_share, status, example
        from data_quality_results
    """)


def test_a_share_over_its_threshold_does_not_pass(built_dbt: DbtHome):
    row = ("file_missing", "completeness", 10, 0.1, "warning", "train-mel-missing")
    assert status(built_dbt) == [row]
    assert built_dbt.query("""
        select check_count, warning_check_count, failed_check_count from data_quality_by_load
    """) == [(1, 1, 0)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("threshold_share = 0.2", "passed"),
        ("severity = 'error'", "failed"),
        ("threshold_share = 0.1", "passed"),
    ],
)
def test_a_changed_threshold_judges_old_loads_without_a_new_one(
    breakable: DbtHome, change: str, expected: str
):
    breakable.execute(f"update quality_checks set {change} where code = 'file_missing'")
    assert status(breakable)[0][4] == expected


def test_what_was_not_measured_neither_passes_nor_fails(breakable: DbtHome):
    breakable.execute("update fct_quality_measurements set found_share = null, checked_count = 0")
    assert status(breakable)[0][4] == "not_measured"


def test_a_source_that_differs_is_told_value_by_value(built_dbt: DbtHome):
    assert built_dbt.query("select * from source_disagreements") == [
        ("train-mel", "clinic", "0019", "diagnosis_code", "mel", "nv")
    ]


def test_an_image_of_two_sources_is_one_image_with_both_origins(built_dbt: DbtHome):
    counted = "select count(*) from {} where image_id = 'train-mel'"
    assert built_dbt.query(counted.format("dim_images")) == [(1,)]
    assert built_dbt.query(counted.format("fct_image_origins")) == [(1,)]
