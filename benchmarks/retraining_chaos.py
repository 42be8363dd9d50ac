"""
Kill a retraining again and again at random moments; the next call finishes, nothing is left over.

    python -m benchmarks.retraining_chaos --runs 10 --home HOME

HOME is a home with a champion, as `dermhouse demo --no-serve` makes one. It is changed.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from ml.predictor import Predictor
from warehouse.registry import CHAMPION, aliases, list_models
from warehouse.retrainings import list_retrainings
from warehouse.settings import ROOT, Settings
from warehouse.store import open_store
from warehouse.vocabulary import Outcome

LONGEST_SECONDS = 60.0  # a kill that comes later than the end is none


def main() -> None:
    """Kill as often as asked, finish once, and print one line of JSON; exit 1 on any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings, chance = Settings(home=arguments.home), random.Random(arguments.seed)
    faults: list[str] = []
    for run in range(arguments.runs):
        is_killed = retrain(settings, chance.uniform(1.0, LONGEST_SECONDS))
        faults += find_faults(settings)
        print(f"run {run + 1}: {'killed' if is_killed else 'ended'}, {len(faults)} faults")
    retrain(settings, None)
    faults += find_faults(settings)
    store = open_store(settings)
    running = [one for one in list_retrainings(store) if one.outcome is Outcome.running]
    store.close()
    print(json.dumps({"runs": arguments.runs, "faults": faults, "unfinished": len(running)}))
    sys.exit(1 if faults or running else 0)


def retrain(settings: Settings, seconds: float | None) -> bool:
    """Retrain in a process of its own; kill it after some seconds, and return whether that was."""
    command = [sys.executable, "-c", "import dermhouse; dermhouse.main()", "retrain"]
    environment = os.environ | {"DERMHOUSE_HOME": str(settings.home)}
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    end = None if seconds is None else time.monotonic() + seconds
    while process.poll() is None and (end is None or time.monotonic() < end):
        time.sleep(0.1)
    is_killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return is_killed


def find_faults(settings: Settings) -> list[str]:
    """Return what is wrong: a model that cannot be opened, or a champion who is none."""
    store, faults = open_store(settings), []
    records = {record.model_id for record in list_models(store)}
    if aliases(store).get(CHAMPION) not in records:
        faults.append("the champion is no model")
    store.close()
    for model_id in records:
        try:
            Predictor.open(settings.models_dir, model_id)
        except Exception as error:
            faults.append(f"{model_id}: {error}")
    return faults


if __name__ == "__main__":
    main()
