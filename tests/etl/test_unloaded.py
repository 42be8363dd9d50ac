"""A data set that is only looked at is read as a load would read it, whatever its layout."""

from pathlib import Path

import pytest
from layouts import as_archive, as_dataverse, as_isic2018

from etl.synthetic import fetch_synthetic
from etl.unloaded import read_unloaded

MAX_PIXELS = 10**7
MAPPING = """
name: clinic
table: HAM10000_metadata.csv
images: [HAM10000_images_part_1, HAM10000_images_part_2]
columns: {image_id: image_id, lesion_id: lesion_id, dx: dx, dx_type: dx_type}
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_synthetic(tmp_path_factory.mktemp("drawn") / "data", images=20, seed=4)


@pytest.mark.parametrize("write", [as_dataverse, as_isic2018, as_archive])
def test_every_layout_gives_the_same_images_and_diagnoses(drawn: Path, tmp_path: Path, write):
    folders = read_unloaded(drawn, MAX_PIXELS).rows
    other = read_unloaded(write(drawn, tmp_path / "other"), MAX_PIXELS).rows
    same = ["image_id", "diagnosis_code", "confirmation_code", "sha256"]
    assert list(other.columns) == list(folders.columns)
    assert other[same].equals(folders[same])


def test_a_mapping_says_what_somebody_elses_columns_mean(drawn: Path, tmp_path: Path):
    mapping = tmp_path / "clinic.yml"
    mapping.write_text(MAPPING)
    rows = read_unloaded(drawn, MAX_PIXELS, mapping=mapping).rows
    folders = read_unloaded(drawn, MAX_PIXELS).rows
    assert rows[["diagnosis_code", "sha256"]].equals(folders[["diagnosis_code", "sha256"]])
    assert set(rows["sex_code"]) == {"unknown"}
