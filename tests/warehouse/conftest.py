"""What the tests of the store share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from warehouse.settings import Settings
from warehouse.store import Store, init_store
from warehouse.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_store(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Store]:
    """An empty store, on SQLite and again on PostgreSQL."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        settings = settings.model_copy(update={"database_url": url})
    store = init_store(settings)
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    yield store
    store.close()
