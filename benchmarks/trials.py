"""
Variations of the full recipe, judged on lesions that none of them has seen.

    python -m benchmarks.trials short natural     # by name; minutes to half an hour each

Tune alone has 11 images of the rarest classes, too few to choose by. So 35 % of the lesion groups
of each diagnosis are taken out of the train split, and judge together with tune; validation is
never read. What learns is smaller than the real train split, and so are the images: the figures
rank variations, they do not foretell the full recipe's.
"""

import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.__main__ import DATA, WEIGHTS
from benchmarks.home import filled_home
from ml.calibration import fit_temperature, log_prior, softmax
from ml.checkpoint import Checkpoint
from ml.dataset import Examples
from ml.decision import CLASSES, DecisionRule
from ml.metrics import compute_figures, read_answers
from ml.settings import FULL, Recipe, Stage
from ml.start import choose_start
from ml.training import learn, load_splits, read_splits
from warehouse import published
from warehouse.settings import Settings
from warehouse.vocabulary import Split

HELD_BACK = 0.35  # of each diagnosis's lesion groups in train
SHOWN = ("balanced_accuracy", "macro_auc", "accuracy", "log_loss", "ece")

assert FULL.tuning is not None
TUNING = FULL.tuning
SMALL = replace(
    FULL, input_px=160, tuning=replace(TUNING, stages=(Stage("small", 128, 7),))
)  # judged at 160 px: much larger than what was learnt from, lesions are not known again


def vary(**knobs: object) -> Recipe:
    """Return the small recipe with some knobs of its tuning turned."""
    assert SMALL.tuning is not None
    return replace(SMALL, tuning=replace(SMALL.tuning, **knobs))  # type: ignore[arg-type]


VARIATIONS = {
    "short": SMALL,
    "natural": vary(class_power=1.0),
    "equal": vary(class_power=0.0),
    "gentle": vary(learning_rate=1e-4),
    "balanced": replace(SMALL, is_balanced=True),
    "long": vary(stages=(Stage("small", 128, 20),)),
}


def main(names: list[str]) -> None:
    """Print the figures of each variation on the lesions held back."""
    with TemporaryDirectory(prefix="dermhouse-trials-") as home:
        settings = Settings(home=Path(home))
        filled_home(settings, DATA)
        for name in names or VARIATIONS:
            print(f"{name}: {try_variation(settings, VARIATIONS[name])}", flush=True)


def try_variation(settings: Settings, recipe: Recipe) -> str:
    """Train one recipe on a part of train; return its figures on the rest and tune."""
    frames = read_splits(published.current(settings), is_balanced=False)
    examples = load_splits(settings, frames, recipe, lambda *_: None)
    start = choose_start(recipe, WEIGHTS)
    held = held_back(examples[Split.train])
    judges = joined(part(examples[Split.train], held), examples[Split.tune])
    taught = ~held & (examples[Split.train].is_balanced | (not recipe.is_balanced))
    lessons = {Split.train: part(examples[Split.train], taught), Split.tune: judges}
    with TemporaryDirectory() as folder:
        learned = learn(start, lessons, Checkpoint(Path(folder) / "state"), lambda *_: None)
    return told(learned.tune_logits.astype(np.float64), judges.labels)


def held_back(train: Examples) -> NDArray[np.bool_]:
    """Return which images (N,) judge: whole lesion groups, the same share of each diagnosis."""
    random, held = np.random.default_rng(7), np.zeros(len(train), dtype=np.bool_)
    for place in range(len(CLASSES)):
        groups = np.unique(train.groups[train.labels == place])
        chosen = random.permutation(groups)[: round(HELD_BACK * len(groups))]
        held |= np.isin(train.groups, chosen)
    return held


def part(examples: Examples, rows: NDArray[np.bool_]) -> Examples:
    """Return some rows of a split."""
    chosen = {name: value[rows] for name, value in columns(examples)}
    return replace(examples, **chosen)


def joined(first: Examples, second: Examples) -> Examples:
    """Return two parts as one; their groups are not told apart."""
    both: dict[str, Any] = {
        name: np.concatenate([one, getattr(second, name)]) for name, one in columns(first)
    }
    return replace(first, **both)


def columns(examples: Examples) -> Iterator[tuple[str, Any]]:
    """Yield what an example has, by name: all but the split."""
    for field in fields(examples):
        if field.name != "split":
            yield field.name, getattr(examples, field.name)


def told(logits: NDArray[np.float64], labels: NDArray[np.intp]) -> str:
    """Return the figures of calibrated logits under the offsets that balance the classes."""
    prior = log_prior(labels, len(CLASSES))
    temperature = fit_temperature(logits, prior, labels)
    offsets = tuple(np.exp(-prior) / np.exp(-prior).min())
    answers = read_answers(
        labels, softmax(logits / temperature + prior), DecisionRule(offsets, nevus_threshold=0.0)
    )
    figures = compute_figures(answers, np.ones((1, len(labels))))
    shown = [f"{name} {figures['all', name][0]:.3f}" for name in SHOWN]
    recalls = [f"{dx} {figures[dx, 'recall'][0]:.2f}" for dx in CLASSES]
    return ", ".join([*shown, f"temperature {temperature:.2f}", *recalls])


if __name__ == "__main__":
    main(sys.argv[1:])
