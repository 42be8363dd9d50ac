"""The one way from a file's bytes to the pixels the network sees, for training and serving."""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from warehouse.errors import BadInputError

VERSION = 1  # raise it whenever decoded pixels change: caches are keyed by it

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

# The smaller copies of HAM10000 are the whole 600x450 frame squeezed to this square. Such a file
# has been through our crop and resize already; cropping it to 4:3 again would cut real skin away.
SQUEEZED = (224, 224)

# With bilinear, 42 originals of 600x450 become their published 224x224 files to within 1.5 grey
# levels of 255 on average, the least of Pillow's filters and no more than JPEG's own loss.
FILTER = Image.Resampling.BILINEAR


class UndecodableImageError(BadInputError):
    """The bytes are not an image that can be used; the sentence says why."""


@dataclass(frozen=True)
class Frame:
    """A decoded frame: what the network sees, and the size it came in, upright."""

    rgb: NDArray[np.uint8]  # (size, size, 3)
    width: int
    height: int

    @classmethod
    def of(cls, rgb: NDArray[np.uint8]) -> "Frame":
        """Return pixels as a frame that came at their size."""
        return cls(rgb, *reversed(rgb.shape[:2]))

    @cached_property  # the gate and the hints both ask
    def luma(self) -> NDArray[np.uint8]:
        """The frame in grey, (size, size)."""
        return np.asarray(cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY))

    @cached_property
    def detail(self) -> float:
        """How much changes from one pixel to the next, as `detail_of` measures it."""
        return detail_of(self.luma)


def decode(data: bytes, size: int, max_pixels: int) -> Frame:
    """
    Return the frame as RGB at size x size.

    Its central 4:3 (3:4 if portrait) is resized to the square, as HAM10000's files were; a frame
    of exactly 224x224 is taken whole, because it is one of those.

    Raises:
        UndecodableImageError: Not an image, truncated, or more than max_pixels.
    """
    image = open_frame(data, max_pixels)
    width, height = image.size
    try:
        image.draft("RGB", (size, size))  # JPEG alone: decoded at 1/2, 1/4 or 1/8 where enough
        rgb = as_rgb(upright(image))
    except UndecodableImageError:
        raise
    except Exception:  # a hostile file makes Pillow raise anything, even SyntaxError
        raise UndecodableImageError(
            "the image is damaged or truncated: its pixels cannot be decoded"
        ) from None
    box = None if (width, height) == SQUEEZED else central_box(*rgb.size)
    square = np.asarray(rgb.resize((size, size), FILTER, box=box))
    is_turned = (rgb.width > rgb.height) != (width > height)
    return Frame(square, *((height, width) if is_turned else (width, height)))


def open_frame(data: bytes, max_pixels: int) -> Image.Image:
    """Read the header alone: nothing is decoded before its size is known to be bearable."""
    if not data:
        raise UndecodableImageError("the image is empty: 0 bytes")
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise UndecodableImageError(
            f"the image has more than the {max_pixels} pixels allowed"
        ) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UndecodableImageError(
            f"not an image that can be read: send one of {', '.join(FORMATS)}"
        ) from None
    width, height = image.size
    if width * height > max_pixels:
        raise UndecodableImageError(
            f"the image is {width} x {height}, more than the {max_pixels} pixels allowed"
        )
    image.decodermaxblock = len(data)  # all is here: the decoder need not stop for more of it
    return image


def upright(image: Image.Image) -> Image.Image:
    """Decode an image and turn it as its camera was held; in place, because a copy is as large."""
    ImageOps.exif_transpose(image, in_place=True)
    return image


def as_rgb(image: Image.Image) -> Image.Image:
    """Return any mode as 8-bit RGB, transparency laid on white."""
    if image.mode in {"I", "F"}:
        raise UndecodableImageError("the image is 32-bit greyscale: send 8 or 16 bits a channel")
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return image if image.mode == "RGB" else image.convert("RGB")


def central_box(width: int, height: int) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of the largest central 4:3, or 3:4 of a portrait."""
    ratio = 4 / 3 if width >= height else 3 / 4
    wide, high = min(width, height * ratio), min(height, width / ratio)
    left, top = (width - wide) / 2, (height - high) / 2
    return left, top, left + wide, top + high


def detail_of(luma: NDArray[np.uint8]) -> float:
    """
    Return the spread (standard deviation) of the Laplacian, in grey levels.

    After Pech-Pacheco and others, "Diatom autofocusing in brightfield microscopy", ICPR 2000, who
    take its square; it is comparable only between images of one size.
    """
    _, spread = cv2.meanStdDev(cv2.Laplacian(luma, cv2.CV_16S))  # of whole grey levels: exact
    return float(spread[0, 0])
