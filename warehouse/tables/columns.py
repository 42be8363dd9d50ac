"""What every table of the operational store is made with: its metadata, columns and clock."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, Dialect, MetaData, Text, TypeDecorator

from warehouse.vocabulary import values

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as naive UTC: the one form SQLite, PostgreSQL and DuckDB share."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time rather than guess its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"timestamp {value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def key(name: str) -> Column[str]:
    """Return a text primary key column."""
    return Column(name, Text, primary_key=True)


def one_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """
    Hold a column to a closed list.

    A stray value would not only be wrong: DuckDB's scan of SQLite fails whole on one.
    """
    words = ", ".join(f"'{word}'" for word in values(vocabulary))
    return CheckConstraint(f"{column} in ({words})", name=column)


def stamps() -> list[Any]:
    """Return the two columns by which dbt copies a table incrementally."""
    return [
        Column(
            "updated_at",
            UtcDateTime,
            nullable=False,
            default=now,
            onupdate=now,
            index=True,
        ),
        Column("deleted_at", UtcDateTime),
    ]
