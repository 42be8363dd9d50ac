"""Whether the server can do its work now: answer, record, and go on doing so."""

import asyncio
import shutil

from sqlalchemy import text

from api.engine import Engine
from api.queue import in_thread
from api.status_schemas import Check, Readiness
from warehouse.live import database_kind
from warehouse.store import head_revision, schema_revision

PATIENCE_SECONDS = 2.0  # for the store's write lock
GIB = 2**30


async def check_readiness(engine: Engine) -> Readiness:
    """Look at the model, the store and the disk; bounded in time."""
    checks = [check_model(engine), await check_store(engine), check_disk(engine)]
    return Readiness(is_ready=all(check.is_well for check in checks), checks=checks)


def check_model(engine: Engine) -> Check:
    """Tell which model answers; one that should and cannot does not stop the one that does."""
    seat = engine.diagnostician.models.champion
    word = f"{seat.model_id} answers"
    return Check(
        name="model",
        is_well=seat.model is not None,
        word=f"{word}; {seat.fault}" if seat.fault else word,
    )


async def check_store(engine: Engine) -> Check:
    """Take the store's write lock and let go of it; a store that is busy for long is not ready."""
    try:
        probing = in_thread(engine.prober, probe_store, engine)
        word = await asyncio.wait_for(probing, PATIENCE_SECONDS)
    except TimeoutError:
        word = f"the write lock was not free within {PATIENCE_SECONDS:g} s"
    return Check(name="store", is_well=word is None, word=word or "writable, its tables are ours")


def probe_store(engine: Engine) -> str | None:
    """Return what keeps the store from taking a row, or None."""
    try:
        here, ours = schema_revision(engine.settings), head_revision()
        if here != ours:
            return f"its tables are of schema {here}, this code's are {ours}; run `dermhouse init`"
        with engine.store.write() as connection:
            if database_kind(engine.settings) == "postgres":
                query = text("select current_setting('transaction_read_only')")
                if connection.execute(query).scalar() == "on":
                    return "it takes no writes"
    except Exception as error:  # whatever it is, the store cannot be written
        return f"it cannot be written ({type(error).__name__})"
    return None


def check_disk(engine: Engine) -> Check:
    """Tell how much disk is free for the home."""
    free = shutil.disk_usage(engine.settings.home).free
    least = engine.settings.min_free_bytes
    word = f"{free / GIB:.1f} GiB free"
    return Check(
        name="disk",
        is_well=free >= least,
        word=word if free >= least else f"{word}, less than {least / GIB:.1f} GiB: make room",
    )
