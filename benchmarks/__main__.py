"""Run the benchmarks named on the command line, or all of them, on the data that DATA names."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    analytics,
    building,
    graph,
    judging,
    learning,
    live,
    loading,
    loop,
    serving,
    throughput,
)
from warehouse.settings import ROOT, Settings

Benchmark = Callable[[Settings, Path, Path], object]

BENCHMARKS: dict[str, Benchmark] = {
    "load": loading.run,
    "build": building.run,
    "learn": learning.run,
    "refusals": judging.run_refusals,
    "shortcuts": judging.run_shortcuts,
    "hints": judging.run_hints,
    "graph": graph.run,
    "throughput": throughput.run,
    "serve": serving.run,
    "live": live.run,
}
# Minutes to hours on two cores: only by name.
LONG: dict[str, Benchmark] = {
    "full": learning.run_full,
    "analytics": analytics.run,
    "loop": loop.run,
}
# In homes of their own, without DATA; with options as modules: python -m benchmarks.chaos --help.
ALONE = ("commits", "chaos", "soak", "growth", "retraining_chaos")

SHARED = ROOT.parent / "shared"
DATA = Path(os.environ.get("DATA", SHARED / "ham10000"))
WEIGHTS = Path(
    os.environ.get("WEIGHTS", SHARED / "weights" / "mobilenet_v2_1.0_224_no_top.weights.h5")
)


def main(names: list[str]) -> None:
    """Run them in the order of the loop, in one home that is thrown away."""
    known = [*BENCHMARKS, *LONG, *ALONE]
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"{', '.join(unknown)}: no such benchmark; there are {', '.join(known)}")
    if not names or set(names) - set(ALONE):
        refuse_missing_data()
    with TemporaryDirectory(prefix="dermhouse-bench-") as home:
        for name in names or BENCHMARKS:
            print(f"\n## {name}\n", flush=True)
            if name in ALONE:
                subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
            else:
                (BENCHMARKS | LONG)[name](Settings(home=Path(home)), DATA, WEIGHTS)


def refuse_missing_data() -> None:
    """End in one sentence where the data or the weights are not there."""
    for path in (DATA, WEIGHTS):
        if not path.exists():
            sys.exit(
                f"{path}: not there; name HAM10000 with DATA= and ImageNet weights with WEIGHTS="
            )


if __name__ == "__main__":
    main(sys.argv[1:])
