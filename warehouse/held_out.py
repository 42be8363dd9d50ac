"""What was once held out stays so: the memory that keeps validation from becoming a lesson."""

from collections.abc import Mapping

import duckdb
from sqlalchemy import Connection, insert, select, update

from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import held_out_image

# The build file, before it is published: a version nobody has seen needs no memory, and a memory of
# a version that was never published does no harm.
HELD_OUT = """
select ml_images.image_id, dim_lesions.split_bucket
from ml_images
inner join dim_images on ml_images.image_id = dim_images.image_id
inner join dim_lesions on dim_images.lesion_key = dim_lesions.lesion_key
where ml_images.split <> 'train'
"""


def remember_held_out(settings: Settings, store: Store, version: int) -> int:
    """
    Note which images the version to be published holds out; return how many were new or moved.

    A lesson may become held out (two lesions are found to be one, or of one person), never the
    other way: a group takes the largest bucket that any of its images was ever published in.
    """
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        found = dict(connection.execute(HELD_OUT).fetchall())
    columns = (held_out_image.c.image_id, held_out_image.c.split_bucket)
    with store.read() as reader:
        known = {row.image_id: row.split_bucket for row in reader.execute(select(*columns))}
    new = [
        {"image_id": image_id, "split_bucket": bucket, "warehouse_version": version}
        for image_id, bucket in found.items()
        if image_id not in known
    ]
    moved = {
        image_id: bucket for image_id, bucket in found.items() if bucket > known.get(image_id, 99)
    }
    if new or moved:
        with store.write() as writer:
            if new:
                writer.execute(insert(held_out_image), new)
            for image_id, bucket in moved.items():
                here = held_out_image.c.image_id == image_id
                writer.execute(update(held_out_image).where(here).values(split_bucket=bucket))
    return len(new) + len(moved)


def inherit_held_out(connection: Connection, became: Mapping[str, str]) -> None:
    """
    Hold out under its new id what was held out under an old one (`became` is old to new).

    Where both were, the larger bucket counts, as within a group. The old id keeps its memory: its
    image may live on with another source, or come back.
    """
    involved = held_out_image.c.image_id.in_({*became, *became.values()})
    rows = connection.execute(select(held_out_image).where(involved)).mappings()
    known = {row["image_id"]: row for row in rows}
    for old, new in became.items():
        if old not in known:
            continue
        inherited = {name: known[old][name] for name in ("split_bucket", "warehouse_version")}
        if new not in known:
            connection.execute(insert(held_out_image).values(image_id=new, **inherited))
            known[new] = known[old]
        elif known[old]["split_bucket"] > known[new]["split_bucket"]:
            here = held_out_image.c.image_id == new
            connection.execute(update(held_out_image).where(here).values(**inherited))
            known[new] = known[old]
