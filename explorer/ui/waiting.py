"""Says that the worker still computes, and for how long, with a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from explorer.core.progress import Progress
from explorer.core.requests import Lane
from explorer.core.translation import tr
from explorer.engine import desk as work
from explorer.engine.jobs.job import Event, RunningJob
from explorer.engine.jobs.runner import Runner
from explorer.ui.jobs.client import JobClient
from explorer.ui.notices import Notices

_LOOK_MS = 500
_SLOW_S = 3.0  # until it is said; what tells its own progress is given as long after each word of it
_SAID = {work.LIVE: tr("A frame of the live input is being computed")}


class Waiting(QObject):
    """Looks twice a second what runs. Torch's own loading is left alone: it cannot be stopped."""

    def __init__(self, client: JobClient, notices: Notices, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._notices, self._runner = client, notices, runner
        self._told: tuple[int, Progress] | None = None  # the last progress, of which ticket
        self._since_told = 0.0  # seconds that its work had run by then
        self._shown = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def heard(self, event: Event) -> None:
        """An event of the worker: its own words are kept, and stand as long as they are new."""
        running = self._runner.running
        self._told = (event.ticket, event.progress) if event.progress is not None else None
        self._since_told = running.seconds if running is not None else 0.0

    def look(self) -> None:
        """Says what runs for long; takes it away when it has ended."""
        running = self._runner.running
        if running is None or running.key == work.DEVICE or running.lane == Lane.PREFETCH:
            late = False
        else:
            late = running.seconds - (self._since_told if self._told else 0.0) >= _SLOW_S
        if not late:
            if self._shown:
                self._notices.progress_over()
            self._shown = False
        elif running is not None and (self._notices.kind != "error" or self._shown):
            self._shown = True
            self._notices.progress(Progress(self._words(running)), cancellable=True, over=True)

    def _words(self, running: RunningJob) -> str:
        what = self._told[1].text.rstrip(" …") if self._told else self._what(running)
        seconds = f"{running.seconds:.0f} s"
        if running.given_up:
            return tr("{what}: stopping, still running after {seconds}.", what=what, seconds=seconds)
        return tr("{what}: still running after {seconds}.", what=what, seconds=seconds)

    def _what(self, running: RunningJob) -> str:
        return _SAID.get(running.key) or self._client.saying(running.key) or tr("A computation")

    def give_up(self) -> bool:
        """What has run for long is to stop; False where nothing has."""
        running = self._runner.running
        if running is None or running.seconds < _SLOW_S or running.key == work.DEVICE:
            return False
        self._runner.give_up()
        self.look()
        return True

    def close(self) -> None:
        self._timer.stop()
