"""What surrounds the Transfer workspace, without a window: a session, settings in memory, what was opened and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_engine import FakeEngine
from fake_host import FakeSettings, capture, card, picture
from fake_indexes import FakeIndexes
from PySide6.QtCore import QObject, Signal

from explorer.core.data_sets import DataClass, DataPicture, DataSet
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPlace
from explorer.ui.state import Store
from explorer.ui.transfer.lab import Lab


class FakeLabHost(QObject):
    """`opened`, `columns`, `workspaces`, `words`, `failures`: what was asked of the window."""

    captured, model_opened = Signal(object), Signal(object)
    parent_widget = None

    def __init__(self) -> None:
        super().__init__()
        self.engine = FakeEngine()
        self.client, self.settings, self.state = self.engine.client, FakeSettings(), Store(self)
        self.state.amend(model=ModelSpec("net"), input=InputRef("clipboard"), tap="relu")
        self.card: ModelCard | None = card()
        self.capture, self.picture = capture(), picture()
        self.opened: list[Any] = []
        self.columns: list[Any] = []
        self.workspaces: list[str] = []
        self.words: list[str] = []
        self.failures: list[Failure] = []
        self.saved: dict[str, bytes] = {}
        self.indexes = FakeIndexes()
        self.went: list[dict[str, Any]] = []

    @property
    def session(self) -> Session:
        return self.state.session

    def change(self, **fields: Any) -> None:
        self.state.update(**fields)

    def go(self, **fields: Any) -> None:
        self.went.append(fields)
        self.state.note(**{k: v for k, v in fields.items() if k not in ("model", "input")})

    def say(self, words: str) -> None:
        self.words.append(words)

    def fail(self, failure: Failure) -> None:
        self.failures.append(failure)

    def save(self, path: str, make: Any) -> None:
        self.saved[path] = make()

    def open_input(self, ref: Any) -> None:
        self.opened.append(ref)

    def open_model(self, spec: Any) -> None:
        self.opened.append(spec)

    def show_workspace(self, name: str) -> None:
        self.workspaces.append(name)

    def compare_columns(self, columns: Any) -> None:
        self.columns.append(tuple(columns))


def data_set(classes: int = 2, each: int = 8, name: str = "things") -> DataSet:
    """Classes a, b, ... with pictures a/0.png, a/1.png, ..."""
    made = (
        DataClass(label, tuple(DataPicture(f"{label}/{n}.png", label, size=n + 1) for n in range(each)))
        for label in "abcdefghij"[:classes]
    )
    return DataSet(name, f"/{name}", tuple(made))


def lab(data: DataSet | None = None) -> Lab:
    """A lab with a model, and with a data set where one is given."""
    host = FakeLabHost()
    made = Lab(host, host)  # type: ignore[arg-type]
    if data is not None:
        host.state.amend(transfer=TransferPlace(data=data.name))
        made.set_data(data)
    return made


def without_model(made: Lab) -> Lab:
    """The same before a model is open."""
    made.host.card = None  # type: ignore[misc]
    return made


def moved(made: Lab, **fields: Any) -> None:
    """Another place of the workspace."""
    made.host.change(transfer=replace(made.place, **fields))
