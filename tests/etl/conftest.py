"""What the tests of loading may ask for."""

from pathlib import Path

import pytest
from tinyham import make_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "data")


@pytest.fixture
def part(folder: Path) -> Path:
    return folder / "HAM10000_images_part_1"
