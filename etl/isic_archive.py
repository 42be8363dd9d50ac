"""
A download by `isic-cli` (`isic image download`): metadata.csv among the images.

The archive names diagnoses and sites by up to five levels, coarse to fine; older downloads have
one column instead. The finest level that means one of our words decides. What the archive has
beyond the seven diagnoses, beyond dermatoscopy and beyond a known way of confirmation is left out
and counted.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from etl.isic2018 import CONFIRMATIONS
from etl.metadata import read_csv, split_header, text_rows
from etl.places import list_images
from etl.releases import HAM10000
from etl.source import Metadata, Source
from warehouse.vocabulary import Diagnosis, Layout, Localization, Sex

METADATA_NAME = "metadata.csv"
MARKER = "isic_id"
LOOKED_FOR = f"{METADATA_NAME} with a column {MARKER} beside ISIC_*.jpg, as isic-cli leaves them"
DIAGNOSIS_COLUMNS = (*(f"diagnosis_{level}" for level in (5, 4, 3, 2, 1)), "diagnosis")
SITE_COLUMNS = (
    *(f"anatom_site_{level}" for level in (5, 4, 3, 2, 1)),
    "anatom_site_special",
    "anatom_site_general",
)
DERMATOSCOPIC = ("", "dermoscopic")
# None: a finer level that is not what its coarser level would be taken for.
DIAGNOSES: dict[str, Diagnosis | None] = {
    "solar or actinic keratosis": Diagnosis.akiec,
    "actinic keratosis": Diagnosis.akiec,
    "squamous cell carcinoma in situ": Diagnosis.akiec,
    "basal cell carcinoma": Diagnosis.bcc,
    "seborrheic keratosis": Diagnosis.bkl,
    "solar lentigo": Diagnosis.bkl,
    "lichen planus like keratosis": Diagnosis.bkl,
    "lichenoid keratosis": Diagnosis.bkl,
    "pigmented benign keratosis": Diagnosis.bkl,
    "dermatofibroma": Diagnosis.df,
    "melanoma": Diagnosis.mel,
    "malignant melanocytic proliferations (melanoma)": Diagnosis.mel,
    "melanoma metastasis": None,
    "nevus": Diagnosis.nv,
    "angioma": Diagnosis.vasc,
    "angiokeratoma": Diagnosis.vasc,
    "pyogenic granuloma": Diagnosis.vasc,
    "vascular lesion": Diagnosis.vasc,
    "benign soft tissue proliferations - vascular": Diagnosis.vasc,
    "hemorrhagic lesions": Diagnosis.vasc,
    "nevus anemicus": None,
}
# The archive gives no kind to 197 of HAM10000's 327 akiec images (dbt/seeds/terminology.csv).
# HAM10000's own file and paper call them intraepithelial, so there the word is akiec; elsewhere
# the carcinoma may be invasive, which is none of ours. The image's id tells. The attribution does
# not, because the same group has given other images.
HAM10000_DIAGNOSES = DIAGNOSES | {
    "squamous cell carcinoma, nos": Diagnosis.akiec,
    "squamous cell carcinoma": Diagnosis.akiec,  # in the one column of older downloads
}
# The archive's head and neck, and its oral or genital, are no one site of ours.
SITES: dict[str, Localization | None] = {
    "anterior chest": Localization.chest,
    "lateral chest": Localization.chest,
    "anterior abdomen": Localization.abdomen,
    "lateral abdomen": Localization.abdomen,
    "posterior trunk": Localization.back,
    "posterior torso": Localization.back,
    "trunk": Localization.trunk,
    "anterior torso": Localization.trunk,
    "lateral torso": Localization.trunk,
    "scalp": Localization.scalp,
    "ear": Localization.ear,
    "face": Localization.face,
    "neck": Localization.neck,
    "palm of hand": Localization.acral,
    "sole of foot": Localization.acral,
    "palms/soles": Localization.acral,
    "acral nos": Localization.acral,
    "acral palms or soles": Localization.acral,
    "fingernail/toenail": Localization.acral,
    "nail nos": Localization.acral,
    "hand": Localization.hand,
    "foot": Localization.foot,
    "genital region": Localization.genital,
    "upper extremity": Localization.upper_extremity,
    "lower extremity": Localization.lower_extremity,
}


def recognise_isic_archive(path: Path) -> Source | None:
    """Return the folder as a source, or None where it is laid out otherwise."""
    table = path.resolve() / METADATA_NAME
    if not table.is_file():
        return None
    with table.open(encoding="utf-8-sig", errors="replace") as lines:
        try:
            _, header = split_header(lines.readline().strip(), [MARKER])
        except csv.Error:
            return None
    if MARKER not in header:
        return None
    return Source(
        layout=Layout.isic_archive,
        origin=Layout.isic_archive.value,
        address=str(table.parent),
        metadata_name=METADATA_NAME,
        read_metadata=lambda: read_rows(table),
        uris=list_images([table.parent]),
    )


def read_rows(table: Path) -> Metadata:
    """Return the archive's rows under our names, and how many were left out for which reason."""
    rows = read_csv(table, [MARKER])
    records = text_rows(rows)
    found = ["" if row["fault"] else reason(row) for row in records]
    reasons = pd.Series(found, index=rows.index, dtype=str)
    described = pd.DataFrame([describe(row) for row in records], index=rows.index)
    is_out = reasons != ""
    left_out = dict(Counter(reasons[is_out]).most_common())
    return Metadata(rows.assign(**described)[~is_out], left_out, set(rows[MARKER][is_out]))


def reason(row: Mapping[str, str]) -> str:
    """Return why a row is not for this warehouse, or ''."""
    if row.get("image_type", "") not in DERMATOSCOPIC:
        return f"image type '{row['image_type']}'"
    if find_diagnosis(row) is None:
        named = [row[name] for name in DIAGNOSIS_COLUMNS if row.get(name)]
        return f"diagnosis '{named[0]}'" if named else "no diagnosis"
    confirmed = row.get("diagnosis_confirm_type", "")
    if confirmed not in CONFIRMATIONS:
        return f"confirmed by '{confirmed}'" if confirmed else "no way of confirmation"
    return ""


def describe(row: Mapping[str, str]) -> dict[str, str]:
    """Return one row under our names; an image without a lesion id is a lesion of its own."""
    sex = row.get("sex", "")
    return {
        "image_id": row[MARKER],
        "lesion_id": row.get("lesion_id", "") or row[MARKER],
        "dx": find_diagnosis(row) or "",
        "dx_type": CONFIRMATIONS.get(row.get("diagnosis_confirm_type", ""), ""),
        "age": row.get("age_approx", "").removesuffix("+"),
        "sex": sex if sex in (Sex.female, Sex.male) else "",
        "localization": finest(row, SITE_COLUMNS, SITES) or "",
    }


def find_diagnosis(row: Mapping[str, str]) -> str | None:
    """Return our word for what the archive says of an image, or None where it is none of ours."""
    words = HAM10000_DIAGNOSES if HAM10000.has(row[MARKER]) else DIAGNOSES
    return finest(row, DIAGNOSIS_COLUMNS, words)


def finest(
    row: Mapping[str, str], columns: Iterable[str], words: Mapping[str, str | None]
) -> str | None:
    """Return our word for the finest level that has one, or None."""
    for name in columns:
        level = row.get(name, "").lower()
        if level in words:
            return words[level]
    return None
