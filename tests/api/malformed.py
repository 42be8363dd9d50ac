"""Uploads as nobody should send them: cut short, spoilt, lying about themselves, or merely odd."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from camera_frames import encoded, pixels
from PIL import Image
from PIL.PngImagePlugin import PngInfo

READ, REFUSED = {200}, {400}
EITHER = READ | REFUSED
SIDE = 3900  # pixels; its square is what a server of this corpus is told to bear
SMALL = (120, 90)


@dataclass(frozen=True)
class Upload:
    """What is sent, and the statuses that it may get."""

    name: str
    data: bytes
    statuses: set[int]


def corpus() -> list[Upload]:
    kinds = (cut_short, spoilt, bombs, lies, strangers, polyglots, odd_modes, odd_files)
    return [upload for kind in kinds for upload in kind()]


def good_files() -> dict[str, bytes]:
    image = pixels(size=SMALL)
    return {
        "jpeg": encoded(image, "JPEG"),
        "progressive": encoded(image, "JPEG", progressive=True),
        "png": encoded(image, "PNG"),
        "webp": encoded(image, "WEBP"),
        "lossless webp": encoded(image, "WEBP", lossless=True),
        "tiff": encoded(image, "TIFF"),
        "packed tiff": encoded(image, "TIFF", compression="tiff_lzw"),
        "bmp": encoded(image, "BMP"),
        "gif": encoded(image, "GIF"),
    }


def cut_short() -> Iterator[Upload]:
    """Each form ends early, at twelve places from its first bytes to its last but one."""
    for name, data in good_files().items():
        ends = {2, 4, 12, 30, 100, *(len(data) * tenth // 10 for tenth in (3, 5, 6, 7, 8, 9))}
        for end in sorted(ends | {len(data) - 1}):
            # What a decoder needs may all be there before the last bytes are.
            may = EITHER if end > len(data) * 0.8 else REFUSED
            yield Upload(f"{name} cut at {end} of {len(data)}", data[:end], may)


def spoilt() -> Iterator[Upload]:
    """Some bytes of each form are others."""
    chance = random.Random(136)
    for name, data in good_files().items():
        for turn in range(6):
            changed = bytearray(data)
            for _ in range(1 + 4 * turn):
                changed[chance.randrange(len(data))] = chance.randrange(256)
            yield Upload(f"{name} spoilt {turn}", bytes(changed), EITHER)


def bombs() -> Iterator[Upload]:
    """Few bytes that become many pixels: those under the limit are borne, the others refused."""
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA"):
        under, over = (SIDE, SIDE), (SIDE + 1, SIDE + 1)
        yield Upload(f"png {mode} at the limit", encoded(Image.new(mode, under), "PNG"), READ)
        yield Upload(f"png {mode} above it", encoded(Image.new(mode, over), "PNG"), REFUSED)
    yield Upload("900 million pixels", encoded(Image.new("1", (30_000, 30_000)), "PNG"), REFUSED)
    for form in ("JPEG", "WEBP"):
        data = encoded(Image.new("RGB", (SIDE, SIDE)), form)
        yield Upload(f"{form} at the limit", data, READ)
    progressive = encoded(Image.new("RGB", (SIDE, SIDE)), "JPEG", progressive=True)
    yield Upload("progressive at the limit", progressive, READ)
    strip = encoded(Image.new("RGB", (SIDE, SIDE)), "TIFF", compression="tiff_adobe_deflate")
    yield Upload("packed tiff at the limit", strip, READ)
    long, text = PngInfo(), "a" * 20_000_000
    long.add_text("comment", text, zip=True)
    yield Upload("png of packed words", encoded(pixels(size=SMALL), "PNG", pnginfo=long), EITHER)
    profile = zlib.compress(bytes(20_000_000))
    header = png_chunk(b"iCCP", b"profile\x00\x00" + profile)
    yield Upload("png with a profile that unpacks", with_chunk(header), EITHER)


def lies() -> Iterator[Upload]:
    """Headers that promise sizes that are not there."""
    files = good_files()
    for side in (0, 1, 65_535, 2**31 - 1, 2**32 - 1):
        size = struct.pack(">II", side, side) + b"\x08\x02\x00\x00\x00"
        head = files["png"][:8] + png_chunk(b"IHDR", size)
        may = EITHER if side == 1 else REFUSED
        yield Upload(f"png that says {side}", head + files["png"][33:], may)
    for side in (0, 1, 3000, 65_535):
        data = files["jpeg"]
        at = data.index(b"\xff\xc0") + 5
        may = EITHER if side in (1, 3000) else REFUSED  # what is not there is grey
        says = data[:at] + struct.pack(">HH", side, side) + data[at + 4 :]
        yield Upload(f"jpeg that says {side}", says, may)
    for side in (0, -1, 3000, 2**31 - 1):
        data = files["bmp"]
        says = data[:18] + struct.pack("<ii", side, side) + data[26:]
        yield Upload(f"bmp that says {side}", says, REFUSED)
    for tag, name in ((256, "width"), (257, "height"), (273, "offset"), (279, "count")):
        for value in (0, 2**16, 2**32 - 1):
            data = with_tag(files["tiff"], tag, value)
            yield Upload(f"tiff whose {name} is {value}", data, EITHER)


def strangers() -> Iterator[Upload]:
    """What is no image that is read here."""
    frame = good_files()["jpeg"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frame.jpg", frame)
        archive.writestr("zeros", bytes(5_000_000))
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    magic = {
        "jpeg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a",
        "webp": b"RIFF\xff\xff\xff\xffWEBP", "tiff": b"II*\x00", "big tiff": b"MM\x00+",
        "bmp": b"BM", "heic": b"\x00\x00\x00\x18ftypheic", "avif": b"\x00\x00\x00\x18ftypavif",
        "psd": b"8BPS", "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n", "ico": b"\x00\x00\x01\x00",
        "jpeg 2000": b"\x00\x00\x00\x0cjP  ", "gzip": b"\x1f\x8b\x08", "elf": b"\x7fELF",
        "mp4": b"\x00\x00\x00\x18ftypmp42", "dicom": bytes(128) + b"DICM",
    }  # fmt: skip
    others = {
        "nothing": b"", "one zero": b"\x00", "zeros": bytes(10_000), "text": b"a mole",
        "json": json.dumps({"frame": "a mole"}).encode(), "utf-16": "a mole".encode("utf-16"),
        "html": b"<!doctype html><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>",
        "laughing xml": f"<!DOCTYPE l [<!ENTITY l0 'l'>{laughs}]><svg>&l9;</svg>".encode(),
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", "zip": packed.getvalue(),
        "a frame in base64": b"data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==",
        "noise": random.Random(1).randbytes(20_000),
    }  # fmt: skip
    for name, data in others.items():
        yield Upload(name, data, REFUSED)
    for name, start in magic.items():
        yield Upload(f"{name} in name only", start, REFUSED)
        yield Upload(f"{name} and zeros", start + bytes(5000), REFUSED)


def polyglots() -> Iterator[Upload]:
    """Files that are two things: an image is read as one, and nothing else ever is."""
    files, page = good_files(), b"<html><script>alert(1)</script></html>"
    for name, data in files.items():
        may = REFUSED if name == "gif" else READ
        yield Upload(f"{name} before a page", data + page, may)
        yield Upload(f"{name} before a zip", data + b"PK\x05\x06" + bytes(18), may)
        yield Upload(f"{name} after a page", page + data, REFUSED)
        yield Upload(f"{name} in a pdf", b"%PDF-1.7\n" + data, REFUSED)
    commented = encoded(pixels(size=SMALL), comment=page)
    yield Upload("jpeg with a page as its comment", commented, READ)
    yield Upload("png with a page in a chunk", with_chunk(png_chunk(b"paGe", page)), READ)


def odd_modes() -> Iterator[Upload]:
    """Every way to write a colour that a camera or a scanner may have."""
    image = pixels(size=SMALL)
    for mode in ("L", "CMYK"):
        yield Upload(f"jpeg {mode}", encoded(image.convert(mode)), READ)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield Upload(f"png {mode}", encoded(as_mode(image, mode), "PNG"), READ)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16"):
        yield Upload(f"tiff {mode}", encoded(as_mode(image, mode), "TIFF"), READ)
    for mode in ("I", "F"):
        yield Upload(f"tiff {mode}", encoded(image.convert(mode), "TIFF"), REFUSED)
    for mode in ("1", "L", "P", "RGB"):
        yield Upload(f"bmp {mode}", encoded(image.convert(mode), "BMP"), READ)
    clear = image.convert("P")
    yield Upload("a palette with a clear colour", encoded(clear, "PNG", transparency=3), READ)
    yield Upload("png of 16 bits a colour", deep_png(), READ)


def odd_files() -> Iterator[Upload]:
    """Moving pictures, several pages, one pixel, and metadata that makes no sense."""
    frames = [pixels(seed, SMALL) for seed in range(4)]
    moving = {"save_all": True, "append_images": frames[1:]}
    yield Upload("moving png", encoded(frames[0], "PNG", **moving), READ)
    yield Upload("moving webp", encoded(frames[0], "WEBP", **moving), READ)
    yield Upload("moving gif", encoded(frames[0], "GIF", **moving), REFUSED)
    yield Upload("pages of a tiff", encoded(frames[0], "TIFF", **moving), READ)
    for size in ((1, 1), (1, 900), (900, 1), (3, 2)):
        for form in ("JPEG", "PNG", "WEBP"):
            data = encoded(Image.new("RGB", size), form)
            yield Upload(f"{form} of {size[0]} x {size[1]}", data, READ)
    chance = random.Random(7)
    senseless = (b"Exif\x00\x00", b"Exif\x00\x00II*\x00\xff\xff\xff\xff", chance.randbytes(900))
    for turn, exif in enumerate(senseless):
        yield Upload(f"senseless metadata {turn}", encoded(frames[0], exif=exif), EITHER)
    for value in (0, 9, 65_535):
        exif = Image.Exif()
        exif[0x0112] = value
        yield Upload(f"turned {value} ways", encoded(frames[0], exif=exif), READ)
    profile = chance.randbytes(3000)
    yield Upload("a senseless profile", encoded(frames[0], icc_profile=profile), READ)


def as_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        return Image.frombytes("LAB", image.size, image.tobytes())
    return image.convert(mode)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def with_chunk(chunk: bytes) -> bytes:
    """A good PNG with one more chunk after its header."""
    data = good_files()["png"]
    return data[:33] + chunk + data[33:]


def deep_png() -> bytes:
    """16 bits a colour, which Pillow reads and does not write."""
    width, height = SMALL
    header = struct.pack(">II", width, height) + b"\x10\x02\x00\x00\x00"
    rows = b"".join(b"\x00" + bytes(range(6)) * width for _ in range(height))
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def with_tag(data: bytes, tag: int, value: int) -> bytes:
    """A little-endian TIFF in which one entry of its first directory holds another value."""
    changed = bytearray(data)
    (at,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, at)
    for place in range(at + 2, at + 2 + 12 * entries, 12):
        if struct.unpack_from("<H", data, place)[0] == tag:
            struct.pack_into("<HHII", changed, place, tag, 4, 1, value)
    return bytes(changed)
