"""Fine-tuning a copy of an open model on classes of one's own: what is asked, how far it is, what came of it.

`Train` streams `Training` values, then the finished one. Cancelling it is a pause: the same request goes on from where it
was, in another process too. `learnt` is a model that opens beside the one it was made from, like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import NoneType
from typing import Any, ClassVar

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet
from explorer.core.inputs import Picture
from explorer.core.models import ModelSpec
from explorer.core.params import choice, integer, layer, plain, real
from explorer.core.probe import Confusion
from explorer.core.requests import Lane, Request
from explorer.core.translation import msgid, tr

RECIPE = 2  # raised whenever the same settings learn something else, so that an old state is not gone on with
_ANSWERS = "explorer.engine.transfer.transfer_answers"


@dataclass(frozen=True, slots=True)
class TransferParams:
    """What stays as it is, where the new last layer starts, and how it learns."""

    freeze: str = layer(
        tr("Freeze up to"), tr("This layer and all before it keep their values; none: everything learns")
    )
    head: str = choice(
        "probe",
        ("probe", "random"),
        tr("New last layer starts"),
        tr("As a logistic regression of the features before it, or with random weights"),
        titles=(tr("as the probe"), tr("at random")),
        option="--from",
    )
    epochs: int = integer(20, tr("Epochs"), tr("How often every training picture is seen"), low=1, high=10_000)
    batch: int = integer(
        32, tr("Batch"), tr("Pictures of a step; with fewer than 16, BatchNorm keeps its statistics"), low=1, high=1024
    )
    rate: float = real(
        0.01, tr("Learning rate"), tr("Of the new last layer, at its highest"), low=1e-7, high=10.0, step=0.001
    )
    body: float = real(
        0.1, tr("Rate of the rest"), tr("As a share of that of the last layer"), low=0.0, high=10.0, step=0.1
    )
    augmentation: str = choice(
        "none",
        ("none", "shift", "flip", "strong"),
        tr("Augmentation"),
        tr("Training pictures are changed each time they are seen; the frozen part is then computed every time"),
        titles=(tr("none"), tr("shift"), tr("shift and mirror"), tr("shift, mirror and brightness")),
    )
    per_class: int = integer(
        0,
        tr("Pictures per class"),
        tr("Drawn from those that are not tested; 0: all"),
        low=0,
        high=1_000_000,
        least=tr("all"),
    )
    seed: int = integer(
        0, tr("Seed"), tr("Of the split, the draw, the order, the augmentation and dropout"), low=0, high=1 << 31
    )


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Which model learns what, and how."""

    model: str  # ModelCard.digest
    data: DataSet
    params: TransferParams = field(default_factory=TransferParams)

    @property
    def key(self) -> str:
        """32 hex digits; other pictures, or the same ones changed, have another."""
        pictures = [p.identity for p in self.data.pictures]
        told = [RECIPE, self.model, self.data.folder, pictures, plain(self.params)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """After an epoch; epoch 0 is before anything was learnt. Validation is NaN where no picture could be spared for it."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float  # 0..1


class Phase(StrEnum):
    """What is done now."""

    PREPARING = msgid("preparing")
    FROZEN_PART = msgid("computing the frozen part")
    LEARNING = msgid("learning")
    TESTING = msgid("testing")
    PAUSED = msgid("paused")
    DONE = msgid("done")


@dataclass(frozen=True, slots=True, eq=False)
class TransferResult:
    """What came of it. All figures are of the test pictures, which had no part in learning nor in choosing the epoch."""

    best_epoch: int  # of the validation pictures; the last one where there are none
    accuracy: float  # 0..1
    low: float  # 95 % Wilson interval of the accuracy
    high: float
    balanced: float  # mean of the classes' recalls
    confusion: Confusion
    before: float  # accuracy before anything was learnt, with the new last layer as it started
    frozen_taps: int  # layers whose maps were compared with the original's after learning
    frozen_same: bool  # and found equal to the last bit, with all frozen parameters and buffers
    learnt_parameters: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        plain = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "confusion"}
        matrix = self.confusion
        rows = {
            "labels": list(matrix.labels),
            "counts": matrix.counts.tolist(),
            "pictures": [[row, column, list(paths)] for (row, column), paths in sorted(matrix.cells.items())],
        }
        return {**plain, "confusion": rows}


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """How far it is; with a `result` it is done. Series are complete from the first step on."""

    target: TransferTarget
    phase: Phase
    losses: Array  # (steps so far,) float32: training loss of each step
    ends: Array  # (steps so far,) float32: epochs that were done after it, 0.25 after a quarter of the first
    epochs: tuple[EpochFigures, ...] = ()
    best: int = 0  # the epoch that is kept so far
    learnt: ModelSpec | None = None  # the model after one of the last epochs, at the end that of the best epoch
    learnt_epoch: int = 0  # which one
    fraction: float = 0.0  # of the phase
    counts: tuple[int, int, int] = (0, 0, 0)  # pictures learnt from, of validation, of the test
    notes: tuple[str, ...] = ()  # what a person must know: "Out of memory: 16 pictures a step from here on."
    result: TransferResult | None = None

    @property
    def done(self) -> bool:
        return self.result is not None


@dataclass(frozen=True, slots=True)
class Trainable:
    """What can be learnt of a model. `reason` says why nothing can ("": it can)."""

    model: str  # ModelCard.digest
    reason: str = ""
    head: str = ""  # the tap of the layer that is replaced
    points: tuple[str, ...] = ()  # taps up to which can be frozen, in execution order
    learning: Mapping[str, int] = field(default_factory=dict)  # parameters that learn with each; "": with none frozen
    parameters: int = 0  # of the whole model


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written; `card` opens the model again."""

    card: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Train(Request[Training]):
    """Learns; goes on where the same target was left. Raises ExplorerError where the model or the data set cannot be used."""

    handler: ClassVar[str] = f"{_ANSWERS}:train"
    answer: ClassVar[type] = Training
    saying: ClassVar[str] = tr("The training")

    target: TransferTarget


@dataclass(frozen=True)
class FinishTraining(Request[Training]):
    """Stops it for good: the result of the best epoch so far. To be asked under the key of the `Train` whose place it takes."""

    handler: ClassVar[str] = f"{_ANSWERS}:finish_training"
    answer: ClassVar[type] = Training
    saying: ClassVar[str] = tr("The training")

    target: TransferTarget


@dataclass(frozen=True)
class FindTraining(Request[Training | None]):
    """What is kept of a target: finished, paused, or None. Computes nothing."""

    handler: ClassVar[str] = f"{_ANSWERS}:find_training"
    answer: ClassVar[tuple[type, ...]] = (Training, NoneType)
    lane: ClassVar[Lane] = Lane.FORWARD

    target: TransferTarget


@dataclass(frozen=True)
class ForgetTraining(Request[None]):
    """Throws away what is kept of a target. To be asked under the key of the `Train` whose place it takes."""

    handler: ClassVar[str] = f"{_ANSWERS}:forget_training"
    answer: ClassVar[type] = NoneType

    target: TransferTarget


@dataclass(frozen=True)
class AskTrainable(Request[Trainable]):
    """Whether a model can learn, and up to which layers it can be frozen; a picture tells which layers there are."""

    handler: ClassVar[str] = f"{_ANSWERS}:ask_trainable"
    answer: ClassVar[type] = Trainable
    lane: ClassVar[Lane] = Lane.FORWARD

    model: str  # ModelCard.digest
    picture: Picture = field(compare=False, repr=False)


@dataclass(frozen=True)
class ExportLearnt(Request[Exported]):
    """Writes NAME.safetensors, NAME.labels.txt, NAME.py where plain torch can open it, and last NAME.json."""

    handler: ClassVar[str] = f"{_ANSWERS}:export_learnt"
    answer: ClassVar[type] = Exported
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The model is being saved")

    learnt: ModelSpec  # Training.learnt
    path: str  # FOLDER/NAME; the suffix .json may be there
