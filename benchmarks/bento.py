"""BentoML serving the same graph, installed for the benchmark alone and thrown away after it."""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks.served import commanded, free_port

HERE = Path(__file__).parent
# Tried with this one; what decodes and what runs the graph are the server's own versions.
REQUIREMENTS = [
    "bentoml==1.4.40",
    *(f"{name}=={version(name)}" for name in ("numpy", "onnxruntime", "pillow")),
]


@contextmanager
def bento_served(graph: Path) -> Iterator[int]:
    """
    Serve `bento_service.py` with a graph; yield the port once it answers.

    Raises:
        CalledProcessError: BentoML cannot be installed here.
    """
    with tempfile.TemporaryDirectory(prefix="dermhouse-bento-") as folder:
        programs = install(Path(folder) / "venv")
        port = free_port()
        command = [f"{programs}/bentoml", "serve", "bento_service:Lesions", "--host", "127.0.0.1"]
        told = {"BENTOML_HOME": folder, "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": ""}
        with commanded(
            [*command, "--port", str(port), "--working-dir", str(HERE)],
            port,
            BENCHMARK_GRAPH=str(graph.resolve()),
            **told,
        ):
            yield port


def install(folder: Path) -> Path:
    """Make an environment with BentoML; return where its programs are."""
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *REQUIREMENTS]
    ended = subprocess.run(pip, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(ended.stderr[-2000:], file=sys.stderr)
        ended.check_returncode()
    return folder / "bin"
