"""Judging a registered challenger beside the champion: both are asked, the verdict is recorded."""

import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml import gate
from ml.dataset import Examples, load_examples
from ml.evaluation import ask
from ml.gate import Cost, Pair
from ml.metrics import Answers, read_answers
from ml.predictor import Predictor
from ml.seen import Unseen, read_unseen, shows_met, unseen
from warehouse import published, registry
from warehouse.errors import BadInputError, NotReadyError
from warehouse.looks import Look, Verdict, VerdictLine, record_lines, record_look
from warehouse.progress import Progress, silent
from warehouse.published import EmptySplitError, PublishedWarehouse
from warehouse.registry import CHAMPION, ModelRecord
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.vocabulary import LookReason, Split

ROUNDS = 25  # images that each model is timed on, in turn

# Two answers given in use to one capture that has a label since. Lesions that the challenger has
# met are left out of them (judge_shadow).
SHADOW = """
select
    mine.capture_id,
    capture_labels.image_id,
    capture_labels.lesion_group_id,
    mine_diagnoses.diagnosis_code = capture_labels.diagnosis_code as is_mine_right,
    other_diagnoses.diagnosis_code = capture_labels.diagnosis_code as is_other_right
from fct_predictions as mine
inner join fct_predictions as other
    on mine.capture_id = other.capture_id and not other.is_shadow
inner join capture_labels on mine.capture_id = capture_labels.capture_id
inner join dim_diagnoses as mine_diagnoses on mine.diagnosis_key = mine_diagnoses.diagnosis_key
inner join dim_diagnoses as other_diagnoses on other.diagnosis_key = other_diagnoses.diagnosis_key
where
    mine.is_shadow
    and capture_labels.diagnosis_code is not null
    and mine.model_key = md5(?)
    and other.model_key = md5(?)
order by mine.capture_id
"""


class Contender(NamedTuple):
    """One of the two: what is recorded of it, and the model itself."""

    record: ModelRecord
    predictor: Predictor


def judge_challenger(
    settings: Settings,
    store: Store,
    challenger: str,
    progress: Progress = silent,
) -> Verdict:
    """
    Judge a model beside the champion of today, and record the look and the verdict, line by line.

    challenger: an id or an alias.

    Raises:
        NotReadyError: There is no such model or no champion, or files are missing.
        BadInputError: The model is the champion.
    """
    mine, other = (registry.resolve(store, name).model_id for name in (challenger, CHAMPION))
    if mine == other:
        raise BadInputError(f"{mine} is the champion: name a model to judge by it")
    version = published.current(settings).version
    return judge(settings, store, Look(LookReason.judgement, mine, version, other), progress)


def judge(settings: Settings, store: Store, look: Look, progress: Progress = silent) -> Verdict:
    """
    Judge the model of a look beside its other model, on its version of the warehouse.

    What is asked is what the look says, whoever is the champion by the end.

    Raises:
        NotReadyError: A model is gone, or files are missing.
    """
    assert look.other_model_id is not None
    mine, other = (
        open_contender(settings, store, name) for name in (look.model_id, look.other_model_id)
    )
    warehouse = published.find(settings, look.warehouse_version)
    held_out = champions_validation(settings, store, warehouse, (mine, other))
    record_look(store, look)
    frame = held_out.rows
    lines = [
        *gate.judge_images(answer_both(settings, warehouse, (mine, other), frame, progress)),
        *gate.judge_costs(*measure_costs(settings, (mine, other), frame)),
        *judge_camera(settings, store, warehouse, (mine, other), progress),
        judge_shadow(settings, store, warehouse, (mine.record, other.record)),
        *tell_left_out(held_out),
    ]
    return record_lines(store, look, lines)


def open_contender(settings: Settings, store: Store, name: str) -> Contender:
    """Return a registered model, opened as the server opens it."""
    record = registry.resolve(store, name)
    return Contender(record, Predictor.open(settings.models_dir, record.model_id))


