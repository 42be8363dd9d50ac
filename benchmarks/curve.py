"""The curve of what reviews are worth, as a picture for the documents."""

from pathlib import Path
from typing import NamedTuple

import altair as alt

WIDTH_PX, HEIGHT_PX = 420, 260
COLOURS = {"queue": "#1f3a5f", "random": "#c4682b"}


class Point(NamedTuple):
    """What so many reviews, chosen in one way, add to the champion's balanced accuracy."""

    reviews: int
    way: str
    value: float
    low: float
    high: float


def draw_curve(points: list[Point], path: Path) -> None:
    """Write the curve, each point with its paired 95 % interval; the suffix says the format."""
    rows = alt.Data(values=[point._asdict() for point in points])  # type: ignore[no-untyped-call]
    x = alt.X("reviews:O", title="captures reviewed", axis=alt.Axis(labelAngle=0))
    colour = alt.Color(
        "way:N",
        title="chosen by",
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
    )
    base = alt.Chart(rows, width=WIDTH_PX, height=HEIGHT_PX).encode(
        x=x, color=colour, xOffset=alt.XOffset("way:N")
    )
    zero = alt.Chart(rows).mark_rule(strokeDash=[4, 4], color="#999999")
    title = "balanced accuracy less the champion's"
    layers = (
        zero.encode(y=alt.datum(0)),
        base.mark_line(point=alt.OverlayMarkDef(size=60)).encode(y=alt.Y("value:Q", title=title)),
        base.mark_rule().encode(y="low:Q", y2="high:Q"),
    )
    alt.layer(*layers).configure(background="#ffffff", font="sans-serif").save(path)
