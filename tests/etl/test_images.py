"""A file is what its content says, and no content stops a load."""

import io
import os
import struct
import zlib
from pathlib import Path

import imagehash
import pytest
from PIL import Image
from tinyham import write_image

from etl.images import FileProbe, decode, perceptual_hash, probe
from etl.sources import Source, recognise
from warehouse.image_files import MAX_BYTES
from warehouse.vocabulary import FileStatus

LIMIT = 50_000_000


def probe_first(folder: Path, before: FileProbe | None = None) -> FileProbe:
    return probe(recognise(folder), "I_1", LIMIT, before)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has almost no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def test_a_sound_file_is_measured(folder: Path):
    found = probe_first(folder)
    assert found.status == FileStatus.ok
    assert (found.width, found.height) == (320, 240)
    assert found.bytes == (folder / "HAM10000_images_part_1" / "I_1.jpg").stat().st_size
    assert len(found.sha256) == 64
    assert len(found.phash) == 16


def test_an_absent_file_is_missing(folder: Path):
    assert probe(recognise(folder), "I_4", LIMIT) == FileProbe(FileStatus.missing)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"This is a text file.\n" * 50, "not a JPEG or PNG image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "not a JPEG or PNG image"),
        (png_header(30_000, 30_000), "900000000 pixels"),
        (png_header(10_000, 9_000), "10000 x 9000 pixels, more than 50,000,000"),
        (png_header(300, 300), "cannot be decoded"),
    ],
    ids=["zero bytes", "text", "hollow jpeg", "bomb", "large frame", "hollow png"],
)
def test_content_that_cannot_be_decoded_is_recorded_and_told(
    folder: Path, part: Path, content: bytes, told: str
):
    (part / "I_1.jpg").write_bytes(content)
    found = probe_first(folder)
    assert found.status == FileStatus.undecodable
    assert told in found.message
    assert found == probe_first(folder)  # the same words again: nothing has changed
    assert (found.bytes, len(found.sha256), found.width) == (len(content), 64, None)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_jpeg_is_undecodable(folder: Path, part: Path, share: float):
    path = part / "I_1.jpg"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert probe_first(folder).status == FileStatus.undecodable


def test_a_file_that_may_not_be_read_is_recorded(folder: Path):
    class Locked:
        find = recognise(folder).find

        def read(self, _uri: str) -> bytes:
            raise PermissionError(13, "Permission denied")

    locked: Source = Locked()  # type: ignore[assignment]
    found = probe(locked, "I_1", LIMIT)
    assert (found.status, found.message) == (
        FileStatus.undecodable,
        "cannot be read: Permission denied",
    )


def test_a_file_too_large_to_be_an_image_is_recorded_and_not_read(folder: Path, part: Path):
    os.truncate(part / "I_1.jpg", MAX_BYTES + 1)  # a hole, which takes no disk
    found = probe_first(folder)
    assert (found.status, found.message) == (
        FileStatus.undecodable,
        "cannot be read: I_1.jpg has 268,435,457 bytes, too many",
    )


def test_content_decides_and_not_the_date(folder: Path, part: Path):
    before = probe_first(folder)
    path = part / "I_1.jpg"
    moment = path.stat()
    write_image(path, 99)
    os.utime(path, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    assert probe_first(folder, before).sha256 != before.sha256


def test_content_decoded_before_is_not_decoded_again(folder: Path):
    before = probe_first(folder)
    told = FileProbe(**{**vars(before), "phash": "known"})
    assert probe_first(folder, told).phash == "known"


def test_the_perceptual_hash_is_imagehashs(folder: Path, part: Path):
    for seed in range(20):
        write_image(part / "I_1.jpg", seed)
        image = Image.open(part / "I_1.jpg")
        assert perceptual_hash(image) == str(imagehash.phash(image))


def test_the_scaled_decode_hardly_moves_the_hash(part: Path):
    content = (part / "I_1.jpg").read_bytes()
    _, _, scaled = decode(content, LIMIT)
    whole = imagehash.phash(Image.open(io.BytesIO(content)))
    assert whole - imagehash.hex_to_hash(scaled) <= 6
