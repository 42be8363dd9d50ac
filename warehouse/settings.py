"""One settings class; every path is derived from `home`."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from warehouse.address import normal_address
from warehouse.errors import BadInputError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "DERMHOUSE_"


def split_names(value: Any) -> Any:
    """Return the names of a list written with commas, in lower case."""
    if not isinstance(value, str):
        return value
    return tuple(name.strip().lower() for name in value.split(",") if name.strip())


def in_words(error: ErrorDetails) -> str:
    """Return what is wrong with one setting; what it was given may be a secret and is not told."""
    name = f"{PREFIX}{error['loc'][0]}".upper()
    why = error["msg"].replace("Input", "it", 1)
    return f"{name} cannot be used: {why}; set it anew, or unset it for its default"


class Settings(BaseSettings):
    """Read from `DERMHOUSE_*`; nothing is opened or made by reading it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(default=Path("var"), description="the one folder that holds all state")
    database_url: Annotated[str, AfterValidator(normal_address)] | None = Field(
        default=None,
        description="operational store: postgresql+psycopg://…; default is SQLite in home",
        repr=False,
    )
    host: str = "localhost"
    port: int = Field(default=8443, ge=0, le=65535)
    require_tokens: bool = Field(
        default=False, description="ask for access tokens on loopback too; elsewhere always asked"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_names)] = Field(
        default=(), description="more names to be served under, by commas: a proxy's, say"
    )
    requests_per_second: float | None = Field(
        default=None,
        description="of one token or address, 0 for any number; 20, and any number on loopback",
        ge=0,
    )
    max_upload_bytes: int = Field(default=16 * 2**20, description="largest request body")
    max_image_pixels: int = Field(default=50_000_000, description="largest frame, width x height")

    queue_places: int = Field(
        default=64, description="frames in hand at once; more are asked to come again", gt=0
    )
    shadow_challenger: bool = Field(
        default=True, description="whether the challenger, where there is one, answers unseen"
    )
    min_free_bytes: int = Field(
        default=200 * 2**20, description="free disk below which the server is not ready", ge=0
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None, description="default: warning on a terminal, info elsewhere"
    )

    retrain_every_s: float | None = Field(
        default=None, description="how often the server looks whether to train anew; never", gt=0
    )
    weights: Path | None = Field(
        default=None, description="ImageNet weights a retraining starts over from; else downloaded"
    )

    refresh_by_server: bool = Field(
        default=True, description="whether the server builds new versions when they are due"
    )
    refresh_min_facts: int = Field(
        default=200, description="new predictions and reviews that make a new version due", gt=0
    )
    refresh_max_age_s: float = Field(
        default=3600, description="seconds after which any change makes a new version due", gt=0
    )
    keep_versions: int = Field(
        default=5, description="newest versions kept, beside those that a model names", gt=0
    )

    console_workers: int = Field(
        default=2, description="processes that answer SQL, each started when it is needed", gt=0
    )
    console_timeout_s: float = Field(
        default=30, description="seconds after which a query is stopped", gt=0
    )
    console_memory_mb: int = Field(
        default=1024, description="memory that the engine may take for one query", ge=64
    )
    console_threads: int = Field(default=2, description="threads of one query", gt=0)
    console_max_rows: int = Field(
        default=1_000_000, description="rows of one answer; what is left out is told", gt=0
    )
    console_max_mb: int = Field(
        default=64, description="size of one answer's rows; what is left out is told", gt=0
    )

    @model_validator(mode="wrap")
    @classmethod
    def told_in_words(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Raise BadInputError where a value cannot be read: which, and why, but never the value."""
        try:
            return handler(given)
        except ValidationError as fault:
            raise BadInputError("; ".join(map(in_words, fault.errors()))) from None

    @property
    def operational_path(self) -> Path:
        """Return where SQLite stands when no other database is named."""
        return self.home / "operational.sqlite"

    @property
    def operational_url(self) -> str:
        """Return the SQLAlchemy address of the operational store."""
        return self.database_url or f"sqlite:///{self.operational_path}"

    @property
    def warehouse_dir(self) -> Path:
        """Return the folder of dbt's working file and the published versions."""
        return self.home / "warehouse"

    @property
    def build_path(self) -> Path:
        """Return dbt's private working file."""
        return self.warehouse_dir / "build.duckdb"

    @property
    def extensions_dir(self) -> Path:
        """Return where DuckDB finds its database scanners without a network."""
        return self.home / "extensions"

    @property
    def models_dir(self) -> Path:
        """Return the folder with one folder a model."""
        return self.home / "models"

    @property
    def images_dir(self) -> Path:
        """Return where camera frames kept with consent stand."""
        return self.home / "images"

    @property
    def cache_dir(self) -> Path:
        """Return where decoded training images and features are kept."""
        return self.home / "cache"

    @property
    def training_dir(self) -> Path:
        """Return where trainings that are under way keep their last epoch."""
        return self.home / "training"

    @property
    def tls_dir(self) -> Path:
        """Return the local certificate authority's folder."""
        return self.home / "tls"

    @property
    def dbt_dir(self) -> Path:
        """Return the dbt project."""
        return ROOT / "dbt"
