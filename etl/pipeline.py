"""One load, from a path to the operational store: recognise, check, probe, write, report."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from etl.images import probe
from etl.load import follow_renamed, withdraw_rows, write_images
from etl.origins import Origin, place_images
from etl.quality import measure
from etl.records import CheckedRows, ImageRecord, Known, check_rows
from etl.report import LoadReport, Progressed, make_report, observe_load
from etl.runs import end_run, one_load, recorded_run, write_measurements, write_rejections
from etl.source import Metadata, Source
from etl.sources import recognise
from etl.stored import (
    SAID_COLUMNS,
    read_findings,
    read_known,
    read_others,
    read_own,
    read_prevalence,
)
from warehouse.progress import Progress, silent
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Layout, Outcome

# A killed load loses at most this much work; larger batches are no faster.
BATCH_IMAGES = 500


def load(
    settings: Settings,
    store: Store,
    path: Path,
    progress: Progress = silent,
    mapping: Path | None = None,
) -> LoadReport:
    """
    Load what stands at a path; a second load of the same data changes nothing.

    A bad row or file is recorded and never stops the rest. Images are committed batch by batch,
    so that a load that was killed is finished by the next one.

    Raises:
        BadInputError: The path holds no layout that is known, its metadata cannot be read, an
            archive in it is damaged, or the mapping does not fit.
        BusyError: Another load is running.
    """
    started = time.perf_counter()
    source = recognise(path, mapping)
    metadata = source.read_metadata()
    with one_load(settings), recorded_run(store, source) as load_id:
        if source.layout is Layout.mapped:
            follow_renamed(store, source)
        done = Progressed(withdrawn=withdraw_left_out(store, source, load_id, metadata))
        known = read_known(store, source.origin)
        checked = check_rows(metadata.rows, known)
        write_rejections(store, load_id, checked.rejections)
        earlier = read_prevalence(store)
        progress("load", 0, len(checked.records))
        own_ids = [record.image_id for record in checked.records]
        for batch in batches(checked.records):
            load_batch(settings, store, source, load_id, batch, own_ids, done)
            progress("load", len(done.loaded), len(checked.records))
        observed = observe_load(source, metadata, checked, done, earlier, read_findings(store))
        write_measurements(store, load_id, measure(observed))
        seconds = time.perf_counter() - started
        standing = count_standing(checked, known)
        report = make_report(
            load_id, source, metadata, checked, done, standing=standing, seconds=seconds
        )
        end_run(store, load_id, outcome=Outcome.done.value, **report.run_columns())
    return report


def withdraw_left_out(store: Store, source: Source, load_id: str, metadata: Metadata) -> int:
    """Take back what the source has said of images that it leaves out now; return how many."""
    said = {image.image_id for image in read_known(store, source.origin)}
    gone = sorted((said & metadata.left_out_ids) - set(metadata.rows["image_id"]))
    for start in range(0, len(gone), BATCH_IMAGES):
        withdraw_rows(store, load_id, source.origin, gone[start : start + BATCH_IMAGES])
    return len(gone)


def count_standing(checked: CheckedRows, known: Iterable[Known]) -> int:
    """Return how many images the source has described before, and only in refused rows now."""
    refused = {rejection.row["image_id"] for rejection in checked.rejections}
    accepted = {record.image_id for record in checked.records}
    return len((refused & {image.image_id for image in known}) - accepted)


def batches(records: Sequence[ImageRecord]) -> list[list[ImageRecord]]:
    """Return the records in the order of their ids, BATCH_IMAGES at a time."""
    ordered = sorted(records, key=lambda record: record.image_id)
    return [ordered[start : start + BATCH_IMAGES] for start in range(0, len(ordered), BATCH_IMAGES)]


def load_batch(
    settings: Settings,
    store: Store,
    source: Source,
    load_id: str,
    records: Sequence[ImageRecord],
    own_ids: Iterable[str],
    done: Progressed,
) -> None:
    """Probe the files of some records, write both, and add them to what is done."""
    before = read_own(store, source.origin, [record.image_id for record in records])
    found = []
    for record in records:
        earlier = before.get(record.image_id)
        file = probe(
            source, record.image_id, settings.max_image_pixels, earlier.file if earlier else None
        )
        done.loaded.append((record, file))
        said = record.model_dump(mode="json", include=set(SAID_COLUMNS))
        found.append(Origin(source.origin, record.image_id, record.image_id, said, file))
    others = read_others(store, source.origin, found, own_ids)
    placed = place_images(found, before, others)
    images, counts = write_images(store, load_id, placed, before, others)
    done.images += images
    done.counts += counts
    done.shared += sum(row.image_id in others.by_image for row in placed)
