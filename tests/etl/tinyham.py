"""A folder of a few drawn images in HAM10000's layout, for tests to spoil."""

from pathlib import Path

import numpy as np
from PIL import Image

HEADER = "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset"
ROWS = (
    "L_1,I_1,nv,histo,45.0,male,back,vidir_modern",
    "L_1,I_2,nv,histo,45.0,male,back,vidir_modern",
    "L_2,I_3,mel,histo,60.0,female,face,rosendahl",
    "L_3,I_4,df,consensus,,,unknown,vienna_dias",
)


def write_image(path: Path, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((320, 240)).save(path, "JPEG")


def write_rows(folder: Path, *rows: str, header: str = HEADER) -> None:
    (folder / "HAM10000_metadata.csv").write_text("\n".join([header, *rows]) + "\n")


def make_folder(folder: Path) -> Path:
    """Four rows; three files (I_4 has none), the third in the second part."""
    parts = [folder / f"HAM10000_images_part_{part}" for part in (1, 2)]
    for part in parts:
        part.mkdir(parents=True)
    write_rows(folder, *ROWS)
    write_image(parts[0] / "I_1.jpg", 1)
    write_image(parts[0] / "I_2.jpg", 2)
    write_image(parts[1] / "I_3.jpg", 3)
    return folder
