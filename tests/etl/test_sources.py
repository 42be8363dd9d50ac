"""A layout is recognised, or the person is told what was looked for."""

from pathlib import Path
from shutil import rmtree

import fsspec
import pytest
from tinyham import HEADER, ROWS, write_image, write_rows

from etl.sources import recognise
from warehouse.errors import BadInputError


def test_the_public_download_is_recognised_and_read(folder: Path):
    source = recognise(folder)
    assert source.layout == "ham10000-folders"
    assert list(source.read_metadata().rows["image_id"]) == ["I_1", "I_2", "I_3", "I_4"]
    assert source.image_ids() == {"I_1", "I_2", "I_3"}
    assert source.find("I_4") is None


def test_a_uri_is_absolute_and_opens_with_fsspec(folder: Path, monkeypatch):
    monkeypatch.chdir(folder.parent)
    source = recognise(Path(folder.name))
    uri = source.find("I_3")
    assert Path(uri).is_absolute()
    with fsspec.open(uri) as file:
        assert file.read() == source.read(uri)


def test_an_image_in_both_parts_is_taken_from_the_first(folder: Path):
    write_image(folder / "HAM10000_images_part_2" / "I_1.jpg", 9)
    write_image(folder / "HAM10000_images_part_1" / "I_3.jpeg", 9)
    source = recognise(folder)
    assert "part_1" in source.find("I_1")
    assert "part_1" in source.find("I_3")


def test_one_part_alone_is_a_partial_download(folder: Path):
    rmtree(folder / "HAM10000_images_part_2")
    assert recognise(folder).image_ids() == {"I_1", "I_2"}


def test_lower_case_folders_of_the_public_download_are_known(folder: Path):
    (folder / "HAM10000_images_part_2").rename(folder / "ham10000_images_part_2")
    assert recognise(folder).image_ids() == {"I_1", "I_2", "I_3"}


def test_a_download_without_the_dataset_column_is_known(folder: Path):
    write_rows(folder, ROWS[0].rsplit(",", 1)[0], header=HEADER.rsplit(",", 1)[0])
    assert "dataset" not in recognise(folder).read_metadata().rows


def test_a_wrong_path_is_told(tmp_path: Path):
    with pytest.raises(BadInputError, match="nowhere: there is no such folder"):
        recognise(tmp_path / "nowhere")


def test_a_file_in_the_folders_place_is_told(folder: Path):
    with pytest.raises(BadInputError, match="not a folder"):
        recognise(folder / "HAM10000_metadata.csv")


def test_an_empty_folder_is_told(tmp_path: Path):
    with pytest.raises(BadInputError, match="the folder is empty"):
        recognise(tmp_path)


def test_images_without_their_metadata_are_told(folder: Path):
    (folder / "HAM10000_metadata.csv").unlink()
    with pytest.raises(BadInputError, match="looked for HAM10000_metadata"):
        recognise(folder)


def test_metadata_without_any_image_folder_is_told(folder: Path):
    for part in ("HAM10000_images_part_1", "HAM10000_images_part_2"):
        rmtree(folder / part)
    with pytest.raises(BadInputError, match="looked for"):
        recognise(folder)
