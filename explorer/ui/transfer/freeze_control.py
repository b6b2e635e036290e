"""What stands behind the strip of layers: which layer is selected, up to which one is frozen, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from explorer.core.activations import Capture
from explorer.core.session.session import Session
from explorer.core.transfer import Trainable, TransferResult
from explorer.core.translation import tr
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.training_words import frozen_words

_OTHER = tr("A copy of another model learns: its settings are locked until then")


class FreezeView(Protocol):
    """What the control needs of the strip: `FreezeStrip`, or in a test a plain object."""

    chosen: SignalInstance
    frozen: SignalInstance

    def set_capture(self, capture: Capture, session: Session) -> None: ...
    def set_tap(self, tap: str) -> None: ...
    def set_points(self, points: Sequence[str]) -> None: ...
    def set_freeze(self, tap: str) -> None: ...
    def set_caption(self, words: str) -> None: ...
    def set_locked(self, on: bool) -> None: ...
    def beside(self, steps: int) -> str: ...
    def stop(self) -> None: ...


class FreezeControl(QObject):
    """`frozen` carries the layer up to which a person wants to freeze ("": none)."""

    frozen = Signal(str)

    def __init__(self, lab: Lab, view: FreezeView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self.view = lab, view
        self._of: Trainable | None = None
        self._locked = False
        view.chosen.connect(self._choose)
        view.frozen.connect(self._drag)

    def show_capture(self) -> None:
        """The layers and maps of Explore."""
        if self._lab.host.capture is not None:
            self.view.set_capture(self._lab.host.capture, self._lab.host.session)

    def show_tap(self) -> None:
        """The layer that is selected in Explore."""
        self.view.set_tap(self._lab.host.session.tap)

    def show(self, of: Trainable | None, freeze: str, result: TransferResult | None, locked: bool) -> None:
        """Where the line stands, where it could, and what that means."""
        self._of, self._locked = of, locked
        self.view.set_points(of.points if of is not None else ())
        self.view.set_freeze(freeze)
        self.view.set_locked(locked)
        self.view.set_caption(_OTHER if locked and of is None else _said(of, freeze, result))

    def finish(self) -> None:
        """The window goes."""
        self.view.stop()

    def _choose(self, tap: str) -> None:
        self._lab.host.change(tap=tap)

    def _drag(self, tap: str, over: bool) -> None:
        self.view.set_caption(frozen_words(self._of, tap))
        if over:
            self.frozen.emit(tap)

    # --- commands ---

    def less(self) -> None:
        """The line one place to the left."""
        self.frozen.emit(self.view.beside(-1))

    def more(self) -> None:
        """The line one place to the right."""
        self.frozen.emit(self.view.beside(1))

    def why_not(self) -> str:
        """Why the line cannot be moved; "" where it can."""
        if self._of is None or self._of.reason:
            return tr("There is no model whose copy can learn.")
        return tr("The settings are locked while it learns.") if self._locked else ""


def _said(of: Trainable | None, freeze: str, result: TransferResult | None) -> str:
    if of is not None and of.reason:
        return of.reason
    return frozen_words(of, freeze, result)
