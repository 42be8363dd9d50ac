"""One settings class; every path is derived from `home`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Read from `DERMHOUSE_*`; nothing is opened or made by reading it."""

    model_config = SettingsConfigDict(env_prefix="DERMHOUSE_", frozen=True, extra="ignore")

    home: Path = Field(default=Path("var"), description="the one folder that holds all state")
    database_url: str | None = Field(
        default=None, description="operational store; default is SQLite in home"
    )
    host: str = "localhost"
    port: int = 8443
    access_token: str | None = Field(
        default=None, description="asked of every client when the host is not loopback"
    )
    max_upload_bytes: int = Field(default=16 * 2**20, description="largest request body")
    max_image_pixels: int = Field(default=50_000_000, description="largest frame, width x height")

    refresh_min_facts: int = Field(
        default=200, description="new predictions and reviews that make a new version due", gt=0
    )
    refresh_max_age_s: float = Field(
        default=3600, description="seconds after which any change makes a new version due", gt=0
    )
    keep_versions: int = Field(
        default=5, description="newest versions kept, beside those that a model names", gt=0
    )

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
