from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.settings import Settings


@pytest.fixture
def server(trained: Settings) -> Iterator[TestClient]:
    """A real app over a trained home."""
    settings = trained.model_copy(update={"max_upload_bytes": 2_000_000})
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client
