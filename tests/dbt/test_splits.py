import pytest
from dbt_project_home import DbtHome
from made_up_store import LISTED_PAIR

pytestmark = pytest.mark.xdist_group("dbt")


def test_lesions_are_one_group_through_a_listed_pair_or_an_equal_file(built_dbt: DbtHome):
    groups = dict(built_dbt.query("select image_id, lesion_group_id from dim_images"))
    assert [groups[image] for image in LISTED_PAIR] == ["lesion_10", "lesion_10"]
    assert groups["twin-nv"] == groups["twin-df"] == "lesion_16"
    assert groups["broken"] == "lesion_05"


def test_a_group_moves_away_from_training_whole(built_dbt: DbtHome):
    splits = dict(built_dbt.query("select image_id, split from dim_images"))
    assert {splits[image] for image in (*LISTED_PAIR, "twin-nv", "twin-df")} == {"validation"}
    assert splits["train-mel-missing"] == splits["train-mel"] == "train"
    assert splits["tune-bcc"] == "tune"


@pytest.mark.parametrize(
    ("relation", "images"),
    [
        ("ml_train", ["train-kept", "train-mel"]),
        ("ml_tune", ["tune-bcc"]),
        ("ml_validation", [*reversed(LISTED_PAIR), "twin-df", "twin-nv"]),
    ],
)
def test_training_reads_usable_images_alone_and_nevi_are_cut_from_train_alone(
    built_dbt: DbtHome, relation: str, images: list[str]
):
    found = built_dbt.query(f"select image_id from {relation} order by image_id")
    assert [image for (image,) in found] == images


@pytest.mark.parametrize("relation", ["ml_images", "ml_train", "ml_tune", "ml_validation"])
def test_a_relation_for_training_has_these_columns_and_none_that_leaks(
    built_dbt: DbtHome, relation: str
):
    assert [column[0] for column in built_dbt.query(f"describe {relation}")] == [
        "image_id",
        "lesion_group_id",
        "diagnosis_code",
        "split",
        "is_balanced",
        "age_years",
        "sex_code",
        "localization_code",
        "uri",
        "sha256",
        "weight",
    ]


def test_weights_are_inverse_frequencies_with_mean_one(built_dbt: DbtHome):
    weights = built_dbt.query("select diagnosis_code, weight from ml_validation order by 1")
    assert weights == [
        ("akiec", pytest.approx(2 / 3)),
        ("akiec", pytest.approx(2 / 3)),
        ("df", pytest.approx(4 / 3)),
        ("nv", pytest.approx(4 / 3)),
    ]
