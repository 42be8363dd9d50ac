"""The migration to evaluation facts, on a store that has answers already."""

import pytest
from alembic import command
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from warehouse.settings import Settings
from warehouse.store import Store, init_store, migrations_config

# Written as that version wrote them: the tables of today have columns that it had not.
MODEL = """
    insert into model (
        model_id, backbone, input_px, created_at, warehouse_version, split_hash, code_version,
        weights_source, parameters, decision_rule, train_images, onnx_sha256, onnx_bytes,
        is_synthetic, seconds, updated_at
    ) values (
        'model-1', 'mobilenetv2', 224, '2026-01-02', 1, '0', '0.1.0',
        'none', '{{}}', '{{}}', 10, '0', 1,
        {no}, 1, '2026-01-02'
    )
"""
ANSWER = """
    insert into prediction (
        prediction_id, capture_id, model_id, predicted_at, dx, decision,
        p_akiec, p_bcc, p_bkl, p_df, p_mel, p_nv, p_vasc, latency_ms, updated_at
    ) values (
        '{name}', 'capture-1', 'model-1', '2026-01-02', 'nv', '{decision}',
        0, 0, 0, 0, 0, 1, 0, 7.5, '2026-01-02'
    )
"""
CAPTURE = """
    insert into capture (
        capture_id, captured_at, sha256, bytes, width, height, brightness, sharpness,
        has_consent, sex, localization, updated_at
    ) values (
        'capture-1', '2026-01-02', '0', 1, 1, 1, 1, 1, {no}, 'unknown', 'unknown', '2026-01-02'
    )
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def older(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A store of the version before, with one answer in it."""
    if request.param == "postgres":
        url = make_url(request.getfixturevalue("postgres_url"))
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:  # the others' database is at the newest version
            connection.execute(text("drop database if exists older"))
            connection.execute(text("create database older"))
        server.dispose()
        older_url = url.set(database="older").render_as_string(hide_password=False)
        settings = Settings(home=settings.home, database_url=older_url)
    settings.home.mkdir(parents=True, exist_ok=True)
    command.upgrade(migrations_config(settings.operational_url), "0002")
    store = Store(settings.operational_url)
    no = "false" if request.param == "postgres" else "0"
    with store.write() as connection:
        connection.execute(text(MODEL.format(no=no)))
        connection.execute(text(CAPTURE.format(no=no)))
        connection.execute(text(ANSWER.format(name="first", decision="likely")))
    store.close()
    return settings


def test_an_older_store_keeps_its_answers_and_learns_to_say_not_assessable(older: Settings):
    store = init_store(older)
    with store.write() as connection:
        connection.execute(text(ANSWER.format(name="second", decision="not_assessable")))
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(text(ANSWER.format(name="third", decision="perhaps")))
    with store.read() as connection:
        kept = connection.execute(text("select prediction_id, decision from prediction order by 1"))
        assert kept.all() == [("first", "likely"), ("second", "not_assessable")]
    store.close()
