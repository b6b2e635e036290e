"""Keeps the session on disk while the window is open: what ends the process takes the last second at most."""

from __future__ import annotations

import threading
from dataclasses import replace
from queue import SimpleQueue

from PySide6.QtCore import QByteArray, QObject, QTimer, Signal

from explorer import catalogue
from explorer.core.errors import ExplorerError
from explorer.core.session.last_session import Last
from explorer.core.session.session import Session, to_json
from explorer.core.translation import tr
from explorer.ui.controller import Controller
from explorer.ui.notices import failure_of

HANDED_OVER = "live:"  # models of a running program, which are there in this window alone
_EVERY = 1000  # ms


class Keeper(QObject):
    """Looks once a second whether something has changed, and writes on a thread of its own: a slow disk stops no window."""

    _failed = Signal(str)

    def __init__(self, controller: Controller, last: Last) -> None:
        super().__init__(controller)
        self._controller, self._last = controller, last
        self._kept: Session | None = None
        self._geometry = QByteArray()
        self._said = False
        self._texts: SimpleQueue[str | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="keeper", daemon=True)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.look)
        self._failed.connect(self._say)

    def start(self) -> None:
        """Begins to look; again: nothing."""
        if not self._timer.isActive():
            self._writer.start()
            self._timer.start()

    def look(self) -> None:
        """Keeps session and place of the window where they are others than last time."""
        geometry = self._controller.window.saveGeometry()
        if geometry != self._geometry:
            self._geometry = geometry
            self._controller.settings.put("geometry", geometry)
        if self._controller.on_its_way:
            return  # half of a session that is being opened
        session = lasting(self._controller.whole_session(), self._kept)
        if session is not None and session != self._kept:
            self._kept = session
            self._texts.put(to_json(session))

    def close(self) -> None:
        """Keeps what there is, and waits until it is written; called once."""
        self._timer.stop()
        self.look()
        self._texts.put(None)
        if self._writer.ident is None:  # it never began
            self._write_all()
        else:
            self._writer.join(5)

    def _write_all(self) -> None:
        while (text := self._texts.get()) is not None:
            while not self._texts.empty():  # only the newest counts
                newer = self._texts.get()
                if newer is None:
                    self._write(text)
                    return
                text = newer
            self._write(text)

    def _write(self, text: str) -> None:
        try:
            self._last.write(text)
        except OSError as error:
            try:
                self._failed.emit(str(error.strerror or error))
            except RuntimeError:  # the window is gone
                pass

    def _say(self, why: str) -> None:
        """Once: it would be the same every second."""
        if self._said:
            return
        self._said = True
        folder = self._last.file.parent
        what = tr("The session cannot be saved: changes are lost at the next start.")
        error = ExplorerError(
            what,
            tr("{folder} cannot be written to: {why}.", folder=folder, why=why),
            tr("Free some space there, or save the session elsewhere (Ctrl+S)."),
        )
        self._controller.fail(failure_of(error))


def lasting(session: Session, before: Session | None) -> Session | None:
    """As it can be opened again: with the last input of a file in the place of the camera or the clipboard. None: there is
    nothing yet that could be."""
    if session.model is None:
        return None
    if session.model.id.startswith(HANDED_OVER):
        return before
    if session.input is not None and catalogue.lasts(session.input.kind):
        return session
    return replace(session, input=before.input) if before is not None else None
