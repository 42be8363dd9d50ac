"""One load, from a path to the operational store: recognise, check, probe, write, report."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from etl.images import probe
from etl.load import (
    end_run,
    one_load,
    read_known,
    read_stored,
    recorded_run,
    write_images,
    write_rejections,
)
from etl.records import ImageRecord, check_rows
from etl.report import Loaded, LoadReport, make_report
from etl.sources import Source, recognise
from warehouse.progress import Progress, silent
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import Outcome

# A killed load loses at most this much work; larger batches are no faster.
BATCH_IMAGES = 500


def load(settings: Settings, store: Store, path: Path, progress: Progress = silent) -> LoadReport:
    """
    Load what stands at a path; a second load of the same data changes nothing.

    A bad row or file is recorded and never stops the rest. Images are committed batch by batch,
    so that a load that was killed is finished by the next one.

    Raises:
        BadInputError: The path holds no layout that is known, or its metadata cannot be read.
        BusyError: Another load is running.
    """
    started = time.perf_counter()
    source = recognise(path)
    rows = source.read_metadata()
    with one_load(settings), recorded_run(store, source) as load_id:
        checked = check_rows(rows, read_known(store))
        write_rejections(store, load_id, checked.rejections)
        loaded: list[Loaded] = []
        counts: Counter[str] = Counter()
        progress("load", 0, len(checked.records))
        for batch in batches(checked.records):
            found, outcome = load_batch(settings, store, source, load_id, batch)
            loaded += found
            counts += outcome
            progress("load", len(loaded), len(checked.records))
        seconds = time.perf_counter() - started
        report = make_report(load_id, source, checked, loaded, counts, seconds=seconds)
        end_run(store, load_id, outcome=Outcome.done.value, **report.run_columns())
    return report


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
) -> tuple[list[Loaded], Counter[str]]:
    """Probe the files of some records and write both; return what was found and what changed."""
    stored = read_stored(store, [record.image_id for record in records])
    before = {image_id: image.file for image_id, image in stored.items()}
    found = [
        (
            record,
            probe(source, record.image_id, settings.max_image_pixels, before.get(record.image_id)),
        )
        for record in records
    ]
    return found, write_images(store, load_id, found, stored)
