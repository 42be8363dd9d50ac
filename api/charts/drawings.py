"""One drawing a chart, by its name; a drawing knows columns and words, and no SQL."""

from collections.abc import Callable
from typing import Any

from api.charts.drawn_days import (
    answers_mix,
    capture_quality,
    captures_by_day,
    decisions_by_day,
    drift,
    drift_by_bucket,
    latency_by_day,
)
from api.charts.drawn_images import (
    builds,
    case_share,
    lesions_by_diagnosis,
    lesions_by_image_count,
    loads,
    missing_values,
)
from api.charts.drawn_models import (
    calibration,
    confusion,
    performance_of_models,
    recall_by_diagnosis,
    reviewed_diagnoses,
    reviews_by_week,
    subgroups,
)
from api.charts.drawn_quality import quality_checks, source_disagreements
from api.charts.look import Look

Drawing = Callable[[Look], Any]

DRAWINGS: dict[str, Drawing] = {
    drawing.__name__: drawing
    for drawing in (
        lesions_by_diagnosis,
        lesions_by_image_count,
        performance_of_models,
        recall_by_diagnosis,
        calibration,
        confusion,
        subgroups,
        reviews_by_week,
        reviewed_diagnoses,
        drift,
        drift_by_bucket,
        answers_mix,
        capture_quality,
        quality_checks,
        missing_values,
        source_disagreements,
        loads,
        builds,
        captures_by_day,
        latency_by_day,
        decisions_by_day,
    )
} | {
    f"case_share_by_{name}": case_share(attribute)
    for name, attribute in {
        "site": "localization_code",
        "age": "age_band",
        "sex": "sex_code",
        "source": "source_code",
        "confirmation": "confirmation_code",
    }.items()
}
