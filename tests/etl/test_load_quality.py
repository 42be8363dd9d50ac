"""A load is measured check by check; what it finds is a share with an example."""

import pytest
from layouts import write_table
from sqlalchemy import select
from tinyham import ROWS, write_image, write_rows

from etl.pipeline import load
from warehouse.tables import quality_measurement
from warehouse.vocabulary import values


def measured(store, report) -> dict[str, tuple[int, float | None, str | None]]:
    query = select(quality_measurement).where(quality_measurement.c.load_id == report.load_id)
    with store.read() as connection:
        return {
            row.quality_check: (row.n, row.share, row.example) for row in connection.execute(query)
        }


def test_every_check_is_measured_on_every_load(settings, store, folder):
    from warehouse.vocabulary import QualityCheck

    for _ in range(2):
        assert set(measured(store, load(settings, store, folder))) == set(values(QualityCheck))


def test_what_is_missing_is_a_share_with_an_example(settings, store, folder):
    found = measured(store, load(settings, store, folder))
    assert found["file_missing"] == (4, 0.25, "I_4")
    assert found["age_missing"] == (4, 0.25, "I_4")
    assert found["sex_unknown"] == (4, 0.25, "I_4")
    assert found["localization_unknown"] == (4, 0.25, "I_4")
    assert found["source_unknown"] == (4, 0.0, None)


def test_refused_rows_and_ages_are_measured(settings, store, folder):
    write_rows(folder, *ROWS, "L_9,I_9,nv,histo,130,male,back,unknown")
    found = measured(store, load(settings, store, folder))
    assert found["row_refused"] == (5, 0.2, "I_9")
    assert found["age_out_of_range"] == (5, 0.2, "I_9")


def test_the_commonest_reason_stands_for_the_rows_left_out(settings, store, tmp_path):
    told = {"diagnosis_confirm_type": "histopathology", "image_type": "dermoscopic"}
    names = ["Verruca", "Squamous cell carcinoma, NOS", "Squamous cell carcinoma, NOS", "Nevus"]
    rows = [
        {"isic_id": f"ISIC_900000{n}", "diagnosis_3": name} | told for n, name in enumerate(names)
    ]
    write_table(tmp_path / "metadata.csv", rows)
    found = measured(store, load(settings, store, tmp_path))
    assert found["diagnosis_left_out"] == (4, 0.75, "diagnosis 'Squamous cell carcinoma, NOS'")


def test_files_are_measured_by_content_and_size(settings, store, folder, part):
    (part / "I_2.jpg").write_bytes((part / "I_1.jpg").read_bytes())
    write_image(part / "I_77.jpg", 77)
    found = measured(store, load(settings, store, folder))
    assert found["content_repeated"] == (3, pytest.approx(2 / 3), "I_1")
    assert found["file_unlisted"] == (4, 0.25, "I_77")
    assert found["image_too_small"] == (3, 0.0, None)


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ("L_9,I_9,mel,histo,5,male,back,unknown", "cancer_in_childhood"),
        ("L_9,I_9,mel,histo,0,male,back,unknown", "cancer_in_childhood"),
        ("L_9,I_9,bcc,consensus,50,male,back,unknown", "malignancy_without_histology"),
    ],
)
def test_what_is_implausible_is_found(settings, store, folder, row, check):
    write_rows(folder, *ROWS, row)
    assert measured(store, load(settings, store, folder))[check] == (5, 0.2, "I_9")


def test_a_cancer_of_no_recorded_age_is_none_of_childhood(settings, store, folder):
    write_rows(folder, *ROWS, "L_9,I_9,mel,histo,,male,back,unknown")
    found = measured(store, load(settings, store, folder))
    assert found["cancer_in_childhood"] == (5, 0.0, None)


def test_a_lesion_on_two_sites_is_found(settings, store, folder):
    write_rows(folder, ROWS[0].replace("back", "ear"), *ROWS[1:])
    assert measured(store, load(settings, store, folder))["lesion_with_two_sites"][1:] == (
        pytest.approx(1 / 3),
        "L_1",
    )


def test_the_first_load_jumps_from_nothing_and_another_mix_does(settings, store, folder):
    assert measured(store, load(settings, store, folder))["prevalence_jump"] == (0, None, None)
    assert measured(store, load(settings, store, folder))["prevalence_jump"][:2] == (4, 0.0)
    write_rows(folder, "L_8,I_8,vasc,histo,45,male,back,unknown")
    found = measured(store, load(settings, store, folder))["prevalence_jump"]
    assert found == (1, 1.0, "vasc")
