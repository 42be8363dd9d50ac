"""The synthetic data set written out as each source would have it; a diagnosis keeps its word."""

import csv
import zipfile
from collections.abc import Iterable
from pathlib import Path

from etl.isic2018 import CONFIRMATIONS

WORDS = {word.value: theirs for theirs, word in CONFIRMATIONS.items()}
ARCHIVE_DIAGNOSES = {
    "akiec": "Solar or actinic keratosis",
    "bcc": "Basal cell carcinoma",
    "bkl": "Seborrheic keratosis",
    "df": "Dermatofibroma",
    "mel": "Melanoma, NOS",
    "nv": "Nevus",
    "vasc": "Hemangioma",
}
# The level above, where the archive's finest word alone is none of ours.
COARSE = {
    "mel": "Malignant melanocytic proliferations (Melanoma)",
    "vasc": "Benign soft tissue proliferations - Vascular",
}

MARKS = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")  # the challenge's own order

Rows = list[dict[str, str]]


def read_rows(folder: Path) -> Rows:
    with (folder / "HAM10000_metadata.csv").open() as lines:
        return list(csv.DictReader(lines))


def image_paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("HAM10000_images_part_*/*.jpg"))


def write_table(path: Path, rows: Iterable[dict[str, str]], mark: str = ",") -> None:
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0], delimiter=mark)
        writer.writeheader()
        writer.writerows(rows)


def write_zip(path: Path, files: Iterable[Path], folder: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, f"{folder}{file.name}")


def as_dataverse(data: Path, out: Path, name: str = "HAM10000_metadata") -> Path:
    rows = read_rows(data)
    write_table(out / name, rows, mark="\t" if name.endswith(".tab") else ",")
    for part in (1, 2):
        files = sorted((data / f"HAM10000_images_part_{part}").glob("*.jpg"))
        write_zip(out / f"HAM10000_images_part_{part}.zip", files)
    return out


def as_isic2018(data: Path, out: Path) -> Path:
    rows = read_rows(data)
    truth = "ISIC2018_Task3_Training_GroundTruth.csv"
    write_table(
        out / truth,
        [
            {"image": row["image_id"]}
            | {mark: str(float(row["dx"] == mark.lower())) for mark in MARKS}
            for row in rows
        ],
    )
    write_table(
        out / "ISIC2018_Task3_Training_LesionGroupings.csv",
        [
            {
                "image": row["image_id"],
                "lesion_id": row["lesion_id"],
                "diagnosis_confirm_type": WORDS[row["dx_type"]],
            }
            for row in rows
        ],
    )
    inside = "ISIC2018_Task3_Training_Input/"
    write_zip(out / "ISIC2018_Task3_Training_Input.zip", image_paths(data), inside)
    return out


def as_archive(data: Path, out: Path, sites: dict[str, str] | None = None) -> Path:
    rows = [
        {
            "isic_id": row["image_id"],
            "age_approx": row["age"].removesuffix(".0"),
            "anatom_site_general": (sites or {}).get(row["localization"], ""),
            "diagnosis_1": "",
            "diagnosis_2": COARSE.get(row["dx"], ""),
            "diagnosis_3": ARCHIVE_DIAGNOSES[row["dx"]],
            "diagnosis_confirm_type": WORDS[row["dx_type"]],
            "image_type": "dermoscopic",
            "lesion_id": f"IL_{row['lesion_id'].replace('_', '')}",
            "sex": row["sex"].replace("unknown", ""),
        }
        for row in read_rows(data)
    ]
    write_table(out / "metadata.csv", rows)
    for file in image_paths(data):
        (out / file.name).write_bytes(file.read_bytes())
    return out
