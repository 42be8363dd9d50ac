"""Alembic's environment: run the migrations on the address that `warehouse.store` gives."""

from alembic import context

from warehouse.store import make_engine
from warehouse.tables import metadata

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None
engine = make_engine(url)
with engine.connect() as connection:
    connection.execution_options(writes=True)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=url.startswith("sqlite"),
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
