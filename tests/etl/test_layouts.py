"""Each layout of the same images loads to the same, and its faults are told in a sentence."""

import csv
import zipfile
from collections import Counter
from pathlib import Path

import fsspec
import pytest
from layouts import as_archive, as_dataverse, as_isic2018, read_rows, write_table
from sqlalchemy import select

from etl.pipeline import load
from etl.sources import recognise
from etl.synthetic import fetch_synthetic
from ml.dataset import read_pixels
from warehouse.errors import BadInputError
from warehouse.image_files import ImageFileError, read_image_file
from warehouse.store import Store
from warehouse.tables import image, image_file


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_synthetic(tmp_path_factory.mktemp("drawn") / "data", 30)


def diagnoses(store: Store) -> Counter[tuple[str, str]]:
    with store.read() as connection:
        rows = connection.execute(select(image.c.dx, image.c.lesion_id))
        return Counter((row.dx, row.lesion_id) for row in rows)


def files(store: Store) -> list:
    with store.read() as connection:
        return connection.execute(select(image_file).order_by(image_file.c.image_id)).all()


@pytest.mark.parametrize("name", ["HAM10000_metadata", "HAM10000_metadata.tab"])
def test_the_dataverse_files_load_without_being_unpacked(settings, store, drawn, tmp_path, name):
    out = as_dataverse(drawn, tmp_path / "dataverse", name)
    report = load(settings, store, out)
    rows = read_rows(drawn)
    assert (report.layout, report.files, report.rejected) == ("ham10000-archives", len(rows), 0)
    assert diagnoses(store) == Counter((row["dx"], row["lesion_id"]) for row in rows)
    assert load(settings, store, out).unchanged == len(rows)
    assert not [path for path in out.iterdir() if path.is_dir()]


def test_a_members_uri_is_read_by_training_and_by_fsspec_alike(settings, store, drawn, tmp_path):
    load(settings, store, as_dataverse(drawn, tmp_path / "dataverse"))
    file = files(store)[0]
    assert file.uri.startswith("zip://")
    with fsspec.open(file.uri) as opened:
        assert opened.read() == read_image_file(file.uri)
    pixels = read_pixels((file.image_id, file.uri, file.sha256), 32, settings.max_image_pixels)
    assert pixels.shape == (32, 32, 3)


def test_the_challenge_loads_to_the_same_diagnoses_without_age_sex_and_site(
    settings, store, drawn, tmp_path
):
    report = load(settings, store, as_isic2018(drawn, tmp_path / "isic2018"))
    rows = read_rows(drawn)
    assert (report.layout, report.files, report.rejected) == ("isic2018-task3", len(rows), 0)
    assert diagnoses(store) == Counter((row["dx"], row["lesion_id"]) for row in rows)


def test_an_archive_download_loads_and_leaves_out_what_is_not_for_here(
    settings, store, drawn, tmp_path
):
    out = as_archive(drawn, tmp_path / "archive", {"back": "posterior torso", "face": "head/neck"})
    rows = read_table(out)
    rows[0]["diagnosis_3"], rows[0]["diagnosis_2"] = "Verruca", ""
    rows[1]["image_type"] = "clinical: close-up"
    rows[2]["diagnosis_confirm_type"] = "single contributor clinical assessment"
    write_table(out / "metadata.csv", rows)
    report = load(settings, store, out)
    assert (report.images, report.left_out) == (len(rows) - 3, 3)
    assert report.left_out_reasons == {
        "diagnosis 'Verruca'": 1,
        "image type 'clinical: close-up'": 1,
        "confirmed by 'single contributor clinical assessment'": 1,
    }
    assert (report.rejected, report.unlisted_files) == (0, 0)
    with store.read() as connection:
        sites = set(connection.scalars(select(image.c.localization)))
    assert sites == {"back", "unknown"}


def test_an_archive_table_that_excel_saved_with_semicolons_is_the_same(
    settings, store, drawn, tmp_path
):
    out = as_archive(drawn, tmp_path / "archive")
    rows = read_table(out)
    write_table(out / "metadata.csv", rows, mark=";")
    report = load(settings, store, out)
    assert (report.layout, report.images, report.rejected) == ("isic-archive", len(rows), 0)


def read_table(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open() as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("levels", "dx"),
    [
        ({"diagnosis_2": "Malignant melanocytic proliferations (Melanoma)"}, "mel"),
        (
            {
                "diagnosis_2": "Malignant melanocytic proliferations (Melanoma)",
                "diagnosis_3": "Melanoma metastasis",
            },
            None,
        ),
        ({"diagnosis_3": "Nevus", "diagnosis_4": "Nevus, Spitz"}, "nv"),
        ({"diagnosis_3": "Squamous cell carcinoma in situ"}, "akiec"),
        ({"diagnosis_3": "Squamous cell carcinoma, Invasive"}, None),
        ({"diagnosis": "vascular lesion"}, "vasc"),
    ],
)
def test_the_finest_level_of_the_archive_decides(levels, dx):
    from etl.isic_archive import DIAGNOSES, DIAGNOSIS_COLUMNS, finest

    assert finest(levels, DIAGNOSIS_COLUMNS, DIAGNOSES) == dx


@pytest.mark.parametrize(
    "word",
    [{"diagnosis_3": "Squamous cell carcinoma, NOS"}, {"diagnosis": "squamous cell carcinoma"}],
)
def test_a_carcinoma_of_no_named_kind_is_akiec_only_where_ham10000_says_so(
    settings, store, tmp_path, word
):
    told = {"diagnosis_confirm_type": "histopathology", "image_type": "dermoscopic"} | word
    ids = ["ISIC_0024305", "ISIC_0024306", "ISIC_0034320", "ISIC_0034321", "ISIC_7654321"]
    write_table(tmp_path / "metadata.csv", [{"isic_id": name} | told for name in ids])
    report = load(settings, store, tmp_path)
    (name,) = word.values()
    assert report.left_out_reasons == {f"diagnosis '{name}'": 3}
    with store.read() as connection:
        found = connection.execute(select(image.c.image_id, image.c.dx)).all()
    assert {tuple(row) for row in found} == {("ISIC_0024306", "akiec"), ("ISIC_0034320", "akiec")}


