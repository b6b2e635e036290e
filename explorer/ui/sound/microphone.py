"""Records through Qt Multimedia, which is imported when something is recorded for the first time."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QIODevice, QMicrophonePermission, QObject, QTimer, Signal

from explorer.core.errors import ExplorerError
from explorer.ui.qt_multimedia import ask_permission, id_of, load, no_messages
from explorer.ui.sound.audio_formats import fitting_format, from_bytes
from explorer.ui.sound.sound_errors import (
    microphone_forbidden,
    microphone_gone,
    microphone_not_there,
    microphone_refused,
    microphone_silent,
    no_microphone,
    no_sound_library,
    no_sound_system_library,
)

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSource

PULL = 16  # ms between two looks into the buffer: a screen shows no more pictures a second
HELD = 1.0  # seconds that the buffer holds while nobody looks
PATIENCE = 6000 // PULL  # looks without a first sample after which a microphone counts as silent
BROKEN_OFF = 2000 // PULL  # looks without a further sample after which it counts as gone: Qt's list is not told of all
_LOOK = 500 // PULL  # looks without a sample after which the list of what is connected is read


class _Recording(NamedTuple):
    """What must live while it records."""

    qt: ModuleType
    source: QAudioSource
    outlet: QIODevice
    kind: str
    id: str
    title: str
    held: int  # bytes that the buffer holds


class Microphone(QObject):
    """Blocks of samples of one microphone, in the UI thread.

    `block` carries (channels, n) float32, about -1 to 1, read-only, n of about 16 ms, more after a stall of the window: up to a
    second is kept in between. `failed` carries what happened and the way out, once, after which nothing is recorded.
    """

    block = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rate, self.channels, self.title = 0, 0, ""  # of what is recorded, known when the first block comes
        self.overruns = 0  # how often the buffer was found full since `start`: samples may be missing there
        self._now: _Recording | None = None
        self._run = 0  # numbers the starts, so that a late answer to an old one is known as such
        self._empty, self._came = 0, False
        self._rest = b""
        self._timer = QTimer(self)
        self._timer.setInterval(PULL)
        self._timer.timeout.connect(self._pull)

    @property
    def recording(self) -> bool:
        return self._now is not None

    def microphones(self) -> list[tuple[str, str]]:
        """(id, title) of what is connected, the system's first choice first; [] also where `start` would say what is missing."""
        try:
            return [(id_of(device), device.description()) for device in _inputs(self._load())]
        except ExplorerError:
            return []

    def start(self, rate_wanted: int = 0, device_id: str = "") -> None:
        """Begins; the person may be asked for permission first. rate_wanted: in Hz, taken with one channel where the device has it;
        0, or one that it has not: its own rate and channels. device_id: "" is the first choice of the system.

        What goes wrong comes through `failed`, and may come before this returns.
        """
        self.stop()
        self.overruns = 0
        run = self._run
        try:
            qt = self._load()
        except ExplorerError as error:
            self._fail(error)
            return
        permission = QMicrophonePermission()
        ask_permission(permission, self, lambda granted: self._answered(run, qt, rate_wanted, device_id, granted))

    def stop(self) -> None:
        """Closes the microphone; no block comes after this."""
        self._run += 1
        self._timer.stop()
        now, self._now = self._now, None
        if now is not None:
            with no_messages():
                now.source.stop()
            now.source.deleteLater()

    # --- inside

    @staticmethod
    def _load() -> ModuleType:
        return load(no_sound_library, no_sound_system_library)

    def _answered(self, run: int, qt: ModuleType, rate: int, device_id: str, granted: bool) -> None:
        if run != self._run:
            return
        try:
            if not granted:
                raise microphone_forbidden(sys.platform)
            self._open(qt, _chosen(_inputs(qt), device_id), rate)
        except ExplorerError as error:
            self._fail(error)

    def _open(self, qt: ModuleType, device: QAudioDevice, rate: int) -> None:
        with no_messages():
            form = fitting_format(qt, device, *([(rate, 1)] if rate else []))
            source = qt.QAudioSource(device, form, self)
            held = form.bytesForFrames(round(HELD * form.sampleRate()))
            source.setBufferSize(held)
            outlet = source.start()
        if outlet is None or _closed(qt, source):
            source.deleteLater()
            raise microphone_refused(device.description())
        self.rate, self.channels, self.title = form.sampleRate(), form.channelCount(), device.description()
        kind = form.sampleFormat().name
        self._now = _Recording(qt, source, outlet, kind, id_of(device), self.title, source.bufferSize() or held)
        self._empty, self._came, self._rest = 0, False, b""
        self._timer.start()

    def _pull(self) -> None:
        now = self._now
        if now is None:
            return
        data = bytes(now.outlet.readAll().data())
        if not data:
            self._nothing_came(now)
            return
        self._empty, self._came = 0, True
        self.overruns += len(data) >= now.held
        data = self._rest + data
        whole = len(data) - len(data) % now.source.format().bytesPerFrame()
        self._rest = data[whole:]
        if whole:
            self.block.emit(from_bytes(data[:whole], self.channels, now.kind))

    def _nothing_came(self, now: _Recording) -> None:
        self._empty += 1
        unlisted = self._empty % _LOOK == 0 and not _listed(now)
        if unlisted or _closed(now.qt, now.source) or (self._came and self._empty > BROKEN_OFF):
            self._fail(microphone_gone(now.title))
        elif self._empty > PATIENCE:
            self._fail(microphone_silent(now.title))

    def _fail(self, error: ExplorerError) -> None:
        self.stop()
        self.failed.emit(str(error))


def _inputs(qt: ModuleType) -> list[QAudioDevice]:
    """What is connected, the system's first choice first."""
    with no_messages():
        found, first = list(qt.QMediaDevices.audioInputs()), qt.QMediaDevices.defaultAudioInput()
    return sorted(found, key=lambda device: id_of(device) != id_of(first))


def _chosen(devices: list[QAudioDevice], wanted: str) -> QAudioDevice:
    if not devices:
        raise no_microphone(sys.platform)
    for device in devices:
        if wanted in ("", id_of(device)):
            return device
    raise microphone_not_there()


def _listed(now: _Recording) -> bool:
    return now.id in [id_of(device) for device in _inputs(now.qt)]


def _closed(qt: ModuleType, source: QAudioSource) -> bool:
    """Whether the system ended it."""
    return bool(source.state() == qt.QAudio.State.StoppedState)
