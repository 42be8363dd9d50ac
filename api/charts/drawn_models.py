"""Drawings of models: against validation, against reviews, by diagnosis and by subgroup."""

from typing import Any

import altair as alt

from api.charts.look import Look
from api.charts.marks import (
    LEGEND_COLUMNS,
    SERIES_HEIGHT,
    axis,
    chart,
    code_colour,
    days,
    faded,
    heat,
    place,
    tooltip,
)
from warehouse.vocabulary import SubgroupKind, values

METRICS = ["balanced_accuracy", "macro_auc", "missed_malignancy"]
DIAGNOSIS_METRICS = ["recall", "auc"]
SUBGROUP_METRICS = ["balanced_accuracy", "melanoma_recall"]
# A model is named after its network, the moment it was made and its hash: the moment, in two lines.
MADE_AT = "[slice(datum.label, -22, -14), slice(datum.label, -13, -7)]"


def performance_of_models(look: Look) -> Any:
    """Return each model's figures with their intervals, oldest on the left."""
    base = chart().encode(
        x=alt.X(
            field="model_id",
            type="nominal",
            sort=None,
            title=look.text("axis.model_id"),
            axis=alt.Axis(labelExpr=MADE_AT, labelAngle=0, labelOverlap=True),
        ),
        xOffset=alt.XOffset(field="metric", type="nominal"),
        color=code_colour(look, "metric", DIAGNOSIS_METRICS if look.diagnosis else METRICS),
        opacity=faded(look, "model_id"),
        tooltip=tooltip(
            look,
            model_id="nominal",
            dataset_name="nominal",
            metric_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
            image_count=",d",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y(field="low", type="quantitative", **axis(look, "metric_value", ".2~f")),
        y2=alt.Y2(field="high"),
    )
    points = base.mark_point(filled=True, size=90).encode(
        y=alt.Y(field="value", type="quantitative")
    )
    return alt.layer(spans, points).properties(height=SERIES_HEIGHT)


def recall_by_diagnosis(look: Look) -> Any:
    """Return recall and AUC of each diagnosis, with their intervals."""
    base = chart().encode(
        y=place(look, "diagnosis_code_said"),
        yOffset=alt.YOffset(field="metric", type="nominal"),
        color=code_colour(look, "metric", DIAGNOSIS_METRICS),
        opacity=faded(look, "diagnosis_code"),
        tooltip=tooltip(
            look,
            dataset_name="nominal",
            diagnosis_code_said="nominal",
            metric_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(field="low", type="quantitative", **axis(look, "metric_value", ".2~f")),
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
    told = tooltip(
        look, dataset_name="nominal", mean_confidence=".1%", accuracy=".1%", image_count=",d"
    )
    size = alt.Size(
        field="image_count", type="quantitative", legend=None, scale=alt.Scale(range=[30, 500])
    )
    points = base.mark_point(filled=True, opacity=0.9).encode(size=size, tooltip=told)
    return alt.layer(diagonal, base.mark_line(), points).properties(height=280)


def confusion(look: Look) -> Any:
    """Return what validation images are, and what the model answered."""
    columns = ("diagnosis_code", "predicted_diagnosis_code")
    return heat(look, *columns, "image_share", "image_count", also=("dataset_name",))


def subgroups(look: Look) -> Any:
    """Return two metrics of each part of the images, parted in five ways."""
    base = chart().encode(
        y=place(look, "subgroup_said"),
        yOffset=alt.YOffset(field="metric", type="nominal"),
        color=code_colour(look, "subgroup_kind", values(SubgroupKind)),
        tooltip=tooltip(
            look,
            dataset_name="nominal",
            subgroup_kind_said="nominal",
            subgroup_said="nominal",
            metric_said="nominal",
            value=".3f",
            low=".3f",
            high=".3f",
            image_count=",d",
        ),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(field="low", type="quantitative", **axis(look, "metric_value", ".2~f")),
        x2=alt.X2(field="high"),
    )
    said = [look.say("metric", metric) for metric in SUBGROUP_METRICS]
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X(field="value", type="quantitative"),
        shape=alt.Shape(
            field="metric_said",
            type="nominal",
            scale=alt.Scale(domain=said, range=["circle", "triangle-up"]),
            # Below, because two legends side by side are wider than half a page.
            legend=alt.Legend(
                title=None,
                orient="bottom",
                columns=LEGEND_COLUMNS,
                symbolFillColor=look.colour("ink-quiet"),
            ),
        ),
    )
    return alt.layer(spans, points).properties(height=alt.Step(14))


def reviews_by_week(look: Look) -> Any:
    """Return agreement with the reviews week by week, beside what validation had promised."""
    base = chart().encode(
        x=days(look, "week_start_day"),
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
