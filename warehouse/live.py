"""
The live tail: operational rows younger than the published version, shaped as the facts.

DuckDB pushes no filter into an attached database, so the tail is asked for by a query that the
database itself runs, with the watermark as a literal on an indexed column. The columns and keys
repeat `dbt/models/marts/core/fct_predictions.sql`; a test holds the two together.
"""

import threading
from importlib.resources import files

import duckdb
from sqlalchemy import make_url

from warehouse.address import shown_address, without_secrets
from warehouse.errors import NotReadyError
from warehouse.settings import Settings
from warehouse.vocabulary import Diagnosis, values

# A transaction can commit later than its timestamp says, by at most the busy timeout (30 s);
# rows seen twice are joined away by their id.
LOOKBACK_SECONDS = 120

ATTACHING = threading.Lock()

PROBABILITIES = [f"p_{code}" for code in values(Diagnosis)]

TAIL = """
select
    p.prediction_id, p.capture_id, p.model_id, p.predicted_at, p.dx, p.decision,
    {numbers},
    p.is_shadow, c.sex, c.localization, c.has_consent, c.sha256,
    coalesce(p.deleted_at, c.deleted_at) as deleted_at
from prediction p join capture c on c.capture_id = p.capture_id
where p.updated_at > ''{since}''
    or p.capture_id in (select capture_id from capture where updated_at > ''{since}'')
"""

LIVE_VIEW = """
create or replace temp view fct_predictions_live as
with tail as (
    select
        cast(prediction_id as varchar) as prediction_id,
        cast(capture_id as varchar) as capture_id,
        md5(cast(model_id as varchar)) as model_key,
        md5(cast(cast(cast(predicted_at as timestamp) as date) as varchar)) as date_key,
        cast(predicted_at as timestamp) as predicted_at,
        md5(cast(dx as varchar)) as diagnosis_key,
        md5(cast(localization as varchar)) as localization_key,
        md5(cast(sex as varchar) || '|' || case
            when age_years is null then 'unknown'
            when cast(age_years as double) >= 80 then '80+'
            else cast(cast(floor(cast(age_years as double) / 10) * 10 as integer) as varchar)
                || '-' || cast(cast(floor(cast(age_years as double) / 10) * 10 + 9 as integer)
                as varchar)
        end) as patient_group_key,
        cast(decision as varchar) as decision,
        case cast(dx as varchar) {confidence} end as confidence,
        {probabilities},
        cast(latency_ms as double) as latency_ms,
        cast(cast(is_shadow as varchar) in ('1', 'true', 't') as boolean) as is_shadow,
        cast(cast(has_consent as varchar) in ('1', 'true', 't') as boolean) as has_consent,
        cast(sha256 as varchar) as sha256,
        deleted_at is not null as is_deleted
    from {source}
)
select * from fct_predictions
where prediction_id not in (select prediction_id from tail)
union all
select * exclude (is_deleted) from tail where not is_deleted
"""


def install_extensions(settings: Settings) -> None:
    """Put DuckDB's database scanners, from their wheels, where any connection finds them."""
    settings.extensions_dir.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"extension_directory": str(settings.extensions_dir)}) as connection:
        for name in ("sqlite_scanner", "postgres_scanner"):
            folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
            connection.execute(f"install '{folder / f'{name}.duckdb_extension'}'")


def database_kind(settings: Settings) -> str:
    """Return `sqlite` or `postgres`, as DuckDB names its scanners."""
    return "sqlite" if settings.operational_url.startswith("sqlite") else "postgres"


def operational_dsn(settings: Settings) -> str:
    """Return where DuckDB attaches the operational store: a path, or a libpq address."""
    url = make_url(settings.operational_url)
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def attach_operational(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """
    Attach the operational store read-only, as `operational`.

    Raises:
        NotReadyError: It cannot be attached; DuckDB's own words are told without the password.
    """
    dsn = operational_dsn(settings).replace("'", "''")
    kind = database_kind(settings)
    # Connections of one process to one file share what is attached, whoever attached it; two that
    # attach at the same moment would be told that the name is taken.
    attach = f"attach if not exists '{dsn}' as operational (type {kind}, read_only)"
    try:
        with ATTACHING:
            connection.execute(attach)
    except duckdb.Error as error:
        url = settings.operational_url
        cause = without_secrets(str(error).split("\n", maxsplit=1)[0], url)
        raise NotReadyError(
            f"{shown_address(url)}: DuckDB cannot read the store ({cause}); "
            "`dermhouse doctor` says what is missing"
        ) from None


def create_live_views(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create `fct_predictions_live` on this connection."""
    row = connection.execute(
        "select cast(watermark - to_seconds(?) as varchar) from warehouse_watermarks "
        "where table_name = 'prediction'",
        [LOOKBACK_SECONDS],
    ).fetchone()
    since = row[0] if row and row[0] else "1970-01-01"
    database = database_kind(settings)
    numbers = [f"p.{name}" for name in [*PROBABILITIES, "latency_ms"]] + ["c.age_years"]
    tail = TAIL.format(
        since=since, numbers=", ".join(exact_number(number, database) for number in numbers)
    )
    connection.execute(live_view(f"{database}_query('operational', '{tail}')"))


def live_view(source: str) -> str:
    """Return the statement that makes `fct_predictions_live` from a source of TAIL's columns."""
    return LIVE_VIEW.format(
        source=source,
        confidence=" ".join(
            f"when '{code}' then cast(p_{code} as double)" for code in values(Diagnosis)
        ),
        probabilities=",\n        ".join(f"cast({c} as double) as {c}" for c in PROBABILITIES),
    )


def exact_number(column: str, database: str) -> str:
    """
    Return a column as every digit of it.

    `sqlite_query` hands numbers over as text, and SQLite writes only 15 digits by itself.
    """
    if database == "postgres":
        return column
    name = column.split(".")[1]
    return f"case when {column} is not null then printf(''%!.17g'', {column}) end as {name}"
