"""The system asks the process to end (SIGTERM, SIGHUP, SIGINT, the end of the person's session): the window is closed as by hand."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

_NAMES = ("SIGTERM", "SIGHUP", "SIGINT", "SIGBREAK")  # as far as the system has them

_Handler = Callable[[int, FrameType | None], object] | int | None  # as `signal.signal` returns it


class Ending(QObject):
    """Calls `close` once. A second signal ends the process as ever, for the window may hang. Only for the main thread."""

    def __init__(self, close: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._close = close
        self._before: dict[signal.Signals, _Handler] = {}
        # Python hears a signal only between two of its own instructions: the event loop is woken by what is written here
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        for name in _NAMES:
            number = getattr(signal, name, None)
            # what was ignored from outside (nohup) stays so
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._asked)
        self._wakeup = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)

    def _woken(self) -> None:
        try:
            self._reading.recv(4096)
        except OSError:
            pass

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)
        QTimer.singleShot(0, self._close)  # not here, in the middle of anything

    def stop(self) -> None:
        """As it was before."""
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        for end in (self._reading, self._writing):
            end.close()