def test_a_one_hot_row_with_none_or_two_ones_is_refused_alone(settings, store, drawn, tmp_path):
    out = as_isic2018(drawn, tmp_path / "isic2018")
    table = out / "ISIC2018_Task3_Training_GroundTruth.csv"
    header, first, second, third, *rest = table.read_text().splitlines()
    empty = first.split(",")[0] + ",0.0" * 7
    double = second.split(",")[0] + ",1.0,1.0" + ",0.0" * 5
    odd = third.split(",")[0] + ",yes" + ",0.0" * 6
    table.write_text("\n".join([header, empty, double, odd, *rest]) + "\n")
    report = load(settings, store, out)
    marks = "one of AKIEC, BCC, BKL, DF, MEL, NV, VASC must be 1, and"
    assert [sentence.split(": ", 1)[1] for sentence in report.rejections] == [
        f"{marks} none is marked",
        f"{marks} 2 diagnoses are marked (MEL, NV)",
        "MEL 'yes' is not 0 or 1",
    ]
    assert report.images == len(rest)


def test_an_image_without_a_group_is_refused(settings, store, drawn, tmp_path):
    out = as_isic2018(drawn, tmp_path / "isic2018")
    groups = out / "ISIC2018_Task3_Training_LesionGroupings.csv"
    lines = groups.read_text().splitlines()
    groups.write_text("\n".join(lines[:-1]) + "\n")
    (sentence,) = load(settings, store, out).rejections
    assert "is not in ISIC2018_Task3_Training_LesionGroupings.csv" in sentence


def test_missing_groupings_are_told(drawn, tmp_path):
    out = as_isic2018(drawn, tmp_path / "isic2018")
    (out / "ISIC2018_Task3_Training_LesionGroupings.csv").unlink()
    with pytest.raises(BadInputError, match=r"LesionGroupings.csv is missing; put it beside"):
        recognise(out)


def test_a_damaged_zip_is_told(drawn, tmp_path):
    out = as_dataverse(drawn, tmp_path / "dataverse")
    part = out / "HAM10000_images_part_1.zip"
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(BadInputError, match=r"part_1.zip: .* is a damaged or unfinished zip"):
        recognise(out)


@pytest.mark.parametrize(
    ("entry_byte", "told"), [(46, "'utf-8' codec can't decode"), (6, "zip file version 25.5")]
)
def test_a_zip_whose_list_of_members_cannot_be_read_is_told(drawn, tmp_path, entry_byte, told):
    out = as_dataverse(drawn, tmp_path / "dataverse")
    part = out / "HAM10000_images_part_1.zip"
    with zipfile.ZipFile(part, "w") as archive:
        archive.writestr("ü.jpg", b"")
    content = bytearray(part.read_bytes())
    content[content.index(b"PK\x01\x02") + entry_byte] = 0xFF  # the name's first, or its version
    part.write_bytes(content)
    with pytest.raises(BadInputError, match=rf"part_1.zip: .* unfinished zip: {told}"):
        recognise(out)


def test_a_damaged_member_spoils_one_image_alone(settings, store, drawn, tmp_path):
    out = as_dataverse(drawn, tmp_path / "dataverse")
    part = out / "HAM10000_images_part_1.zip"
    with zipfile.ZipFile(part) as archive:
        info = archive.infolist()[1]
    content = bytearray(part.read_bytes())
    content[info.header_offset + 2000] ^= 0xFF
    part.write_bytes(content)
    report = load(settings, store, out)
    assert (report.undecodable_files, report.files) == (1, report.images - 1)
    (bad,) = [file for file in files(store) if file.status == "undecodable"]
    assert "is damaged" in bad.message


def test_a_member_that_is_gone_is_missing_at_the_load_and_told_by_a_later_reader(
    settings, store, drawn, tmp_path
):
    out = as_dataverse(drawn, tmp_path / "dataverse")
    load(settings, store, out)
    known = files(store)[0]
    part = out / "HAM10000_images_part_1.zip"
    with zipfile.ZipFile(part) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()[1:]}
    with zipfile.ZipFile(part, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    with pytest.raises(ImageFileError, match=r"part_1.zip has no member"):
        read_image_file(known.uri)
    with pytest.raises(BadInputError, match="run `dermhouse load`"):
        read_pixels((known.image_id, known.uri, known.sha256), 32, settings.max_image_pixels)
    assert load(settings, store, out).missing_files == 1


def test_what_matches_nothing_is_told_which_layouts_are_known(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInputError) as error:
        recognise(tmp_path)
    for word in ("HAM10000_metadata.csv", "GroundTruth.csv", "isic-cli", "--mapping"):
        assert word in str(error.value)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("write", [as_dataverse, as_isic2018])
def test_ham10000_in_another_layout_is_the_same_star(
    settings, store, real_ham10000, tmp_path, write
):
    report = load(settings, store, write(real_ham10000, tmp_path / "out"))
    assert (report.images, report.files, report.rejected) == (10_015, 8_510, 0)
    differing = {line.quantity for line in report.expected if line.expected != line.observed}
    recorded = {"sex male", "sex female", "sex unknown", "ages missing"}
    silent = recorded | {"lesions with two localizations"} if write is as_isic2018 else set()
    assert differing == {"files"} | silent
