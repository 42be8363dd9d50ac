"""
Training again when the warehouse says so, and letting the better model win.

    dermhouse retrain --if-due --json     # which rule fired, or that none did
    dermhouse rollback                    # the champion before

Each step finds what an earlier run of the same retraining has left and goes on from there: a
retraining that was killed is finished by the next call.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from filelock import Timeout

from ml import artifact
from ml.challenger import NO_WISH, Wish, complete, known_models, learn_anew
from ml.lineage import name_model
from ml.settings import FULL
from ml.verdict import judge
from warehouse import published
from warehouse.build import build
from warehouse.errors import BusyError, DermhouseError
from warehouse.looks import Look, Verdict, read_verdicts
from warehouse.progress import Progress, silent
from warehouse.published import split_hash
from warehouse.registry import CHAMPION, ModelRecord, aliases, resolve
from warehouse.retrainings import (
    Retraining,
    fail_retraining,
    finish_retraining,
    retraining_lock,
    start_retraining,
    unfinished,
    was_tried,
)
from warehouse.rules import Rule, choose_rule_start, known_champion, read_rules
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.tables import now
from warehouse.vocabulary import LookReason, TrainingStart

PATIENCE_SECONDS = 300.0  # with a build of somebody else's
BETWEEN_TRIES_SECONDS = 2.0


@dataclass(frozen=True)
class RetrainingReport:
    """Whether a retraining was due and why, and what came of it."""

    is_due: bool
    rules: list[Rule]
    word: str
    model_id: str | None = None
    is_promoted: bool | None = None
    verdict: Verdict | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the report for a script."""
        rules = [
            {name: value for name, value in asdict(rule).items() if name != "start"}
            for rule in self.rules
        ]
        lines = [asdict(line) for line in self.verdict.lines] if self.verdict else []
        return {
            "due": self.is_due,
            "rules": rules,
            "word": self.word,
            "model_id": self.model_id,
            "is_promoted": self.is_promoted,
            "failing": self.verdict.failing if self.verdict else [],
            "verdict": lines,
        }


def retrain(
    settings: Settings, store: Store, wish: Wish = NO_WISH, progress: Progress = silent
) -> RetrainingReport:
    """
    Train a challenger if one is due (or asked for), judge it, and promote it if it passes.

    Raises:
        BusyError: Another retraining is running, or somebody else holds the store; the next call
            goes on from there.
        NotReadyError: Nothing has been published, or first weights are missing.
    """
    with alone(settings):
        artifact.sweep(settings.training_dir, settings.models_dir, lambda: known_models(store))
        know_champion(settings, store, progress)
        rules = read_rules(published.current(settings))
        broken = unfinished(store)
        why_not = None if broken or not wish.is_if_due else find_why_not(settings, store, rules)
        if why_not:
            return RetrainingReport(is_due=False, rules=rules, word=why_not)
        word = tell_why(rules, broken)
        if wish.is_dry:
            return RetrainingReport(is_due=True, rules=rules, word=word)
        one = broken or begin(settings, store, rules, wish.by)
        with ended_by_a_fault(store, one):
            verdict, is_promoted = carry_out(settings, store, one, wish, progress)
    return RetrainingReport(True, rules, word, one.model_id, is_promoted, verdict)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Let one retraining run at a time."""
    try:
        with retraining_lock(settings).acquire(timeout=0):
            yield
    except Timeout:
        raise BusyError(
            f"{settings.training_dir}: another retraining is running; wait for it to end"
        ) from None


@contextmanager
def ended_by_a_fault(store: Store, one: Retraining) -> Iterator[None]:
    """
    Close a retraining as failed where a fault ends the block, or each next call would meet it too.

    What passes leaves it running, to be gone on with: a store that is busy, an interruption.
    """
    try:
        yield
    except BusyError:
        raise
    except Exception as fault:
        fail_retraining(store, one.retraining_id, tell_fault(one, fault))
        raise


def tell_fault(one: Retraining, fault: Exception) -> str:
    """Return the sentence about what ended a retraining."""
    if isinstance(fault, DermhouseError):
        return str(fault)
    return (
        f"{one.model_id}: a fault of the program ended its retraining "
        f"({type(fault).__name__}: {fault}); report it, then run `dermhouse retrain`"
    )


def know_champion(settings: Settings, store: Store, progress: Progress) -> None:
    """
    Build a version that knows the champion of today: the rules are about that one.

    Another build is waited for: the server's, or what a killed retraining has left running.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while known_champion(published.current(settings)) != aliases(store).get(CHAMPION):
        try:
            build(settings, progress)
        except BusyError:
            if time.monotonic() > end:
                raise
            time.sleep(BETWEEN_TRIES_SECONDS)


