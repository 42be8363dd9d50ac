"""What can be asked: the tables of the star and their columns, in the version's own words."""

import json
from dataclasses import dataclass, field, replace

from warehouse.console.pool import Console, QueryError, Question
from warehouse.console.tail import LIVE_VIEW_NAME

COLUMNS = """
select table_name, column_name, data_type
from information_schema.columns
where table_schema = 'main' and table_catalog <> 'temp'
order by table_name, ordinal_position
"""
RELATIONS_DESCRIBED = "select name, description from dictionary.relations"
COLUMNS_DESCRIBED = "select relation || '.' || name, description from dictionary.columns"
LIVE_FACT = "fct_predictions"
LIVE_WORDS = "The same, with the answers given since this version was built."
MOST = 100_000


@dataclass(frozen=True)
class CatalogueColumn:
    """One column; the description is empty where the version has none."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True)
class CatalogueTable:
    """One table or view of the star."""

    name: str
    description: str = ""
    columns: list[CatalogueColumn] = field(default_factory=list)


@dataclass(frozen=True)
class Catalogue:
    """The star of one version."""

    version: int
    tables: list[CatalogueTable]


def read_catalogue(console: Console) -> Catalogue:
    """Return the tables that the console can ask; NotReadyError where nothing is published."""
    answer = console.ask(Question(COLUMNS, max_rows=MOST))
    relations = read_words(console, RELATIONS_DESCRIBED)
    columns = read_words(console, COLUMNS_DESCRIBED)
    tables: dict[str, CatalogueTable] = {}
    for table, column, kind in json.loads(answer.body)["rows"]:
        made = tables.setdefault(table, CatalogueTable(table, relations.get(table, ""), []))
        words = columns.get(f"{table}.{column}", "")
        made.columns.append(CatalogueColumn(column, kind, words))
    if LIVE_FACT in tables:
        words = f"{tables[LIVE_FACT].description} {LIVE_WORDS}".strip()
        tables[LIVE_VIEW_NAME] = replace(tables[LIVE_FACT], name=LIVE_VIEW_NAME, description=words)
    return Catalogue(answer.told["version"], sorted(tables.values(), key=lambda each: each.name))


def read_words(console: Console, sql: str) -> dict[str, str]:
    """Return descriptions by name; none where a version was built before it had a dictionary."""
    try:
        return dict(json.loads(console.ask(Question(sql, max_rows=MOST)).body)["rows"])
    except QueryError:
        return {}
