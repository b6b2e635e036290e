"""What the parts of the Transfer workspace share: the data set that has been read, the model, and where a person stands."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from explorer.core.data_sets import DataSet
from explorer.core.models import ModelCard
from explorer.core.params import plain, restored
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPlace
from explorer.ui.added_workspaces import WorkspaceHost

P = TypeVar("P")


class Lab(QObject):
    """`data_changed`: another data set has been read, or none is open; `model_changed`: Explore has another model; `moved` carries the
    old and the new session when the place, the layer or settings of the workspace have changed."""

    data_changed = Signal()
    model_changed = Signal()
    moved = Signal(object, object)

    def __init__(self, host: WorkspaceHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host = host
        self.data: DataSet | None = None
        self._remembered: dict[str, str] = {}  # settings of the last window, by name
        host.state.changed.connect(self._follow)
        host.state.arrived.connect(self._follow)
        host.model_opened.connect(self._opened)

    def _opened(self) -> None:
        self.model_changed.emit()

    def _follow(self, old: Session, new: Session) -> None:
        if (old.transfer, old.methods, old.tap) != (new.transfer, new.methods, new.tap):
            self.moved.emit(old, new)

    def set_data(self, data: DataSet | None) -> None:
        """A data set that has been read, or is without pictures that turned out to be unreadable."""
        self.data = data
        self.data_changed.emit()

    @property
    def card(self) -> ModelCard | None:
        return self.host.card

    @property
    def place(self) -> TransferPlace:
        return self.host.session.transfer

    def move(self, **fields: Any) -> None:
        """Another place: a step of the history."""
        self.host.change(transfer=replace(self.place, **fields))

    def params(self, name: str, kind: type[P]) -> P:
        """Settings of "probe" or "transfer": as the session has them, else as the last window had them."""
        if name not in self._remembered:
            self._remembered[name] = self.host.settings.text(f"method/{name}", "{}")
        text = dict(self.host.session.methods).get(name) or self._remembered[name]
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = {}
        return restored(kind, values if isinstance(values, dict) else {})

    def set_params(self, name: str, params: Any) -> None:
        """Other settings: a step of the history, and those of the next start."""
        text = json.dumps(plain(params))
        held = dict(self.host.session.methods)
        if name not in held:  # the step back leads to what was used so far
            held[name] = json.dumps(plain(self.params(name, type(params))))
            self.host.state.amend(methods=tuple(held.items()))
        self.host.settings.put(f"method/{name}", text)
        self.host.change(methods=tuple({**held, name: text}.items()))
