"""
What several sources say of one image, and what follows from it.

Nothing here depends on which source was loaded first. The layouts rank (`Layout`), because the
data set itself knows more of its images than a challenge or an archive that took them over; a
mapped source comes last, by its name. Of each field the first source counts that has it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from etl.images import FileProbe
from warehouse.image_files import is_there
from warehouse.vocabulary import FileStatus, Layout, values

RANKS = {name: rank for rank, name in enumerate(values(Layout))}
UNKNOWN = (None, "unknown")

Row = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """One source's word on one image: its own id, its metadata by column, its file."""

    origin: str
    source_image_id: str
    image_id: str
    said: Row
    file: FileProbe


@dataclass(frozen=True)
class OtherSources:
    """What every other source has told of the images at hand."""

    by_image: Mapping[str, Sequence[Origin]]
    # Images that this source describes already, or is about to, under the id of the key.
    taken: Mapping[str, str]

    @cached_property
    def by_own_id(self) -> dict[str, str]:
        """Return the image that another source's row is of, by that source's own id."""
        rows = [origin for origins in self.by_image.values() for origin in origins]
        return {row.source_image_id: row.image_id for row in sorted(rows, key=rank, reverse=True)}

    @cached_property
    def by_content(self) -> dict[str, set[str]]:
        """Return the images of which another source has a file, by its sha256."""
        images: defaultdict[str, set[str]] = defaultdict(set)
        for image_id, origins in self.by_image.items():
            for origin in origins:
                if origin.file.sha256:
                    images[origin.file.sha256].add(image_id)
        return dict(images)


def rank(origin: Origin) -> tuple[int, str]:
    """Return a source's place: the first in order counts."""
    return RANKS.get(origin.origin, len(RANKS)), origin.origin


def place_images(
    found: Sequence[Origin], before: Mapping[str, Origin], others: OtherSources
) -> list[Origin]:
    """
    Say which image each row is of: the one of its id, or the one with the very same file.

    `found` and `before`, this source's rows as the store has them, go by the source's own id. No
    two rows of one source become one image: it tells them apart, and equal files are then for the
    quality checks.
    """
    taken = dict(others.taken)
    placed = []
    for origin in found:
        image_id = find_image(origin, before.get(origin.source_image_id), others, taken)
        taken[image_id] = origin.source_image_id
        placed.append(replace(origin, image_id=image_id))
    return placed


def find_image(
    origin: Origin, before: Origin | None, others: OtherSources, taken: Mapping[str, str]
) -> str:
    """Return the id of the image that one row is of."""
    own_id = origin.source_image_id
    same_file = [
        image_id
        for image_id in sorted(others.by_content.get(origin.file.sha256 or "", ()))
        if taken.get(image_id, own_id) == own_id
    ]
    if own_id in others.by_image:
        return own_id
    same_id = others.by_own_id.get(own_id)
    if same_id and taken.get(same_id, own_id) == own_id:
        return same_id
    if before and before.image_id in same_file:
        return before.image_id
    return same_file[0] if same_file else own_id


def resolve(image_id: str, origins: Iterable[Origin]) -> tuple[Row, FileProbe]:
    """Return one image's metadata and file as its sources, taken together, have them."""
    ranked = sorted(origins, key=rank)
    metadata = dict(ranked[0].said)
    for origin in ranked[1:]:
        for column, value in origin.said.items():
            if metadata[column] in UNKNOWN:
                metadata[column] = value
    return {"image_id": image_id, **metadata}, pick_file([origin.file for origin in ranked])


def pick_file(files: Sequence[FileProbe]) -> FileProbe:
    """Return the first usable file that still stands where it was, or the first of all."""
    if len(files) == 1:
        return files[0]
    usable = [file for file in files if file.status is FileStatus.ok]
    standing = [file for file in usable if file.uri and is_there(file.uri)]
    found = [file for file in files if file.status is not FileStatus.missing]
    return (standing or usable or found or list(files))[0]


def group_by_image(origins: Iterable[Origin]) -> dict[str, list[Origin]]:
    """Return origins by the image that they are of."""
    groups: defaultdict[str, list[Origin]] = defaultdict(list)
    for origin in origins:
        groups[origin.image_id].append(origin)
    return dict(groups)
