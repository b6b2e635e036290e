"""The board of Compare without a window: a document in a store, and columns that hold what is there and draw nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from fake_host import capture
from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Capture, Tap
from explorer.core.inputs import Picture
from explorer.core.interventions import Edits
from explorer.core.models import ModelCard
from explorer.core.session.comparison import Column, Comparison
from explorer.ui.compare.view import ColumnView
from explorer.ui.state import Store


def film(*names: str) -> tuple[Tap, ...]:
    """Layers of these names, all of one shape."""
    return tuple(replace(capture().taps[0], name=name) for name in names)


class FakeColumnView:
    """What a column holds; its film is that of its last capture."""

    fits = ColumnView.fits
    unfit = ColumnView.unfit
    seen = ColumnView.seen

    def __init__(self, key: int) -> None:
        self.key, self.status, self.partial = key, "", False
        self.card: ModelCard | None = None
        self.of: ModelCard | None = None
        self.picture: Picture | None = None
        self.capture: Capture | None = None
        self.edits: Edits = ()
        self.film: tuple[Tap, ...] = ()
        self.strides: tuple[float | None, ...] = ()
        self.routes: dict[int, tuple[int, ...]] = {}
        self.pages: list[int] = []
        self.layers = SimpleNamespace(index=self._index)
        self.panel = SimpleNamespace(strip=SimpleNamespace(current=0, page=self.pages.append))

    def set_capture(self, shown: Capture) -> None:
        self.capture, self.film, self.of, self.status = shown, shown.taps, self.card, ""

    def _index(self, name: str) -> int:
        return next((at for at, tap in enumerate(self.film) if tap.name == name), 0)


class FakeBoard(QObject):
    """`steps` are the documents that became steps of the history; `drawn` counts drawings, `channels` those of channels only."""

    missing = Signal(int)

    def __init__(self, count: int) -> None:
        super().__init__()
        self.store = Store(self)
        self.views: dict[int, Any] = {key: FakeColumnView(key) for key in range(count)}
        self.steps: list[Comparison] = []
        self.drawn = self.channels = 0
        self.focus = -1
        self.settle(Comparison(tuple(Column(key) for key in self.views)))

    @property
    def doc(self) -> Comparison:
        return self.store.session.comparison

    def note(self, doc: Comparison) -> None:
        self.steps.append(doc)
        self.store.note(comparison=doc)

    def settle(self, doc: Comparison) -> None:
        self.store.amend(comparison=doc)

    def change(self, doc: Comparison) -> None:
        self.note(doc)
        self.show()

    def show(self) -> None:
        self.drawn += 1

    def show_channels(self, doc: Comparison) -> None:
        self.note(doc)
        self.channels += 1
