"""Published versions of the warehouse: opened read-only, read as typed frames, live at the end."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import NotReadyError
from warehouse.live import attach_operational, create_live_views
from warehouse.settings import Settings
from warehouse.vocabulary import Split

if TYPE_CHECKING:  # DuckDB opens it where a frame is asked for; what builds asks for none
    import pandas as pd

SPLIT_COLUMNS = (
    "image_id, lesion_group_id, diagnosis_code, is_balanced, age_years, sex_code, "
    "localization_code, uri, sha256, weight"
)


class EmptySplitError(NotReadyError):
    """A split view exists but has no rows."""


@dataclass(frozen=True)
class PublishedWarehouse:
    """One version's file; it never changes once it has its name."""

    version: int
    path: Path

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a read-only connection to this version alone."""
        return duckdb.connect(str(self.path), read_only=True)


def version_name(version: int) -> str:
    """Return the file name of a version: v000007.duckdb."""
    return f"v{version:06d}.duckdb"


def versions(settings: Settings) -> list[PublishedWarehouse]:
    """Return every published version, oldest first."""
    paths = sorted(settings.warehouse_dir.glob("v[0-9]*.duckdb"))
    return [PublishedWarehouse(int(path.stem[1:]), path) for path in paths]


def current(settings: Settings) -> PublishedWarehouse:
    """
    Return the version that `current` names.

    Raises:
        NotReadyError: Nothing has been published yet.
    """
    pointer = settings.warehouse_dir / "current"
    if not pointer.exists():
        raise NotReadyError(
            f"{settings.warehouse_dir}: no warehouse has been published; "
            "run `dermhouse load PATH`, then `dermhouse build`"
        )
    path = settings.warehouse_dir / pointer.read_text().strip()
    return PublishedWarehouse(int(path.stem[1:]), path)


def find(settings: Settings, version: int | None) -> PublishedWarehouse:
    """
    Return a version by its number, or the current one.

    Raises:
        NotReadyError: It is not there.
    """
    if version is None:
        return current(settings)
    for each in versions(settings):
        if each.version == version:
            return each
    raise NotReadyError(
        f"{settings.warehouse_dir}: there is no version {version}; "
        f"there are {', '.join(str(each.version) for each in versions(settings)) or 'none'}"
    )


def connect_live(settings: Settings) -> duckdb.DuckDBPyConnection:
    """
    Return the current version, read-only, with `fct_predictions_live` on top.

    The view is the published fact plus the operational rows written since, read anew by every
    query: a prediction is there as soon as the server has answered it.
    """
    # Set afterwards: connections of one process to one file must be opened with the same words.
    connection = current(settings).connect()
    folder = str(settings.extensions_dir).replace("'", "''")
    connection.execute(f"set extension_directory = '{folder}'")
    attach_operational(connection, settings)
    create_live_views(connection, settings)
    return connection


def connect(home: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """
    Return `connect_live` for a home, by default the one that DERMHOUSE_HOME names.

    Two lines of a notebook: `from warehouse import published`, `db = published.connect()`.
    """
    return connect_live(Settings() if home is None else Settings(home=Path(home)))


def read_split(warehouse: PublishedWarehouse, split: Split) -> "pd.DataFrame":
    """
    Return the images of one split, ordered by image id.

    Train arrives balanced; tune and validation keep the clinical prevalence, so that their
    metrics mean what a clinic would see. Columns: SPLIT_COLUMNS; sha256 is hex, weight has
    mean 1.0.

    Raises:
        EmptySplitError: The view exists but has no rows.
    """
    return read_images(warehouse, f"ml_{split.value}")


def read_judged(warehouse: PublishedWarehouse, *, from_camera: bool = False) -> "pd.DataFrame":
    """
    Return the validation images that were loaded, or those that came from the camera.

    They are never mixed: the one are a data set that others know, the other what is met in use.
    Columns and errors as of `read_split`.
    """
    camera = """select image_id from fct_diagnoses
        inner join dim_sources using (source_key) where source_code = 'camera'"""
    side = "in" if from_camera else "not in"
    return read_images(warehouse, f"ml_validation where image_id {side} ({camera})")


def read_all_training(warehouse: PublishedWarehouse) -> "pd.DataFrame":
    """
    Return every training image, the nevi that the balance leaves out among them.

    Columns and errors as of `read_split`.
    """
    return read_images(warehouse, "ml_images where split = 'train'")


def read_images(warehouse: PublishedWarehouse, source: str) -> "pd.DataFrame":
    """Return the rows of a view (with a condition) by image id; EmptySplitError if it has none."""
    query = f"select {SPLIT_COLUMNS} from {source} order by image_id"
    with warehouse.connect() as connection:
        frame = connection.sql(query).df()
    if frame.empty:
        raise EmptySplitError(
            f"{warehouse.path.name}: {source.split(maxsplit=1)[0]} has no images; "
            "load images with their files, then run `dermhouse build`"
        )
    return frame


def read_subgroups(warehouse: PublishedWarehouse) -> "pd.DataFrame":
    """
    Return what evaluations are parted by, one row an image, indexed by image id.

    Columns: the words of SubgroupKind. Confirmation and source all but tell the diagnosis: they
    part figures, and never go into a model's examples.
    """
    query = """
        select
            fct_diagnoses.image_id,
            dim_patient_groups.sex_code as sex,
            dim_patient_groups.age_band,
            dim_localizations.localization_code as localization,
            dim_sources.source_code as source,
            dim_confirmation_methods.confirmation_code as confirmation
        from fct_diagnoses
        inner join dim_patient_groups using (patient_group_key)
        inner join dim_localizations using (localization_key)
        inner join dim_sources using (source_key)
        inner join dim_confirmation_methods using (confirmation_key)
        order by fct_diagnoses.image_id
    """
    with warehouse.connect() as connection:
        return connection.sql(query).df().set_index("image_id")


def read_lineage(warehouse: PublishedWarehouse) -> "pd.DataFrame":
    """
    Return every usable image of a version with its side, to tell what a model has seen.

    Columns: image_id, sha256 (hex), lesion_id, lesion_group_id, source_code, split, is_balanced.
    """
    query = """
        select
            ml_images.image_id,
            ml_images.sha256,
            dim_lesions.lesion_id,
            ml_images.lesion_group_id,
            dim_sources.source_code,
            ml_images.split,
            ml_images.is_balanced
        from ml_images
        inner join fct_diagnoses on ml_images.image_id = fct_diagnoses.image_id
        inner join dim_lesions on fct_diagnoses.lesion_key = dim_lesions.lesion_key
        inner join dim_sources on fct_diagnoses.source_key = dim_sources.source_key
        order by ml_images.image_id
    """
    with warehouse.connect() as connection:
        return connection.sql(query).df()


def read_origins(warehouse: PublishedWarehouse) -> "pd.DataFrame":
    """
    Return who described each usable image of a version, one row an image and origin.

    Columns: image_id, source_code, origin_code, which is a layout's value or a mapping's name; of
    the camera's frames, which no load brought, it is the source_code.
    """
    query = """
        select
            ml_images.image_id,
            dim_sources.source_code,
            coalesce(fct_image_origins.origin_code, dim_sources.source_code) as origin_code
        from ml_images
        inner join fct_diagnoses on ml_images.image_id = fct_diagnoses.image_id
        inner join dim_sources on fct_diagnoses.source_key = dim_sources.source_key
        left join fct_image_origins on ml_images.image_id = fct_image_origins.image_id
        order by ml_images.image_id, origin_code
    """
    with warehouse.connect() as connection:
        return connection.sql(query).df()


def split_counts(warehouse: PublishedWarehouse) -> dict[str, dict[str, int]]:
    """Return how many usable images of each diagnosis stand in each split."""
    query = """
        select split, diagnosis_code, count(*) from ml_images
        group by split, diagnosis_code
        order by split, diagnosis_code
    """
    counts: dict[str, dict[str, int]] = {}
    with warehouse.connect() as connection:
        for split, diagnosis_code, images in connection.sql(query).fetchall():
            counts.setdefault(split, {})[diagnosis_code] = images
    return counts


def class_counts(warehouse: PublishedWarehouse) -> "pd.DataFrame":
    """Return one row a diagnosis: train images before and after the balance."""
    query = """
        select
            diagnosis_code,
            count(*) as images,
            count(*) filter (where is_balanced) as balanced
        from ml_images
        where split = 'train'
        group by diagnosis_code
        order by diagnosis_code
    """
    with warehouse.connect() as connection:
        return connection.sql(query).df()


def split_hash(warehouse: PublishedWarehouse) -> str:
    """
    Return a SHA-256 over every image's id, content, diagnosis, split and balance.

    Two versions with the same hash train and judge a model on exactly the same data.
    """
    query = """
        select concat_ws('|', image_id, sha256, diagnosis_code, split, is_balanced)
        from ml_images
        order by image_id
    """
    with warehouse.connect() as connection:
        rows = connection.sql(query).fetchall()
    return hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest()
