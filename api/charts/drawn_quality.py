"""Drawings of data quality: what every load was measured by, and where sources disagree."""

import json
from typing import Any

import altair as alt

from api.charts.look import Look
from api.charts.marks import BAND, LEGEND_COLUMNS, axis, chart, place, tooltip
from warehouse.vocabulary import QualityStatus

# A colour alone says nothing to whoever cannot tell it: what did not pass has a mark as well.
MARKS = {
    QualityStatus.passed: "",
    QualityStatus.warning: "! ",
    QualityStatus.failed: "!! ",
    QualityStatus.not_measured: "-",
}
FILLS = {
    QualityStatus.passed: ("accent-soft", "ink"),
    QualityStatus.warning: ("uncertain", "surface"),
    QualityStatus.failed: ("malignant", "on-malignant"),
    QualityStatus.not_measured: ("unassessable-soft", "ink"),
}
ROW = 34  # pixels of a row whose label has two lines


def quality_checks(look: Look) -> Any:
    """Return a row a check and a column a load: the share found, coloured by how it was judged."""
    cells = _judged(look).mark_rect(stroke=look.colour("line")).encode(color=_judgement(look))
    inks = {status: look.colour(ink) for status, (_, ink) in FILLS.items()}
    shares = (
        _judged(look)
        .mark_text(color=alt.ExprRef(f"{json.dumps(inks)}[datum.status]"))
        .encode(text=alt.Text(field="share", type="nominal"))
    )
    return alt.layer(cells, shares).properties(height=alt.Step(ROW))


def _judged(look: Look) -> alt.Chart:
    """Return each check of each load in its place, with its marked share as `share`."""
    return (
        chart()
        .transform_calculate(
            check="datum.quality_check_code_said + '\\n' + datum.category_said",
            share=(
                f"{json.dumps(MARKS)}[datum.status] + "
                "(isValid(datum.found_share) ? format(datum.found_share, '.1%') : '')"
            ),
        )
        .encode(
            y=alt.Y(
                field="check",
                type="nominal",
                sort=None,
                title=look.text("axis.quality_check_code"),
                axis=alt.Axis(
                    labelExpr="split(datum.label, '\\n')", labelLineHeight=14, labelOffset=-7
                ),
            ),
            x=alt.X(
                field="started_at",
                type="ordinal",
                timeUnit="yearmonthdatehoursminutesseconds",
                title=look.text("axis.load_started_at"),
                axis=alt.Axis(format="%-d %b %H:%M", labelAngle=0, labelOverlap="greedy"),
            ),
            tooltip=tooltip(
                look,
                quality_check_code_said="nominal",
                category_said="nominal",
                started_at="%Y-%m-%d %H:%M",
                status_said="nominal",
                found_share=".2%",
                threshold_share=".2%",
                checked_count=",d",
                severity_said="nominal",
                example="nominal",
            ),
        )
    )


def _judgement(look: Look) -> alt.Color:
    """Return the colour of how a check was judged, named in the legend."""
    return alt.Color(
        field="status_said",
        type="nominal",
        scale=alt.Scale(
            domain=[look.say("quality_status", status.value) for status in QualityStatus],
            range=[look.colour(FILLS[status][0]) for status in QualityStatus],
        ),
        legend=alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS),
    )


def source_disagreements(look: Look) -> Any:
    """Return one bar a field: the values in which each source differs from what is held."""
    return (
        chart()
        .mark_bar()
        .encode(
            y=place(look, "column_name_said"),
            x=alt.X(field="differing_count", type="quantitative", **axis(look, "values", ",d")),
            color=alt.Color(
                field="origin_code",
                type="nominal",
                legend=alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS),
            ),
            tooltip=tooltip(
                look, column_name_said="nominal", origin_code="nominal", differing_count=",d"
            ),
        )
        .properties(height=alt.Step(BAND))
    )
