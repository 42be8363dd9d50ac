"""
The training set of ISIC 2018's third task: HAM10000's images, a diagnosis one-hot, and lesions.

Age, sex and site are not in it: what another source says of them stands.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from etl.metadata import read_table, text_rows
from etl.places import find_table, list_images, named, read_file
from etl.source import Metadata, Source
from warehouse.errors import BadInputError
from warehouse.vocabulary import Confirmation, Diagnosis, Layout

TRUTH_NAME = "ISIC2018_Task3_Training_GroundTruth.csv"
GROUPINGS_NAME = "ISIC2018_Task3_Training_LesionGroupings.csv"
IMAGES_NAME = "ISIC2018_Task3_Training_Input"
LOOKED_FOR = f"{TRUTH_NAME} and {GROUPINGS_NAME} beside {IMAGES_NAME}, as a folder or a zip"
MARKS = {code.upper(): code for code in Diagnosis}
# The ISIC archive's words for how a diagnosis was confirmed.
CONFIRMATIONS = {
    "histopathology": Confirmation.histo,
    "serial imaging showing no change": Confirmation.follow_up,
    "single image expert consensus": Confirmation.consensus,
    "confocal microscopy with consensus dermoscopy": Confirmation.confocal,
}
NOT_RECORDED = ("age", "sex", "localization")


def recognise_isic2018(path: Path) -> Source | None:
    """
    Return the folder as a source, or None where it is laid out otherwise.

    Raises:
        BadInputError: The ground truth is there and the lesion groupings are not.
    """
    root = path.resolve()
    truth, groupings = find_table(root, TRUTH_NAME), find_table(root, GROUPINGS_NAME)
    if truth is None:
        return None
    if groupings is None:
        raise BadInputError(
            f"{path}: {GROUPINGS_NAME} is missing; put it beside {TRUTH_NAME}, because without it "
            "nobody can tell which images show one lesion"
        )
    return Source(
        layout=Layout.isic2018_task3,
        origin=Layout.isic2018_task3.value,
        address=str(root),
        metadata_name=TRUTH_NAME,
        read_metadata=lambda: read_rows(truth, groupings),
        uris=list_images(named(root, [IMAGES_NAME])),
    )


def read_rows(truth: str, groupings: str) -> Metadata:
    """Return the ground truth's rows, each with its lesion."""
    rows = read_table(truth, read_file(truth), ["image", *MARKS])
    groups = read_table(
        groupings, read_file(groupings), ["image", "lesion_id", "diagnosis_confirm_type"]
    )
    lesions = {row["image"]: row for row in text_rows(groups)}
    found = [describe(row, lesions) for row in text_rows(rows)]
    return Metadata(rows.assign(**pd.DataFrame(found, index=rows.index)))


def describe(row: Mapping[str, str], lesions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return one row under our names, with what is wrong with it."""
    image = row["image"]
    lesion = lesions.get(image, {})
    dx, fault = read_marks(row)
    if not lesion:
        fault = fault or f"image '{image}' is not in {GROUPINGS_NAME}"
    confirmed = lesion.get("diagnosis_confirm_type", "")
    return {
        "image_id": image,
        "lesion_id": lesion.get("lesion_id", ""),
        "dx": dx,
        "dx_type": CONFIRMATIONS.get(confirmed.lower(), confirmed),
        **dict.fromkeys(NOT_RECORDED, ""),
        "fault": row["fault"] or fault,
    }


def read_marks(row: Mapping[str, str]) -> tuple[str, str]:
    """Return the one diagnosis that is marked and '', or '' and what is wrong."""
    marks = {name: row[name] for name in MARKS}
    for name, mark in marks.items():
        if mark not in ("0", "0.0", "1", "1.0"):
            return "", f"{name} '{mark}' is not 0 or 1"
    ones = [name for name, mark in marks.items() if float(mark)]
    if len(ones) == 1:
        return MARKS[ones[0]].value, ""
    told = f"{len(ones)} diagnoses are marked ({', '.join(ones)})" if ones else "none is marked"
    return "", f"one of {', '.join(MARKS)} must be 1, and {told}"
