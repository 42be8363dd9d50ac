"""Score a folder of images: each answered, recorded once, told in figures."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, opened_store
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.terminal import print_json, say, show_table, shown_progress

if TYPE_CHECKING:
    from ml.scoring import ScoringReport

app = typer.Typer()

TOLD = 10  # files left out that are named


@app.command()
def score(
    path: Annotated[Path, typer.Argument(help="A folder of images, or one image.")],
    model: Annotated[str, typer.Option(help="A model id, or an alias.")] = CHAMPION,
    as_json: AsJson = False,
) -> None:
    """Answer every image below PATH and record it; scoring again goes on where it stopped."""
    from ml.answering import open_model
    from ml.scoring import score_files

    settings = Settings()
    with opened_store(settings) as store, shown_progress() as progress:
        opened = open_model(settings, resolve(store, model))
        report = score_files(store, opened, path, settings.max_image_pixels, progress)
    tell_scores(report)
    if as_json:
        print_json(report.as_dict())


def tell_scores(report: "ScoringReport") -> None:
    """Tell how many images got which answer, and what was left out."""
    answers = Counter((each.diagnosis, each.decision) for each in report.scores)
    rows = [(*answer, count) for answer, count in sorted(answers.items())]
    if rows:
        show_table(f"{report.model_id}", ["diagnosis", "decision", "images"], rows)
    say(
        f"{report.recorded:,} recorded, {len(report.scores) - report.recorded:,} known already, "
        f"{len(report.left_out):,} left out, in {report.seconds} s"
    )
    for each in report.left_out[:TOLD]:
        say(f"  left out: {each.file}: {each.why}")
    if len(report.left_out) > TOLD:
        say(f"  and {len(report.left_out) - TOLD} more; --json names them all")
