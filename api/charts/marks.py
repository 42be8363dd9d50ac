"""The few forms that all charts are made of; every chart is a question to one named set of rows."""

import json
from typing import Any

import altair as alt

from api.charts.look import SAID_BY, Look

ROWS = "rows"
SERIES_HEIGHT = 240  # pixels of what runs over the days
BAND = 24  # pixels of one bar with its space
FEW = f"length(data('{ROWS}')) < 15"  # rows of which a line alone would show next to nothing
LEGEND_COLUMNS = alt.ExprRef("max(1, floor(containerSize()[0] / 220))")


def chart() -> alt.Chart:
    """Return an empty chart over the rows of the question."""
    return alt.Chart(alt.NamedData(name=ROWS))


def axis(look: Look, key: str, number: str | None = None) -> dict[str, Any]:
    """Return a channel's title, and its axis with a number format; what is counted is whole."""
    title = look.text(f"axis.{key}")
    whole: dict[str, Any] = {"tickMinStep": 1} if number == ",d" else {}
    axis = {"axis": alt.Axis(format=number, tickCount=5, **whole)} if number else {}
    return {"title": title} | axis


def tooltip(look: Look, **columns: str) -> list[alt.Tooltip]:
    """Return what is told of a mark: a column and its format each, `field` alone being text."""
    told = []
    for column, form in columns.items():
        title = look.text(f"axis.{column.removesuffix('_said')}")
        if form == "nominal":
            told.append(alt.Tooltip(field=column, type="nominal", title=title))
        elif form.startswith("%Y"):
            told.append(alt.Tooltip(field=column, type="temporal", title=title, format=form))
        else:
            told.append(alt.Tooltip(field=column, type="quantitative", title=title, format=form))
    return told


def faded(look: Look, column: str) -> Any:
    """Return the opacity by which what was clicked stands out from the rest of its chart."""
    if look.picked is None:
        return alt.value(1)
    test = f"datum[{json.dumps(column)}] === {json.dumps(look.picked)}"
    return alt.condition(test, alt.value(1), alt.value(0.3))


def place(look: Look, column: str) -> alt.Y:
    """Return a row a value, in the order of the answer."""
    title = look.text(f"axis.{column.removesuffix('_said')}")
    return alt.Y(field=column, type="nominal", sort=None, title=title)


def share_bars(look: Look, category: str, share: str, count: str, colour: Any) -> Any:
    """Return a bar a category as long as its share, with the interval, and its count at the end."""
    said = f"{category}_said"
    shares = {said: "nominal", share: ".1%", f"{share}_low": ".1%", f"{share}_high": ".1%"}
    base = chart().encode(
        y=place(look, said),
        opacity=faded(look, category),
        tooltip=tooltip(look, **shares, **{count: ",d"}),
    )
    along = alt.X(field=share, type="quantitative", **axis(look, share, "%"))
    to = alt.X(field=f"{share}_high", type="quantitative")
    spans = base.mark_rule(strokeWidth=2, color=look.colour("line-strong")).encode(
        x=alt.X(field=f"{share}_low", type="quantitative"), x2=alt.X2(field=f"{share}_high")
    )
    ends = base.mark_text(align="left", dx=4).encode(
        x=to, text=alt.Text(field=count, type="quantitative", format=",d")
    )
    bar = base.mark_bar().encode(x=along, color=colour)
    room = {"left": 5, "top": 5, "right": 48, "bottom": 5}
    return alt.layer(bar, spans, ends).properties(height=alt.Step(BAND), padding=room)


