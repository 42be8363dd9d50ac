import pytest
from dbt_project_home import DbtHome
from made_up_store import LISTED_PAIR

pytestmark = pytest.mark.xdist_group("dbt")

BREACHES = {
    "lesion_group_stands_in_one_split": (
        "update dim_images set split = 'tune' where image_id = 'train-mel-missing'"
    ),
    "equal_file_stands_in_one_split": (
        "update ml_images set split = 'train' where image_id = 'twin-df'"
    ),
    "listed_pair_stands_in_one_split": (
        f"update dim_images set split = 'train' where image_id = '{LISTED_PAIR[0]}'"
    ),
    "ml_relations_carry_no_leaking_column": "alter table ml_images add column dx_type text",
    "ml_images_are_all_usable_files": "delete from ml_images where image_id = 'train-cut'",
    "ml_weights_average_one": "update ml_images set weight = 2",
    "balance_cuts_only_nevi": (
        "update ml_images set is_balanced = false where diagnosis_code = 'mel'"
    ),
    "store_still_holds_every_copied_row": (
        "insert into raw.raw_operational__review (review_id) values ('of another store')"
    ),
    "fct_diagnoses_primary_key": "insert into fct_diagnoses select * from fct_diagnoses",
    "fct_diagnoses_foreign_keys": (
        "update fct_diagnoses set lesion_key = null where image_id = 'broken'"
    ),
    "ml_images_closed_lists": "update ml_images set diagnosis_code = 'melanoma'",
}

ODDITIES = {
    "lesion_has_one_diagnosis": (
        "update fct_diagnoses set diagnosis_key = md5('nv') where image_id = 'train-mel'"
    ),
    "prediction_scores_sum_to_one": ("update intermediate.int_predictions__keyed set p_bcc = 0.5"),
}


@pytest.mark.parametrize("test", BREACHES)
def test_a_planted_breach_fails_the_build(breakable: DbtHome, test: str):
    breakable.execute(BREACHES[test])
    assert breakable.test(test) == "fail"


@pytest.mark.parametrize("test", ODDITIES)
def test_what_only_the_source_can_mend_is_a_warning(breakable: DbtHome, test: str):
    breakable.execute(ODDITIES[test])
    assert breakable.test(test) == "warn"
