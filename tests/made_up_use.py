"""Months of use, made up but the same each time: captures, answers and reviews over many days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, select, update

from warehouse import tables
from warehouse.store import Store
from warehouse.vocabulary import Confirmation, Diagnosis, values

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
CODES = values(Diagnosis)
MIX = np.array([0.05, 0.08, 0.15, 0.02, 0.12, 0.55, 0.03])
SITES = ["back", "face", "lower extremity", "trunk"]
REVIEWED_OF = 6
KEPT_OF = 3
FAILED_CHECK = "row_refused"
FAILED_SHARE = 0.2
DISPUTED = 3


def fill_use(store: Store, model_id: str, days: int, daily: int = 60, seed: int = 1) -> None:
    """
    Record a model's answers over so many days, of which every sixth is reviewed.

    In the last third it is darker and more faces come: the inputs drift, the answers do not.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {"capture": [], "prediction": [], "review": []}
    for day in range(days):
        for number in range(rng.poisson(daily)):
            add_capture(rows, rng, model_id, (day, number), is_late=day >= days * 2 // 3)
    with store.write() as connection:
        for name, made in rows.items():
            connection.execute(insert(tables.metadata.tables[name]), made)


def fill_quality(store: Store) -> None:
    """Let every load fail a check, and another source name other diagnoses of some images."""
    measured, origin = tables.quality_measurement, tables.image_origin
    with store.write() as connection:
        connection.execute(
            update(measured)
            .where(measured.c.quality_check == FAILED_CHECK)
            .values(share=FAILED_SHARE, updated_at=tables.now())
        )
        said = connection.execute(select(origin).order_by(origin.c.image_id).limit(DISPUTED))
        rows = [dict(row) for row in said.mappings()]
        for row in rows:
            row |= {"origin": "clinic", "dx": "bcc" if row["dx"] == "mel" else "mel"}
        connection.execute(insert(origin), rows)


def add_capture(
    rows: dict[str, list[dict[str, Any]]],
    rng: np.random.Generator,
    model_id: str,
    place: tuple[int, int],
    is_late: bool,
) -> None:
    name = f"use-{place[0]:04}-{place[1]:04}"
    at = FIRST_DAY + timedelta(days=place[0], hours=8, seconds=int(rng.integers(36_000)))
    kept = place[1] % KEPT_OF == 0
    rows["capture"].append(
        {
            "capture_id": name,
            "captured_at": at,
            "sha256": f"{place[0] * 10_000 + place[1]:064x}",
            "bytes": 100_000,
            "width": 600,
            "height": 450,
            "brightness": float(rng.normal(120 if is_late else 160, 15)),
            "sharpness": float(rng.lognormal(4, 0.7)),
            "lesion_share": float(rng.beta(2, 6)),
            "has_consent": kept,
            "uri": f"images/{name}.jpg" if kept else None,
            "age_years": float(rng.integers(15, 90)),
            "sex": str(rng.choice(["female", "male"])),
            "localization": str(
                rng.choice(SITES, p=[0.1, 0.6, 0.1, 0.2] if is_late else [0.4, 0.1, 0.2, 0.3])
            ),
            "updated_at": at,
        }
    )
    probabilities = rng.dirichlet(MIX * 6)
    dx = CODES[int(probabilities.argmax())]
    decision = "likely" if probabilities.max() > 0.6 else "uncertain"
    rows["prediction"].append(
        {
            "prediction_id": name,
            "capture_id": name,
            "model_id": model_id,
            "predicted_at": at,
            "dx": dx,
            "decision": decision,
            **{f"p_{code}": float(p) for code, p in zip(CODES, probabilities, strict=True)},
            "latency_ms": float(rng.lognormal(2.4, 0.4)),
            "is_shadow": False,
            "updated_at": at,
        }
    )
    if place[1] % REVIEWED_OF == 0:
        said = dx if rng.random() < 0.7 else str(rng.choice(CODES))
        rows["review"].append(
            {
                "review_id": name,
                "capture_id": name,
                "reviewed_at": at + timedelta(days=2),
                "reviewer": "a dermatologist",
                "dx": said,
                "dx_type": Confirmation.histo.value,
                "role": "clinician",
                "updated_at": at + timedelta(days=2),
            }
        )
