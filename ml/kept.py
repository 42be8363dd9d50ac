"""A frame as it is kept with consent: its pixels alone, made anew."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from ml.preprocess import UndecodableImageError, as_rgb, open_frame, upright

QUALITY = 95  # an answer to the kept file must not differ from the first for JPEG's sake
MOST_PX = 65_500  # a side; no JPEG is larger
SRGB = ImageCms.createProfile("sRGB")


def strip_frame(data: bytes, max_pixels: int) -> bytes:
    """
    Return the frame as an upright sRGB JPEG of full size that carries no metadata.

    EXIF, XMP, comments and colour profile name the device, the place and the hour.

    Raises:
        UndecodableImageError: Not an image, truncated, or more than max_pixels or MOST_PX a side.
    """
    image = open_frame(data, max_pixels)
    if max(image.size) > MOST_PX:
        raise UndecodableImageError(
            f"the image is {image.width} x {image.height}: a frame that is kept may be "
            f"{MOST_PX} pixels a side at most"
        )
    try:
        rgb = as_rgb(as_srgb(upright(image), image.info.get("icc_profile")))
    except UndecodableImageError:
        raise
    except Exception:  # a hostile file makes Pillow raise anything, even SyntaxError
        raise UndecodableImageError(
            "the image is damaged or truncated: its pixels cannot be decoded"
        ) from None
    buffer = BytesIO()
    # From bare pixels: Pillow would carry a comment over from the image it was given.
    Image.fromarray(np.asarray(rgb)).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return buffer.getvalue()


def as_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply an embedded colour profile; one that cannot be used leaves the pixels as they are."""
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        turned = ImageCms.profileToProfile(image, BytesIO(profile), SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return turned or image