def find_why_not(settings: Settings, store: Store, rules: list[Rule]) -> str | None:
    """Return why no retraining is due, or None where one is."""
    if not any(rule.fired for rule in rules):
        return "no rule has fired"
    data = split_hash(published.current(settings))
    if was_tried(store, data, aliases(store).get(CHAMPION)):
        return "a model has been trained on these data as this champion was, and judged, already"
    return None


def tell_why(rules: list[Rule], broken: Retraining | None) -> str:
    """Return why a retraining runs."""
    if broken is not None:
        return f"{broken.model_id} was broken off and goes on ({broken.reason})"
    return ", ".join(rule.name for rule in rules if rule.fired) or "asked"


def begin(settings: Settings, store: Store, rules: list[Rule], by: str) -> Retraining:
    """Record a new retraining, with the name of the model it will make."""
    warehouse = published.current(settings)
    champion = find_champion(store)
    fired = [rule for rule in rules if rule.fired]
    moment = now()
    one = Retraining(
        retraining_id=str(uuid4()),
        started_at=moment,
        rules=tuple(rule.name for rule in fired),
        start=choose_rule_start(fired) if champion else TrainingStart.over,
        warehouse_version=warehouse.version,
        split_hash=split_hash(warehouse),
        parent_model_id=champion.model_id if champion else None,
        model_id=name_model(champion.backbone if champion else FULL.backbone, moment),
    )
    start_retraining(store, one, by)
    return one


def find_champion(store: Store) -> ModelRecord | None:
    """Return the champion, or None."""
    return resolve(store, CHAMPION) if CHAMPION in aliases(store) else None


def carry_out(
    settings: Settings, store: Store, one: Retraining, wish: Wish, progress: Progress
) -> tuple[Verdict | None, bool]:
    """Take every step that has not been taken yet; return the verdict and whether it promoted."""
    if one.model_id not in known_models(store):
        learn_anew(settings, store, one, wish, progress)
    complete(settings, store, one.model_id, wish.by)
    champion = aliases(store).get(CHAMPION)
    verdict = None
    if champion is not None and champion != one.model_id:
        verdict = find_verdict(store, one, champion) or judge(
            settings, store, look_beside(settings, one, champion, wish.by), progress
        )
    beaten = champion if verdict is not None and verdict.is_passed else None
    return verdict, finish_retraining(store, one, beaten, wish.by)


def find_verdict(store: Store, one: Retraining, champion: str) -> Verdict | None:
    """Return what a retraining's model was already found to be beside a champion, or None."""
    verdicts = read_verdicts(store, one.model_id)
    own = (
        each
        for each in verdicts
        if each.look.look_id == name_look(one, champion, each.look.warehouse_version)
    )
    return next(own, None)


def look_beside(settings: Settings, one: Retraining, champion: str, by: str) -> Look:
    """Return the look that judges a retraining's model beside a champion, on today's version."""
    version = published.current(settings).version
    return Look(
        LookReason.judgement,
        one.model_id,
        version,
        champion,
        looked_by=by,
        look_id=name_look(one, champion, version),
    )


def name_look(one: Retraining, champion: str, version: int) -> str:
    """Return the id of a retraining's look, the same however often it is broken off."""
    return str(uuid5(NAMESPACE_OID, f"{one.retraining_id} {champion} {version}"))
