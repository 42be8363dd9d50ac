"""A mapping says what somebody else's columns mean, and its own mistakes are named by key."""

from pathlib import Path

import pytest
from sqlalchemy import select
from tinyham import write_image

from etl.mapping import read_mapping
from etl.pipeline import load
from warehouse.errors import BadInputError
from warehouse.settings import ROOT
from warehouse.tables import image, image_file

TABLE = """picture,befund,gender,years,where
a/001.jpg,Melanom,1,61,Ruecken
002.jpg,Naevus,2,,Ohr
003.jpg,Warze,1,30,Ohr
"""
MAPPING = """
name: praxis
images: photos
columns: {image_id: picture, dx: befund, sex: gender, age: years, localization: where}
values:
  dx: {Melanom: mel, Naevus: nv}
  sex: {1: male, 2: female}
  localization: {Ruecken: back, Ohr: ear}
defaults: {dx_type: histo}
leave_out: {dx: Warze}
"""


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    (folder / "photos" / "a").mkdir(parents=True)
    write_image(folder / "photos" / "a" / "001.jpg", 1)
    write_image(folder / "photos" / "002.jpg", 2)
    (folder / "table.csv").write_text(TABLE)
    (folder / "mapping.yml").write_text(MAPPING)
    return folder


def test_a_mapped_folder_loads_in_our_words(settings, store, clinic):
    report = load(settings, store, clinic, mapping=clinic / "mapping.yml")
    assert (report.layout, report.origin) == ("mapped", "praxis")
    assert (report.images, report.files, report.left_out) == (2, 2, 1)
    assert report.left_out_reasons == {"dx 'Warze'": 1}
    with store.read() as connection:
        rows = connection.execute(select(image).order_by(image.c.image_id)).all()
        statuses = set(connection.scalars(select(image_file.c.status)))
    assert [(row.image_id, row.dx, row.sex, row.age_years, row.localization) for row in rows] == [
        ("praxis.001", "mel", "male", 61.0, "back"),
        ("praxis.002", "nv", "female", None, "ear"),
    ]
    assert [row.lesion_id for row in rows] == ["praxis.001", "praxis.002"]
    assert statuses == {"ok"}


def test_a_table_alone_may_be_named(settings, store, clinic):
    report = load(settings, store, clinic / "table.csv", mapping=clinic / "mapping.yml")
    assert report.images == 2


def test_a_word_without_a_meaning_is_a_refused_row(settings, store, clinic):
    (clinic / "table.csv").write_text(TABLE.replace("Naevus", "Mystery"))
    report = load(settings, store, clinic, mapping=clinic / "mapping.yml")
    (sentence,) = report.rejections
    assert sentence.startswith("table.csv line 3: dx 'Mystery' is not one of")


def test_folders_named_after_diagnoses_need_no_table(settings, store, tmp_path):
    for name, serial in (("melanoma", 1), ("naevi", 2)):
        (tmp_path / "data" / name).mkdir(parents=True)
        write_image(tmp_path / "data" / name / f"{serial}.jpg", serial)
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        "name: album\nids: shared\nfolders: {melanoma: mel, naevi: nv}\n"
        "defaults: {dx_type: consensus}\n"
    )
    load(settings, store, tmp_path / "data", mapping=mapping)
    with store.read() as connection:
        rows = connection.execute(select(image.c.image_id, image.c.dx).order_by(image.c.image_id))
        assert [tuple(row) for row in rows] == [("1", "mel"), ("2", "nv")]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("images:", "picures:", "unknown key 'picures'; the keys are name, ids, table"),
        ("name: praxis", "name: Praxis Eins", "name: String should match"),
        ("name: praxis", "name: isic-archive", "'isic-archive' is a layout's own name"),
        ("age: years", "agee: years", "unknown key 'columns.agee'"),
        (
            "Melanom: mel",
            "Melanom: melanoma",
            "dx.Melanom is 'melanoma', which is not one of akiec",
        ),
        ("dx_type: histo", "dx_type: biopsy", "dx_type is 'biopsy', which is not one of histo"),
        ("defaults: {dx_type: histo}", "", "defaults.dx_type is missing"),
        ("dx: befund, ", "", "columns.dx is missing"),
        ("values:", "folders: {a: mel}\nvalues:", "folders stands instead of table and columns"),
        ("name: praxis", "name: [", "not YAML"),
        (MAPPING, "- a\n", "no keys"),
    ],
    ids=range(11),
)
def test_a_mistake_is_one_sentence_that_names_the_key(clinic, old, new, words):
    path = clinic / "mapping.yml"
    path.write_text(MAPPING.replace(old, new))
    with pytest.raises(BadInputError) as error:
        read_mapping(path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sex: gender", "sex: geschlecht", "column geschlecht is missing"),
        ("images: photos", "images: pictures", "images names pictures, no folder or zip"),
        ("name: praxis", "name: praxis\ntable: other.csv", "table names other.csv, not in"),
    ],
)
def test_a_mapping_that_does_not_fit_the_data_is_told(settings, store, clinic, old, new, words):
    path = clinic / "mapping.yml"
    path.write_text(MAPPING.replace(old, new))
    with pytest.raises(BadInputError, match=words):
        load(settings, store, clinic, mapping=path)


def test_the_example_in_the_documents_is_a_mapping(tmp_path):
    text = (ROOT / "docs" / "sources.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "mapping.yml").write_text(example)
    assert read_mapping(tmp_path / "mapping.yml").columns["dx"]
