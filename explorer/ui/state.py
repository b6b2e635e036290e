"""The one document: the session, its history, and where a step of it or a session file is leading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core.session.history import History
from explorer.core.session.session import Session, changed

_REST_MS = 700


class Store(QObject):
    """The only owner of the session. `changed` carries the old and the new one after a change that panels are to follow;
    `history_changed` says that there may be another way back or forward."""

    changed = Signal(object, object)
    history_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = Session()
        self.history = History(self.session)
        self.target: Session | None = None  # what is being opened, while its model or input is still to come
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)

    # --- changes ---

    def update(self, **fields: Any) -> None:
        """A change by a person: a step of the history; panels follow."""
        old, self.session = self.session, replace(self.session, **fields)
        self._record()
        self.changed.emit(old, self.session)

    def take(self, **fields: Any) -> None:
        """What has come of what was asked for. It is a step, unless it is on the way to a target, which it may complete."""
        self.session = replace(self.session, **fields)
        self._record()
        self._reach()

    def amend(self, **fields: Any) -> None:
        """The present has settled (a live frame, the first layer of a new model): no step of its own."""
        self.session = replace(self.session, **fields)
        if self.target is None:
            self.history.amend(self.session)

    def put(self, **fields: Any) -> None:
        """Fields that go along with the next step."""
        self.session = replace(self.session, **fields)

    # --- going somewhere else ---

    def go_to(self, session: Session) -> None:
        """Shows another session as soon as its model and input are there."""
        self.target = session
        self._reach()

    def give_up(self) -> None:
        """What was on its way cannot be reached."""
        self.target = None

    @property
    def on_its_way(self) -> bool:
        """Whether another session is being opened, and this one is half of it."""
        return self.target is not None

    def _reach(self) -> None:
        target, now = self.target, self.session
        if target is None or any(
            wanted is not None and wanted != present
            for wanted, present in ((target.model, now.model), (target.input, now.input))
        ):
            return
        self.target = None
        names = changed(now, target) - {"model", "input"}
        self.session = replace(now, **{name: getattr(target, name) for name in names})
        self.history.settle(self.session)
        self.history_changed.emit()
        self.changed.emit(now, self.session)

    # --- history ---

    def _record(self, rest: bool = False) -> None:
        if self.target is None:
            self.history.push(self.session, rest)
            self.history_changed.emit()
            if not rest:
                self._rest.start()

    def _rested(self) -> None:
        self._record(rest=True)

    def close(self) -> None:
        """Stops its timer; called once, when the window closes."""
        self._rest.stop()
