"""A split's images as one array on disk, decoded once; deleting the cache only costs time."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml import context, preprocess
from warehouse.errors import BadInputError, NotReadyError
from warehouse.image_files import read_image_file
from warehouse.progress import Progress, silent
from warehouse.settings import Settings
from warehouse.vocabulary import Diagnosis, Split, values

THREADS = 2
CHUNK = 64  # images decoded between two reports of progress; an interruption waits for no more
CLASSES = values(Diagnosis)


class UnlearnableSplitError(NotReadyError):
    """A split lacks a diagnosis, or has too few images of one."""


@dataclass(frozen=True)
class Examples:
    """One split, row by row in the order of its frame."""

    split: str
    image_ids: NDArray[np.str_]  # (N,)
    pixels: NDArray[np.uint8]  # (N, size, size, 3) RGB, mapped from the cache's file
    labels: NDArray[np.intp]  # (N,) places in CLASSES
    groups: NDArray[np.intp]  # (N,) lesion groups, numbered from 0
    weights: NDArray[np.float64]  # (N,) inverse class frequency, mean 1.0
    is_balanced: NDArray[np.bool_]  # (N,) rows of the paper's balanced setting
    context: NDArray[np.float32]  # (N, context.WIDTH) age, sex and body site

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.labels)


def load_examples(
    settings: Settings,
    split: Split,
    frame: pd.DataFrame,
    size: int,
    progress: Progress = silent,
) -> Examples:
    """
    Return the rows of `published.read_split` with their pixels at size x size.

    Raises:
        BadInputError: A file is gone, has changed since it was loaded, or cannot be decoded.
    """
    return Examples(
        split=split.value,
        image_ids=frame["image_id"].to_numpy(dtype=str),
        pixels=cached_pixels(settings, split, frame, size, progress),
        labels=frame["diagnosis_code"].map(CLASSES.index).to_numpy(dtype=np.intp),
        groups=pd.factorize(frame["lesion_group_id"])[0],
        weights=frame["weight"].to_numpy(dtype=np.float64),
        is_balanced=frame["is_balanced"].to_numpy(dtype=np.bool_),
        context=context.encode_all(
            frame[["age_years", "sex_code", "localization_code"]].itertuples(index=False, name=None)
        ),
    )


def one_hot(examples: Examples) -> NDArray[np.float32]:
    """Return the labels as (N, 7)."""
    return np.eye(len(CLASSES), dtype=np.float32)[examples.labels]


def require_classes(split: Split, frame: pd.DataFrame, at_least: int) -> None:
    """
    Refuse a split that cannot teach, or tune, every diagnosis.

    Raises:
        UnlearnableSplitError: A diagnosis has fewer images than at_least.
    """
    counts = frame["diagnosis_code"].value_counts().reindex(CLASSES, fill_value=0)
    few = ", ".join(f"{dx} {n}" for dx, n in counts.items() if n < at_least)
    if few:
        raise UnlearnableSplitError(
            f"ml_{split.value} has too few images ({few}; each diagnosis needs at least "
            f"{at_least}): load more of them, then run `dermhouse build`"
        )


def cached_pixels(
    settings: Settings, split: Split, frame: pd.DataFrame, size: int, progress: Progress
) -> NDArray[np.uint8]:
    """Map the split's array from the cache, decoding it first where it is not there."""
    key = hashlib.sha256("".join(frame["sha256"]).encode()).hexdigest()[:16]
    stem = f"{split.value}-{size}px-p{preprocess.VERSION}"
    path = settings.cache_dir / f"{stem}-{key}.npy"
    shape = (len(frame), size, size, 3)
    pixels = map_cache(path, shape)
    while pixels is None:  # again where another training has cleared it away meanwhile
        located = frame.assign(uri=[locate(settings, uri) for uri in frame["uri"]])
        write_cache(path, located, size, settings.max_image_pixels, progress)
        for older in settings.cache_dir.glob(f"{split.value}-{size}px-*.npy"):
            if older != path:
                older.unlink(missing_ok=True)
        pixels = map_cache(path, shape)
    return pixels


def map_cache(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """Map a cached array, or return None where there is none that is whole."""
    try:
        pixels: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return None
    return pixels if pixels.shape == shape and pixels.dtype == np.uint8 else None


def locate(settings: Settings, uri: str) -> str:
    """Return where a file stands: a frame of the camera is named below the home."""
    is_below_home = uri.startswith(f"{settings.images_dir.name}/")
    return str(settings.home / uri) if is_below_home else uri


def write_cache(
    path: Path, frame: pd.DataFrame, size: int, max_pixels: int, progress: Progress
) -> None:
    """
    Decode every row into a .npy file that gets its name only when it is whole.

    Raises:
        NotReadyError: The cache's folder cannot be written, or is full.
    """
    partial = path.with_suffix(f".{os.getpid()}.partial")
    rows = list(frame[["image_id", "uri", "sha256"]].itertuples(index=False, name=None))
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), size, size, 3)}
    step = f"decode {path.name.partition('-')[0]}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file, ThreadPoolExecutor(THREADS) as pool:
            np.lib.format.write_array_header_2_0(file, header)
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                for image in pool.map(lambda row: read_pixels(row, size, max_pixels), chunk):
                    file.write(image.tobytes())
                progress(step, start + len(chunk), len(rows))
        partial.replace(path)
    except OSError as error:
        raise NotReadyError(
            f"{path.parent}: the cache of decoded images cannot be written "
            f"({error.strerror or error}); make room there, then try again"
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def read_pixels(row: tuple[str, str, str], size: int, max_pixels: int) -> NDArray[np.uint8]:
    """Read the file of (image_id, uri, sha256), check that it is the one loaded, and decode it."""
    image_id, uri, sha256 = row
    try:
        data = read_image_file(uri)
    except OSError as error:
        raise BadInputError(
            f"{uri}: the file of {image_id} cannot be read ({error.strerror or error}); "
            "run `dermhouse load`, then `dermhouse build`"
        ) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadInputError(
            f"{uri}: the file of {image_id} has changed since it was loaded; "
            "run `dermhouse load`, then `dermhouse build`"
        )
    try:
        return preprocess.decode(data, size, max_pixels).rgb
    except preprocess.UndecodableImageError as error:
        raise BadInputError(f"{uri}: the file of {image_id}: {error}") from None
