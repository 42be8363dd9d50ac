"""The first and the second load, against the bare cost of reading the same files."""

import hashlib
import time
from io import BytesIO
from pathlib import Path

from PIL import Image

from etl.pipeline import load
from warehouse.settings import Settings
from warehouse.store import init_store


def run(settings: Settings, data: Path, _weights: Path) -> None:
    """Print each time and its ratio to the bare cost."""
    files = sorted(data.glob("HAM10000_images_part_*/*.jpg"))
    read_bare(files)  # a first pass, so that all three find the files in the page cache
    bare = read_bare(files)
    store = init_store(settings)
    first = load(settings, store, data)
    second = load(settings, store, data)
    store.close()
    print(f"{len(files):,} files; bare read, SHA-256 and Pillow decode, one thread: {bare:.1f} s")
    print(f"first load: {first.seconds:.1f} s, {first.seconds / bare:.2f} times the bare cost")
    print(
        f"  {first.rows:,} rows, {first.files:,} files, {first.missing_files:,} missing, ", end=""
    )
    print(f"{first.rejected} rejected, {first.inserted:,} inserted")
    print(f"second load: {second.seconds:.1f} s, {second.unchanged:,} unchanged")


def read_bare(files: list[Path]) -> float:
    """Return the seconds that reading, hashing and decoding take by themselves."""
    started = time.perf_counter()
    for path in files:
        content = path.read_bytes()
        hashlib.sha256(content).hexdigest()
        Image.open(BytesIO(content)).load()
    return time.perf_counter() - started
