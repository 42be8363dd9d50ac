"""A row is good or refused, with every reason; then the rows must agree."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.records import ImageRecord, Known, check_row, check_rows
from warehouse.vocabulary import Dataset, Localization, Sex

GOOD = {
    "lesion_id": "HAM_0000118",
    "image_id": "ISIC_0027419",
    "dx": "bkl",
    "dx_type": "histo",
    "age": "80.0",
    "sex": "male",
    "localization": "scalp",
    "dataset": "vidir_modern",
}


def table(*changes: dict[str, str]) -> pd.DataFrame:
    rows = [GOOD | {"fault": ""} | change for change in changes]
    return pd.DataFrame(rows, index=range(2, 2 + len(rows)))


def reasons(*changes: dict[str, str], known=()) -> dict[int, tuple[str, ...]]:
    checked = check_rows(table(*changes), known)
    return {rejection.line: rejection.reasons for rejection in checked.rejections}


def test_a_good_row_becomes_a_record_in_the_stores_terms():
    (record,) = check_rows(table({})).records
    assert record.model_dump(mode="json") == {
        "image_id": "ISIC_0027419",
        "lesion_id": "HAM_0000118",
        "dx": "bkl",
        "dx_type": "histo",
        "age_years": 80.0,
        "sex": "male",
        "localization": "scalp",
        "dataset": "vidir_modern",
    }


def test_an_empty_field_is_not_recorded_rather_than_wrong():
    record = check_row(GOOD | {"age": "", "sex": "", "localization": "", "dataset": ""})
    assert isinstance(record, ImageRecord)
    assert record.age_years is None
    assert (record.sex, record.localization) == (Sex.unknown, Localization.unknown)
    assert record.dataset == Dataset.unknown


def test_without_a_dataset_column_the_dataset_is_unknown():
    (record,) = check_rows(table({}).drop(columns="dataset")).records
    assert record.dataset == Dataset.unknown


def test_spaces_around_a_word_are_no_fault():
    (record,) = check_rows(table({"dx": " nv ", "age": " 5 "})).records
    assert (record.dx, record.age_years) == ("nv", 5.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dx": "melanoma"}, "dx 'melanoma' is not one of akiec, bcc, bkl, df, mel, nv, vasc"),
        ({"dx": "NV"}, "dx 'NV' is not one of akiec, bcc, bkl, df, mel, nv, vasc"),
        ({"dx": ""}, "dx '' is not one of akiec, bcc, bkl, df, mel, nv, vasc"),
        ({"sex": "f"}, "sex 'f' is not one of female, male, unknown"),
        ({"age": "-3"}, "age -3 is not between 0 and 120"),
        ({"age": "121"}, "age 121 is not between 0 and 120"),
        ({"age": "forty"}, "age 'forty' is not a number"),
        ({"age": "nan"}, "age 'nan' is not a number"),
        ({"age": "inf"}, "age 'inf' is not a number"),
        (
            {"image_id": "../x"},
            "image_id '../x' is not made of letters, digits, '_', '-' and '.' (100 at most)",
        ),
        ({"fault": "more fields than the header's 8"}, "more fields than the header's 8"),
    ],
)
def test_a_bad_row_is_refused_and_told_in_plain_words(change, told):
    assert reasons(change) == {2: (told,)}


def test_every_reason_is_told_at_once():
    assert len(reasons({"dx": "x", "age": "-3", "sex": "y"})[2]) == 3


def test_of_rows_with_one_image_id_the_first_stands():
    assert reasons({}, {"image_id": "I_2"}, {}) == {
        4: ("image_id 'ISIC_0027419' stands on line 2 already",)
    }


def test_a_lesion_with_two_diagnoses_is_refused_whole():
    found = reasons({}, {"image_id": "I_2", "dx": "mel"}, {"image_id": "I_3", "lesion_id": "L_3"})
    told = "lesion_id 'HAM_0000118' has more than one diagnosis: bkl (line 2), mel (line 3)"
    assert found == {2: (told,), 3: (told,)}


def test_a_lesion_keeps_the_diagnosis_of_its_images_loaded_before():
    known = [Known("ISIC_1", "HAM_0000118", "nv")]
    assert "nv (image ISIC_1 loaded before)" in reasons({}, known=known)[2][0]


def test_a_diagnosis_may_change_when_all_its_images_are_restated():
    assert reasons({}, known=[Known("ISIC_0027419", "HAM_0000118", "nv")]) == {}


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=8)))
def test_whatever_a_row_holds_it_is_a_record_or_has_a_reason(change):
    checked = check_rows(table(change))
    assert len(checked.records) + len(checked.rejections) == 1
    assert all(all(rejection.reasons) for rejection in checked.rejections)
