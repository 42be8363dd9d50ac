"""Reviewed frames become lessons, each with its lesion's label, and never cross over to train."""

from contextlib import closing
from datetime import timedelta
from shutil import copyfile

import pytest
from dbt_project_home import DbtHome, counts
from made_up_store import NOON, a_capture, an_answer, insert

from ml.verdict import judge_shadow
from warehouse import tables
from warehouse.conflicts import read_conflicts
from warehouse.facts import withdraw
from warehouse.held_out import remember_held_out
from warehouse.published import PublishedWarehouse
from warehouse.registry import resolve
from warehouse.sightings import Sighting, state_lesion
from warehouse.store import open_store

pytestmark = pytest.mark.xdist_group("dbt")

LATER = NOON + timedelta(minutes=1)
STAMP = {"updated_at": LATER}


def kept(capture_id: str, letter: str, **changes):
    uri = f"images/{letter * 2}/{letter * 64}.jpg"
    return a_capture(capture_id, has_consent=True, uri=uri, **STAMP, **changes)


def a_shadow(capture_id: str, dx: str):
    name = f"shadow-{capture_id}"
    return an_answer(name, capture_id, model_id="model-2", dx=dx, is_shadow=True, **STAMP)


def word(review_id: str, capture_id: str, dx: str, dx_type: str = "histo", **changes):
    said = {"review_id": review_id, "capture_id": capture_id, "dx": dx, "dx_type": dx_type}
    who = {"reviewer": review_id, "reviewed_at": LATER, "role": "clinician"}
    return said | who | STAMP | changes


def use(home: DbtHome) -> None:
    """
    A day of use.

    twin came as a file that was loaded (validation), and is of the same person as lesson, whose own
    place is train. one and same are captures of a lesion by another name; loaded shows lesion_19.
    tie is said to be two things; unread has no review, analyst none that counts.
    """
    store = open_store(home.settings)
    insert(
        store,
        tables.capture,
        kept("twin", "a", sha256="same", subject="someone"),
        kept("lesson", "b", subject="someone"),
        kept("one", "c"),
        kept("same", "d"),
        kept("loaded", "e"),
        kept("tie", "f"),
        kept("unread", "0"),
        kept("analyst", "1"),
    )
    insert(
        store,
        tables.prediction,
        an_answer("answer-unread", "unread", p_nv=0.3, p_mel=0.3, p_bcc=0.4, **STAMP),
        an_answer("answer-unread-shadow", "unread", is_shadow=True, **STAMP),
        an_answer("answer-one", "one", dx="nv", **STAMP),
        a_shadow("one", "mel"),
        an_answer("answer-lesson", "lesson", dx="bcc", **STAMP),
        a_shadow("lesson", "bcc"),
    )
    insert(
        store,
        tables.review,
        word("r1", "lesson", "bcc"),
        word("r2", "one", "mel"),
        word("r3", "same", "nv", "consensus"),
        word("r4", "loaded", "mel", "consensus"),
        word("r5", "tie", "nv", "confocal"),
        word("r6", "tie", "mel", "follow_up"),
        word("r7", "analyst", "mel", role="admin"),
    )
    for capture_id, lesion_id in (("one", "arm-3"), ("same", "arm-3"), ("loaded", "lesion_19")):
        state_lesion(store, Sighting(capture_id, lesion_id, "derm-7", "clinician", LATER))
    store.close()


def labels(home: DbtHome) -> dict[str, tuple]:
    rows = home.query("select capture_id, diagnosis_code, is_learnable, split from capture_labels")
    return {capture_id: tuple(row) for capture_id, *row in rows}


@pytest.fixture
def used(changing: DbtHome) -> DbtHome:
    use(changing)
    assert set(counts(changing.build())) == {"success", "pass"}
    return changing


def test_frames_reviewed_in_use_are_learnt_from_and_stay_on_their_side(used: DbtHome):
    found = labels(used)
    assert {name: row[:2] for name, row in found.items()} == {
        "lesson": ("bcc", True),
        "one": ("mel", True),
        "same": ("mel", True),
        "loaded": ("mel", True),
        "tie": (None, False),
    }
    assert found["loaded"][2] == "train"
    assert found["one"][2] == found["same"][2]
    assert found["lesson"][2] == "validation"
    frames = used.query("""
        select image_id, uri, sha256, source_code from ml_images
        inner join fct_diagnoses using (image_id)
        inner join dim_sources using (source_key) where source_code = 'camera' order by 1
    """)
    assert [row[0] for row in frames] == [f"frame-{letter * 64}" for letter in "bcde"]
    assert frames[0][1:] == (f"images/bb/{'b' * 64}.jpg", "b" * 64, "camera")
    conflicts = used.query(
        "select lesion_id, diagnosis_code, is_label, is_open from label_conflicts"
    )
    assert sorted(conflicts) == [
        ("arm-3", "mel", True, False),
        ("arm-3", "nv", False, False),
        (f"frame-{'f' * 64}", "mel", False, True),
        (f"frame-{'f' * 64}", "nv", False, True),
    ]
    told = read_conflicts(PublishedWarehouse(9, used.settings.build_path), 10)
    assert [(each.words, each.label) for each in told] == [
        ({"mel": 1, "nv": 1}, None),
        ({"mel": 1, "nv": 1}, "mel"),
    ]
    assert used.query("select capture_id, place from review_queue") == [("unread", 1)]
    rules = dict(used.query("select rule_name, rule_value from retraining_due"))
    assert (rules["no_champion"], rules["new_labels"]) == (0, 4)
    stay_on_their_side(used)


def stay_on_their_side(home: DbtHome) -> None:
    """The one who joined a lesson to validation withdraws: the lesson stays where it was."""
    before = dict(home.query("select image_id, split from ml_images"))
    store = open_store(home.settings)
    assert remember_held_out(home.settings, store, 2) > 0
    assert remember_held_out(home.settings, store, 3) == 0
    for capture_id in ("twin", "one"):
        withdraw(store, capture_id, lambda _: None)
    state_lesion(store, Sighting("same", "arm-4", "derm-7", "clinician", LATER))
    store.close()
    assert set(counts(home.build())) == {"success", "pass"}
    after = dict(home.query("select image_id, split from ml_images"))
    assert f"frame-{'c' * 64}" not in after
    assert after[f"frame-{'b' * 64}"] == "validation"
    assert not [name for name, side in after.items() if side == "train" != before[name]]


def test_unseen_answers_are_held_against_reviews_but_for_what_the_challenger_learnt_from(
    used: DbtHome,
):
    warehouse = PublishedWarehouse(9, used.settings.build_path)
    with closing(open_store(used.settings)) as store:
        pair = resolve(store, "model-2"), resolve(store, "model-1")
        line = judge_shadow(used.settings, store, warehouse, pair)
        assert (line.n, line.challenger, line.champion) == (2, 1.0, 0.5)
        # In the version that it names, one of the two captures is a lesson.
        copyfile(used.settings.build_path, used.settings.warehouse_dir / "v000001.duckdb")
        line = judge_shadow(used.settings, store, warehouse, pair)
        assert (line.n, line.challenger, line.champion) == (1, 1.0, 1.0)
