"""
A small store in which each rule has its case.

The lesions are named by number because their buckets follow from the name: 01, 05, 08, 16 and 19
fall in train, 02 in tune, 26 in validation; of the nevi 08 is kept and 01 is not. 10 falls in
train and 17 in validation, and the images of the two are a listed pair; 16 and 26 have the same
file.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, update

from warehouse import tables
from warehouse.aliases import roll_back
from warehouse.looks import Look, VerdictLine, record_lines, record_look
from warehouse.registry import CHALLENGER, CHAMPION, set_alias
from warehouse.retrainings import (
    Retraining,
    fail_retraining,
    finish_retraining,
    start_retraining,
)
from warehouse.store import Store
from warehouse.vocabulary import AliasReason, Diagnosis, LookReason, TrainingStart, values

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LISTED_PAIR = ("ISIC_0033481", "ISIC_0033421")
STAMPS = {"updated_at": NOON, "deleted_at": None}


def insert(store: Store, table: Table, *rows: dict[str, Any]) -> None:
    with store.write() as connection:
        for row in rows:  # one by one: of many at once the first says which columns there are
            connection.execute(table.insert(), STAMPS | row)


def an_image(image_id: str, lesion_id: str, dx: str, **changes: Any) -> dict[str, Any]:
    row = {"image_id": image_id, "lesion_id": lesion_id, "dx": dx, "dx_type": "histo"}
    place = {"sex": "female", "localization": "back", "dataset": "synthetic", "load_id": "load-1"}
    return row | place | {"age_years": 45.0} | changes


def a_file(image_id: str, sha256: str | None, **changes: Any) -> dict[str, Any]:
    row = {"image_id": image_id, "status": "ok", "uri": f"{image_id}.jpg", "sha256": sha256}
    size = {"bytes": 100, "width": 600, "height": 450, "message": None}
    return row | size | {"phash": sha256, "load_id": "load-1"} | changes


def a_capture(capture_id: str, **changes: Any) -> dict[str, Any]:
    row = {"capture_id": capture_id, "captured_at": NOON, "sha256": f"frame of {capture_id}"}
    frame = {"bytes": 100, "width": 600, "height": 450, "brightness": 120.0, "sharpness": 80.5}
    person = {"has_consent": False, "uri": None, "age_years": None, "sex": "unknown"}
    return row | frame | person | {"localization": "unknown", "subject": None} | changes


def an_answer(prediction_id: str, capture_id: str, **changes: Any) -> dict[str, Any]:
    row = {"prediction_id": prediction_id, "capture_id": capture_id, "model_id": "model-1"}
    answer = {"predicted_at": NOON, "dx": "nv", "decision": "likely", "latency_ms": 9.5}
    scores = {f"p_{code}": 0.0 for code in values(Diagnosis)} | {"p_nv": 0.7, "p_mel": 0.1 + 0.2}
    return row | answer | scores | changes


def a_build(build_id: str, outcome: str, started_at: datetime = NOON) -> dict[str, Any]:
    row = {"build_id": build_id, "reason": "asked", "outcome": outcome}
    return row | {"started_at": started_at}


def a_model(model_id: str, **changes: Any) -> dict[str, Any]:
    row = {"model_id": model_id, "backbone": "mobilenetv2", "input_px": 224, "created_at": NOON}
    origin = {"parent_model_id": None, "warehouse_version": 1, "split_hash": "0", "seconds": 1.5}
    code = {"code_version": "0.1.0", "weights_source": "none", "parameters": "{}"}
    graph = {"decision_rule": "{}", "train_images": 10, "onnx_sha256": "0", "onnx_bytes": 1}
    return row | origin | code | graph | {"is_synthetic": True} | changes


def fill(store: Store) -> None:
    """Load the images, and the answers of one day."""
    insert_images(store)
    insert_models(store)
    judge_models(store)
    insert_answers(store)


def insert_images(store: Store) -> None:
    load = {"load_id": "load-1", "source": "made up", "layout": "flat", "started_at": NOON}
    sizes = {"outcome": "done", "rows": 12, "images": 10, "files": 8, "missing_files": 1}
    insert(store, tables.load_run, load | sizes | {"rejected": 1})
    insert(store, tables.warehouse_build, a_build("build-1", "running"))
    insert(
        store,
        tables.image,
        an_image("train-cut", "lesion_01", "nv", age_years=None),
        an_image("train-kept", "lesion_08", "nv", age_years=9.5),
        an_image("train-mel", "lesion_19", "mel", age_years=10.0, localization="ear"),
        an_image("train-mel-missing", "lesion_19", "mel", age_years=80.0),
        an_image("tune-bcc", "lesion_02", "bcc"),
        an_image("twin-nv", "lesion_26", "nv"),
        an_image("twin-df", "lesion_16", "df"),
        an_image(LISTED_PAIR[0], "lesion_10", "akiec"),
        an_image(LISTED_PAIR[1], "lesion_17", "akiec"),
        an_image("broken", "lesion_05", "vasc"),
        an_image("gone", "lesion_05", "bcc", deleted_at=NOON),
    )
    insert(
        store,
        tables.image_file,
        a_file("train-cut", "1a"),
        a_file("train-kept", "2a"),
        a_file("train-mel", "3a"),
        a_file("train-mel-missing", None, status="missing", uri=None, phash=None),
        a_file("tune-bcc", "4a", phash="3a"),
        a_file("twin-nv", "same"),
        a_file("twin-df", "same"),
        a_file(LISTED_PAIR[0], "5a"),
        a_file(LISTED_PAIR[1], "6a"),
        a_file("broken", "7a", status="undecodable"),
        a_file("gone", "8a"),
    )
    change = {"load_id": "load-1", "column_name": "dx", "old_value": "nv", "new_value": "mel"}
    images = ("train-mel", "gone")
    insert(store, tables.image_change, *[change | {"image_id": image} for image in images])
    refused = {"load_id": "load-1", "line": 3, "row": "x,y", "reasons": "dx 'x' is not a word"}
    insert(store, tables.rejected_row, refused)
    insert_origins(store)


def insert_origins(store: Store) -> None:
    """A second source says of one image what the first does not, and was measured by one check."""
    said = an_image("train-mel", "IL_19", "nv", localization="unknown", age_years=None)
    file = a_file("train-mel", "3a")
    row = said | file | {"origin": "clinic", "source_image_id": "0019"}
    insert(store, tables.image_origin, row)
    check = {"quality_check": "file_missing", "n": 10, "share": 0.1, "example": "train-mel-missing"}
    insert(store, tables.quality_measurement, check | {"load_id": "load-1"})


def insert_models(store: Store) -> None:
    insert(store, tables.model, a_model("model-1"), a_model("model-2", parent_model_id="model-1"))
    of_split = {"model_id": "model-1", "dataset": "ham10000", "split": "validation"}
    metric = of_split | {"metric": "auc", "value": 0.1 + 0.2, "low": None, "high": 0.9, "n": 3}
    diagnoses = ("all", "mel")
    insert(store, tables.evaluation, *[metric | {"diagnosis": code} for code in diagnoses])
    insert(store, tables.confusion, of_split | {"dx": "mel", "predicted_dx": "nv", "n": 3})
    counted = of_split | {"n": 3}
    sure = {"bin": 9, "low": 0.6, "high": 0.7, "mean_confidence": 0.65, "accuracy": 0.5}
    insert(store, tables.reliability_bin, counted | sure)
    part = {"subgroup_kind": "sex", "subgroup": "female", "metric": "accuracy", "value": 0.5}
    insert(store, tables.subgroup_evaluation, counted | part | {"low": 0.4, "high": None})
    losses = {"train_loss": 1.5, "tune_loss": 1.6, "tune_balanced_accuracy": 0.5}
    insert(
        store, tables.training_epoch, {"model_id": "model-1", "stage": "head", "epoch": 1} | losses
    )


def judge_models(store: Store) -> None:
    """A challenger is judged, made champion and taken back; a second retraining breaks off."""
    set_alias(store, CHAMPION, "model-1", AliasReason.first)
    set_alias(store, CHALLENGER, "model-2", AliasReason.challenged)
    rules, onward = ("new_labels", "drift"), TrainingStart.onward
    made = Retraining("retraining-1", NOON, rules, onward, 1, "0", "model-1", "model-2")
    broken = Retraining("retraining-2", NOON, (), TrainingStart.over, 1, "0", None, "model-3")
    start_retraining(store, made)
    look = Look(LookReason.judgement, "model-2", 1, "model-1", look_id="look-1", looked_at=NOON)
    record_look(store, look)
    held = ("balanced_accuracy", "no worse", 0.1 + 0.2, 0.25, 0.05, -0.01, 0.11, -0.02)
    told = ("sensitivity_akiec", "too few to say", None, None, None, None, None, None)
    record_lines(
        store, look, [VerdictLine(*held, 3, True), VerdictLine(*told, 0, False, is_decisive=False)]
    )
    finish_retraining(store, made, beaten="model-1", by="a person")
    roll_back(store)
    start_retraining(store, broken)
    fail_retraining(store, broken.retraining_id, "the disk was full")
    store_judgements_at_noon(store)


def store_judgements_at_noon(store: Store) -> None:
    """Nothing in this store depends on the day on which it is made up."""
    judged = (tables.alias, tables.alias_change, tables.validation_look, tables.verdict_line)
    with store.write() as connection:
        for table in (*judged, tables.retraining):
            for column in table.columns:
                if isinstance(column.type, tables.UtcDateTime):
                    noon = {column.name: NOON, "updated_at": NOON}
                    connection.execute(update(table).where(column.is_not(None)).values(noon))


def insert_answers(store: Store) -> None:
    insert(
        store,
        tables.capture,
        a_capture("capture-1", has_consent=True, age_years=80.0, sex="male", localization="ear"),
        a_capture("capture-2"),
        a_capture("capture-gone", deleted_at=NOON),
    )
    insert(
        store,
        tables.prediction,
        an_answer("answer-1", "capture-1"),
        an_answer("answer-2", "capture-2", dx="mel", decision="uncertain"),
        an_answer("answer-gone", "capture-1", deleted_at=NOON),
        an_answer("answer-to-gone-capture", "capture-gone"),
    )
    review = {"capture_id": "capture-1", "reviewed_at": NOON, "reviewer": "a dermatologist"}
    word = {"review_id": "review-1", "dx": "mel", "dx_type": "histo"}
    insert(store, tables.review, review | word)
