"""The drawn data set loads whole, repeats by its seed and can be taken for nothing else."""

import hashlib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from etl.pipeline import load
from etl.synthetic import fetch_synthetic, plan
from warehouse.errors import BadInputError
from warehouse.vocabulary import Diagnosis, values


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_synthetic(tmp_path_factory.mktemp("drawn"), images=30)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_every_row_and_file_is_accepted(drawn: Path, settings, store):
    report = load(settings, store, drawn)
    assert report.rejected == report.missing_files == report.undecodable_files == 0
    assert report.images == report.files == report.inserted > 25
    assert report.release is None


def test_it_says_everywhere_that_it_is_synthetic(drawn: Path):
    rows = pd.read_csv(drawn / "HAM10000_metadata.csv")
    assert set(rows["dataset"]) == {"synthetic"}
    assert rows["image_id"].str.fullmatch(r"SYN_\d{7}").all()
    assert rows["lesion_id"].str.fullmatch(r"SYN_L\d{6}").all()
    assert (drawn / "README.txt").read_text().startswith("Synthetic")


def test_the_images_are_as_large_as_ham10000s(drawn: Path):
    for path in drawn.rglob("*.jpg"):
        with Image.open(path) as image:
            assert image.size == (600, 450)


def test_the_same_seed_draws_the_same_files(drawn: Path, tmp_path: Path):
    assert contents(fetch_synthetic(tmp_path / "again", images=30)) == contents(drawn)


def test_another_seed_draws_other_files(drawn: Path, tmp_path: Path):
    other = contents(fetch_synthetic(tmp_path / "other", images=8, seed=2))
    name = "HAM10000_images_part_1/SYN_0000001.jpg"
    assert other[name] != contents(drawn)[name]


def test_drawing_again_leaves_nothing_of_the_first(tmp_path: Path):
    fetch_synthetic(tmp_path, images=12)
    fetch_synthetic(tmp_path, images=7, seed=3)
    rows = pd.read_csv(tmp_path / "HAM10000_metadata.csv")
    assert len(list(tmp_path.rglob("*.jpg"))) == len(rows)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(BadInputError, match="not an empty folder"):
        fetch_synthetic(tmp_path, images=7)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_each_split_has_several_lesions_of_each_diagnosis():
    lesions = {row.lesion_id: row.dx for row in plan(700, seed=1)}
    found = Counter((dx, split_of(lesion_id)) for lesion_id, dx in lesions.items())
    for dx in values(Diagnosis):
        assert min(found[dx, split] for split in ("train", "tune", "validation")) >= 4


def split_of(lesion_id: str) -> str:
    """The warehouse's rule: a stable hash of the lesion."""
    digest = hashlib.md5(f"dermhouse-1078873:{lesion_id}".encode()).hexdigest()
    bucket = int(digest[:8], 16) % 100
    return "train" if bucket < 70 else "tune" if bucket < 80 else "validation"


def test_some_lesions_have_several_images_that_share_their_facts():
    rows = pd.DataFrame(plan(700, seed=1))
    assert rows["lesion_id"].value_counts().max() > 1
    facts = rows.drop(columns="image_id").drop_duplicates()
    assert facts["lesion_id"].is_unique
