"""Several sources of one image: it counts once, whoever was loaded first, and nobody is lost."""

from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest
from layouts import as_archive, as_dataverse, as_isic2018, read_rows, write_table
from postgres import both_stores
from sqlalchemy import select
from tinyham import write_image

from etl.pipeline import load
from etl.report import LoadReport
from etl.synthetic import fetch_synthetic
from warehouse.settings import Settings
from warehouse.store import Store, init_store
from warehouse.tables import image, image_change, image_file, image_origin

MAPPING = """
name: clinic
columns: {image_id: picture, dx: dx}
defaults: {dx_type: histo, dataset: synthetic}
"""
STAR = ("image_id", "lesion_id", "dx", "dx_type", "age_years", "sex", "localization", "dataset")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_synthetic(tmp_path_factory.mktemp("drawn") / "data", 12)


@pytest.fixture(scope="module")
def sources(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("sources")
    return {
        "ham10000-folders": drawn,
        "ham10000-archives": as_dataverse(drawn, out / "dataverse"),
        "isic2018-task3": as_isic2018(drawn, out / "isic2018"),
        "isic-archive": as_archive(drawn, out / "archive"),
    }


@pytest.fixture
def clinic(drawn: Path, tmp_path: Path) -> Path:
    """The same files under other names, one with another diagnosis, and one file of its own."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    rows = []
    for serial, row in enumerate(read_rows(drawn)):
        (picture,) = drawn.glob(f"*/{row['image_id']}.jpg")
        (folder / f"{serial}.jpg").write_bytes(picture.read_bytes())
        rows.append({"picture": f"{serial}.jpg", "dx": row["dx"]})
    rows[0]["dx"] = "mel" if rows[0]["dx"] == "nv" else "nv"
    write_table(folder / "pictures.csv", rows)
    (folder / "mapping.yml").write_text(MAPPING)
    return folder


def star(store: Store) -> list[tuple]:
    columns = [image.c[name] for name in STAR]
    with store.read() as connection:
        rows = connection.execute(select(*columns).where(image.c.deleted_at.is_(None)))
        return sorted(tuple(row) for row in rows)


def origins(store: Store) -> list:
    with store.read() as connection:
        return connection.execute(select(image_origin)).all()


def load_all(home: Path, paths: list[Path]) -> Store:
    settings = Settings(home=home)
    store = init_store(settings)
    for path in paths:
        load(settings, store, path)
    return store


def test_the_order_of_loads_decides_nothing(sources, tmp_path):
    stars = []
    for turn, names in enumerate(list(permutations(sources))[::5]):
        store = load_all(tmp_path / str(turn), [sources[name] for name in names])
        stars.append(star(store))
        assert len(origins(store)) == 4 * len(stars[0])
        store.close()
    assert all(found == stars[0] for found in stars)


def test_a_later_source_that_lacks_fields_erases_none(settings, store, sources):
    load(settings, store, sources["ham10000-folders"])
    before = star(store)
    report = load(settings, store, sources["isic2018-task3"])
    assert star(store) == before
    assert (report.inserted, report.updated, report.shared) == (0, 0, len(before))
    assert load(settings, store, sources["isic2018-task3"]).unchanged == len(before)


def test_an_earlier_source_that_lacks_fields_is_completed(settings, store, sources, drawn):
    load(settings, store, sources["isic2018-task3"])
    report = load(settings, store, sources["ham10000-folders"])
    told = Counter(row["sex"] for row in read_rows(drawn))
    assert Counter(row[STAR.index("sex")] for row in star(store)) == told
    assert report.inserted == 0


def test_the_same_file_under_another_name_is_the_same_image(settings, store, drawn, clinic):
    load(settings, store, drawn)
    before = star(store)
    mapping = clinic / "mapping.yml"
    report = load(settings, store, clinic, mapping=mapping)
    assert star(store) == before
    assert (report.inserted, report.shared) == (0, len(before))
    said = [row for row in origins(store) if row.origin == "clinic"]
    assert {row.source_image_id for row in said} == {f"clinic.{n}" for n in range(len(before))}
    assert {row.image_id for row in said} == {row[0] for row in before}
    again = load(settings, store, clinic, mapping=mapping)
    assert (again.inserted, again.updated) == (0, 0)


def test_the_other_way_round_there_are_as_many_images_and_the_same_diagnoses(
    settings, store, drawn, clinic
):
    load(settings, store, clinic, mapping=clinic / "mapping.yml")
    load(settings, store, drawn)
    rows = read_rows(drawn)
    assert Counter((row[2], row[1]) for row in star(store)) == Counter(
        (row["dx"], row["lesion_id"]) for row in rows
    )


@pytest.fixture
def bridged(drawn: Path, tmp_path: Path) -> dict[str, Path]:
    """The archive's files are not HAM10000's; the clinic's are copies of the archive's."""
    archive = as_archive(drawn, tmp_path / "archive")
    folder = tmp_path / "copies"
    folder.mkdir()
    rows = read_rows(drawn)
    for serial, row in enumerate(rows):
        write_image(archive / f"{row['image_id']}.jpg", serial)
        write_image(folder / f"{serial}.jpg", serial)
    table = [{"picture": f"{serial}.jpg", "dx": row["dx"]} for serial, row in enumerate(rows)]
    write_table(folder / "pictures.csv", table)
    (folder / "mapping.yml").write_text(MAPPING)
    return {"drawn": drawn, "archive": archive, "copies": folder}


@pytest.mark.parametrize("order", [*permutations(["drawn", "archive", "copies"])], ids="-".join)
def test_images_that_a_third_source_finds_to_be_one_become_one(settings, store, bridged, order):
    def load_source(name: str) -> LoadReport:
        mapping = bridged[name] / "mapping.yml"
        return load(settings, store, bridged[name], mapping=mapping if mapping.exists() else None)

    for name in order:
        load_source(name)
    load_source("copies")
    assert len(star(store)) == len(read_rows(bridged["drawn"]))
    assert {row[2] for row in star(store)} == {row["dx"] for row in read_rows(bridged["drawn"])}
    for name in order:
        report = load_source(name)
        assert (report.inserted, report.updated) == (0, 0)


def test_what_a_source_says_otherwise_stays_on_record(settings, store, drawn, clinic):
    load(settings, store, drawn)
    load(settings, store, clinic, mapping=clinic / "mapping.yml")
    rules = {row.image_id: row.dx for row in origins(store) if row.origin != "clinic"}
    said = {row.image_id: row.dx for row in origins(store) if row.origin == "clinic"}
    assert len([name for name in said if said[name] != rules[name]]) == 1


def test_two_rows_of_one_source_with_the_same_file_stay_two_images(settings, store, drawn, clinic):
    (clinic / "1.jpg").write_bytes((clinic / "0.jpg").read_bytes())
    load(settings, store, clinic, mapping=clinic / "mapping.yml")
    count = len(star(store))
    load(settings, store, drawn)
    assert count == len(read_rows(drawn))
    # The clinic's picture 1 is no longer the file of any drawn image, which is new therefore.
    assert len(star(store)) == count + 1


def test_a_row_gives_up_an_image_when_another_row_of_its_source_has_its_id(
    settings, store, drawn, clinic
):
    mapping, table = clinic / "mapping.yml", clinic / "pictures.csv"
    mapping.write_text(f"{MAPPING}ids: shared\n")
    first, *others = read_rows(drawn)
    load(settings, store, drawn)
    load(settings, store, clinic, mapping=mapping)
    # The clinic's 0 has been this image, as the very same file; now it has a row of that id too.
    write_image(clinic / f"{first['image_id']}.jpg", 1)
    with table.open("a") as lines:
        lines.write(f"{first['image_id']}.jpg,{first['dx']}\n")
    load(settings, store, clinic, mapping=mapping)
    said = [row.image_id for row in origins(store) if row.origin == "clinic"]
    assert len(set(said)) == len(said) == len(others) + 2
    again = load(settings, store, clinic, mapping=mapping)
    assert (again.inserted, again.updated) == (0, 0)


def test_a_file_that_comes_late_joins_its_image_and_the_other_name_is_left(
    settings, store, drawn, clinic
):
    late = clinic / "3.jpg"
    content = late.read_bytes()
    late.unlink()
    load(settings, store, drawn)
    load(settings, store, clinic, mapping=clinic / "mapping.yml")
    assert len(star(store)) == len(read_rows(drawn)) + 1
    late.write_bytes(content)
    report = load(settings, store, clinic, mapping=clinic / "mapping.yml")
    assert len(star(store)) == len(read_rows(drawn))
    with store.read() as connection:
        change = connection.execute(
            select(image_change).where(
                image_change.c.load_id == report.load_id, image_change.c.column_name == "image_id"
            )
        ).one()
    assert (change.old_value, change.image_id) == ("clinic.3", "clinic.3")
    assert change.new_value.startswith("SYN_")


def test_what_one_source_leaves_out_later_stays_in_the_words_of_the_others(
    settings, store, drawn, clinic
):
    mapping = clinic / "mapping.yml"
    load(settings, store, drawn)
    before = star(store)
    load(settings, store, clinic, mapping=mapping)
    out = read_rows(drawn)[-1]["dx"]
    mapping.write_text(f"{MAPPING}leave_out: {{dx: {out}}}\n")
    assert load(settings, store, clinic, mapping=mapping).withdrawn > 0
    assert star(store) == before
    said = {row.dx for row in origins(store) if row.origin == "clinic" and not row.deleted_at}
    assert said
    assert out not in said


def test_a_source_whose_file_is_gone_gives_way_to_one_that_stands(
    settings, store, sources, drawn, tmp_path
):
    gone = as_dataverse(drawn, tmp_path / "gone")
    load(settings, store, gone)
    for part in gone.glob("*.zip"):
        part.unlink()
    load(settings, store, sources["isic2018-task3"])
    with store.read() as connection:
        uris = set(connection.scalars(select(image_file.c.uri)))
    assert all("isic2018" in uri for uri in uris)


@both_stores
def test_two_sources_are_one_image(settings, store, sources):
    load(settings, store, sources["isic2018-task3"])
    report = load(settings, store, sources["isic-archive"])
    assert (report.inserted, report.shared) == (0, report.images)
