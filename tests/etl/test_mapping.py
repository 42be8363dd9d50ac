"""A mapping says what somebody else's columns mean, and its own mistakes are named by key."""

import re
from pathlib import Path

import pytest
from postgres import both_stores
from sqlalchemy import insert, select
from tinyham import write_image

from etl.mapping import read_mapping
from etl.naming import identify_paths
from etl.pipeline import load
from warehouse.errors import BadInputError
from warehouse.settings import ROOT
from warehouse.tables import held_out_image, image, image_change, image_file, image_origin

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


@both_stores
def test_what_is_left_out_later_is_taken_back_and_may_come_again(settings, store, clinic):
    mapping = clinic / "mapping.yml"
    with_warts = MAPPING.replace("Naevus: nv", "Naevus: nv, Warze: bkl")
    with_warts = with_warts.replace("leave_out: {dx: Warze}", "")
    mapping.write_text(with_warts)
    first = load(settings, store, clinic, mapping=mapping)
    assert (first.images, first.withdrawn) == (3, 0)
    loaded = read_files(store)
    mapping.write_text(MAPPING)
    report = load(settings, store, clinic, mapping=mapping)
    assert (report.left_out, report.withdrawn, report.unchanged) == (1, 1, 2)
    assert loaded.keys() - read_files(store).keys() == {"praxis.003"}
    with store.read() as connection:
        last = select(image_change).where(image_change.c.load_id == report.load_id)
        change = connection.execute(last).one()
    assert (change.image_id, change.column_name, change.new_value) == (
        "praxis.003",
        "image_id",
        None,
    )
    assert load(settings, store, clinic, mapping=mapping).withdrawn == 0
    mapping.write_text(with_warts)
    assert load(settings, store, clinic, mapping=mapping).inserted == 1
    assert read_files(store) == loaded


def test_the_image_of_a_row_that_is_refused_later_stands_and_is_counted(settings, store, clinic):
    mapping, table = clinic / "mapping.yml", clinic / "table.csv"
    load(settings, store, clinic, mapping=mapping)
    loaded = read_files(store)
    table.write_text(TABLE.replace("Naevus", "Mystery") + "004.jpg,Mystery,1,30,Ohr\n")
    report = load(settings, store, clinic, mapping=mapping)
    assert (report.rejected, report.standing) == (2, 1)
    assert read_files(store) == loaded


def test_a_table_alone_may_be_named(settings, store, clinic):
    report = load(settings, store, clinic / "table.csv", mapping=clinic / "mapping.yml")
    assert report.images == 2


def test_a_column_that_is_not_mapped_says_nothing_though_it_has_our_name(settings, store, clinic):
    first, *others = TABLE.splitlines()
    lines = [f"{first},dataset,dx_type", *(f"{line},train,guess" for line in others)]
    (clinic / "table.csv").write_text("\n".join(lines) + "\n")
    report = load(settings, store, clinic, mapping=clinic / "mapping.yml")
    assert (report.images, report.rejections) == (2, ())
    with store.read() as connection:
        rows = connection.execute(select(image.c.dataset, image.c.dx_type)).all()
    assert set(rows) == {("unknown", "histo")}


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


def make_album(folder: Path, *names: str) -> Path:
    """Image files of these names, no two alike."""
    for seed, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(folder / name, seed)
    return folder


def write_album_table(folder: Path, *rows: str, images: str = ".") -> Path:
    (folder / "table.csv").write_text("\n".join(["picture,dx", *rows]) + "\n")
    mapping = folder / "mapping.yml"
    mapping.write_text(
        f"name: album\nimages: {images}\ncolumns: {{image_id: picture, dx: dx}}\n"
        "defaults: {dx_type: histo}\n"
    )
    return mapping


def read_files(store) -> dict[str, tuple[str, str | None]]:
    """Return each image's diagnosis and the end of its file's uri: folder and name."""
    query = select(image.c.image_id, image.c.dx, image_file.c.uri).join(image_file)
    query = query.where(image.c.deleted_at.is_(None))
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {row[0]: (row[1], row[2] and "/".join(row[2].split("/")[-2:])) for row in rows}


