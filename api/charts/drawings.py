"""One drawing a chart, by its name; a drawing knows columns and words, and no SQL."""

from collections.abc import Callable
from typing import Any

import altair as alt

from api.charts.look import Look
from api.charts.marks import (
    BAND,
    axis,
    bars,
    chart,
    code_colour,
    column_colour,
    days,
    faded,
    folded,
    heat,
    place,
    share_points,
    tooltip,
)
from warehouse.vocabulary import SubgroupKind, values

# In this order melanoma takes the palette's red.
DIAGNOSES = ["nv", "akiec", "bcc", "bkl", "mel", "vasc", "df"]
METRICS = ["balanced_accuracy", "macro_auc", "missed_malignancy"]
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
Drawing = Callable[[Look], Any]
SERIES_HEIGHT = 240
DECIMALS = "format(datum.value, '.2~f')"
# A model is named after its network, the moment it was made and its hash: the moment, in two lines.
MADE_AT = "[slice(datum.label, -22, -14), slice(datum.label, -13, -7)]"


def lesions_by_diagnosis(look: Look) -> Any:
    """Bars, the malignant ones in their colour."""
    colour = alt.condition(
        "datum.is_malignant",
        alt.value(look.colour("malignant")),
        alt.value(look.colour("accent")),
    )
    return bars(look, "diagnosis_code", "lesion_count", colour)


def case_share(attribute: str) -> Drawing:
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


