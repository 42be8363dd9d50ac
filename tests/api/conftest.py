from collections.abc import Iterator

import pytest
from camera_frames import LOCAL_ADDRESS
from starlette.testclient import TestClient

from api.app import create_app
from warehouse.settings import Settings


@pytest.fixture
def server(trained: Settings) -> Iterator[TestClient]:
    """A real app over a trained home."""
    settings = trained.model_copy(update={"max_upload_bytes": 2_000_000})
    app = create_app(settings)
    with TestClient(app, LOCAL_ADDRESS, raise_server_exceptions=False) as client:
        yield client
