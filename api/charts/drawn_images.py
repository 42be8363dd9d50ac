"""Drawings of what is loaded: diagnoses, shares, what is missing, loads and builds."""

from collections.abc import Callable
from typing import Any

import altair as alt

from api.charts.look import Look
from api.charts.marks import (
    BAND,
    axis,
    chart,
    column_colour,
    folded,
    heat,
    share_bars,
    share_points,
    tooltip,
)


def lesions_by_diagnosis(look: Look) -> Any:
    """Return bars of the share of lesions, the malignant ones in their colour."""
    colour = alt.condition(
        "datum.is_malignant",
        alt.value(look.colour("malignant")),
        alt.value(look.colour("accent")),
    )
    return share_bars(look, "diagnosis_code", "lesion_share", "lesion_count", colour)


def case_share(attribute: str) -> Callable[[Look], Any]:
    """Return the drawing of the share of cases by one attribute."""
    # There are so many body sites that their card is as high as two: they may as well have room.
    band = 34 if attribute == "localization_code" else BAND
    return lambda look: share_points(look, attribute, "case_share", "lesion_count", band)


def lesions_by_image_count(look: Look) -> Any:
    """Return upright bars: how often one lesion was photographed."""
    return (
        chart()
        .mark_bar()
        .encode(
            x=alt.X(
                field="images_of_lesion",
                type="ordinal",
                axis=alt.Axis(labelAngle=0),
                title=look.text("axis.images_of_lesion"),
            ),
            y=alt.Y(field="lesion_count", type="quantitative", **axis(look, "lesion_count", ",d")),
            tooltip=tooltip(look, images_of_lesion=",d", lesion_count=",d"),
        )
        .properties(height=200)
    )


def missing_values(look: Look) -> Any:
    """Return a table of shares: which source lacks which value."""
    return heat(look, "source_code", "column_name", "missing_share", "missing_count")


def loads(look: Look) -> Any:
    """Return what each load brought, what it refused and what was not there."""
    columns = ["image_count", "rejected_row_count", "missing_file_count", "changed_value_count"]
    palette = [look.colour("accent"), look.colour("malignant"), *look.palette[2:]]
    return (
        folded(look, columns)
        .mark_bar()
        .encode(
            y=alt.Y(
                field="started_at",
                type="ordinal",
                timeUnit="yearmonthdatehoursminutesseconds",
                sort="descending",
                title=look.text("axis.started_at"),
                axis=alt.Axis(format="%Y-%m-%d %H:%M"),
            ),
            yOffset=alt.YOffset(field="column", type="nominal", sort=columns),
            x=alt.X(field="number", type="quantitative", **axis(look, "rows", ",d")),
            color=column_colour(look, columns, palette),
            tooltip=tooltip(
                look,
                started_at="%Y-%m-%d %H:%M",
                outcome_said="nominal",
                row_count=",d",
                **dict.fromkeys(columns, ",d"),
            ),
        )
        .properties(height=alt.Step(12))
    )


def builds(look: Look) -> Any:
    """Return how long each build took, and whether it was published."""
    words = [look.say("outcome", "done"), look.say("outcome", "failed")]
    colours = alt.Scale(domain=words, range=[look.colour("accent"), look.colour("malignant")])
    return (
        chart()
        .mark_point(filled=True, size=70)
        .encode(
            x=alt.X(
                field="started_at",
                type="temporal",
                title=look.text("axis.started_at"),
                axis=alt.Axis(grid=False, format="%-d %b %H:%M", tickCount=4),
            ),
            y=alt.Y(
                field="duration_seconds",
                type="quantitative",
                **axis(look, "duration_seconds", ",d"),
            ),
            color=alt.Color(
                field="outcome_said",
                type="nominal",
                scale=colours,
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=tooltip(
                look,
                started_at="%Y-%m-%d %H:%M",
                outcome_said="nominal",
                duration_seconds=".1f",
                version=",d",
                test_count=",d",
                failed_count=",d",
            ),
        )
        .properties(height=200)
    )
