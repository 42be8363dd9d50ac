"""Figures as pictures beside a model: training curves, confusion matrix, reliability diagram."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from ml.decision import CLASSES
from warehouse.registry import Epoch, Evaluation

CURVES, CONFUSION, RELIABILITY = "curves.svg", "confusion.svg", "reliability.svg"
SIDE_PX = 320
INK, PAPER = "#1f3a5f", "#ffffff"
DARK_CELL = 0.5  # of its row; from there on the number is written in white


def draw_pictures(folder: Path, epochs: Sequence[Epoch], judged: Evaluation | None) -> list[str]:
    """Write the pictures that there are facts for into a folder; return their names, in order."""
    charts: dict[str, Any] = {}
    if epochs:
        charts[CURVES] = draw_curves(epochs)
    if judged is not None and judged.confusion:
        charts[CONFUSION] = draw_confusion(judged)
    if judged is not None and judged.reliability:
        charts[RELIABILITY] = draw_reliability(judged)
    for name, chart in charts.items():
        chart.configure(background=PAPER, font="sans-serif").save(folder / name)
    return list(charts)


def draw_curves(epochs: Sequence[Epoch]) -> Any:
    """Return the losses and the balanced accuracy on tune, epoch by epoch."""
    losses = [
        {"epoch": place, "stage": each.stage, "split": split, "loss": loss}
        for place, each in enumerate(epochs, 1)
        for split, loss in (("train", each.train_loss), ("tune", each.tune_loss))
    ]
    accuracy = [
        {"epoch": place, "stage": each.stage, "balanced accuracy": each.tune_balanced_accuracy}
        for place, each in enumerate(epochs, 1)
    ]
    epoch = alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d"))
    left = chart_of(losses, "Loss").mark_line(point=True)
    right = chart_of(accuracy, "Balanced accuracy on tune").mark_line(point=True, color=INK)
    return alt.hconcat(
        left.encode(
            x=epoch,
            y=alt.Y("loss:Q", scale=alt.Scale(zero=False)),
            color="split:N",
            detail="stage:N",
        ),
        right.encode(
            x=epoch,
            y=alt.Y("balanced accuracy:Q", scale=alt.Scale(zero=False)),
            detail="stage:N",
        ),
    )


def draw_confusion(judged: Evaluation) -> Any:
    """Return how often each diagnosis was answered as each, shaded by the share of its row."""
    totals = {
        dx: sum(n for (true, _), n in judged.confusion.items() if true == dx) for dx in CLASSES
    }
    cells = [
        {"confirmed": true, "answered": told, "images": n, "share": n / totals[true]}
        for true in CLASSES
        for told in CLASSES
        for n in [judged.confusion.get((true, told), 0)]
        if totals[true]
    ]
    grid = chart_of(cells, f"Images of {judged.split} by diagnosis").encode(
        x=alt.X("answered:N", sort=CLASSES, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("confirmed:N", sort=CLASSES),
    )
    shades = alt.Color("share:Q", scale=alt.Scale(range=[PAPER, INK], domain=[0, 1]))
    is_dark = alt.datum["share"] > DARK_CELL
    number = alt.when(is_dark).then(alt.value(PAPER)).otherwise(alt.value(INK))
    return grid.mark_rect().encode(color=shades) + grid.mark_text().encode(
        text="images:Q", color=number
    )


def draw_reliability(judged: Evaluation) -> Any:
    """Return how often answers of each confidence are right; on the diagonal they mean it."""
    bins = [
        {"confidence": each.mean_confidence, "share right": each.accuracy, "images": each.n}
        for each in judged.reliability
    ]
    unit = alt.Scale(domain=[0, 1])
    ideal = alt.Chart(values([{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
    points = chart_of(bins, f"Confidence on {judged.split}").mark_circle(color=INK, opacity=1)
    return ideal.mark_line(color="#999999", strokeDash=[4, 4]).encode(
        x=alt.X("x:Q", title="mean confidence", scale=unit),
        y=alt.Y("y:Q", title="share right", scale=unit),
    ) + points.encode(
        x=alt.X("confidence:Q", scale=unit),
        y=alt.Y("share right:Q", scale=unit),
        size=alt.Size("images:Q", scale=alt.Scale(range=[20, 400])),
    )


def chart_of(rows: list[dict[str, Any]], title: str) -> Any:
    """Return a square chart of some rows."""
    return alt.Chart(values(rows), title=title, width=SIDE_PX, height=SIDE_PX)


def values(rows: list[dict[str, Any]]) -> Any:
    """Return rows as Altair takes them without pandas."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]
