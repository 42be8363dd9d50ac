"""What the data are called that a model has met, and what may be done with what it learnt there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from warehouse import published
from warehouse.published import PublishedWarehouse
from warehouse.vocabulary import DataName, Dataset, Layout, values

AND = "+"  # between several names in an evaluation; no mapping's own name can have it

BY_LAYOUT = {
    Layout.ham10000_archives.value: DataName.ham10000.value,
    Layout.ham10000_folders.value: DataName.ham10000.value,
    Layout.isic2018_task3.value: DataName.isic2018.value,
    Layout.isic_archive.value: DataName.isic_archive.value,
}


@dataclass(frozen=True)
class Terms:
    """What a card says of one data set."""

    licence: str
    limit: str


VIENNA_AND_QUEENSLAND = (
    "Images of HAM10000 are from two places, Vienna and Queensland, and of lesions that clinicians "
    "chose for documentation or excision: other cameras, other populations and plain photographs "
    "were not measured."
)
TERMS = {
    DataName.ham10000: Terms(
        "HAM10000 (Tschandl, Rosendahl and Kittler, Scientific Data 5, 180161, 2018) is under "
        "CC BY-NC 4.0: no commercial use, of what was learnt from it either.",
        VIENNA_AND_QUEENSLAND,
    ),
    DataName.isic2018: Terms(
        "The training set of ISIC 2018's third task (made of HAM10000: Tschandl, Rosendahl and "
        "Kittler, Scientific Data 5, 180161, 2018) is under CC BY-NC 4.0: no commercial use, of "
        "what was learnt from it either.",
        VIENNA_AND_QUEENSLAND,
    ),
    DataName.isic_archive: Terms(
        "Each image of the ISIC archive has the licence of its row (CC-0, CC-BY or CC-BY-NC); the "
        "strictest of them holds for what was learnt from all.",
        "Images of the ISIC archive are from many clinics, each with its own cameras and its own "
        "reasons to take a picture; which of them a figure holds for is not known.",
    ),
    DataName.synthetic: Terms(
        "Drawn by Dermhouse itself; free to use.",
        "Images were drawn, not taken: figures on them say nothing of real skin.",
    ),
    DataName.camera: Terms(
        "Frames of this installation's camera were kept with consent; what that consent allows is "
        "for whoever asked for it to say.",
        "Frames of this installation's camera are those that somebody consented to and reviewed.",
    ),
}


def terms_of(name: str) -> Terms:
    """Return what is known of a data set by its name; of a mapped one that is nothing."""
    if name in values(DataName):
        return TERMS[DataName(name)]
    return Terms(
        f"The licence of {name}, loaded by a mapping, is not known to Dermhouse: whoever loaded it "
        "must check what it allows.",
        f"How the images of {name} were taken and chosen is not known to Dermhouse.",
    )


def find_data_sets(
    warehouse: PublishedWarehouse, image_ids: Collection[str] | None = None
) -> list[str]:
    """Return the names of the data sets that images of a version are of, by default all of them."""
    rows = published.read_origins(warehouse)
    if image_ids is not None:
        rows = rows[rows["image_id"].isin(image_ids)]
    pairs = rows[["source_code", "origin_code"]].drop_duplicates()
    return in_order(name_origin(*pair) for pair in pairs.itertuples(index=False, name=None))


def name_origin(source_code: str, origin_code: str) -> str:
    """Return the data set of images; drawn ones lie in HAM10000's layout and say so row by row."""
    name = BY_LAYOUT.get(origin_code, origin_code)
    is_drawn = name == DataName.ham10000 and source_code == Dataset.synthetic
    return DataName.synthetic.value if is_drawn else name


def in_order(names: Iterable[str]) -> list[str]:
    """Return each name once: known ones as they are listed, then those of mappings."""
    found = set(names)
    known = [name for name in values(DataName) if name in found]
    return [*known, *sorted(found.difference(known))]