def champions_validation(
    settings: Settings,
    store: Store,
    warehouse: PublishedWarehouse,
    contenders: tuple[Contender, Contender],
) -> Unseen:
    """
    Return the validation images of the champion's version, with today's labels.

    They were held out when the champion learnt, and what is held out never becomes a lesson; what
    one of the two has met all the same, as an older challenger may have, is left out. A champion
    whose version is not here, an imported one, is judged on today's.

    Raises:
        EmptySplitError: There is no such image.
    """
    champion = contenders[1].record
    held_out = read_unseen(settings, store, warehouse, [each.record for each in contenders])
    try:
        then = published.find(settings, champion.warehouse_version)
        known = published.read_judged(then)["image_id"]
    except NotReadyError:
        return held_out
    rows = held_out.rows[held_out.rows["image_id"].isin(known)].reset_index(drop=True)
    if rows.empty:
        raise EmptySplitError(
            f"{warehouse.path.name}: ml_validation has no image left that was held out from the "
            f"champion {champion.model_id} too, so that nobody can be judged beside it; train anew "
            "on today's data (`dermhouse train`), then `dermhouse promote MODEL`"
        )
    return held_out._replace(rows=rows)


def tell_left_out(held_out: Unseen) -> list[VerdictLine]:
    """Return a line that tells what the two are not judged by; none where nothing is to tell."""
    if not held_out.warnings:
        return []
    word, n = " ".join(held_out.warnings), held_out.left_out
    figures = (None, None, None, None, None)
    return [VerdictLine("left_out", word, *figures, None, n, is_passed=True, is_decisive=False)]


def answer_both(
    settings: Settings,
    warehouse: PublishedWarehouse,
    contenders: tuple[Contender, Contender],
    frame: pd.DataFrame,
    progress: Progress,
) -> Pair:
    """Ask both models about the same images."""
    asked = [answer(settings, each, frame, progress) for each in contenders]
    (mine, examples), (other, _) = asked
    parts = published.read_subgroups(warehouse).reindex(examples.image_ids)
    return Pair(mine, other, examples.groups, parts)


def answer(
    settings: Settings, contender: Contender, frame: pd.DataFrame, progress: Progress
) -> tuple[Answers, Examples]:
    """Return what one model says of images, and the images as it sees them."""
    predictor = contender.predictor
    examples = load_examples(settings, Split.validation, frame, predictor.input_px, progress)
    served = ask(predictor.graph, examples, progress)
    return read_answers(
        examples.labels, served.probabilities, predictor.rule, served.signals
    ), examples


def measure_costs(
    settings: Settings, contenders: tuple[Contender, Contender], frame: pd.DataFrame
) -> tuple[Cost, Cost]:
    """Time both graphs on the same images in turn, so that a busy machine slows both."""
    runs = [timed(settings, each, frame) for each in contenders]
    times: list[list[float]] = [[], []]
    for place in range(ROUNDS):
        for run, taken in zip(runs, times, strict=True):
            started = time.perf_counter()
            run(place)
            taken.append((time.perf_counter() - started) * 1000)
    mine, other = (
        Cost(median(taken[1:]), each.record.onnx_bytes)
        for taken, each in zip(times, contenders, strict=True)
    )
    return mine, other


def timed(settings: Settings, contender: Contender, frame: pd.DataFrame) -> Callable[[int], object]:
    """Return a run of one model on one image, by a number."""
    size, graph = contender.predictor.input_px, contender.predictor.graph
    examples = load_examples(settings, Split.validation, frame, size)
    pixels = [np.asarray(examples.pixels[place : place + 1]) for place in range(ROUNDS)]
    pixels = [each for each in pixels if len(each)]
    return lambda place: graph.predict(pixels[place % len(pixels)])


def judge_camera(
    settings: Settings,
    store: Store,
    warehouse: PublishedWarehouse,
    contenders: tuple[Contender, Contender],
    progress: Progress,
) -> list[VerdictLine]:
    """Return the line about the camera's own validation images that neither has met, if any."""
    records = [each.record for each in contenders]
    try:
        camera = published.read_judged(warehouse, from_camera=True)
        frame = unseen(settings, store, camera, records).rows
    except EmptySplitError:
        return []
    return [gate.judge_camera(answer_both(settings, warehouse, contenders, frame, progress))]


def judge_shadow(
    settings: Settings,
    store: Store,
    warehouse: PublishedWarehouse,
    records: tuple[ModelRecord, ModelRecord],
) -> VerdictLine:
    """Return the line about answers given in use, but for lesions the challenger has met."""
    with warehouse.connect() as connection:
        rows = connection.execute(SHADOW, [each.model_id for each in records]).df()
    rows = rows[~shows_met(settings, store, rows, records[0])]
    is_right = rows[["is_mine_right", "is_other_right"]].to_numpy(dtype=np.bool_)
    groups: NDArray[np.intp] = pd.factorize(rows["lesion_group_id"])[0]
    return gate.judge_shadow(is_right, groups)
