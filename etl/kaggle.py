"""Fetch HAM10000 from Kaggle, its licence first."""

import importlib
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from etl.sources import recognise
from warehouse.errors import BadInputError, DermhouseError, NotReadyError

HANDLE = "kmader/skin-cancer-mnist-ham10000"
LICENCE = """\
HAM10000 is under CC BY-NC 4.0 (https://creativecommons.org/licenses/by-nc/4.0/): use it for
non-commercial purposes only, and name its authors wherever you show or publish what it gave you:

Tschandl, P., Rosendahl, C. & Kittler, H. The HAM10000 dataset, a large collection of
multi-source dermatoscopic images of common pigmented skin lesions.
Sci. Data 5, 180161 (2018). https://doi.org/10.1038/sdata.2018.161
Data: https://doi.org/10.7910/DVN/DBW86T
"""
LOGIN_ADVICE = (
    "put your Kaggle API token in ~/.kaggle/kaggle.json or set KAGGLE_USERNAME and KAGGLE_KEY"
)
REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def download_dataset(directory: Path) -> None:
    """Have kagglehub download and unpack; imported here, because it is slow to import."""
    kagglehub = importlib.import_module("kagglehub")
    kagglehub.dataset_download(HANDLE, output_dir=str(directory))


def fetch_kaggle(directory: Path, download: Callable[[Path], None] = download_dataset) -> Path:
    """
    Download HAM10000 (3 GB) into an empty folder and return it, ready for `load`.

    Show `LICENCE` before. What has been downloaded already is not downloaded again.

    Raises:
        NotReadyError: No network, no credentials, or Kaggle gives no answer that can be used.
        BadInputError: The folder holds something else.
    """
    try:
        download(directory)
    except Exception as error:  # kagglehub raises its own, requests' and the file system's
        raise explain(directory, error) from None
    recognise(directory)
    return directory


def explain(directory: Path, error: Exception) -> DermhouseError:
    """Return a download's fault as a sentence with the way out."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    kind = type(error).__name__
    if isinstance(error, FileExistsError | NotADirectoryError):
        return BadInputError(f"{directory}: not an empty folder; name one that is empty or new")
    if status in REFUSED or kind in ("UnauthenticatedError", "CredentialError"):
        return NotReadyError(f"Kaggle refuses {HANDLE} without credentials; {LOGIN_ADVICE}")
    if "Connection" in kind or "Timeout" in kind:
        return NotReadyError(
            f"Kaggle cannot be reached; {HANDLE} needs a network (or name a folder that you have "
            "downloaded already: `dermhouse load PATH`)"
        )
    told = " ".join(str(error).split()) or kind
    return NotReadyError(f"{HANDLE} could not be downloaded to {directory}: {told}; try again")
