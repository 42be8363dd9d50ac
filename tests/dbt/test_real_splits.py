import csv
from hashlib import sha256
from pathlib import Path

import pytest
from dbt_project_home import DbtHome, counts
from made_up_store import NOON, a_file, an_image, insert

from warehouse import tables
from warehouse.settings import Settings
from warehouse.store import Store, init_store

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("dbt")]


def fill_with_ham10000(store: Store, folder: Path) -> None:
    files = {path.stem: path for path in folder.glob("HAM10000_images_part_*/*.jpg")}
    load = {"load_id": "load-1", "source": "HAM10000", "layout": "flat", "started_at": NOON}
    insert(store, tables.load_run, load | {"outcome": "done"})
    with (folder / "HAM10000_metadata.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    images = [
        an_image(
            row["image_id"],
            row["lesion_id"],
            row["dx"],
            dx_type=row["dx_type"],
            age_years=float(row["age"]) if row["age"] else None,
            **{name: row[name] for name in ("sex", "localization", "dataset")},
        )
        for row in rows
    ]
    insert(store, tables.image, *images)
    hashes = {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    insert(store, tables.image_file, *[a_file(name, digest) for name, digest in hashes.items()])


@pytest.fixture(scope="module")
def real_dbt(
    dbt_home: DbtHome, real_ham10000: Path, tmp_path_factory: pytest.TempPathFactory
) -> DbtHome:
    home = DbtHome(Settings(home=tmp_path_factory.mktemp("real") / "home"), dbt_home.manifest)
    store = init_store(home.settings)
    fill_with_ham10000(store, real_ham10000)
    store.close()
    home.prepare()
    assert set(counts(home.build())) == {"success", "pass"}
    return home


def groups(home: DbtHome, diagnosis: str) -> list[int]:
    """Return the lesion groups of one diagnosis in train, tune and validation."""
    found = home.query(f"""
        select split, count(distinct lesion_group_id)
        from dim_images inner join fct_diagnoses using (image_id)
        where diagnosis_key = md5('{diagnosis}') group by split
    """)
    return [dict(found)[split] for split in ("train", "tune", "validation")]


def test_the_published_split_figures_come_out(real_dbt: DbtHome):
    assert groups(real_dbt, "df") == [51, 8, 14]
    assert groups(real_dbt, "vasc") == [68, 10, 20]
    assert groups(real_dbt, "akiec") == [162, 22, 44]


def test_forty_percent_of_the_nevi_stay_in_every_split(real_dbt: DbtHome):
    kept = real_dbt.query("""
        select
            split,
            count(*) filter (where is_balanced),
            round(100.0 * count(*) filter (where is_balanced) / count(*), 1)
        from dim_images inner join fct_diagnoses using (image_id)
        where diagnosis_key = md5('nv') group by split order by split = 'validation', split = 'tune'
    """)
    assert sum(images for _, images, _ in kept) == 2686
    assert [share for *_, share in kept] == [40.1, 39.7, 40.1]


def test_training_reads_the_files_at_hand(real_dbt: DbtHome):
    assert real_dbt.query("select count(*) from ml_train") == [(3592,)]


def test_the_twenty_pairs_join_forty_lesions(real_dbt: DbtHome):
    assert real_dbt.query("""
        select count(*), count(distinct lesion_group_id) from intermediate.int_lesions__grouped
    """) == [(7470, 7450)]
