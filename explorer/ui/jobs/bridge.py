"""The only object that two threads touch: a mailbox and one argument-less wake-up."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot

from explorer.engine.jobs.runner import Event, Lane


class Bridge(QObject):
    """Lives in the UI thread. The worker calls `post`; `received` is emitted in the UI thread, once an event.

    Of forward and live results and of progress only the newest of a key is delivered: a queue that grows while the UI is
    busy would hold every frame.
    """

    received = Signal(object)
    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._mail: dict[object, Event] = {}
        self._serial = 0
        self._closed = False
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Called on the worker thread."""
        with self._lock:
            if self._closed:
                return
            first = not self._mail
            slot = self._slot(event)
            self._mail.pop(slot, None)  # the newest goes to the end: order among keys is kept
            self._mail[slot] = event
        if first:
            self._wake.emit()

    def close(self) -> None:
        """Nothing is delivered after this."""
        with self._lock:
            self._closed = True
            self._mail.clear()

    def _slot(self, event: Event) -> object:
        newest_wins = event.progress is not None or (event.partial and event.lane in (Lane.LIVE, Lane.METHOD))
        if newest_wins or (event.lane == Lane.FORWARD and event.value is not None):
            return event.lane, event.key, event.progress is not None, event.partial
        self._serial += 1
        return self._serial

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            mail, self._mail = list(self._mail.values()), {}
        for event in mail:
            if not self._closed:
                self.received.emit(event)
