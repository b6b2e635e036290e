"""Where a training has come to, on disk: one file, written beside and renamed, so that a kill loses at most an epoch."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.probe import Confusion
from explorer.core.system import paths
from explorer.core.transfer import EpochFigures, Phase, Training, TransferResult, TransferTarget
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine import export
from explorer.engine.disk_budget import make_room
from explorer.engine.models.card_file import SUFFIX, spec_of_card
from explorer.engine.transfer.learnt_card import EPOCH, LEARNT, verified

_FILE, _RESULT = "training.safetensors", "result.json"
_BUDGET = 2 << 30  # bytes of all trainings
_PARTS = ("now", "best", "moments")


@dataclass(slots=True)
class TrainingProgress:
    """What changes while it learns. `at`: pictures of the running epoch that are done. The order of the pictures, augmentation
    and dropout follow from the seed, the epoch and `at` alone, and so does the learning rate."""

    epoch: int = 0
    at: int = 0
    batch: int = 32
    losses: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    epochs: list[EpochFigures] = field(default_factory=list)
    best: int = 0
    before: float = 0.0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TrainingState:
    """With the weights now, those of the best epoch, and what the optimiser remembers."""

    progress: TrainingProgress
    now: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]


def folder_of(key: str) -> Path:
    """Where all of one training lies. Not created here."""
    return paths.cache_dir() / "transfer" / key


def save(folder: Path, state: TrainingState) -> None:
    """Raises ExplorerError when it cannot be written; what was there stays."""
    from safetensors.torch import save as to_bytes

    parts = {part: getattr(state, part) for part in _PARTS}
    tensors = {
        f"{part} {name}": value.detach().cpu().contiguous()
        for part, held in parts.items()
        for name, value in held.items()
    }
    make_folder(folder)
    export.write(folder / _FILE, to_bytes(tensors, {"progress": json.dumps(_plain(state.progress))}))


def read(folder: Path) -> TrainingState | None:
    """None when there is none; one that cannot be read counts as none."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / _FILE, "pt") as file:
            about = parsed(file.metadata()["progress"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        return TrainingState(_progress(about), *(_part(tensors, part) for part in _PARTS))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None


def told(
    target: TransferTarget,
    progress: TrainingProgress,
    phase: Phase,
    fraction: float,
    learnt: tuple[ModelSpec | None, int],
    counts: tuple[int, int, int],
) -> Training:
    """As it is told."""
    return Training(
        target,
        phase,
        np.array(progress.losses, np.float32),
        np.array(progress.ends, np.float32),
        tuple(progress.epochs),
        progress.best,
        learnt[0],
        learnt[1],
        min(1.0, fraction),
        counts,
        tuple(progress.notes),
    )


def save_result(folder: Path, progress: TrainingProgress, last: Training) -> None:
    """Keeps a finished training; the state to go on from goes. Raises ExplorerError."""
    assert last.result is not None
    held = {"progress": _plain(progress), "result": last.result.to_json(), "counts": list(last.counts)}
    make_folder(folder)
    export.write(folder / _RESULT, json.dumps(held).encode())
    (folder / _FILE).unlink(missing_ok=True)
    make_room(folder.parent.iterdir(), folder, _BUDGET)


def found(target: TransferTarget) -> Training | None:
    """What is kept: finished with its model, or as far as it had come."""
    folder = folder_of(target.key)
    try:
        held = parsed((folder / _RESULT).read_bytes())
        progress, counts = _progress(held["progress"]), tuple(held["counts"])
        result = _result(held["result"])
        if not verified(card := folder / f"{LEARNT}{SUFFIX}"):
            raise ValueError(tr("its model is not there"))
        last = told(target, progress, Phase.DONE, 1.0, (spec_of_card(card), progress.best), counts)
        return replace(last, result=result)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        state = read(folder)
    if state is None:
        return None
    done = state.progress.ends[-1] if state.progress.ends else 0.0
    cards = {int(path.stem[len(EPOCH) :]): path for path in folder.glob(f"{EPOCH}*{SUFFIX}")}
    learnt = (spec_of_card(cards[max(cards)]), max(cards)) if cards else (None, 0)
    return told(target, state.progress, Phase.PAUSED, done / target.params.epochs, learnt, (0, 0, 0))


def forget(folder: Path) -> None:
    """All that is kept of one training."""
    shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExplorerError(tr("The training could not be stored."), f"{folder}: {error.strerror}.") from None


def _plain(progress: TrainingProgress) -> dict[str, Any]:
    """As JSON takes it, which knows no NaN."""
    epochs = [[None if math.isnan(value) else value for value in asdict(e).values()] for e in progress.epochs]
    return {**asdict(progress), "epochs": epochs}


def _part(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    return {name.partition(" ")[2]: value for name, value in tensors.items() if name.partition(" ")[0] == part}


def _progress(about: Any) -> TrainingProgress:
    epochs = [EpochFigures(int(e[0]), *(math.nan if v is None else float(v) for v in e[1:])) for e in about["epochs"]]
    return TrainingProgress(**{**about, "epochs": epochs})


def _result(held: Mapping[str, Any]) -> TransferResult:
    matrix = held["confusion"]
    cells = {(int(row), int(column)): tuple(map(str, paths)) for row, column, paths in matrix["pictures"]}
    confusion = Confusion(tuple(matrix["labels"]), np.array(matrix["counts"], np.int64), cells)
    return TransferResult(**{**held, "confusion": confusion})
