"""Recognise the layout of a folder; see docs/sources.md for what each looks like."""

from collections.abc import Callable
from pathlib import Path

from etl import ham10000, isic2018, isic_archive
from etl.mapped import map_source
from etl.source import Source
from warehouse.errors import BadInputError

LAYOUTS: tuple[tuple[Callable[[Path], Source | None], str], ...] = (
    (ham10000.recognise_ham10000, ham10000.LOOKED_FOR),
    (isic2018.recognise_isic2018, isic2018.LOOKED_FOR),
    (isic_archive.recognise_isic_archive, isic_archive.LOOKED_FOR),
)
KNOWN = "; ".join(looked_for for _, looked_for in LAYOUTS)


def recognise(path: Path, mapping: Path | None = None) -> Source:
    """
    Return the source that a path holds, as its layout or a mapping tells.

    Raises:
        BadInputError: There is no such folder, it is empty, its layout is unknown, an archive in
            it is damaged, or the mapping does not fit.
    """
    if not path.exists():
        raise BadInputError(f"{path}: there is no such folder; check the path")
    if mapping is not None:
        return map_source(path, mapping)
    if not path.is_dir():
        raise BadInputError(
            f"{path}: not a folder; name the folder that holds it, or say with --mapping what its "
            "columns mean"
        )
    if not any(path.iterdir()):
        raise BadInputError(f"{path}: the folder is empty; name one that holds a data set")
    for recognise_layout, _ in LAYOUTS:
        source = recognise_layout(path)
        if source is not None:
            return source
    raise BadInputError(
        f"{path}: no known layout; looked for {KNOWN}; or say with --mapping what its columns mean"
    )
