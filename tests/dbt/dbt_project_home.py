"""A home of its own for dbt, run in this process: starting dbt anew takes seconds each time."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from warehouse.live import install_extensions
from warehouse.settings import ROOT, Settings


@dataclass
class DbtHome:
    """
    Runs dbt on one home; `manifest` spares it reading the project again.

    `environment` is what profiles.yml asks for beside the home.
    """

    settings: Settings
    manifest: Manifest | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        self.settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
        install_extensions(self.settings)

    def parse(self) -> Manifest:
        return self._invoke("parse").result

    def build(self, *arguments: str) -> dict[str, str]:
        return self._statuses("build", "--exclude-resource-type", "exposure", *arguments)

    def test(self, name: str, *arguments: str) -> str:
        """Run one test and return how it ended: pass, warn or fail."""
        return self._statuses("test", "--select", name, *arguments)[name]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.build_path), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.settings.build_path)) as connection:
            connection.execute(sql)

    def _statuses(self, *arguments: str) -> dict[str, str]:
        outcome = self._invoke(*arguments)
        assert outcome.exception is None, outcome.exception
        return {result.node.name: str(result.status) for result in outcome.result}

    def _invoke(self, verb: str, *arguments: str) -> Any:
        target = str(self.settings.home / "dbt")
        words = self.environment | {"DERMHOUSE_HOME": str(self.settings.home)}
        try:
            with patch.dict(os.environ, words):
                return dbtRunner(manifest=self.manifest).invoke(
                    [
                        *("--quiet", "--log-level-file", "none", verb, "--target-path", target),
                        *("--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT)),
                        *arguments,
                    ]
                )
        finally:
            # In this process dbt would keep the file locked.
            DuckDBConnectionManager.close_all_connections()


def counts(statuses: dict[str, str]) -> dict[str, int]:
    """Return how many nodes ended in each way."""
    return {status: list(statuses.values()).count(status) for status in set(statuses.values())}


def project_file(path: str) -> Path:
    return ROOT / "dbt" / path
