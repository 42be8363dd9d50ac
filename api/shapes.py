"""From what the store and the model hold to what goes over the wire."""

import numpy as np

from api.schemas import (
    Activation,
    CaptureAnswer,
    CaptureCard,
    CaptureReview,
    Detection,
    FrameAnswer,
    FrameQuality,
)
from ml.predictor import Floats
from ml.quality import Quality
from warehouse.captures import Capture, Card, Prediction, Review
from warehouse.vocabulary import (
    DIAGNOSIS_NAMES,
    MALIGNANT,
    Confirmation,
    Decision,
    Diagnosis,
    Localization,
    Role,
    Sex,
    values,
)


def as_frame_answer(
    frame: Capture, prediction: Prediction, activation: Activation | None, notice: str
) -> FrameAnswer:
    """Shape a recorded answer; a retry gets the same one again."""
    answer = as_answer(prediction)
    label = f"{answer.diagnosis.value}: {DIAGNOSIS_NAMES[answer.diagnosis]}"
    share = answer.probabilities[answer.diagnosis]
    return FrameAnswer(
        **dict(answer),
        detections=[Detection(label=label, confidence=share)],
        capture_id=frame.capture_id,
        captured_at=frame.captured_at,
        recorded=True,
        is_kept=frame.uri is not None,
        quality=as_quality(frame),
        activation=activation,
        notice=notice,
    )


def as_answer(prediction: Prediction) -> CaptureAnswer:
    """Shape one answer of a capture's history."""
    diagnosis = Diagnosis(prediction.dx)
    shares = zip(values(Diagnosis), prediction.probabilities, strict=True)
    return CaptureAnswer(
        prediction_id=prediction.prediction_id,
        model=prediction.model_id,
        predicted_at=prediction.predicted_at,
        diagnosis=diagnosis,
        decision=Decision(prediction.decision),
        is_malignant=diagnosis in MALIGNANT,
        probabilities={Diagnosis(code): share for code, share in shares},
        latency_ms=round(prediction.latency_ms, 1),
    )


def as_review(review: Review) -> CaptureReview:
    """Shape one review."""
    return CaptureReview(
        review_id=review.review_id,
        reviewed_at=review.reviewed_at,
        reviewer=review.reviewer,
        role=Role(review.role),
        diagnosis=Diagnosis(review.dx),
        confirmation=Confirmation(review.dx_type),
    )


def as_card(card: Card) -> CaptureCard:
    """Shape a capture with everything that was said of it."""
    frame = card.capture
    is_kept = frame.uri is not None
    return CaptureCard(
        capture_id=frame.capture_id,
        captured_at=frame.captured_at,
        is_kept=is_kept,
        image_url=f"/captures/{frame.capture_id}/image" if is_kept else None,
        quality=as_quality(frame),
        age_years=frame.age_years,
        sex=Sex(frame.sex),
        localization=Localization(frame.localization),
        subject=frame.subject,
        answers=[as_answer(answer) for answer in card.answers],
        reviews=[as_review(review) for review in card.reviews],
    )


def as_quality(frame: Capture) -> FrameQuality:
    """Shape what was measured on a frame, with the hints that today's limits give."""
    measured = Quality(frame.brightness, frame.sharpness, frame.lesion_share)
    return FrameQuality(
        brightness=measured.brightness,
        sharpness=measured.sharpness,
        width=frame.width,
        height=frame.height,
        hints=measured.hints,
    )


def as_activation(grid: Floats) -> Activation:
    """Shape an activation map (h, w), stretched to 0..1; a flat one is all 0."""
    low, high = grid.min(), grid.max()
    scaled = (grid - low) / (high - low) if high > low else np.zeros_like(grid)
    rows, columns = grid.shape
    return Activation(rows=rows, columns=columns, values=scaled.round(3).ravel().tolist())
