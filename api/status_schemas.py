"""What goes over the wire about the server itself."""

from datetime import datetime

from pydantic import BaseModel, Field

from warehouse.vocabulary import BuildReason, Outcome


class Check(BaseModel):
    """One thing that must be well; `word` says what it found."""

    name: str
    is_well: bool
    word: str


class Readiness(BaseModel):
    """Whether frames can be answered and recorded now."""

    is_ready: bool
    checks: list[Check]


class ModelStatus(BaseModel):
    """The model behind one alias; `fault` says why the one it names now does not answer."""

    alias: str
    model: str | None
    since: datetime | None
    swaps: int
    fault: str | None


class QueueStatus(BaseModel):
    """The line of frames, and how many were refused a place since the server started."""

    in_hand: int
    places: int
    refused: dict[str, int]


class ShadowStatus(BaseModel):
    """The challenger's unseen answers since the server started."""

    waiting: int
    recorded: int
    dropped: int
    failed: int


class BuildStatus(BaseModel):
    """One build; `message` says why it failed."""

    reason: BuildReason
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    version: int | None
    models: int | None
    tests: int | None
    failed: int | None
    message: str | None
    seconds: float | None


class WarehouseStatus(BaseModel):
    """The version that is read now, the files of all versions, and the newest builds."""

    version: int | None
    published_at: datetime | None
    versions: int
    bytes: int
    refreshed_by_server: bool
    is_building: bool
    fault: str | None = Field(description="of a build that could not even start")
    builds: list[BuildStatus]


class StoreStatus(BaseModel):
    """The operational store; bytes are null where it is no file here."""

    kind: str
    bytes: int | None
    free_bytes: int


class ServerStatus(BaseModel):
    """Everything that a person who keeps the server wants to see at once."""

    started_at: datetime
    now: datetime
    readiness: Readiness
    models: list[ModelStatus]
    queue: QueueStatus
    shadow: ShadowStatus
    warehouse: WarehouseStatus
    store: StoreStatus