def share_points(look: Look, category: str, share: str, count: str, band: int = BAND) -> Any:
    """Return a share a category with its interval: few cases are seen to be few."""
    said = f"{category}_said"
    shares = {said: "nominal", share: ".1%", f"{share}_low": ".1%", f"{share}_high": ".1%"}
    base = chart().encode(
        y=place(look, said),
        opacity=faded(look, category),
        tooltip=tooltip(look, **shares, **{count: ",d"}),
    )
    spans = base.mark_rule(strokeWidth=2, color=look.colour("line-strong")).encode(
        x=alt.X(field=f"{share}_low", type="quantitative", **axis(look, share, "%")),
        x2=alt.X2(field=f"{share}_high"),
    )
    points = base.mark_point(filled=True, size=80, color=look.colour("malignant")).encode(
        x=alt.X(field=share, type="quantitative", **axis(look, share, "%")),
    )
    # A point is hard to hit: the whole row can be clicked.
    rows = base.mark_bar(opacity=0, color="transparent").encode(
        x=alt.value(0), x2=alt.value("width")
    )
    return alt.layer(rows, spans, points).properties(height=alt.Step(band))


def days(look: Look, column: str = "date_day") -> alt.X:
    """Return the days along the foot of a chart."""
    labels = alt.Axis(grid=False, labelOverlap="greedy", tickCount=6, format="%-d %b")
    return alt.X(field=column, type="temporal", title=look.text(f"axis.{column}"), axis=labels)


def dots(base: alt.Chart) -> Any:
    """Return the points of a series: small along a line, large where they are all there is."""
    return base.mark_point(filled=True, size=alt.ExprRef(f"{FEW} ? 70 : 12"))


def heat(
    look: Look,
    rows: str,
    columns: str,
    share: str,
    count: str,
    also: tuple[str, ...] = (),
) -> Any:
    """Return a table of counts, each cell as dark as its share of the row; `also` are told of."""
    base = chart().encode(
        y=alt.Y(field=f"{rows}_said", type="nominal", **axis(look, rows)),
        x=alt.X(
            field=f"{columns}_said",
            type="nominal",
            title=look.text(f"axis.{columns}"),
            axis=alt.Axis(labelAngle=-35, labelLimit=130),
        ),
        tooltip=tooltip(
            look,
            **dict.fromkeys(also, "nominal"),
            **{f"{rows}_said": "nominal", f"{columns}_said": "nominal", count: ",d", share: ".0%"},
        ),
    )
    shades = [look.colour("surface"), look.colour("accent")]
    scale = alt.Scale(domain=[0, 1], range=shades, interpolate="rgb")
    cells = base.mark_rect(stroke=look.colour("line")).encode(
        color=alt.Color(field=share, type="quantitative", scale=scale, legend=None)
    )
    ink = alt.condition(
        f"datum[{json.dumps(share)}] > 0.5",
        alt.value(look.colour("on-accent")),
        alt.value(look.colour("ink")),
    )
    counts = base.mark_text().encode(
        text=alt.Text(field=count, type="quantitative", format=",d"), color=ink
    )
    return alt.layer(cells, counts).properties(height=alt.Step(30))


def folded(look: Look, columns: list[str]) -> alt.Chart:
    """Return a chart with one mark a row and column: the column as `column`, its `number`."""
    words = {column: look.text(f"axis.{column}") for column in columns}
    return (
        chart()
        .transform_fold([*columns], as_=["column", "number"])
        .transform_calculate(column_said=f"{json.dumps(words)}[datum.column]")
    )


def column_colour(look: Look, columns: list[str], palette: list[str]) -> alt.Color:
    """Return a colour for each column of `folded`, named in the legend."""
    said = [look.text(f"axis.{column}") for column in columns]
    scale = alt.Scale(domain=said, range=palette[: len(said)])
    legend = alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS, labelLimit=190)
    return alt.Color(field="column_said", type="nominal", scale=scale, legend=legend)


def code_colour(look: Look, column: str, codes: list[str]) -> alt.Color:
    """Return a colour a code, the same whatever the language and whichever codes occur."""
    said = [look.say(SAID_BY.get(column, "quantity"), code) for code in codes]
    scale = alt.Scale(domain=said, range=look.palette[: len(said)])
    legend = alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS, labelLimit=190)
    return alt.Color(field=f"{column}_said", type="nominal", scale=scale, legend=legend)
