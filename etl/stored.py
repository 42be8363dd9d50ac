"""Read what the operational store holds already, as a load needs it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from etl.images import FileProbe
from etl.origins import Origin, OtherSources, Row, group_by_image
from etl.quality import StoreFindings
from etl.records import ImageRecord, Known
from warehouse.store import Store
from warehouse.tables import image, image_file, image_origin
from warehouse.vocabulary import FileStatus

IMAGE_COLUMNS = tuple(ImageRecord.model_fields)
SAID_COLUMNS = IMAGE_COLUMNS[1:]  # all but the image's id
FILE_COLUMNS = tuple(field.name for field in fields(FileProbe))
IS_LIVE = image.c.deleted_at.is_(None)
IS_SAID = image_origin.c.deleted_at.is_(None)


@dataclass(frozen=True)
class Stored:
    """One image as the store holds it: its metadata by column, and its file."""

    metadata: Row
    file: FileProbe


def read_known(store: Store, origin: str) -> list[Known]:
    """
    Return lesion and diagnosis of every image that a source has described before.

    A source that contradicts itself is refused; two that contradict each other are told apart by
    their rank, so that the order of loads decides nothing.
    """
    columns = select(image_origin.c.source_image_id, image_origin.c.lesion_id, image_origin.c.dx)
    query = columns.where(image_origin.c.origin == origin, IS_SAID)
    with store.read() as connection:
        return [
            Known(row.source_image_id, row.lesion_id, row.dx) for row in connection.execute(query)
        ]


def read_prevalence(store: Store) -> dict[str, int]:
    """Return the store's images by diagnosis."""
    query = select(image.c.dx, func.count()).where(IS_LIVE).group_by(image.c.dx)
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def read_findings(store: Store) -> StoreFindings:
    """Return what only the whole store can tell of a load's quality."""
    live = image_file.join(image, image.c.image_id == image_file.c.image_id)
    repeated = several(image_file.c.sha256, image_file.c.image_id).select_from(live).where(IS_LIVE)
    divided = several(image.c.lesion_id, image.c.dx).where(IS_LIVE)
    disputed = several(image_origin.c.image_id, image_origin.c.dx).where(IS_SAID)
    with store.read() as connection:
        return StoreFindings(
            *(set(connection.scalars(query)) - {None} for query in (repeated, divided, disputed))
        )


def several(group: ColumnElement[Any], member: ColumnElement[Any]) -> Any:
    """Return the query for the groups that have more than one member."""
    return select(group).group_by(group).having(func.count(member.distinct()) > 1)


def read_own(store: Store, origin: str, source_image_ids: Iterable[str]) -> dict[str, Origin]:
    """Return what a source has said before of these images, by its own ids."""
    condition = image_origin.c.source_image_id.in_(list(source_image_ids))
    with store.read() as connection:
        own = read_origins(connection, image_origin.c.origin == origin, condition)
    return {found.source_image_id: found for found in own}


def read_others(
    store: Store, origin: str, found: Sequence[Origin], own_ids: Iterable[str]
) -> OtherSources:
    """Return what other sources say of the images that these rows may be of."""
    by_others = image_origin.c.origin != origin
    ids = [row.source_image_id for row in found]
    contents = [row.file.sha256 for row in found if row.file.sha256]
    # The key begins with the origin: without the others' names each batch would read every row.
    named_so = image_origin.c.origin.in_(select(image_origin.c.origin).where(by_others).distinct())
    may_be = or_(
        image_origin.c.image_id.in_(ids),
        image_origin.c.sha256.in_(contents),
        named_so & image_origin.c.source_image_id.in_(ids),
    )
    with store.read() as connection:
        if not connection.scalar(select(exists().where(by_others))):
            return OtherSources({}, {})
        images: set[str] = set(
            connection.scalars(select(image_origin.c.image_id).where(by_others, may_be))
        )
        at_hand = image_origin.c.image_id.in_(images)
        others = group_by_image(read_origins(connection, by_others, at_hand))
        own = read_origins(connection, image_origin.c.origin == origin, at_hand)
    taken = {row.image_id: row.source_image_id for row in own}
    return OtherSources(others, {**taken, **{own_id: own_id for own_id in own_ids}})


def read_origins(connection: Connection, *conditions: ColumnElement[bool]) -> list[Origin]:
    """Return the live rows of `image_origin` under some conditions."""
    query = select(image_origin).where(IS_SAID, *conditions)
    return [
        Origin(
            row["origin"],
            row["source_image_id"],
            row["image_id"],
            {name: row[name] for name in SAID_COLUMNS},
            as_file(row),
        )
        for row in connection.execute(query).mappings()
    ]


def as_file(row: Mapping[Any, Any]) -> FileProbe:
    """Return a row's file as it was probed."""
    return FileProbe(FileStatus(row["status"]), *(row[name] for name in FILE_COLUMNS[1:]))


def read_stored(connection: Connection, image_ids: Iterable[str]) -> dict[str, Stored]:
    """Return what the store holds of these images, by image id."""
    query = (
        select(
            *(image.c[name] for name in IMAGE_COLUMNS),
            *(image_file.c[name] for name in FILE_COLUMNS),
        )
        .join(image_file, image_file.c.image_id == image.c.image_id)
        .where(image.c.image_id.in_(list(image_ids)), IS_LIVE)
    )
    return {
        row["image_id"]: Stored({name: row[name] for name in IMAGE_COLUMNS}, as_file(row))
        for row in connection.execute(query).mappings()
    }
