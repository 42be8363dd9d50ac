"""Probe one image file: what it is, and whether it can be decoded."""

import hashlib
import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from etl.source import Source
from warehouse.vocabulary import FileStatus

FORMATS = ("JPEG", "PNG")
HASH_PX = 32
LOWEST = np.arange(8)[:, None]
# The eight lowest rows of a 32-point cosine transform (DCT-II), shape (8, 32).
COSINES = np.cos(np.pi * LOWEST * (2 * np.arange(HASH_PX) + 1) / (2 * HASH_PX))


@dataclass(frozen=True)
class FileProbe:
    """What stands where an image's file should be, named as the `image_file` table names it."""

    status: FileStatus
    uri: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    phash: str | None = None
    message: str | None = None


class RefusedImageError(Exception):
    """The content is no image that may be decoded; the text says why."""


def probe(
    source: Source, image_id: str, max_pixels: int, before: FileProbe | None = None
) -> FileProbe:
    """
    Read and hash an image's file, and decode it unless `before` shows this content decoded.

    Content decides, never a file's date. Nothing is raised for a bad file: its status tells.
    """
    uri = source.find(image_id)
    if uri is None:
        return FileProbe(FileStatus.missing)
    try:
        content = source.read(uri)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        return FileProbe(FileStatus.undecodable, uri, message=message)
    digest = hashlib.sha256(content).hexdigest()
    if before and before.status == FileStatus.ok and before.sha256 == digest:
        return FileProbe(
            FileStatus.ok, uri, digest, len(content), before.width, before.height, before.phash
        )
    try:
        width, height, phash = decode(content, max_pixels)
    except RefusedImageError as error:
        return FileProbe(FileStatus.undecodable, uri, digest, len(content), message=str(error))
    return FileProbe(FileStatus.ok, uri, digest, len(content), width, height, phash)


def decode(content: bytes, max_pixels: int) -> tuple[int, int, str]:
    """
    Return width and height in pixels and the 64-bit perceptual hash (16 hex digits).

    All of the file is decoded, so that a damaged one is found, but a JPEG only at the scale that
    the hash needs: libjpeg's scaled decode is deterministic and costs a third of the full one.

    Raises:
        RefusedImageError: No JPEG or PNG, damaged, or more pixels than allowed.
    """
    if not content:
        raise RefusedImageError("the file is empty")
    try:
        with warnings.catch_warnings():
            # Pillow warns of a large frame where this function refuses it.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        refuse_large(image.size, max_pixels)
        width, height = image.size
        image.draft("L", (HASH_PX, HASH_PX))
        return width, height, perceptual_hash(image)
    except RefusedImageError:
        raise
    except UnidentifiedImageError:
        raise RefusedImageError("not a JPEG or PNG image") from None
    except Exception as error:  # a hostile file makes Pillow raise anything, even SyntaxError
        raise RefusedImageError(
            f"cannot be decoded: {str(error) or type(error).__name__}"
        ) from None


def refuse_large(size: tuple[int, int], max_pixels: int) -> None:
    """Raise RefusedImageError by the header alone, before memory is taken for the pixels."""
    width, height = size
    if width * height > max_pixels:
        raise RefusedImageError(
            f"{width} x {height} pixels, more than {max_pixels:,} (DERMHOUSE_MAX_IMAGE_PIXELS)"
        )


def perceptual_hash(image: Image.Image) -> str:
    """
    Return the 64-bit pHash as 16 hex digits: which of the lowest frequencies exceed their median.

    The same bits as `imagehash.phash`, which takes longer than reading and decoding together.
    """
    small = image.convert("L").resize((HASH_PX, HASH_PX), Image.Resampling.LANCZOS)
    low = (COSINES @ np.asarray(small, dtype=np.float64) @ COSINES.T).ravel()
    # Of 64 numbers those above the median are those above the 32nd.
    return np.packbits(low > np.partition(low, 31)[31]).tobytes().hex()
