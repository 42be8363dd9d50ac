"""What goes over the wire."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from ml.quality import Hint
from warehouse.vocabulary import Confirmation, Decision, Diagnosis, Localization, Role, Sex

NOTICE = (
    "Not a medical device: for research and teaching only. "
    "It can be wrong; a clinician decides, and histology confirms."
)
SYNTHETIC_NOTICE = (
    "SYNTHETIC: this model has only seen drawn lesions; its answers on skin mean nothing. "
)


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; ValueError where the calendar ends before it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the year is out of range") from None


Moment = Annotated[AwareDatetime, AfterValidator(as_utc)]
# No control characters: PostgreSQL refuses some, and a name on a screen needs none.
Pseudonym = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
# An id that came in an address, where no UUID is asked for.
Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class FrameContext(BaseModel):
    """What may be known of the person; everything is optional."""

    model_config = ConfigDict(extra="ignore")

    age_years: Annotated[float, Field(ge=0, le=120)] | None = None
    sex: Sex = Sex.unknown
    localization: Localization = Localization.unknown


class FrameForm(FrameContext):
    """What may come beside a frame that is recorded."""

    prediction_id: UUID = Field(
        default_factory=uuid4, description="sent again with a retry, so that it stays one row"
    )
    subject: Pseudonym | None = Field(default=None, description="a pseudonym, never a name")
    consent: bool = Field(default=False, description="whether the frame itself may be kept")


class Detection(BaseModel):
    """The original page's contract: `<code>: <name>`, and a share from 0 to 1."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    label: str = Field(alias="class")
    confidence: float


class FrameQuality(BaseModel):
    """What was measured on a frame, and what could be better."""

    brightness: float
    sharpness: float
    width: int
    height: int
    hints: list[Hint]


class Activation(BaseModel):
    """Where the diagnosis was seen: a coarse grid, row by row, 0 the least and 1 the most."""

    rows: int
    columns: int
    values: list[float]


class FrameAnswer(BaseModel):
    """One answer; `detections` is the original contract, the rest is new."""

    detections: list[Detection]
    prediction_id: str | None = Field(description="null where nothing is recorded")
    capture_id: str | None = Field(description="null where nothing is recorded")
    captured_at: datetime
    predicted_at: datetime
    model: str
    diagnosis: Diagnosis
    decision: Decision
    is_malignant: bool
    probabilities: dict[Diagnosis, float]
    latency_ms: float
    recorded: bool
    is_kept: bool
    quality: FrameQuality
    activation: Activation | None = Field(
        description="null where a retry gets the answer of an earlier model"
    )
    notice: str


class CaptureAnswer(BaseModel):
    """One model's answer in a capture's history."""

    prediction_id: str
    model: str
    predicted_at: datetime
    diagnosis: Diagnosis
    decision: Decision
    is_malignant: bool
    probabilities: dict[Diagnosis, float]
    latency_ms: float


class CaptureReview(BaseModel):
    """One person's word on a capture."""

    review_id: str
    reviewed_at: datetime
    reviewer: str
    role: Role
    diagnosis: Diagnosis
    confirmation: Confirmation


class CaptureCard(BaseModel):
    """A capture with its answers and reviews, newest first."""

    capture_id: str
    captured_at: datetime
    is_kept: bool
    image_url: str | None
    quality: FrameQuality
    age_years: float | None
    sex: Sex
    localization: Localization
    subject: str | None
    answers: list[CaptureAnswer]
    reviews: list[CaptureReview]


class CaptureQuery(BaseModel):
    """Which captures to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Moment | None = Field(default=None, description="a page's `next_before`")
    diagnosis: Diagnosis | None = Field(default=None, description="of the newest answer")
    decision: Decision | None = Field(default=None, description="of the newest answer")
    reviewed: bool | None = None
    kept: bool = Field(default=True, description="false lists those without a file too")
    prediction_id: UUID | None = Field(default=None, description="an answer of the capture")


class CapturePage(BaseModel):
    """One page of captures, newest first; `next_before` asks for the next, null at the end."""

    captures: list[CaptureCard]
    next_before: datetime | None


class QuestionForm(BaseModel):
    """A kept frame put to the champion of today."""

    prediction_id: UUID = Field(
        default_factory=uuid4, description="sent again with a retry, so that it stays one row"
    )


class ReviewForm(BaseModel):
    """A confirmation or correction; a retry of `review_id` is one row."""

    review_id: UUID
    diagnosis: Diagnosis
    confirmation: Confirmation
    reviewer: Pseudonym | None = Field(
        default=None, description="read only where no token names who reviews"
    )


class Fault(BaseModel):
    """One clear sentence: what is wrong, and the way out."""

    detail: str


class Health(BaseModel):
    """The server is up, and answers with this model, under this notice."""

    status: str
    model: str
    notice: str


class ActorSettings(BaseModel):
    """Who is signed in; no name on this machine alone."""

    name: str | None
    role: Role


class DiagnosisWord(BaseModel):
    """One diagnosis of the vocabulary."""

    code: Diagnosis
    name: str
    is_malignant: bool


class Vocabulary(BaseModel):
    """The closed lists."""

    diagnoses: list[DiagnosisWord]
    localizations: list[Localization]
    sexes: list[Sex]
    confirmations: list[Confirmation]


class AppSettings(BaseModel):
    """What the page needs to know before it starts."""

    model: str
    notice_code: list[str]
    notice: str
    max_upload_bytes: int
    input_px: int
    uses_context: bool
    actor: ActorSettings
    vocabulary: Vocabulary
