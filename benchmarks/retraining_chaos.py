"""
Kill a retraining at random moments, beside a server that answers all the while; then let it end.

    python -m benchmarks.retraining_chaos --runs 10 [--home HOME]

One retraining is let through to see how long it takes. Then retrainings are killed (SIGKILL), each
at a moment drawn from that span, and the next goes on where the last was; the last is let through.
After each kill every registered model must open, the champion must be one of them and the server
must answer by it; at the end `dermhouse doctor` must find nothing, no retraining may be unfinished,
and no folder may be left over. Without --home a small home is drawn and trained first; one that is
named is changed.
"""

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from api.refresh import environment
from benchmarks.drawn import MODEL_ID, answering_home
from benchmarks.posting import Posted, post_on
from benchmarks.served import really_served
from ml.predictor import Predictor
from warehouse.build import build
from warehouse.deletion import delete_model
from warehouse.doctor import examine
from warehouse.registry import CHAMPION, aliases, list_models
from warehouse.retrainings import list_retrainings
from warehouse.settings import ROOT, Settings
from warehouse.store import open_store
from warehouse.vocabulary import Outcome

# Its line says that everything is imported: a kill before has nothing to break.
RETRAIN = (
    "import sys; sys.argv = ['dermhouse', 'retrain', '--json']; import dermhouse, ml.retraining"
)
RETRAIN += "; print('ready', flush=True); dermhouse.main()"
RUNS = 10
PAUSE_SECONDS = 0.2  # between two frames of the client


def main() -> None:
    """Kill as often as asked, finish once, and print one line of JSON; exit 1 on any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="dermhouse-retraining-") as folder:
        settings = Settings(home=arguments.home or Path(folder) / "home")
        if arguments.home is None:
            small_home(settings)
        verdict = torment(settings, arguments.runs, random.Random(arguments.seed))
    print(json.dumps(verdict))
    sys.exit(1 if verdict["faults"] else 0)


def small_home(settings: Settings) -> None:
    """Make a drawn home whose every model has its folder."""
    answering_home(settings)
    with closing(open_store(settings)) as store:
        delete_model(settings, store, MODEL_ID)


def torment(settings: Settings, runs: int, chance: random.Random) -> dict[str, object]:
    """Return what was killed and what was wrong."""
    faults: list[str] = []
    posted, kills = Posted(), 0
    with answering(settings, posted):
        span = retrain(settings, None)
        while kills < runs:
            moment = chance.uniform(0.0, span)
            is_killed = retrain(settings, moment) >= moment
            kills += is_killed
            faults += find_faults(settings)
            if is_killed:
                print(f"kill {kills} after {moment:.1f} s: {len(faults)} faults", flush=True)
        retrain(settings, None)
    build(settings)
    faults += [*find_faults(settings), *find_remains(settings), *posted.refused]
    return {
        "kills": kills,
        "span_s": round(span, 1),
        "answers": len(posted.acknowledged),
        "faults": faults,
    }


@contextmanager
def answering(settings: Settings, posted: Posted) -> Iterator[None]:
    """Let a real server answer a client while the block runs."""
    alone = settings.model_copy(update={"refresh_by_server": False})
    with really_served(alone) as (process, port):
        client = threading.Thread(target=post_on, args=(port, posted, [], [], PAUSE_SECONDS))
        client.start()
        yield
        if process.poll() is not None:
            posted.refused.append(f"the server ended with status {process.returncode}")
    client.join()


def retrain(settings: Settings, moment: float | None) -> float:
    """Retrain in a process of its own, killed after so many seconds; return how long it ran."""
    with subprocess.Popen(
        [sys.executable, "-c", RETRAIN],
        env=environment(settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        try:
            status = process.wait(moment)
        except subprocess.TimeoutExpired:
            process.kill()
        else:
            if status:
                raise RuntimeError(f"a retraining ended with status {status}")
        return time.monotonic() - began


def find_faults(settings: Settings) -> list[str]:
    """Return what is wrong: a model that cannot be opened, or a champion who is none."""
    with closing(open_store(settings)) as store:
        records = {record.model_id for record in list_models(store)}
        named = aliases(store)
    faults = [f"the {name} is no model" for name, held in named.items() if held not in records]
    faults += [] if CHAMPION in named else ["there is no champion"]
    for model_id in records:
        try:
            Predictor.open(settings.models_dir, model_id)
        except Exception as error:
            faults.append(f"{model_id}: {error}")
    return faults


def find_remains(settings: Settings) -> list[str]:
    """Return what killed retrainings have left, and what the doctor says."""
    with closing(open_store(settings)) as store:
        records = {record.model_id for record in list_models(store)}
        unfinished = [one for one in list_retrainings(store) if one.outcome is not Outcome.done]
    folders = {path.name for path in settings.models_dir.iterdir()}
    return [
        *(f"{one.model_id}: {one.outcome.value}" for one in unfinished),
        *(f"{name}: a folder without a model" for name in sorted(folders - records)),
        *(each.word for each in examine(settings) if not each.is_well and each.subject != "disk"),
    ]


if __name__ == "__main__":
    main()