def test_a_path_in_the_table_is_that_file_where_names_repeat(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "melanoma/1.jpg", "naevi/1.jpg", "naevi/2.jpg")
    mapping = write_album_table(folder, "naevi/1.jpg,nv", r"melanoma\1.jpg,mel", "2.jpg,nv")
    report = load(settings, store, folder, mapping=mapping)
    assert (report.images, report.rejections, report.unlisted_files) == (3, (), 0)
    found = read_files(store)
    assert found == {
        "album.naevi.1": ("nv", "naevi/1.jpg"),
        "album.melanoma.1": ("mel", "melanoma/1.jpg"),
        "album.2": ("nv", "naevi/2.jpg"),
    }
    assert load(settings, store, folder, mapping=mapping).unchanged == 3
    assert read_files(store) == found


def test_a_path_never_takes_the_file_of_another_folder(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "melanoma/1.jpg")
    mapping = write_album_table(folder, "naevi/1.jpg,nv")
    report = load(settings, store, folder, mapping=mapping)
    assert (report.missing_files, report.unlisted_files) == (1, 1)
    assert read_files(store) == {"album.naevi.1": ("nv", None)}
    write_image(make_album(folder, "naevi/other.jpg") / "naevi" / "1.jpg", 7)
    assert load(settings, store, folder, mapping=mapping).updated == 1
    assert read_files(store) == {"album.naevi.1": ("nv", "naevi/1.jpg")}


def test_a_file_that_is_not_there_is_one_image_however_it_is_written(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "photos/2.jpg")
    rows = ("a/1.jpg,nv", "a/1,nv", r"a\1.png,nv", "1.jpg,mel", "1,mel")
    mapping = write_album_table(folder, *rows, images="photos")
    report = load(settings, store, folder, mapping=mapping)
    assert read_files(store) == {
        "album.photos.a.1": ("nv", None),
        "album.photos.1": ("mel", None),
    }
    assert [sentence.split(" ")[2] for sentence in report.rejections] == ["3:", "4:", "6:"]


def test_a_bare_name_that_several_files_fit_is_refused_with_the_way_out(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "photos/1.jpg", "photos/b/1.jpg", "photos/2.jpg")
    mapping = write_album_table(folder, "1.jpg,nv", "2,nv", "1,nv", images="photos")
    report = load(settings, store, folder, mapping=mapping)
    told = "fits photos/1.jpg and photos/b/1.jpg; name the file with its folder"
    assert report.rejections == (
        f"table.csv line 2: image_id '1.jpg' {told}",
        f"table.csv line 4: image_id '1' {told}",
    )
    assert read_files(store) == {"album.2": ("nv", "photos/2.jpg")}
    write_album_table(folder, "photos/1.jpg,nv", "b/1.jpg,mel", images="photos")
    assert load(settings, store, folder, mapping=mapping).rejected == 0
    assert read_files(store)["album.photos.b.1"] == ("mel", "b/1.jpg")


def test_a_path_as_another_machine_wrote_it_is_held_against_the_folders(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "a/1.jpg", "b/1.jpg")
    mapping = write_album_table(folder, f"{folder}/a/1.jpg,nv", r"C:\old\b\1.jpg,mel")
    load(settings, store, folder, mapping=mapping)
    assert read_files(store) == {
        "album.a.1": ("nv", "a/1.jpg"),
        "album.b.1": ("mel", "b/1.jpg"),
    }


def test_ids_of_paths_are_told_apart_whatever_the_folders_are_called():
    paths = ["a/1.jpg", "a/1.png", "ä/2.jpg", "ö/2.jpg", "a.3.jpg", "a/3.jpg", "b/3.jpg"]
    ids = identify_paths(paths)
    assert len(set(ids.values())) == len(paths)
    assert all(len(name) < 70 for name in ids.values())
    assert ids == identify_paths(reversed(paths))


def test_a_file_may_have_a_name_that_no_id_can_have(settings, store, tmp_path):
    names = ("Bild 1", "IMG (2)", "Rücken2")
    folder = make_album(tmp_path / "data", *(f"photos/{name}.jpg" for name in names), "3.jpg")
    mapping = write_album_table(folder, "Bild 1.jpg,nv", "IMG (2),nv", "Rücken2.jpg,mel", "3,nv")
    report = load(settings, store, folder, mapping=mapping)
    assert (report.images, report.rejections, report.unlisted_files) == (4, (), 0)
    assert read_files(store) == {
        "album.photos.Bild_1": ("nv", "photos/Bild 1.jpg"),
        "album.photos.IMG_2_": ("nv", "photos/IMG (2).jpg"),
        "album.photos.R_cken2": ("mel", "photos/Rücken2.jpg"),
        "album.3": ("nv", "data/3.jpg"),
    }
    assert load(settings, store, folder, mapping=mapping).unchanged == 4


