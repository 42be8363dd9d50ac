"""Keras, brought in without TensorFlow's opening lines, which none of its settings silences."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def closed_stderr() -> Iterator[None]:
    """Send to nowhere what libraries written in C print; Python's own errors still come through."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with closed_stderr():
    import keras

# XLA is ten times slower than TensorFlow's own kernels on a processor; JAX has nothing else.
JIT = keras.backend.backend() == "jax"

__all__ = ["JIT", "keras"]
