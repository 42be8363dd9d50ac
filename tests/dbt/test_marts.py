import shutil
from datetime import datetime
from hashlib import md5
from sqlite3 import connect

import duckdb
import pytest
from dbt_project_home import DbtHome, counts

from warehouse.vocabulary import Diagnosis, values

pytestmark = pytest.mark.xdist_group("dbt")

PREDICTION_COLUMNS = [
    "prediction_id",
    "capture_id",
    "model_key",
    "date_key",
    "predicted_at",
    "diagnosis_key",
    "localization_key",
    "patient_group_key",
    "decision",
    "confidence",
    *[f"p_{code}" for code in values(Diagnosis)],
    "latency_ms",
    "is_shadow",
    "has_consent",
    "sha256",
]


def key(natural: str) -> str:
    return md5(natural.encode()).hexdigest()


def test_every_model_builds_and_every_test_passes(first_build: dict[str, str]):
    assert set(counts(first_build)) == {"success", "pass"}


def test_an_analyst_finds_only_marts_in_main(built_dbt: DbtHome):
    found = built_dbt.query("""
        select table_name from information_schema.tables
        where table_schema = 'main' and table_catalog = 'build'
    """)
    assert not [name for (name,) in found if name.startswith(("raw_", "stg_", "int_"))]
    assert {"dim_images", "fct_predictions", "ml_train", "lesion_aliases"} <= {n for (n,) in found}


def test_no_count_is_wider_than_other_engines_and_files_hold(built_dbt: DbtHome):
    # DuckDB's sum of whole numbers has 128 bits, which Parquet has not: it becomes a float there.
    assert not built_dbt.query("""
        select table_name, column_name from information_schema.columns
        where table_schema = 'main' and data_type in ('HUGEINT', 'UHUGEINT')
    """)


