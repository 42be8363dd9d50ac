"""Which file a row means, and an id for each of files that may be called alike."""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from etl.places import IMAGE_SUFFIXES

ODD = re.compile(r"[^A-Za-z0-9_.-]+")
LONGEST_TRAIL = 60  # a mapping's name and a dot come before it, and an id has 100 at most
DIGEST_CHARS = 12
LONGEST_START = LONGEST_TRAIL - DIGEST_CHARS - 1

Trail = tuple[str, ...]  # the folders of a file, then its name without the ending


@dataclass(frozen=True)
class FoundFile:
    """One image file: its path below the data's folder and below its own place, and its uri."""

    path: str
    inside: str
    uri: str


@dataclass(frozen=True)
class Naming:
    """What the names of a table come to: an id or a fault for each, and a uri for each file."""

    ids: Mapping[str, str]  # by name
    faults: Mapping[str, str]  # by name
    uris: Mapping[str, str]  # by id


def name_rows(names: Iterable[str], files: Sequence[FoundFile], root: Path) -> Naming:
    """
    Say which file each name means: a path is the file at its end, a bare name any of that stem.

    A name that no file fits is a path of its own, so that a file that comes later changes no id.
    """
    alike: defaultdict[str, list[FoundFile]] = defaultdict(list)
    for file in files:
        alike[trail(file.path)[-1]].append(file)
    meant: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name in dict.fromkeys(names):
        stem = (trail(name) or ("",))[-1]
        fitting = choose(name, alike[stem], root)
        if len(fitting) > 1:
            faults[name] = tell_several(name, fitting)
        elif stem:
            meant[name] = fitting[0].path if fitting else expect(name, files)
    ids = identify_paths([*(file.path for file in files), *meant.values()])
    return Naming(
        {name: ids[path] for name, path in meant.items()},
        faults,
        {ids[file.path]: file.uri for file in files},
    )


def trail(name: str) -> Trail:
    """Return a path in parts, whichever way its slashes lean; the ending of an image is no part."""
    # One and the same umlaut is written in two ways, and a Mac's disk has the other one.
    parts = PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/"))).parts
    parts = tuple(part for part in parts if part != "/")
    if not parts:
        return ()
    last = PurePosixPath(parts[-1])
    return (*parts[:-1], last.stem if last.suffix.lower() in IMAGE_SUFFIXES else last.name)


def choose(name: str, alike: Sequence[FoundFile], root: Path) -> Sequence[FoundFile]:
    """Return the files of one stem that a name fits: the nearest fit, and there may be several."""
    wanted, above = trail(name), trail(str(root))
    fitting = [file for file in alike if fits(wanted, above, file)]
    if "/" in name or "\\" in name:
        fitting = [file for file in fitting if trail(file.path) == wanted] or fitting
        fitting = [file for file in fitting if trail(file.inside) == wanted] or fitting
    ending = PurePosixPath(name.replace("\\", "/")).name
    return [file for file in fitting if PurePosixPath(file.path).name == ending] or fitting


def fits(wanted: Trail, above: Trail, file: FoundFile) -> bool:
    """Say whether a name is the end of a file's path, or, written elsewhere, holds it whole."""
    whole, inside = (*above, *trail(file.path)), trail(file.inside)
    is_held = len(inside) > 1 and wanted[-len(inside) :] == inside
    return is_held or whole[-len(wanted) :] == wanted


def tell_several(name: str, fitting: Sequence[FoundFile]) -> str:
    """Return the sentence for a name that several files fit."""
    told = [file.path if "/" in file.path else f"./{file.path}" for file in fitting]
    first, second, *others = told
    more = f" and {len(others)} more" if others else ""
    return f"image_id '{name}' fits {first} and {second}{more}; name the file with its folder"


def expect(name: str, files: Sequence[FoundFile]) -> str:
    """Return the path at which a file that is not there would be found."""
    path = "/".join(trail(name))  # the same with the ending and without
    places = {file.path.removesuffix(file.inside) for file in files}
    if len(places) != 1:
        return path
    (place,) = places
    return path if path.startswith(place) else f"{place}{path}"


def identify_paths(paths: Iterable[str]) -> dict[str, str]:
    """
    Return path to id: the stem, or all of the path with dots between.

    All of it where stems repeat, and where a stem has a letter or a mark that no id may have.
    """
    trails = {path: trail(path) for path in paths}
    stems = Counter(parts[-1] for parts in trails.values())
    dotted = {path: ODD.sub("_", ".".join(parts)) for path, parts in trails.items()}
    long_ones = Counter(dotted.values())
    ids = {}
    for path, parts in trails.items():
        stem, whole = parts[-1], dotted[path]
        is_odd = ODD.search(stem) is not None
        if not is_odd and stems[stem] == 1 and long_ones[stem] == (whole == stem):
            ids[path] = stem
        elif long_ones[whole] == 1 and len(whole) <= LONGEST_TRAIL:
            ids[path] = whole
        else:
            digest = hashlib.sha256(path.encode()).hexdigest()
            start = ODD.sub("_", stem)[:LONGEST_START] if is_odd else stem
            ids[path] = f"{start}.{digest[:DIGEST_CHARS]}"
    return ids