def performance_of_models(look: Look) -> Any:
    """Return each model's figures with their intervals, oldest on the left."""
    base = chart().encode(
        x=alt.X(
            field="model_id",
            type="nominal",
            sort=None,
            title=None,
            axis=alt.Axis(labelExpr=MADE_AT, labelAngle=0, labelOverlap=True),
        ),
        xOffset=alt.XOffset(field="metric", type="nominal"),
        color=code_colour(look, "metric", METRICS),
        opacity=faded(look, "model_id"),
        tooltip=tooltip(
            look,
            model_id="nominal",
            metric_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
            image_count=",d",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y(field="low", type="quantitative", **axis(look, "share_of_images", "%")),
        y2=alt.Y2(field="high"),
    )
    points = base.mark_point(filled=True, size=90).encode(
        y=alt.Y(field="value", type="quantitative")
    )
    return alt.layer(spans, points).properties(height=SERIES_HEIGHT)


def recall_by_diagnosis(look: Look) -> Any:
    """Return recall and AUC of each diagnosis, with their intervals."""
    base = chart().encode(
        y=place("diagnosis_code_said"),
        yOffset=alt.YOffset(field="metric", type="nominal"),
        color=code_colour(look, "metric", ["recall", "auc"]),
        tooltip=tooltip(
            look,
            diagnosis_code_said="nominal",
            metric_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(field="low", type="quantitative", title=None, axis=alt.Axis(format="%")),
        x2=alt.X2(field="high"),
    )
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X(field="value", type="quantitative")
    )
    return alt.layer(spans, points).properties(height=alt.Step(18))


def calibration(look: Look) -> Any:
    """Return accuracy over confidence; on the diagonal a model is as often right as it is sure."""
    unit = alt.Scale(domain=[0, 1])
    ends = alt.InlineData(values=[{"at": 0}, {"at": 1}])
    diagonal = (
        alt.Chart(ends)
        .mark_line(strokeDash=[4, 4], color=look.colour("line-strong"))
        .encode(x=alt.X(field="at", type="quantitative"), y=alt.Y(field="at", type="quantitative"))
    )
    x = alt.X(
        field="mean_confidence",
        type="quantitative",
        scale=unit,
        **axis(look, "mean_confidence", "%"),
    )
    y = alt.Y(field="accuracy", type="quantitative", scale=unit, **axis(look, "accuracy", "%"))
    base = chart().encode(x=x, y=y)
    told = tooltip(look, mean_confidence=".1%", accuracy=".1%", image_count=",d")
    size = alt.Size(
        field="image_count", type="quantitative", legend=None, scale=alt.Scale(range=[30, 500])
    )
    points = base.mark_point(filled=True, opacity=0.9).encode(size=size, tooltip=told)
    return alt.layer(diagonal, base.mark_line(), points).properties(height=280)


def confusion(look: Look) -> Any:
    """Return what validation images are, and what the model answered."""
    return heat(look, "diagnosis_code", "predicted_diagnosis_code", "image_share", "image_count")


def subgroups(look: Look) -> Any:
    """Return balanced accuracy of each part of the images, parted in five ways."""
    base = chart().encode(
        y=alt.Y(field="subgroup_said", type="nominal", sort=None, title=None),
        color=code_colour(look, "subgroup_kind", values(SubgroupKind)),
        tooltip=tooltip(
            look,
            subgroup_kind_said="nominal",
            subgroup_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
            image_count=",d",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(field="low", type="quantitative", **axis(look, "balanced_accuracy", "%")),
        x2=alt.X2(field="high"),
    )
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X(field="value", type="quantitative")
    )
    return alt.layer(spans, points).properties(height=alt.Step(20))


def reviews_by_week(look: Look) -> Any:
    """Return agreement with the reviews week by week, beside what validation had promised."""
    base = chart().encode(
        x=days("week_start_day"),
        tooltip=tooltip(
            look,
            week_start_day="%Y-%m-%d",
            agreement_share=".1%",
            agreement_share_low=".1%",
            agreement_share_high=".1%",
            reviewed_count=",d",
            validation_accuracy=".1%",
        ),
    )
    band = base.mark_area(opacity=0.2).encode(
        y=alt.Y(
            field="agreement_share_low", type="quantitative", **axis(look, "agreement_share", "%")
        ),
        y2=alt.Y2(field="agreement_share_high"),
    )
    line = base.mark_line(point=True).encode(y=alt.Y(field="agreement_share", type="quantitative"))
    promised = base.mark_line(strokeDash=[4, 4], color=look.colour("malignant")).encode(
        y=alt.Y(field="validation_accuracy", type="quantitative")
    )
    return alt.layer(band, line, promised).properties(height=SERIES_HEIGHT)


def reviewed_diagnoses(look: Look) -> Any:
    """Return what clinicians said, and what the model had answered."""
    columns = ("reviewed_diagnosis_code", "predicted_diagnosis_code")
    return heat(look, *columns, "prediction_share", "prediction_count")


def drift(look: Look) -> Any:
    """Return the stability index of each quantity, with the limits that it is read by."""
    base = chart().encode(
        x=days(),
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
    points = base.mark_point(filled=True, size=14)
    return alt.layer(
        limits.encode(y=alt.Y(field="limit", type="quantitative")), lines, points
    ).properties(height=280)


def drift_by_bucket(look: Look) -> Any:
    """Return what a quantity was in the reference and is in the latest week."""
    colours = [look.colour("line-strong"), look.colour("accent")]
    return (
        folded(look, ["reference_share", "window_share"])
        .mark_bar()
        .encode(
            y=place("bucket_said"),
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
                axis=alt.Axis(
                    title=None, format="%-d %b", labelAngle=0, labelOverlap="greedy", grid=False
                ),
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
    base = chart().encode(
        x=days(),
        tooltip=tooltip(
            look, date_day="%Y-%m-%d", p10=".1f", p50=".1f", p90=".1f", capture_count=",d"
        ),
    )
    band = base.mark_area(opacity=0.2).encode(
        y=alt.Y(field="p10", type="quantitative", title=look.text("axis.p50")),
        y2=alt.Y2(field="p90"),
    )
    line = base.mark_line(strokeWidth=2).encode(y=alt.Y(field="p50", type="quantitative"))
    return alt.layer(band, line).properties(height=SERIES_HEIGHT)


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
                axis=alt.Axis(title=None, format="%Y-%m-%d %H:%M"),
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
                axis=alt.Axis(title=None, grid=False, format="%-d %b %H:%M", tickCount=4),
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
        x=days(),
        y=alt.Y(field="number", type="quantitative", **axis(look, unit, form)),
        color=column_colour(look, columns, look.palette),
        tooltip=tooltip(look, date_day="%Y-%m-%d", **dict.fromkeys(columns, form)),
    )
    return alt.layer(
        base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=12)
    ).properties(height=SERIES_HEIGHT)


DRAWINGS: dict[str, Drawing] = {
    drawing.__name__: drawing
    for drawing in (
        lesions_by_diagnosis,
        lesions_by_image_count,
        performance_of_models,
        recall_by_diagnosis,
        calibration,
        confusion,
        subgroups,
        reviews_by_week,
        reviewed_diagnoses,
        drift,
        drift_by_bucket,
        answers_mix,
        capture_quality,
        missing_values,
        loads,
        builds,
        captures_by_day,
        latency_by_day,
        decisions_by_day,
    )
} | {
    f"case_share_by_{name}": case_share(attribute)
    for name, attribute in {
        "site": "localization_code",
        "age": "age_band",
        "sex": "sex_code",
        "source": "source_code",
        "confirmation": "confirmation_code",
    }.items()
}
