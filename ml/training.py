"""
Train a model from the warehouse, judge it, export it, register it.

    dermhouse train --quick                           # two minutes: a head on ImageNet features
    dermhouse train --weights mobilenet.weights.h5    # the whole recipe; a broken run goes on
    dermhouse build                                   # then its figures are in the warehouse:
    dermhouse sql "select * from model_performance"

Every knob stands in `ml/settings.py`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ml.calibration import fit_temperature, log_prior
from ml.checkpoint import Checkpoint
from ml.dataset import Examples, load_examples, require_classes
from ml.decision import CLASSES
from ml.head import learn_head
from ml.held_out_source import leave_out
from ml.learned import Learned
from ml.lineage import training_key
from ml.network import Head
from ml.registration import ASKED, Candidate, Order, TrainingReport, register_model
from ml.seen import unseen
from ml.settings import QUICK, Recipe
from ml.start import Start, choose_start, onward_start
from ml.tuning import tune_all
from warehouse import published
from warehouse.progress import Progress, silent
from warehouse.published import PublishedWarehouse
from warehouse.registry import ModelRecord, resolve
from warehouse.retention import pinned
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import Split

LEAST_IMAGES = {Split.train: 2, Split.tune: 1, Split.validation: 0}  # of each diagnosis


@dataclass(frozen=True)
class Plan:
    """What is to be trained."""

    recipe: Recipe = QUICK
    weights: Path | None = None  # a Keras weights file; else Keras's own ImageNet weights
    version: int | None = None  # of the warehouse; else the current one
    parent: str | None = None  # the model whose training this one repeats, or goes on from
    is_onward: bool = False  # learn on from the parent's network
    order: Order = ASKED


def train(
    settings: Settings, store: Store, plan: Plan, progress: Progress = silent
) -> TrainingReport:
    """
    Train by a plan and register the model with its figures.

    A training that was broken off goes on from its last epoch when it is asked for again.

    Raises:
        NotReadyError: Nothing has been published, a split cannot teach every diagnosis, or the
            disk is full.
        BadInputError: The weights, an image file or the source to leave out cannot be used.
        DivergedError: The loss became infinite or no number.
    """
    # Until the model names it, nothing else keeps the version from being cleaned up.
    with pinned(published.find(settings, plan.version)) as warehouse:
        return train_on(warehouse, settings, store, plan, progress)


def train_on(
    warehouse: PublishedWarehouse,
    settings: Settings,
    store: Store,
    plan: Plan,
    progress: Progress,
) -> TrainingReport:
    """Take the steps of a training on one version."""
    began, clock = now(), time.perf_counter()
    frames = read_splits(warehouse, plan.recipe.is_balanced, plan.recipe.without_source)
    start = find_start(settings, store, plan)
    if start.is_onward and plan.parent is not None:
        frames, told = leave_out_met(settings, store, frames, resolve(store, plan.parent))
        start = replace(start, notes=[*start.notes, *told])
    examples = load_splits(settings, frames, start.recipe, progress)
    checkpoint = Checkpoint(settings.training_dir / training_key(start, warehouse))
    learned = learn(start, examples, checkpoint, progress)
    head, temperature = calibrate(learned, examples[Split.tune])
    candidate = Candidate(
        start,
        head,
        warehouse,
        parameters=start.recipe.as_dict() | {"temperature": temperature},
        parent=plan.parent,
        epochs=learned.epochs,
        began=began,
        clock=clock,
        order=plan.order,
    )
    report = register_model(settings, store, candidate, examples, progress)
    checkpoint.discard()
    return report


def find_start(settings: Settings, store: Store, plan: Plan) -> Start:
    """Return the base that a plan starts from: its parent's, or one with first weights."""
    if plan.is_onward and plan.parent is not None:
        return onward_start(settings, resolve(store, plan.parent), plan.recipe)
    return choose_start(plan.recipe, plan.weights)


def read_splits(
    warehouse: PublishedWarehouse, is_balanced: bool, without_source: str | None = None
) -> dict[Split, pd.DataFrame]:
    """Return the rows of every split, once each can serve its purpose."""
    frames = {split: published.read_split(warehouse, split) for split in Split}
    frames[Split.validation] = published.read_judged(warehouse)
    if not is_balanced:
        frames[Split.train] = published.read_all_training(warehouse)
    if without_source is not None:
        frames = leave_out(frames, warehouse, without_source)
    for split, frame in frames.items():
        require_classes(split, frame, LEAST_IMAGES[split])
    return frames


def leave_out_met(
    settings: Settings, store: Store, frames: dict[Split, pd.DataFrame], parent: ModelRecord
) -> tuple[dict[Split, pd.DataFrame], Sequence[str]]:
    """
    Return the splits less the validation images whose lesions a parent has met; and what to tell.

    Raises:
        EmptySplitError: None is left to judge by.
    """
    held_out = unseen(settings, store, frames[Split.validation], [parent])
    return frames | {Split.validation: held_out.rows}, held_out.warnings


def load_splits(
    settings: Settings, frames: dict[Split, pd.DataFrame], recipe: Recipe, progress: Progress
) -> dict[Split, Examples]:
    """Return every split with its pixels, at the size that is served."""
    return {
        split: load_examples(settings, split, frame, recipe.input_px, progress)
        for split, frame in frames.items()
    }


def learn(
    start: Start, examples: dict[Split, Examples], checkpoint: Checkpoint, progress: Progress
) -> Learned:
    """Take the recipe's stages: the head alone, then base and head together; or one of them."""
    lessons, tune = examples[Split.train], examples[Split.tune]
    recipe, learned = start.learnt_by, None
    if recipe.head is not None:
        learned = learn_head(start.base, lessons, tune, recipe, progress)
    if recipe.tuning is None:
        assert learned is not None
        return learned
    first = (start.base, learned.head if learned else None)
    tuned = tune_all(first, (lessons, tune), recipe, checkpoint, progress)
    before = learned.epochs if learned else []
    after = [replace(each, epoch=len(before) + each.epoch) for each in tuned.epochs]
    return Learned(tuned.head, tuned.tune_logits, [*before, *after])


def calibrate(learned: Learned, tune: Examples) -> tuple[Head, float]:
    """Return the head whose probabilities mean what they say on tune, and its temperature."""
    prior = log_prior(tune.labels, len(CLASSES))
    temperature = fit_temperature(learned.tune_logits.astype(np.float64), prior, tune.labels)
    return learned.head.calibrated(temperature, prior), temperature
