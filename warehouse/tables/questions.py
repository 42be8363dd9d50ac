"""The questions that people save on the SQL page."""

from sqlalchemy import Column, Table, Text

from warehouse.tables.columns import UtcDateTime, key, metadata

saved_question = Table(
    "saved_question",
    metadata,
    key("slug"),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)
