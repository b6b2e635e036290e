"""What surrounds a method page, without a window: settings in memory, and what a page has changed, said and saved."""

from __future__ import annotations

from typing import Any

import numpy as np
from fake_indexes import FakeIndexes
from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import LiveEdits
from explorer.core.model_output import Classes, Guess
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.selection import Selection
from explorer.core.session.session import Session
from explorer.ui.jobs.client import JobClient
from explorer.ui.model_pane.active_edits import Interventions
from explorer.ui.state import Store


class FakeSettings:
    def __init__(self, **values: str) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def number(self, name: str, default: int = 0) -> int:
        return int(self.values.get(name, default))

    def put(self, name: str, value: Any) -> None:
        self.values[name] = str(value)

    def recent(self, kind: str) -> list[str]:
        return self.values.get(f"recent/{kind}", "").split("\n") if self.values.get(f"recent/{kind}") else []

    def remember(self, kind: str, entry: str) -> None:
        self.values[f"recent/{kind}"] = "\n".join([entry, *(e for e in self.recent(kind) if e != entry)])


class FakePane:
    """What a pane shows."""

    def __init__(self) -> None:
        self.capture: Capture | None = None
        self.tap = "relu"
        self.playing = False


class FakeMap(QObject):
    banded = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.banding = False

    def set_banding(self, on: bool) -> None:
        self.banding = on


class FakeHost:
    parent_widget = None
    session = Session()
    shown = None

    def __init__(self, client: JobClient | None = None, **settings: str) -> None:
        self.settings, self.regions, self.pane = FakeSettings(**settings), FakeMap(), FakePane()
        self.live_edits: list[LiveEdits] = []
        if client is not None:
            self.state = Store(self.regions)
            self.state.amend(model=ModelSpec("net"), input=InputRef("clipboard"))
            self.interventions = Interventions(client, self.state, self.pane, self.live_edits.append, self.regions)
            self.state.changed.connect(self.interventions.follow)
        self.fields: dict[str, Any] = {}
        self.saved: dict[str, bytes] = {}
        self.words: list[str] = []
        self.opened: list[str] = []
        self.went: list[dict[str, Any]] = []
        self.workspaces: list[str] = []
        self.indexes = FakeIndexes()

    @property
    def playing(self) -> bool:
        return self.pane.playing

    def change(self, **fields: Any) -> None:
        self.fields |= fields

    def go(self, **fields: Any) -> None:
        self.went.append(fields)

    def show_workspace(self, name: str) -> None:
        self.workspaces.append(name)

    def save(self, path: str, make: Any) -> None:
        self.saved[path] = make()

    def note_params(self) -> None:
        """They are in the settings."""

    def say(self, words: str) -> None:
        self.words.append(words)

    def open_pixels(self, _pixels: Any, name: str) -> None:
        self.opened.append(name)


def picture(digest: str = "p") -> Picture:
    return Picture(InputRef("clipboard"), np.zeros((8, 8, 3), np.uint8), digest)


def card(name: str = "net") -> ModelCard:
    return ModelCard(ModelSpec(name), name, "file", WeightsInfo(True, sha256=name), Preprocess(8, 8))


def capture(model: str = "net", seen: str = "p", edits: str = "") -> Capture:
    """Of a network with one layer of 4 channels, 8 x 8 cells, the cells of channel c all c."""
    tap = Tap("relu", "relu", 0, "ReLU", Kind.ACTIVATION, shape=(1, 4, 8, 8), layout=Layout.NCHW, grid=(8, 8))
    values = {"relu": np.broadcast_to(np.arange(4, dtype=np.float32)[:, None, None], (4, 8, 8)).copy()}
    best = (Guess(1, "ring", 3.0, 0.75),)
    return Capture(card(model).digest, picture(seen), (tap,), values, Classes(best), edits=edits)


def selection(channel: int = 2, cell: tuple[int, int] | None = None, model: str = "net", seen: str = "p") -> Selection:
    of = capture(model, seen)
    return Selection(card(model), of, of.taps[0], channel, cell, of.prediction[0].index)
