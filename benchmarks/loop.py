"""
What a review is worth: held-back lesions captured, reviewed and learnt from.

    python -m benchmarks loop                          # as it is reported; or with a curve:
    python -m benchmarks.loop DATA WEIGHTS [--captures 2000] [--reviews 100 300 1000]
        [--draws 3] [--curve FILE.svg]

A home is filled without the files of some training lesions, and a champion is trained. Those
lesions' images are then captured, kept and answered as the server would. From the same pool of
captures so many are reviewed with their true diagnosis: those that the review queue puts first, and
as many at random, drawn several times. Each time the warehouse is built and a challenger learns
from what it then holds. All answer the same validation images; printed is the difference in
balanced accuracy to the champion and between the two ways to choose, with paired 95 % intervals.

The base is frozen in the quick recipe, so that each image goes through it once for all challengers.
"""

import argparse
import random
from contextlib import closing
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.captured import SEED, Row, capture_all, hold_back, review_all
from benchmarks.curve import Point, draw_curve
from benchmarks.features import Bank, fill_bank, lessons_of
from etl.pipeline import load
from ml.bootstrap import bootstrap
from ml.gate import BALANCED
from ml.metrics import Answers, forced_figures
from ml.settings import QUICK
from ml.training import Plan, train
from warehouse.build import build
from warehouse.live import install_extensions
from warehouse.published import current
from warehouse.review_queue import read_queue
from warehouse.settings import Settings
from warehouse.store import init_store, open_store

Floats = NDArray[np.float64]
QUEUE, RANDOM = "queue", "random"


class Size(NamedTuple):
    """How much is captured, reviewed and drawn."""

    captures: int = 2000
    reviews: tuple[int, ...] = (100, 300, 1000)
    draws: int = 3


def main() -> None:
    """Run with what the command line names, in homes that are thrown away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--captures", type=int, default=Size().captures)
    parser.add_argument("--reviews", type=int, nargs="+", default=Size().reviews)
    parser.add_argument("--draws", type=int, default=Size().draws)
    parser.add_argument("--curve", type=Path, default=None)
    told = parser.parse_args()
    size = Size(told.captures, tuple(told.reviews), told.draws)
    with TemporaryDirectory(prefix="dermhouse-loop-") as folder:
        points = measure(Path(folder), told.data, told.weights, size)
    if told.curve is not None:
        draw_curve(points, told.curve)


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the table at its full size."""
    measure(settings.home / "loop", data, weights, Size())


def measure(folder: Path, data: Path, weights: Path, size: Size) -> list[Point]:
    """Print what each number of reviews is worth, and return it."""
    settings = Settings(home=folder / "home")
    held = hold_back(data, folder / "data", size.captures)
    train_champion(settings, folder / "data", weights)
    captured = capture_all(settings, held)
    build(settings)
    lesions = {row["lesion_id"] for row in captured.values()}
    print(f"captures: {len(captured)} of {len(lesions)} lesions\n")
    whole = review(settings, folder / "all", captured, [list(captured)])
    bank = fill_bank(settings, whole[0], weights)
    champion = bank.answers(current(settings))
    print(HEADER)
    points = []
    for count in size.reviews:
        chosen = choose(settings, captured, count, size.draws)
        homes = {way: review(settings, folder / way, captured, chosen[way]) for way in chosen}
        points += tell(count, bank, champion, homes)
    return points


def train_champion(settings: Settings, data: Path, weights: Path) -> None:
    """Load, build and train without what is held back."""
    with closing(init_store(settings)) as store:
        settings.warehouse_dir.mkdir(exist_ok=True)
        install_extensions(settings)
        load(settings, store, data)
        build(settings)
        report = train(settings, store, Plan(QUICK, weights))
    figure = report.evaluation.figure("balanced_accuracy")
    print(
        f"champion: {report.record.train_images} lessons, balanced accuracy {figure.value:.3f} "
        f"[{figure.low:.3f}, {figure.high:.3f}]"
    )


def choose(
    settings: Settings, captured: dict[str, Row], count: int, draws: int
) -> dict[str, list[list[str]]]:
    """Return which captures are reviewed: the queue's first, and as many at random, so often."""
    with closing(open_store(settings)) as store:
        first = [each.capture_id for each in read_queue(settings, store, count)]
    pool, chance = sorted(captured), random.Random(SEED)
    return {QUEUE: [first], RANDOM: [chance.sample(pool, len(first)) for _ in range(draws)]}


def review(
    settings: Settings, folder: Path, captured: dict[str, Row], draws: list[list[str]]
) -> list[Settings]:
    """Review each choice in a copy of the home of its own, and publish what follows."""
    homes: list[Settings] = []
    for chosen in draws:
        home = Settings(home=folder.with_name(f"{folder.name}-{len(chosen)}-{len(homes)}"))
        copytree(settings.home, home.home, ignore=ignore_patterns("cache", "images"))
        home.images_dir.symlink_to(settings.images_dir)
        with closing(open_store(home)) as store:
            review_all(store, captured, chosen)
        build(home)
        homes.append(home)
    return homes


HEADER = (
    "| reviews | chosen by | lessons | balanced accuracy | less the champion's | 95 % interval |\n"
    "|---|---|---|---|---|---|"
)


def tell(
    count: int, bank: Bank, champion: Answers, homes: dict[str, list[Settings]]
) -> list[Point]:
    """Print the rows of one number of reviews; several draws are told as their mean."""
    answers, points = {}, []
    for way, made in homes.items():
        versions = [current(each) for each in made]
        answers[way] = [bank.answers(version) for version in versions]
        lessons = round(np.mean([len(lessons_of(version)) for version in versions]))
        value, low, high = difference(answers[way], [champion], bank.groups)
        mean = mean_balance(answers[way], np.ones((1, len(bank.groups))))[0]
        name = way if len(made) == 1 else f"{way}, {len(made)} draws"
        print(f"| {count} | {name} | {lessons} | {mean:.3f} | {row(value, low, high)} |")
        points.append(Point(count, way, value, low, high))
    told = difference(answers[QUEUE], answers[RANDOM], bank.groups)
    print(f"| {count} | {QUEUE} less {RANDOM} | | | {row(*told)} |", flush=True)
    return points


def difference(
    first: list[Answers], second: list[Answers], groups: NDArray[np.intp]
) -> tuple[float, float, float]:
    """Return the difference in mean balanced accuracy, and its paired interval over lesions."""

    def differ(weights: Floats) -> dict[tuple[str, str], Floats]:
        return {BALANCED: mean_balance(first, weights) - mean_balance(second, weights)}

    low, high = bootstrap(differ, groups)[BALANCED]
    assert low is not None
    assert high is not None
    return float(differ(np.ones((1, len(groups))))[BALANCED][0]), low, high


def mean_balance(answers: list[Answers], weights: Floats) -> Floats:
    """Return the mean balanced accuracy of several models for weights (B, N)."""
    figures = [forced_figures(each, weights)[BALANCED] for each in answers]
    return np.asarray(np.mean(figures, axis=0))


def row(value: float, low: float, high: float) -> str:
    """Return a difference and its interval as two cells."""
    return f"{value:+.3f} | {low:+.3f} to {high:+.3f}"


if __name__ == "__main__":
    main()
