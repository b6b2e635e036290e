"""A host of the Transfer workspace without a window, and a training at any stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fake_engine import FakeEngine
from fake_host import FakeSettings, capture, card
from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture
from explorer.core.data_sets import DataClass, DataPicture, DataSet
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.probe import Confusion
from explorer.core.session.comparison import Column
from explorer.core.session.session import Session
from explorer.core.transfer import (
    EpochFigures,
    Phase,
    Trainable,
    Training,
    TransferParams,
    TransferResult,
    TransferTarget,
)
from explorer.ui.state import Store

POINTS = ("stem", "stage1", "pool")
TRAINABLE = Trainable(card().digest, "", "head", POINTS, {"": 1000, "stem": 900, "stage1": 500, "pool": 40}, 1000)


class WorkshopHost(QObject):
    """What a workspace knows of the window."""

    captured, model_opened = Signal(object), Signal(object)
    parent_widget: Any = None

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__()
        self.client, self.settings, self.state = engine.client, FakeSettings(), Store(self)
        self.state.session = Session(workspace="transfer", tap="relu")
        self.card: ModelCard | None = card()
        self.capture: Capture | None = capture()
        self.words: list[str] = []
        self.failures: list[Failure] = []
        self.columns: list[tuple[Column, ...]] = []
        self.opened: list[ModelSpec] = []
        self.workspaces: list[str] = []

    @property
    def session(self) -> Session:
        return self.state.session

    @property
    def picture(self) -> Picture | None:
        return self.capture.picture if self.capture is not None else None

    def change(self, **fields: Any) -> None:
        self.state.update(**fields)

    def say(self, words: str) -> None:
        self.words.append(words)

    def fail(self, failure: Failure) -> None:
        self.failures.append(failure)

    def open_model(self, spec: ModelSpec) -> None:
        self.opened.append(spec)

    def open_input(self, _ref: InputRef) -> None:
        raise AssertionError

    def show_workspace(self, name: str) -> None:
        self.workspaces.append(name)
        self.state.put(workspace=name)

    def compare_columns(self, columns: Any) -> None:
        self.columns.append(tuple(columns))


def two_classes() -> DataSet:
    """Of four pictures each."""
    of = {name: tuple(DataPicture(f"{name}/{i}.png", name, size=1) for i in range(4)) for name in ("cat", "dog")}
    return DataSet("demo:pets", "/data", tuple(DataClass(name, pictures) for name, pictures in of.items()))


def training(epochs: int = 3, phase: Phase = Phase.LEARNING, done: bool = False, params: Any = None) -> Training:
    """A training after so many epochs, with its result or without."""
    target = TransferTarget(card().digest, two_classes(), params or TransferParams())
    ends = np.arange(1, epochs * 4 + 1, dtype=np.float32) / 4
    figures = tuple(EpochFigures(e, 1 / (e + 1), 1.2 / (e + 1), 0.5 + 0.02 * e) for e in range(epochs + 1))
    learnt = ModelSpec(f"card:/kept/epoch-{epochs}.json") if epochs else None
    counts, notes = (4, 2, 2), ("A note.",)
    told = Training(target, phase, 1 / (1 + ends), ends, figures, epochs, learnt, epochs, epochs / 20, counts, notes)
    return replace(told, phase=Phase.DONE, fraction=1.0, result=result(epochs)) if done else told


def result(best: int = 3) -> TransferResult:
    matrix = Confusion(("cat", "dog"), np.array([[1, 0], [0, 1]]), {(0, 0): ("cat/0.png",), (1, 1): ("dog/0.png",)})
    return TransferResult(best, 0.933, 0.894, 0.958, 0.931, matrix, 0.612, 14, True, 23456, 41.7)
