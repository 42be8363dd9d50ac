"""What can be guessed without looking: a diagnosis from the metadata alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.bootstrap import bootstrap
from ml.context import encode_all
from ml.decision import CLASSES, DecisionRule
from ml.metrics import Figures, compute_figures, read_answers
from warehouse import published
from warehouse.published import PublishedWarehouse
from warehouse.registry import Metric
from warehouse.vocabulary import Split

FIGURES = (("all", "balanced_accuracy"), ("all", "macro_auc"), ("mel", "auc"))
CLINICAL = ("age_years", "sex_code", "localization_code")
FORBIDDEN = ("confirmation", "source")
FREE = DecisionRule(offsets=(1.0,) * len(CLASSES), nevus_threshold=0.0)  # the largest one wins

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shortcut:
    """How far some columns alone lead, on one split."""

    columns: tuple[str, ...]
    split: str
    metrics: list[Metric]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a script."""
        return {
            "columns": list(self.columns),
            "split": self.split,
            "figures": {
                f"{each.metric}_{each.diagnosis}": [each.value, each.low, each.high]
                for each in self.metrics
            },
        }


def audit_shortcuts(warehouse: PublishedWarehouse) -> list[Shortcut]:
    """
    Score a logistic regression that sees metadata and no image, learned on ml_train.

    Age, sex and body site are what a model with context may use. How a diagnosis was confirmed and
    where an image was taken must never reach a model; their figures show why.
    """
    frames = {split: published.read_split(warehouse, split) for split in Split}
    parts = published.read_subgroups(warehouse)
    words = {
        split: pd.get_dummies(parts.reindex(frame["image_id"])[list(FORBIDDEN)]).reindex(
            columns=pd.get_dummies(parts[list(FORBIDDEN)]).columns, fill_value=0
        )
        for split, frame in frames.items()
    }
    clinical = {
        split: encode_all(frame[list(CLINICAL)].itertuples(index=False, name=None))
        for split, frame in frames.items()
    }
    forbidden = {split: frame.to_numpy(dtype=np.float64) for split, frame in words.items()}
    return [
        score(columns, features, frames, split)
        for columns, features in ((CLINICAL, clinical), (FORBIDDEN, forbidden))
        for split in (Split.tune, Split.validation)
    ]


def score(
    columns: tuple[str, ...],
    features: dict[Split, Any],
    frames: dict[Split, pd.DataFrame],
    split: Split,
) -> Shortcut:
    """Learn on train from features (N, F) of each split, and return the figures on a split."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import

    model = LogisticRegression(class_weight="balanced", max_iter=2000)
    model.fit(features[Split.train], frames[Split.train]["diagnosis_code"])
    probabilities = np.zeros((len(frames[split]), len(CLASSES)))
    places = [CLASSES.index(code) for code in model.classes_]
    probabilities[:, places] = model.predict_proba(features[split])
    labels = frames[split]["diagnosis_code"].map(CLASSES.index).to_numpy(dtype=np.intp)
    answers = read_answers(labels, probabilities, FREE)

    def figures(weights: Floats) -> Figures:
        found = compute_figures(answers, weights)
        return {key: found[key] for key in FIGURES}

    plain = figures(np.ones((1, len(labels))))
    intervals = bootstrap(figures, pd.factorize(frames[split]["lesion_group_id"])[0])
    metrics = [
        Metric(*key, float(plain[key][0]), *intervals[key], len(labels))
        for key in FIGURES
        if not np.isnan(plain[key][0])
    ]
    return Shortcut(columns, split.value, metrics)
