"""Fetching from Kaggle ends in a folder that loads, or in one sentence with the way out."""

from pathlib import Path

import pytest
from tinyham import make_folder

from etl.kaggle import LICENCE, fetch_kaggle
from warehouse.errors import BadInputError, NotReadyError


class RefusedError(Exception):
    class response:  # noqa: N801
        status_code = 403


# kagglehub's and requests' names: they are told by name, so that neither need be imported.
UnauthenticatedError = type("UnauthenticatedError", (Exception,), {})
ConnectTimeout = type("ConnectTimeout", (OSError,), {})
ConnectionError_ = type("ConnectionError", (OSError,), {})


def failing(error: Exception):
    def download(_directory: Path) -> None:
        raise error

    return download


def test_the_licence_names_its_terms_and_the_authors():
    assert "CC BY-NC 4.0" in LICENCE
    assert "Tschandl" in LICENCE


def test_what_was_fetched_is_ready_to_load(tmp_path: Path):
    assert fetch_kaggle(tmp_path / "new", make_folder_at) == tmp_path / "new"


def make_folder_at(directory: Path) -> None:
    make_folder(directory)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionError_("no route"), "cannot be reached"),
        (ConnectTimeout("slow"), "cannot be reached"),
        (RefusedError(), "KAGGLE_USERNAME"),
        (UnauthenticatedError(), "KAGGLE_USERNAME"),
        (OSError(28, "No space left on device"), "No space left on device; try again"),
    ],
)
def test_a_download_that_fails_says_what_to_do(tmp_path: Path, error, words):
    with pytest.raises(NotReadyError, match=words) as told:
        fetch_kaggle(tmp_path, failing(error))
    assert "\n" not in str(told.value)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path):
    with pytest.raises(BadInputError, match="not an empty folder"):
        fetch_kaggle(tmp_path, failing(FileExistsError("output_dir is not empty")))


def test_a_download_that_is_not_ham10000_is_told(tmp_path: Path):
    with pytest.raises(BadInputError, match="the folder is empty"):
        fetch_kaggle(tmp_path, lambda _directory: None)
