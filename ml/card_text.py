"""A model card as Markdown, from the fields of `card.json`."""

import json
from collections.abc import Iterable
from typing import Any

from warehouse.vocabulary import DIAGNOSIS_NAMES, Diagnosis, Split, values

LINEAGE = (
    *("backbone", "input_px", "created_at", "parent_model_id", "warehouse_version", "split_hash"),
    *("code_version", "weights_source", "train_images", "onnx_sha256", "onnx_bytes", "seconds"),
)
PICTURE_NAMES = {
    "curves.svg": "Loss and balanced accuracy by epoch",
    "confusion.svg": "Confusion matrix",
    "reliability.svg": "Reliability diagram",
}
CLASSES = values(Diagnosis)

Card = dict[str, Any]


def render(card: Card) -> str:
    """Return the whole card as Markdown."""
    parts = [
        f"# {card['model_id']}",
        f"**{card['notice']}**",
        "## Intended use",
        card["intended_use"],
        *render_data(card["data"]),
        *render_lineage(card),
        *render_rule(card["decision_rule"]),
        *(part for each in card["evaluations"] for part in render_evaluation(each)),
        *(f"![{PICTURE_NAMES.get(name, name)}]({name})" for name in card["pictures"]),
        "## Limits",
        "\n".join(f"- {limit}" for limit in card["limits"]),
    ]
    return "\n\n".join(parts) + "\n"


def render_data(data: Card) -> list[str]:
    """Return what the model learnt from, and under which licence."""
    counts = data["images"]
    rows = [
        [split, *(str(counts[split].get(dx, 0)) for dx in CLASSES)]
        for split in values(Split)
        if split in counts
    ]
    told = ", ".join(data["data_sets"]) or "data that are no longer at hand"
    parts = ["## Data", f"{data['train_images']:,} training images of {told}. {data['licence']}"]
    if rows:
        parts.append(table(["images in split", *CLASSES], rows))
        names = "; ".join(f"{each.value}: {name}" for each, name in DIAGNOSIS_NAMES.items())
        parts.append(f"{names}.")
    return parts


def render_lineage(card: Card) -> list[str]:
    """Return what is needed to make the model again."""
    rows = [[name, f"`{card[name]}`"] for name in LINEAGE if card[name] is not None]
    knobs = json.dumps(card["parameters"], sort_keys=True)
    return ["## Lineage", table(["", ""], rows), f"Parameters: `{knobs}`"]


def render_rule(rule: Card) -> list[str]:
    """Return how probabilities become an answer: one row for each thing a person can be told."""
    costs, gate = rule["costs"], rule["gate"]
    offsets = ", ".join(f"{dx} {offset:.3g}" for dx, offset in rule["offsets"].items())
    worth = f"its expected cost is at most {costs['uncertain']:g}"
    strange = "never: too few lesions were at hand to tell which frames show none"
    if gate:
        strange = (
            "the frame is further than "
            f"{gate['limit']:.1f} (squared Mahalanobis distance) from the lesions of tune"
        )
    rows = [
        ["not assessable", strange],
        ["likely a nevus", f"{worth}, its probability at least {rule['nevus_threshold']:.3f}"],
        ["likely another diagnosis", worth],
        ["uncertain", "otherwise"],
    ]
    return [
        "## Decision rule",
        f"The answer is the diagnosis with the largest probability times its offset ({offsets}).",
        table(["what is told", "when"], rows),
        "Costs are counted in needless referrals: a missed melanoma "
        f"{costs['missed_melanoma']:g}, a missed carcinoma {costs['missed_carcinoma']:g}, any "
        f"other mistake {costs['wrong_name']:g}, uncertain {costs['uncertain']:g}. What that buys "
        "stands among the figures: coverage, answered_accuracy, false_reassurance, cost.",
    ]


def render_evaluation(evaluation: Card) -> list[str]:
    """Return one evaluation's figures, their intervals, and each part of the images."""
    parts = [
        f"## Figures on {evaluation['split']} of {evaluation['dataset']}",
        "95 % intervals: bootstrap over lesions.",
        table(
            ["diagnosis", "metric", "value", "95 % interval", "images"],
            ([each["diagnosis"], each["metric"], *figure(each)] for each in evaluation["metrics"]),
        ),
    ]
    if evaluation["reliability"]:
        rows = (
            [
                f"{each['low']:.2f}-{each['high']:.2f}",
                f"{each['mean_confidence']:.3f}",
                f"{each['accuracy']:.3f}",
                f"{each['n']:,}",
            ]
            for each in evaluation["reliability"]
        )
        columns = ["confidence", "mean confidence", "share right", "images"]
        parts += ["### Reliability", table(columns, rows)]
    if evaluation["subgroups"]:
        columns = ["by", "part", "metric", "value", "95 % interval", "images"]
        rows = (
            [each["subgroup_kind"], each["subgroup"], each["metric"], *figure(each)]
            for each in evaluation["subgroups"]
        )
        parts += ["### Subgroups", "Skin type: not recorded, not evaluable.", table(columns, rows)]
    return parts


def figure(each: Card) -> list[str]:
    """Return a figure's value, interval and number of images as cells."""
    has_interval = each["low"] is not None and each["high"] is not None
    interval = f"{each['low']:.3f}-{each['high']:.3f}" if has_interval else ""
    return [f"{each['value']:.3f}", interval, f"{each['n']:,}"]


def table(columns: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
