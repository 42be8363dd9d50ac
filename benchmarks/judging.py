"""What a model refuses as no lesion, and what can be guessed without looking at the image."""

from pathlib import Path

import numpy as np

from benchmarks.home import trained_home
from ml.dataset import load_examples
from ml.nonlesions import measure_refusals
from ml.predictor import Predictor
from ml.shortcuts import audit_shortcuts
from warehouse import published
from warehouse.registry import CHAMPION, resolve
from warehouse.settings import Settings
from warehouse.store import open_store
from warehouse.vocabulary import Split

LESIONS = 200  # of tune; each is also shown blurred


def run(settings: Settings, data: Path, weights: Path) -> None:
    """Print the share of each family of frames that is refused, and the metadata-only baselines."""
    trained_home(settings, data, weights)
    store = open_store(settings)
    predictor = Predictor.open(settings.models_dir, resolve(store, CHAMPION).model_id)
    store.close()
    warehouse = published.current(settings)
    frame = published.read_split(warehouse, Split.tune)
    tune = load_examples(settings, Split.tune, frame, predictor.input_px)
    rows = np.random.default_rng(0).choice(len(tune), LESIONS, replace=False)
    for name, share in measure_refusals(predictor, tune.pixels[rows]).items():
        print(f"refused {share:6.1%} of {name}")
    for shortcut in audit_shortcuts(warehouse):
        for metric in shortcut.metrics:
            print(
                f"{', '.join(shortcut.columns)} alone on {shortcut.split}: {metric.diagnosis} "
                f"{metric.metric} {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
            )
