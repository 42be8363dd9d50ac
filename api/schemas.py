"""What goes over the wire."""

from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field

from warehouse.vocabulary import Decision, Diagnosis, Localization, Sex

NOTICE = (
    "Not a medical device: for research and teaching only. "
    "It can be wrong; a clinician decides, and histology confirms."
)
SYNTHETIC_NOTICE = (
    "SYNTHETIC: this model has only seen drawn lesions; its answers on skin mean nothing. "
)


class FrameForm(BaseModel):
    """What may come beside the frame; everything is optional."""

    model_config = ConfigDict(extra="ignore")

    prediction_id: UUID = Field(
        default_factory=uuid4, description="sent again with a retry, so that it stays one row"
    )
    age_years: Annotated[float, Field(ge=0, le=120)] | None = None
    sex: Sex = Sex.unknown
    localization: Localization = Localization.unknown


class Detection(BaseModel):
    """The original page's contract: `<code>: <name>`, and a share from 0 to 1."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    label: str = Field(alias="class")
    confidence: float


class FrameAnswer(BaseModel):
    """One durable answer; `detections` is the original contract, the rest is new."""

    detections: list[Detection]
    prediction_id: UUID
    model: str
    diagnosis: Diagnosis
    decision: Decision
    is_malignant: bool
    probabilities: dict[Diagnosis, float]
    latency_ms: float
    recorded: bool
    notice: str


class Fault(BaseModel):
    """One clear sentence: what is wrong, and the way out."""

    detail: str


class Health(BaseModel):
    """The server is up, and answers with this model, under this notice."""

    status: str
    model: str
    notice: str
