"""A chart as Vega-Lite for the page, or as a picture made here."""

import re
from functools import cache
from typing import Any, Literal

import pyarrow as pa

from api.charts.catalogue import Chart, Filter, Filters
from api.charts.look import SAID_BY, Language, Look, vega_config

PICTURE_WIDTH = 720
PICTURE_PADDING = {"left": 16, "top": 16, "bottom": 16, "right": 48}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NONE: Filters = {}
SCALE = 2.0  # of a PNG: as sharp as a phone's screen
LOCALES: dict[Language, Literal["en-US", "es-ES"]] = {
    Language.en: "en-US",
    Language.es: "es-ES",
}


def rows_of(table: pa.Table, look: Look) -> list[dict[str, Any]]:
    """Return an answer's rows as JSON knows them, with codes said in words beside them."""
    return [look.said(row) for row in plain(table).to_pylist()]


def plain(table: pa.Table) -> pa.Table:
    """Return a table with times as ISO text and exact numbers as floats."""
    for place, column in enumerate(table.schema):
        values = table.column(place)
        if pa.types.is_temporal(column.type):
            text = pa.array([None if v is None else v.isoformat() for v in values.to_pylist()])
            table = table.set_column(place, column.name, text)
        elif pa.types.is_decimal(column.type):
            table = table.set_column(place, column.name, values.cast(pa.float64()))
    return table


def specification(chart: Chart, table: pa.Table, look: Look) -> dict[str, Any]:
    """Return the Vega-Lite of a chart, its rows with it."""
    # Altair takes a second to import, which a server that only diagnoses must not wait for.
    from api.charts.drawings import DRAWINGS  # noqa: PLC0415

    drawn: dict[str, Any] = DRAWINGS[chart.name](look).to_dict(validate=False)
    rows = drawn.get("datasets", {}) | {"rows": [at_midnight(row) for row in rows_of(table, look)]}
    fit: dict[str, Any] = {
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
    }
    return drawn | fit | {"datasets": rows, "config": vega_config(look)}


def at_midnight(row: dict[str, Any]) -> dict[str, Any]:
    """
    Return a row with its days as midnights of wherever the reader is.

    A browser takes a bare day for midnight in Greenwich, which west of it is the day before.
    """
    days = {name: value for name, value in row.items() if DAY.fullmatch(str(value))}
    return row | {name: f"{day}T00:00:00" for name, day in days.items()}


def as_svg(chart: Chart, table: pa.Table, look: Look, filters: Filters = NONE) -> str:
    """Return the picture of a chart with its title, as SVG."""
    import vl_convert  # noqa: PLC0415 - as above

    name = LOCALES[look.language]
    return vl_convert.vegalite_to_svg(
        titled(chart, table, look, filters), format_locale=name, time_format_locale=name
    )


def as_png(chart: Chart, table: pa.Table, look: Look, filters: Filters = NONE) -> bytes:
    """Return the picture of a chart with its title, as PNG."""
    import vl_convert  # noqa: PLC0415 - as above

    name = LOCALES[look.language]
    return vl_convert.vegalite_to_png(
        titled(chart, table, look, filters),
        scale=SCALE,
        format_locale=name,
        time_format_locale=name,
    )


def titled(chart: Chart, table: pa.Table, look: Look, filters: Filters) -> dict[str, Any]:
    """Return a chart that stands alone: with a title, what it is of, and a width of its own."""
    drawn = specification(chart, table, look)
    title: dict[str, Any] = {
        "text": look.text(f"chart.{chart.name}"),
        "subtitle": [look.text(f"about.{chart.name}"), *subject(chart, table, look, filters)],
    }
    title |= {"subtitleColor": look.colour("ink-quiet"), "subtitleFontSize": 12}
    sized: dict[str, Any] = {"width": PICTURE_WIDTH, "padding": PICTURE_PADDING, "autosize": "pad"}
    return drawn | sized | {"title": title}


def subject(chart: Chart, table: pa.Table, look: Look, filters: Filters) -> list[str]:
    """Return the line that tells what a chart's rows are of; none where they are of everything."""
    said = {
        one.value: look.say(SAID_BY.get(one, one), value)
        for one, value in chart.applied(filters).items()
    }
    if Filter.model in chart.filters:
        said = {Filter.model.value: look.text("analytics.served")} | said
    if "dataset_name" in table.column_names:
        names = table["dataset_name"].unique().to_pylist()
        said |= {"dataset_name": ", ".join(filter(None, names))}
    told = [f"{look.text(f'axis.{name}')}: {value}" for name, value in said.items() if value]
    return [" · ".join(told)] if told else []


@cache
def embed_locale(language: Language) -> dict[str, Any]:
    """Return how numbers and dates are written in a language, spelt out for the page."""
    import vl_convert  # noqa: PLC0415 - as above

    name = LOCALES[language]
    return {
        "formatLocale": vl_convert.get_format_locale(name),
        "timeFormatLocale": vl_convert.get_time_format_locale(name),
    }
