"""Drawings over the days: drift, quality of captures, answers and use."""

from typing import Any

import altair as alt

from api.charts.look import Look
from api.charts.marks import (
    FEW,
    SERIES_HEIGHT,
    axis,
    chart,
    code_colour,
    column_colour,
    days,
    dots,
    faded,
    folded,
    place,
    tooltip,
)

# In this order melanoma takes the palette's red.
DIAGNOSES = ["nv", "akiec", "bcc", "bkl", "mel", "vasc", "df"]
QUANTITIES = [
    "brightness",
    "localization",
    "age_band",
    "sharpness",
    "diagnosis",
    "lesion_share",
    "sex",
    "decision",
]
MEASURES = {"age_band": "age_years"}  # what is measured where the classes of it are chosen
DECIMALS = "format(datum.value, '.2~f')"


def drift(look: Look) -> Any:
    """Return the stability index of each quantity, with the limits that it is read by."""
    base = chart().encode(
        x=days(look),
        y=alt.Y(
            field="psi",
            type="quantitative",
            scale=alt.Scale(type="sqrt"),
            title=look.text("axis.psi"),
            axis=alt.Axis(values=[0, 0.1, 0.25, 0.5, 1, 2, 4, 8], labelExpr=DECIMALS),
        ),
        color=code_colour(look, "quantity", QUANTITIES),
        opacity=faded(look, "quantity"),
        tooltip=tooltip(
            look,
            date_day="%Y-%m-%d",
            quantity_said="nominal",
            psi=".3f",
            psi_by_chance=".3f",
            window_count=",d",
            reference_count=",d",
        ),
    )
    limits = alt.Chart(alt.InlineData(values=[{"limit": 0.1}, {"limit": 0.25}])).mark_rule(
        strokeDash=[4, 4], color=look.colour("line-strong")
    )
    lines = base.mark_line(strokeWidth=2)
    return alt.layer(
        limits.encode(y=alt.Y(field="limit", type="quantitative")), lines, dots(base)
    ).properties(height=280)


def drift_by_bucket(look: Look) -> Any:
    """Return what a quantity was in the reference and is in the latest week."""
    colours = [look.colour("line-strong"), look.colour("accent")]
    return (
        folded(look, ["reference_share", "window_share"])
        .mark_bar()
        .encode(
            y=place(look, "bucket_said"),
            yOffset=alt.YOffset(field="column", type="nominal"),
            x=alt.X(field="number", type="quantitative", **axis(look, "share", "%")),
            color=column_colour(look, ["reference_share", "window_share"], colours),
            tooltip=tooltip(
                look,
                bucket_said="nominal",
                reference_share=".1%",
                window_share=".1%",
                reference_count=",d",
                window_count=",d",
            ),
        )
        .properties(height=alt.Step(13))
    )


def answers_mix(look: Look) -> Any:
    """Return the share of each diagnosis among a week's answers."""
    return (
        chart()
        .mark_bar()
        .encode(
            x=alt.X(
                field="week_start_day",
                type="ordinal",
                timeUnit="yearmonthdate",
                title=look.text("axis.week_start_day"),
                axis=alt.Axis(format="%-d %b", labelAngle=0, labelOverlap="greedy", grid=False),
            ),
            y=alt.Y(
                field="answer_count",
                type="quantitative",
                stack="normalize",
                **axis(look, "share_of_answers", "%"),
            ),
            color=code_colour(look, "diagnosis_code", DIAGNOSES),
            opacity=faded(look, "diagnosis_code"),
            tooltip=tooltip(
                look,
                week_start_day="%Y-%m-%d",
                diagnosis_code_said="nominal",
                answer_count=",d",
            ),
        )
        .properties(height=SERIES_HEIGHT)
    )


def capture_quality(look: Look) -> Any:
    """Return the middle of a measure day by day, and the range of four fifths of the captures."""
    measure = look.say("quantity", MEASURES.get(look.quantity, look.quantity))
    base = chart().encode(
        x=days(look),
        tooltip=tooltip(
            look, date_day="%Y-%m-%d", p10=".1f", p50=".1f", p90=".1f", capture_count=",d"
        ),
    )
    middle = base.encode(y=alt.Y(field="p50", type="quantitative"))
    ranges = base.encode(
        y=alt.Y(field="p10", type="quantitative", title=look.text("axis.p50_of", measure=measure)),
        y2=alt.Y2(field="p90"),
    )
    band = ranges.mark_area(opacity=0.2)
    spans = ranges.mark_rule(strokeWidth=2, opacity=alt.ExprRef(f"{FEW} ? 0.4 : 0"))
    line = middle.mark_line(strokeWidth=2)
    return alt.layer(band, spans, line, dots(middle)).properties(height=SERIES_HEIGHT)


def captures_by_day(look: Look) -> Any:
    """Return captures a day, with those kept and those reviewed within them."""
    columns = ["capture_count", "kept_count", "reviewed_count"]
    return lines_of(look, columns, ",d", "captures")


def latency_by_day(look: Look) -> Any:
    """Return how long answers took, day by day."""
    columns = ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]
    return lines_of(look, columns, ",.0f", "latency_ms")


def decisions_by_day(look: Look) -> Any:
    """Return what people were told a day: likely, uncertain, or nothing to assess."""
    columns = ["likely_count", "uncertain_count", "not_assessable_count"]
    return lines_of(look, columns, ",d", "answers")


def lines_of(look: Look, columns: list[str], form: str, unit: str) -> Any:
    """Return one line a column over the days, in the order of the columns."""
    base = folded(look, columns).encode(
        x=days(look),
        y=alt.Y(field="number", type="quantitative", **axis(look, unit, form)),
        color=column_colour(look, columns, look.palette),
        tooltip=tooltip(look, date_day="%Y-%m-%d", **dict.fromkeys(columns, form)),
    )
    return alt.layer(base.mark_line(strokeWidth=2), dots(base)).properties(height=SERIES_HEIGHT)
