"""Pictures of the camera into the folder of a class, as long as a button is held: one burst."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError, Failure
from explorer.core.translation import tr
from explorer.ui.notices import failure_of
from explorer.ui.transfer.class_files import burst_file, next_burst, save_frame
from explorer.ui.transfer.file_hand import FileHand

GAP_S = 0.12  # seconds between two pictures of a burst: about eight a second
BEHIND = 16  # pictures that wait for a slow disk; what comes beyond is left out
MOST = 500  # pictures of a burst
_LOOK_MS = 30  # the camera's next frame is converted after this


class CaptureCamera(Protocol):
    """What a `Camera` is for a recorder."""

    @property
    def frame(self) -> SignalInstance: ...

    @property
    def failed(self) -> SignalInstance: ...

    @property
    def running(self) -> bool: ...

    def start(self, device_id: str = "") -> None: ...

    def stop(self) -> None: ...

    def ready(self) -> None: ...

    def cameras(self) -> list[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Burst:
    """Pictures of a class that were captured in one go; `count` is of those that were written."""

    folder: Path
    number: int
    count: int


@dataclass(slots=True)
class _Run:
    folder: Path
    number: int
    sent: int = 0
    written: int = 0
    answered: int = 0
    held: bool = True
    told: bool = False
    broken: bool = False


class BurstRecorder(QObject):
    """`frame` carries what the camera sees while it is open, `counted` how many pictures of the burst are written, `ended` a Burst
    once all of them are, `failed` a Failure: the camera's or the disk's. The camera is open while a burst is held or `preview` is
    on."""

    frame = Signal(object)
    counted = Signal(int)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        camera: CaptureCamera,
        hand: FileHand,
        parent: QObject | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self._camera, self._hand, self._clock = camera, hand, clock
        self.device = ""  # the camera's id, "" for the system's first choice
        self._run: _Run | None = None
        self._used: dict[Path, int] = {}  # numbers of bursts, also of those that are still being written
        self._preview, self._last = False, 0.0
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(camera.ready)
        camera.frame.connect(self._came)
        camera.failed.connect(self._lost)

    @property
    def recording(self) -> bool:
        """Whether a burst is held."""
        return self._run is not None

    @property
    def previewing(self) -> bool:
        return self._preview

    def set_preview(self, on: bool) -> None:
        """Whether the camera is open without a burst."""
        self._preview = on
        self._turn()

    def set_device(self, device: str) -> None:
        """Another camera, at once where one is open."""
        self.device = device
        if self._camera.running:
            self._camera.start(device)

    def begin(self, folder: Path) -> None:
        """A burst into the folder of a class, until `end`."""
        if self._run is not None:
            return
        try:
            number = max(next_burst(folder), self._used.get(folder, 0) + 1)
        except OSError as error:
            why = f"{folder}: {error.strerror or error}."
            self.failed.emit(
                Failure(
                    tr("Nothing can be captured into “{folder}”.", folder=folder.name),
                    why,
                    tr("Read the folder again."),
                )
            )
            return
        self._used[folder], self._last = number, float("-inf")
        self._run = _Run(folder, number)
        self._turn()

    def end(self) -> None:
        """The burst is over; `ended` comes when it is written."""
        run, self._run = self._run, None
        if run is not None:
            run.held = False
            self._turn()
            self._settle(run)

    def close(self) -> None:
        """Nothing is wanted any more."""
        self._preview = False
        self.end()
        self._camera.stop()
        self._look.stop()

    # --- the camera

    def _turn(self) -> None:
        wanted = self._preview or self._run is not None
        if wanted and not self._camera.running:
            self._camera.start(self.device)
        elif not wanted and self._camera.running:
            self._look.stop()
            self._camera.stop()

    def _lost(self, error: ExplorerError) -> None:
        self._preview = False
        self.failed.emit(failure_of(error))
        self.end()

    def _came(self, pixels: Array) -> None:
        self._look.start()
        self.frame.emit(pixels)
        run, now = self._run, self._clock()
        if run is None or now - self._last < GAP_S or run.sent - run.answered >= BEHIND:
            return
        self._last = now
        run.sent += 1
        path = burst_file(run.folder, run.number, run.sent)
        self._hand.do(partial(save_frame, path, pixels), partial(self._wrote, run), partial(self._broke, run))
        if run.sent >= MOST:
            self.end()

    # --- the disk

    def _wrote(self, run: _Run, _nothing: None) -> None:
        run.answered += 1
        run.written += 1
        if run is self._run:
            self.counted.emit(run.written)
        self._settle(run)

    def _broke(self, run: _Run, failure: Failure) -> None:
        run.answered += 1
        if not run.broken:
            run.broken = True
            self.failed.emit(failure)
        if run is self._run:
            self.end()
        else:
            self._settle(run)

    def _settle(self, run: _Run) -> None:
        if not run.held and not run.told and run.answered == run.sent:
            run.told = True
            self.ended.emit(Burst(run.folder, run.number, run.written))
