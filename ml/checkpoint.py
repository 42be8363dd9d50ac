"""Where a long training stands after each epoch, so that a broken one can go on."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from warehouse.errors import NotReadyError
from warehouse.registry import Epoch

STATE = "state.npz"


class Checkpoint:
    """
    One training's folder, named by what the training is: recipe, data and first weights.

    A training with another recipe, other data or other weights has another folder, so that
    nothing is ever gone on with that would not have come out the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, arrays: dict[str, list[Any]], epochs: list[Epoch]) -> None:
        """
        Write the state of one epoch in place of the last, in one step.

        Raises:
            NotReadyError: The folder cannot be written, or the disk is full.
        """
        partial = self.folder / f"{STATE}.{os.getpid()}.partial"
        named = {
            f"{name}_{i}": each for name, many in arrays.items() for i, each in enumerate(many)
        }
        told = json.dumps([asdict(epoch) for epoch in epochs])
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                np.savez(file, epochs=np.array(told), **named)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / STATE)
        except OSError as error:
            raise NotReadyError(
                f"{self.folder}: the state of the training cannot be written "
                f"({error.strerror or error}); make room there, then run the same command: "
                "it goes on from the last epoch that was kept"
            ) from None
        finally:
            partial.unlink(missing_ok=True)

    def load(self) -> tuple[dict[str, list[Any]], list[Epoch]] | None:
        """Return what was saved last, or None; a damaged file counts as none."""
        try:
            with (self.folder / STATE).open("rb") as opened, np.load(opened) as file:
                epochs = [Epoch(**each) for each in json.loads(str(file["epochs"]))]
                arrays: dict[str, list[Any]] = {}
                for key in file.files:
                    if key != "epochs":  # each list was written, and is read, in its order
                        arrays.setdefault(key.rpartition("_")[0], []).append(file[key])
        except FileNotFoundError:
            return None
        except (BadZipFile, OSError, ValueError, KeyError, TypeError, EOFError):
            return None
        return arrays, epochs

    def discard(self) -> None:
        """Remove the folder: the training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)
