"""Write a load to the operational store: what is new, what changed, and the record of both."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.images import FileProbe
from etl.origins import Origin, OtherSources, Row, group_by_image, resolve
from etl.source import Source
from etl.stored import read_origins, read_stored
from warehouse.held_out import inherit_held_out
from warehouse.store import Store
from warehouse.tables import image, image_change, image_file, image_origin, now


def write_images(
    store: Store,
    load_id: str,
    placed: Sequence[Origin],
    before: Mapping[str, Origin],
    others: OtherSources,
) -> tuple[list[Row], Counter[str]]:
    """
    Bring the store up to these rows, in one transaction; return the images and what became of them.

    Only rows that differ are written, each difference of an image as an `image_change`. The counts
    are `inserted`, `updated` and `unchanged`, and sum to the number of rows.
    """
    images = [
        resolve(row.image_id, [row, *others.by_image.get(row.image_id, ())]) for row in placed
    ]
    said = [row for row in placed if before.get(row.source_image_id) != row]
    left = {
        before[row.source_image_id].image_id: row.image_id
        for row in said
        if row.source_image_id in before and before[row.source_image_id].image_id != row.image_id
    }
    with store.write() as connection:
        counts = write_resolved(connection, load_id, images)
        upsert(connection, image_origin, [origin_columns(row, load_id) for row in said])
        leave_images(connection, load_id, left)
    return [metadata for metadata, _ in images], counts


def origin_columns(row: Origin, load_id: str) -> Row:
    """Return one source's word as `image_origin` keeps it."""
    key = {"origin": row.origin, "source_image_id": row.source_image_id, "image_id": row.image_id}
    return {
        **row.said,
        **vars(row.file),
        "status": row.file.status.value,
        **key,
        **at_load(load_id),
    }


def at_load(load_id: str) -> Row:
    """Return the columns of a row that this load writes: what was deleted lives again."""
    return {"load_id": load_id, "deleted_at": None}


def write_resolved(
    connection: Connection, load_id: str, images: Sequence[tuple[Row, FileProbe]]
) -> Counter[str]:
    """Write the images that differ from the store's, and count what became of each."""
    counts: Counter[str] = Counter()
    stored = read_stored(connection, [metadata["image_id"] for metadata, _ in images])
    metadata_rows: list[Row] = []
    file_rows: list[Row] = []
    changes: list[Row] = []
    for metadata, file in images:
        key = {"image_id": metadata["image_id"], "load_id": load_id}
        before = stored.get(metadata["image_id"])
        metadata_changes = differences(before.metadata if before else None, metadata)
        file_changes = differences(vars(before.file) if before else None, vars(file))
        if metadata_changes:
            metadata_rows.append({**metadata, **at_load(load_id)})
        if file_changes:
            status = {"status": file.status.value}
            file_rows.append({**vars(file), **status, **key, **at_load(load_id)})
        if before is None:
            counts["inserted"] += 1
            continue
        found = metadata_changes + file_changes
        counts["updated" if found else "unchanged"] += 1
        changes += [{**change, **key} for change in found]
    upsert(connection, image, metadata_rows)
    upsert(connection, image_file, file_rows)
    upsert(connection, image_change, changes)
    return counts


def follow_renamed(store: Store, source: Source) -> None:
    """
    Give what a mapped source has said of a file to the id that the file has now.

    Files that come to be called alike get longer ids (`etl.naming`). Without this the old id would
    live on as a second image of the file; so its image is left as any that a row has left.
    """
    called = {uri: image_id for image_id, uri in source.uris.items()}
    with store.write() as connection:
        own = image_origin.c.origin == source.origin, image_origin.c.deleted_at.is_(None)
        rows = connection.execute(select(image_origin).where(*own)).mappings().all()
        known = {row["source_image_id"] for row in rows}
        renamed = {
            row["source_image_id"]: {**row, "source_image_id": new, "updated_at": now()}
            for row in rows
            if row["source_image_id"] not in source.uris
            and (new := called.get(row["uri"]))
            and new not in known
        }
        upsert(connection, image_origin, list(renamed.values()))
        connection.execute(
            update(image_origin)
            .where(*own, image_origin.c.source_image_id.in_(list(renamed)))
            .values(deleted_at=now())
        )


def withdraw_rows(store: Store, load_id: str, origin: str, source_image_ids: Sequence[str]) -> None:
    """
    Take back what a source has said of images that it leaves out now, in one transaction.

    A later load that describes such an image again brings it back.
    """
    said = image_origin.c.origin == origin, image_origin.c.source_image_id.in_(source_image_ids)
    with store.write() as connection:
        rows = read_origins(connection, *said)
        gone = {"deleted_at": now(), "load_id": load_id}
        connection.execute(update(image_origin).where(*said).values(gone))
        leave_images(connection, load_id, {row.image_id: None for row in rows})


def leave_images(connection: Connection, load_id: str, left: Mapping[str, str | None]) -> None:
    """
    Settle the images that a source no longer speaks of: a row of it is another image's, or none's.

    Other sources go on speaking of such an image; one that nobody speaks of is deleted, and says
    as its last change which image, if any, it has become. That one may have taken over a picture
    that was held out, though others still speak of the image left, and so it is held out too.
    """
    inherit_held_out(connection, {old: new for old, new in left.items() if new})
    remaining = group_by_image(read_origins(connection, image_origin.c.image_id.in_(left)))
    write_resolved(connection, load_id, [resolve(*pair) for pair in remaining.items()])
    gone = [image_id for image_id in left if image_id not in remaining]
    connection.execute(
        update(image).where(image.c.image_id.in_(gone)).values(deleted_at=now(), load_id=load_id)
    )
    became = [
        {"column_name": "image_id", "old_value": image_id, "new_value": left[image_id]}
        | {"image_id": image_id, "load_id": load_id}
        for image_id in gone
    ]
    if became:
        connection.execute(insert(image_change), became)


def differences(before: Row | None, after: Row) -> list[Row]:
    """Return the columns whose value is another now, as `image_change` keeps them."""
    old = before or {}
    return [
        {"column_name": name, "old_value": as_text(old.get(name)), "new_value": as_text(value)}
        for name, value in after.items()
        if before is None or old[name] != value
    ]


def as_text(value: object) -> str | None:
    """Return a value as an audit row keeps it."""
    return None if value is None else str(value)


def upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert rows, or overwrite those whose primary key is there; both databases say it alike."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    fresh = {
        name: statement.excluded[name] for name in (*rows[0], "updated_at") if name not in keys
    }
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), rows)