def test_a_copy_under_another_name_answers_every_view(built_dbt: DbtHome):
    copy = built_dbt.settings.home / "v000001.duckdb"
    shutil.copyfile(built_dbt.settings.build_path, copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        views = connection.sql(
            "select schema_name, view_name from duckdb_views() where not internal"
        )
        for schema, view in views.fetchall():
            connection.sql(f"select * from {schema}.{view}").fetchall()


def test_a_prediction_carries_the_keys_of_its_dimensions(built_dbt: DbtHome):
    (row,) = built_dbt.query("select * from fct_predictions where prediction_id = 'answer-1'")
    fact = dict(zip(PREDICTION_COLUMNS, row, strict=True))
    assert fact["model_key"] == key("model-1")
    assert fact["date_key"] == key("2026-03-01")
    assert fact["predicted_at"] == datetime(2026, 3, 1, 12)
    assert fact["diagnosis_key"] == key("nv")
    assert fact["localization_key"] == key("ear")
    assert fact["patient_group_key"] == key("male|80+")
    assert fact["confidence"] == fact["p_nv"] == 0.7
    assert fact["has_consent"] is True


def test_a_probability_arrives_with_every_bit(built_dbt: DbtHome):
    assert built_dbt.query("select distinct p_mel from fct_predictions") == [(0.1 + 0.2,)]
    assert built_dbt.query("select distinct value from fct_evaluations") == [(0.1 + 0.2,)]


def test_predictions_have_the_columns_agreed_in_their_order(built_dbt: DbtHome):
    columns = built_dbt.query("describe fct_predictions")
    assert [column[0] for column in columns] == PREDICTION_COLUMNS


def test_what_was_deleted_is_in_no_mart_and_neither_is_what_hung_on_it(built_dbt: DbtHome):
    answers = built_dbt.query("select prediction_id from fct_predictions order by 1")
    assert answers == [("answer-1",), ("answer-2",)]
    assert built_dbt.query("select count(*) from dim_images where image_id = 'gone'") == [(0,)]
    assert built_dbt.query("select image_id from fct_image_changes") == [("train-mel",)]
    assert built_dbt.query(
        "select is_champion, is_challenger from dim_models order by model_id"
    ) == [
        (True, False),
        (False, False),
    ]


def test_raw_keeps_the_tombstones(built_dbt: DbtHome):
    deleted = built_dbt.query("""
        select prediction_id from raw.raw_operational__prediction where deleted_at is not null
    """)
    assert deleted == [("answer-gone",)]


def test_an_answer_has_a_score_for_each_diagnosis(built_dbt: DbtHome):
    scores = built_dbt.query("""
        select diagnosis_code, probability, is_answer
        from fct_prediction_scores inner join dim_diagnoses using (diagnosis_key)
        where prediction_id = 'answer-1' order by diagnosis_code
    """)
    expected = dict.fromkeys(values(Diagnosis), 0.0) | {"mel": 0.1 + 0.2, "nv": 0.7}
    assert scores == [(code, p, code == "nv") for code, p in expected.items()]


def test_every_labelled_image_is_a_fact_with_or_without_a_file(built_dbt: DbtHome):
    facts = built_dbt.query("select has_file, count(*) from fct_diagnoses group by 1 order by 1")
    assert facts == [(False, 2), (True, 8)]


def test_ages_fall_into_their_bands(built_dbt: DbtHome):
    bands = built_dbt.query("""
        select image_id, age_band
        from fct_diagnoses inner join dim_patient_groups using (patient_group_key)
        where image_id like 'train%'
    """)
    assert dict(bands) == {
        "train-cut": "unknown",
        "train-kept": "0-9",
        "train-mel": "10-19",
        "train-mel-missing": "80+",
    }


def test_every_table_of_the_store_has_a_watermark(built_dbt: DbtHome):
    marks = dict(built_dbt.query("select * from warehouse_watermarks"))
    # A table without rows has none, and everything else is of the same noon.
    assert {mark for mark in marks.values() if mark} == {datetime(2026, 3, 1, 12)}


def test_melanoma_is_counted_by_lesion(built_dbt: DbtHome):
    rows = built_dbt.query("""
        select
            localization_name, image_count, lesion_count,
            malignant_lesion_count, malignant_share, melanoma_lesion_count, melanoma_share
        from prevalence_by_site order by localization_name
    """)
    assert rows == [("Back", 9, 9, 4, 4 / 9, 1, 1 / 9), ("Ear", 1, 1, 1, 1.0, 1, 1.0)]


def test_a_share_carries_wilsons_interval(built_dbt: DbtHome):
    ends = built_dbt.query("""
        select malignant_share_low, malignant_share_high
        from prevalence_by_site order by localization_name
    """)
    # Published tables give 18.9 % to 73.3 % for 4 of 9, and 20.7 % to 100 % for 1 of 1.
    assert [tuple(round(end, 3) for end in row) for row in ends] == [(0.189, 0.733), (0.207, 1.0)]


def test_every_labelled_image_stands_in_one_row_with_its_words(built_dbt: DbtHome):
    assert built_dbt.query("""
        select count(*), count(distinct image_id), count(distinct lesion_id) from labelled_images
    """) == built_dbt.query("""
        select count(*), count(distinct image_id), count(distinct lesion_key) from fct_diagnoses
    """)


def test_a_lesion_with_two_images_is_one_lesion(built_dbt: DbtHome):
    assert built_dbt.query("select * from lesions_by_image_count order by 1") == [
        (1, 8, 3),
        (2, 1, 1),
    ]


def test_use_is_told_by_day(built_dbt: DbtHome):
    assert built_dbt.query("""
        select capture_count, kept_count, reviewed_count, answer_count, likely_count,
            uncertain_count, latency_p50_ms
        from use_by_day
    """) == [(2, 0, 1, 2, 1, 1, 9.5)]


def test_a_replaced_file_leaves_its_former_state_in_the_history(changing: DbtHome):
    with connect(changing.settings.operational_path) as connection:
        connection.execute(
            "update image_file set sha256 = 'new', updated_at = '2026-03-02 12:00:00.000000' "
            "where image_id = 'train-mel'"
        )
    connection.close()
    changing.build("--select", "+image_file_history")
    states = changing.query("""
        select sha256, dbt_valid_to is null from image_file_history
        where image_id = 'train-mel' order by dbt_valid_from
    """)
    assert [is_current for _, is_current in states] == [False, True]
    assert states[-1][0] == "new"


def test_a_load_tells_what_was_missing_and_refused(built_dbt: DbtHome):
    (row,) = built_dbt.query("""
        select missing_file_share, rejected_row_count, rejected_row_share, changed_value_count
        from data_quality_by_load
    """)
    assert row == (1 / 10, 1, 1 / 12, 1)


def test_images_of_different_lesions_with_one_hash_are_listed_for_review(built_dbt: DbtHome):
    suspects = built_dbt.query("select image_id from perceptual_near_duplicates order by 1")
    assert suspects == [("train-mel",), ("tune-bcc",)]


def test_review_agreement_names_what_the_model_and_the_clinician_said(built_dbt: DbtHome):
    assert built_dbt.query("select * from review_agreement") == [("model-1", "nv", "mel", False, 1)]


def test_figures_by_part_and_by_confidence_carry_the_model_they_are_of(built_dbt: DbtHome):
    assert built_dbt.query("""
        select model_id, split, subgroup_kind, subgroup, metric, value, high, image_count
        from performance_by_subgroup
    """) == [("model-1", "validation", "sex", "female", "accuracy", 0.5, None, 3)]
    ((model_id, share, gap),) = built_dbt.query(
        "select model_id, accuracy, calibration_gap from calibration_by_bin"
    )
    assert (model_id, share) == ("model-1", 0.5)
    assert gap == pytest.approx(0.15)