def test_a_name_that_no_id_can_have_never_takes_the_id_of_another():
    long_one = "Aufnahme vom Rücken " * 5
    paths = ["Bild 1.jpg", "a/Bild_1.jpg", "b/c 1.jpg", "b.c_1.jpg", "ü.jpg", "ö.jpg"]
    ids = identify_paths([*paths, f"{long_one}1.jpg", f"{long_one}2.jpg"])
    assert len(set(ids.values())) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", name) for name in ids.values())


def test_class_folders_may_number_their_images_alike(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "melanoma/1.jpg", "naevi/1.jpg", "naevi/2.jpg")
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        "name: album\nfolders: {melanoma: mel, naevi: nv}\ndefaults: {dx_type: consensus}\n"
    )
    report = load(settings, store, folder, mapping=mapping)
    assert (report.images, report.rejected, report.unlisted_files) == (3, 0, 0)
    assert read_files(store) == {
        "album.melanoma.1": ("mel", "melanoma/1.jpg"),
        "album.naevi.1": ("nv", "naevi/1.jpg"),
        "album.2": ("nv", "naevi/2.jpg"),
    }
    assert load(settings, store, folder, mapping=mapping).unchanged == 3


def test_an_image_whose_name_comes_to_repeat_stays_one_image(settings, store, tmp_path):
    folder = make_album(tmp_path / "data", "melanoma/1.jpg", "naevi/2.jpg")
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        "name: album\nfolders: {melanoma: mel, naevi: nv}\ndefaults: {dx_type: consensus}\n"
    )
    load(settings, store, folder, mapping=mapping)
    before = read_files(store)
    write_image(folder / "naevi" / "1.jpg", 9)
    load(settings, store, folder, mapping=mapping)
    assert read_files(store) == {
        "album.melanoma.1": ("mel", "melanoma/1.jpg"),
        "album.naevi.1": ("nv", "naevi/1.jpg"),
        "album.2": ("nv", "naevi/2.jpg"),
    }
    renamed = select(image_change.c.old_value, image_change.c.new_value).where(
        image_change.c.image_id == "album.1", image_change.c.column_name == "image_id"
    )
    with store.read() as connection:
        assert connection.execute(renamed).all() == [("album.1", "album.melanoma.1")]
        said = connection.execute(
            select(image_origin.c.source_image_id).where(image_origin.c.deleted_at.is_(None))
        )
        assert sorted(said.scalars()) == sorted(read_files(store))
    assert load(settings, store, folder, mapping=mapping).unchanged == 3
    (folder / "naevi" / "1.jpg").unlink()
    load(settings, store, folder, mapping=mapping)
    assert before.items() <= read_files(store).items()


@both_stores
@pytest.mark.parametrize(("earlier", "expected"), [(None, 92), (75, 92), (97, 97)])
def test_what_was_held_out_stays_so_when_its_name_comes_to_repeat(
    settings, store, tmp_path, earlier, expected
):
    folder = make_album(tmp_path / "data", "melanoma/1.jpg")
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        "name: album\nfolders: {melanoma: mel, naevi: nv}\ndefaults: {dx_type: consensus}\n"
    )
    (folder / "naevi").mkdir()
    load(settings, store, folder, mapping=mapping)
    hold_out(store, "album.1", 92)
    if earlier:
        hold_out(store, "album.melanoma.1", earlier)
    write_image(folder / "naevi" / "1.jpg", 9)
    load(settings, store, folder, mapping=mapping)
    with store.read() as connection:
        rows = connection.execute(select(held_out_image)).all()
    found = {row.image_id: row.split_bucket for row in rows}
    assert found == {"album.1": 92, "album.melanoma.1": expected}


def hold_out(store, image_id: str, bucket: int) -> None:
    with store.write() as connection:
        row = {"image_id": image_id, "split_bucket": bucket, "warehouse_version": 1}
        connection.execute(insert(held_out_image).values(row))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("images:", "picures:", "unknown key 'picures'; the keys are name, ids, table"),
        ("name: praxis", "name: Praxis Eins", "name: String should match"),
        ("name: praxis", "name: isic-archive", "name: 'isic-archive' is the name of data that"),
        ("name: praxis", "name: ham10000", "name: 'ham10000' is the name of data that"),
        ("name: praxis", "name: isic2018", "name: 'isic2018' is the name of data that"),
        ("name: praxis", "name: synthetic", "name: 'synthetic' is the name of data that"),
        ("name: praxis", "name: camera", "name: 'camera' is the name of data that"),
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
    ids=range(15),
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
