"""The one document: the session, its history, and where a step of it or a session file is leading."""

from __future__ import annotations

import re
from dataclasses import replace
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.history import History
from explorer.core.session.session import Session, changed

_REST = 0.7  # seconds after which a hand has stopped
_AT_ONCE = (
    "workspace",
    "page",
    "methods",
    "pinned",
    "comparison",
    "transfer",
    "dataset",
)  # is shown before a model or an input has come


class Store(QObject):
    """The only owner of the session and of its history.

    `changed` carries the old and the new session after a change that the panels of Explore are to follow; `arrived` after a step
    back or forward, or when a session file is opened, what is to be shown before its model and input have come. `history_changed`
    says that there may be another way back or forward.
    """

    changed = Signal(object, object)
    arrived = Signal(object, object)
    history_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = Session()
        self.history = History(self.session)
        self.target: Session | None = None  # what is being opened, while its model or input is still to come
        self.lost: Session | None = None  # what could not be reached, for its model was not there
        self.moving = False  # whether the input moves: its frames are no steps
        self._last = 0.0  # when the last change was made

    # --- changes ---

    def update(self, **fields: Any) -> None:
        """A change by a person: a step of the history; panels follow."""
        old, self.session = self.session, replace(self.session, **fields)
        self._record()
        self.changed.emit(old, self.session)

    def note(self, **fields: Any) -> None:
        """A change by a person that has been drawn already: a step of the history."""
        self.session = replace(self.session, **fields)
        self._record()

    def take(self, **fields: Any) -> None:
        """What has come of what was asked for. It is a step, unless it is on the way to a target, which it may complete."""
        self.note(**fields)
        self._reach()

    def amend(self, **fields: Any) -> None:
        """The present has settled (a live frame, the first layer of a new model): no step of its own."""
        self.session = replace(self.session, **fields)
        if self.target is None and self.history.amend(self.session):
            self.history_changed.emit()

    def put(self, **fields: Any) -> None:
        """Fields that go along with the next step."""
        self.session = replace(self.session, **fields)

    def mark_saved(self, step: Session | None) -> None:
        """This step of the history lies in a file; None: none does."""
        self.history.saved = step
        self.history_changed.emit()

    # --- going somewhere else ---

    def back(self) -> None:
        """Takes the last change back, wherever it was made."""
        self._go(self.history.back())

    def forward(self) -> None:
        """Makes the change again that was taken back last."""
        self._go(self.history.forward())

    def undo(self, name: str, forget: bool = False) -> bool:
        """Takes the last change of one field back (`History.undo`); whether there was one."""
        if not self.can_undo(name):
            return False
        self.history.undo(name, forget)
        self._go(replace(self.history.now, workspace=self.session.workspace, page=self.session.page))
        return True

    def can_undo(self, name: str) -> bool:
        """Whether there is a last change of one field, of the model that is open."""
        return self.session.model == self.history.now.model and self.history.can_undo(name)

    def open(self, session: Session) -> None:
        """A session file: a step."""
        self._step(session)
        self._go(session)

    def give_up(self, name: str) -> None:
        """The "model" or the "input" of what was on its way cannot be had. Without its input all the rest is still reached, with the
        input that is open; without its model nothing is, but `lost` keeps it."""
        if self.target is None:
            return
        if name == "input":
            self.target = replace(self.target, input=self.session.input)
            self._reach()
            return
        self.lost, self.target = self.target, None
        self.history.amend(self.session)
        self.history_changed.emit()

    def find_again(self) -> None:
        """Where the model is open now that `lost` was about, from another place: what was selected and set in it comes back."""
        lost, now = self.lost, self.session
        if self.target is not None or lost is None or not _same_model(lost.model, now.model):
            return
        self.lost, self.target = None, replace(lost, model=now.model, input=now.input)
        self._reach()

    @property
    def on_its_way(self) -> bool:
        """Whether another session is being opened, and this one is half of it."""
        return self.target is not None

    def _go(self, session: Session | None) -> None:
        if session is None:
            return
        now = self.session
        if not session.comparison.columns:  # of before Compare was opened, or of an older file
            session = replace(session, comparison=now.comparison)
        if self.moving and _of_one_clip(session.input, now.input):
            session = replace(session, input=now.input)
        self.target, self.lost = session, None
        self.session = replace(now, **{name: getattr(session, name) for name in _AT_ONCE})
        self.history_changed.emit()
        self.arrived.emit(now, self.session)
        self._reach()

    def _reach(self) -> None:
        target, now = self.target, self.session
        if target is None or any(
            wanted is not None and wanted != present
            for wanted, present in ((target.model, now.model), (target.input, now.input))
        ):
            return
        self.target = None
        names = changed(now, target) - {"model", "input", *_AT_ONCE}
        self.session = replace(now, **{name: getattr(target, name) for name in names})
        self.history.amend(self.session)
        self.history_changed.emit()
        self.changed.emit(now, self.session)

    # --- history ---

    def _record(self) -> None:
        if self.target is None:
            self._step(self.session)

    def _step(self, session: Session) -> None:
        """What comes before there is a model and an input is no step: nobody goes back to an empty window."""
        before, self._last = self._last, monotonic()
        if self.history.now.model is None or self.history.now.input is None:
            self.history.amend(session)
        else:
            self.history.push(session, quick=self._last - before < _REST)
        self.history_changed.emit()


def _same_model(one: ModelSpec | None, other: ModelSpec | None) -> bool:
    """Whether two models are called alike, wherever their files lie."""
    return one is not None and other is not None and _file_name(one) == _file_name(other)


def _file_name(spec: ModelSpec) -> tuple[str, str]:
    """Its source, and its name without the folder where that is a path."""
    source, _, name = spec.id.partition(":")
    return source, re.split(r"[/\\]", name)[-1]


def _of_one_clip(one: InputRef | None, other: InputRef | None) -> bool:
    """Whether two inputs are frames of the same."""
    return one is not None and other is not None and replace(one, frame=other.frame) == other
