"""Work on files on a thread of its own: a slow disk stops no window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from explorer.core.errors import ExplorerError, Failure
from explorer.core.translation import tr
from explorer.ui.notices import failure_of

T = TypeVar("T")
_Work = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Failure], None]]
_LAST_S = 5.0  # at the end


class FileHand(QObject):
    """One thing after the other, in the order it was asked for. Answers come in the thread that this lives in."""

    _answered = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._open = 0
        self._answered.connect(self._tell)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._open > 0

    def do(self, work: Callable[[], T], then: Callable[[T], None], failed: Callable[[Failure], None]) -> None:
        """Calls `work` on the thread, then one of the others here. `work` may raise OSError and ExplorerError."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work_all, name="pictures", daemon=True)
            self._thread.start()
        self._open += 1
        self._works.put((work, then, failed))

    def close(self) -> None:
        """Waits for what was begun; no answer comes any more."""
        self._answered.disconnect(self._tell)
        self._open = 0
        if self._thread is not None:
            self._works.put(None)
            self._thread.join(_LAST_S)

    def _tell(self, take: Callable[[Any], None], value: object) -> None:
        self._open -= 1
        take(value)

    def _work_all(self) -> None:
        while (asked := self._works.get()) is not None:
            work, then, failed = asked
            try:
                answer = then, work()
            except ExplorerError as error:
                answer = failed, failure_of(error)
            except OSError as error:
                answer = failed, _failure(error)
            try:
                self._answered.emit(*answer)
            except RuntimeError:  # the window is gone
                return


def _failure(error: OSError) -> Failure:
    where = f"{error.filename}: " if error.filename else ""
    todo = tr("Free some space, or allow writing there.")
    return Failure(tr("Files could not be written."), f"{where}{error.strerror or error}.", todo)
