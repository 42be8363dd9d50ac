import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.preprocess import UndecodableImageError, decode

MANY = 50_000_000


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (600, 450)) -> Image.Image:
    return Image.new("RGB", size, colour)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_red_stays_red_in_every_format(form: str):
    frame = decode(encoded(plain((220, 30, 20)), form), 224, MANY)
    assert frame.rgb.shape == (224, 224, 3)
    assert frame.rgb.dtype == np.uint8
    assert np.abs(frame.rgb.mean(axis=(0, 1)) - (220, 30, 20)).max() < 6


def test_the_golden_gradient_is_decoded_to_the_same_pixels_as_ever():
    down, right = np.mgrid[0:450, 0:600]
    image = np.stack([down / 449 * 255, right / 599 * 255, np.full((450, 600), 90)], axis=-1)
    rgb = decode(encoded(Image.fromarray(image.astype(np.uint8))), 224, MANY).rgb
    corners = rgb[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()
    assert (
        np.abs(np.array(corners) - [[0, 0, 90], [0, 255, 90], [255, 0, 90], [255, 255, 90]]).max()
        <= 2
    )
    assert np.abs(rgb[112, 112].astype(int) - [128, 128, 90]).max() <= 2


@pytest.mark.parametrize(
    ("size", "box"),
    [((1000, 450), (200, 0, 800, 450)), ((450, 1000), (0, 200, 450, 800))],
)
def test_only_the_central_4_to_3_is_seen(size: tuple[int, int], box: tuple[int, int, int, int]):
    image = plain((0, 0, 255), size)
    image.paste((0, 255, 0), box)
    rgb = decode(encoded(image), 224, MANY).rgb
    assert (rgb[5:-5, 5:-5] == (0, 255, 0)).all()


def test_a_file_of_224_by_224_is_already_squeezed_and_taken_whole():
    pixels = np.random.default_rng(1).integers(0, 255, (224, 224, 3), np.uint8)
    assert (decode(encoded(Image.fromarray(pixels)), 224, MANY).rgb == pixels).all()


def test_a_phones_turned_picture_is_seen_upright():
    image = plain((0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 300, 450))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to look at it
    frame = decode(encoded(image, "JPEG", exif=exif), 224, MANY)
    assert (frame.width, frame.height) == (450, 600)
    assert frame.rgb[:100].mean() > 250
    assert frame.rgb[-100:].mean() < 5


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_any_mode_of_pixels_is_read(mode: str):
    image = Image.new("I;16", (600, 450), 40_000) if mode == "I;16" else plain((200, 200, 200))
    image = image if mode == "I;16" else image.convert(mode)
    form = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    assert decode(encoded(image, form), 224, MANY).rgb.mean() > 100


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "0 bytes"),
        (b"some words", "not an image"),
        (encoded(plain((1, 2, 3)), "JPEG")[:700], "damaged or truncated"),
    ],
)
def test_what_is_no_image_is_told_in_one_sentence(data: bytes, word: str):
    with pytest.raises(UndecodableImageError, match=word):
        decode(data, 224, MANY)


def test_too_many_pixels_are_refused_with_both_numbers():
    with pytest.raises(UndecodableImageError, match="600 x 450, more than the 1000 pixels"):
        decode(encoded(plain((0, 0, 0))), 224, 1000)


@pytest.mark.real
def test_an_original_becomes_the_published_224_file(real_frames: Path, real_ham10000: Path):
    differences = []
    for original in sorted(real_frames.glob("*.jpg")):
        (small,) = real_ham10000.glob(f"HAM10000_images_part_*/{original.name}")
        seen = [decode(path.read_bytes(), 224, MANY).rgb.astype(int) for path in (original, small)]
        differences.append(np.abs(seen[0] - seen[1]).mean())
    assert len(differences) == 42
    assert np.mean(differences) < 2.0
    assert np.max(differences) < 4.0
