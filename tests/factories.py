"""Rows as the rooms write them, for tests that need some."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, func, select

from warehouse.facts import Capture, Prediction
from warehouse.registry import ModelRecord
from warehouse.retrainings import Retraining
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import TrainingStart


def a_model(model_id: str = "model-1", **changes: Any) -> ModelRecord:
    record = ModelRecord(
        model_id=model_id,
        backbone="mobilenetv2",
        input_px=224,
        created_at=now(),
        parent_model_id=None,
        warehouse_version=1,
        split_hash="0" * 64,
        code_version="0.1.0",
        weights_source="none",
        parameters={"seed": 1},
        decision_rule={"nevus_threshold": 0.5},
        train_images=10,
        onnx_sha256="0" * 64,
        onnx_bytes=1,
        is_synthetic=True,
        seconds=1.0,
    )
    return replace(record, **changes)


def a_capture(**changes: Any) -> Capture:
    frame = Capture(
        capture_id=str(uuid4()),
        captured_at=now(),
        sha256="a" * 64,
        bytes=1000,
        width=600,
        height=450,
        brightness=120.0,
        sharpness=80.0,
        has_consent=False,
        age_years=45.0,
        sex="female",
        localization="lower extremity",
    )
    return replace(frame, **changes)


def an_answer(capture: Capture, model_id: str = "model-1", **changes: Any) -> Prediction:
    answer = Prediction(
        prediction_id=str(uuid4()),
        capture_id=capture.capture_id,
        model_id=model_id,
        predicted_at=now(),
        dx="nv",
        decision="likely",
        probabilities=(0.01, 0.02, 0.03, 0.04, 0.2, 0.6, 0.1),
        latency_ms=9.5,
    )
    return replace(answer, **changes)


def a_retraining(model_id: str = "model-2", **changes: Any) -> Retraining:
    one = Retraining(
        retraining_id=str(uuid4()),
        started_at=now(),
        rules=("new_labels",),
        start=TrainingStart.over,
        warehouse_version=1,
        split_hash="0" * 64,
        parent_model_id="model-1",
        model_id=model_id,
    )
    return replace(one, **changes)


def count(store: Store, table: Table) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()
