"""Known releases are held against their published counts."""

from etl.records import ImageRecord
from etl.releases import HAM10000, compare


def record(image_id: str, **fields: str) -> ImageRecord:
    row = {
        "image_id": image_id,
        "lesion_id": "L_1",
        "dx": "nv",
        "dx_type": "histo",
        "age": "40",
        "sex": "male",
        "localization": "back",
    }
    return ImageRecord.model_validate(row | fields)


def observed(*records: ImageRecord) -> dict[str, int]:
    release, lines = compare(records, files=1)
    assert release == "HAM10000"
    return {line.quantity: line.observed for line in lines}


def test_a_part_of_a_release_is_counted_beside_the_whole():
    counts = observed(record("ISIC_0024306"), record("ISIC_0034320", age="", localization="face"))
    assert counts["images"] == 2
    assert counts["files"] == counts["lesions"] == counts["ages missing"] == 1
    assert counts["lesions with two localizations"] == 1
    assert counts["dx mel"] == 0


def test_sources_are_counted_only_where_they_are_known():
    assert "lesions with two sources" not in observed(record("ISIC_0024306"))
    assert observed(record("ISIC_0024306", dataset="rosendahl"))["lesions with two sources"] == 0


def test_another_data_set_has_no_table():
    assert compare([record("SYN_0000001")], files=1) == (None, ())


def test_the_published_counts_agree_with_each_other():
    counts = HAM10000.counts
    for column in ("dx", "dx_type", "sex"):
        parts = [n for quantity, n in counts.items() if quantity.startswith(f"{column} ")]
        assert sum(parts) == counts["images"]
