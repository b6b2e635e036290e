"""Plays samples through Qt Multimedia, which is imported when something is played for the first time."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QIODevice, QObject, Qt, QTimer, Signal

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import ntr, tr
from explorer.engine.sound.resampling import resampled
from explorer.ui.qt_multimedia import load, no_messages
from explorer.ui.sound.audio_formats import at_channels, fitting_format, to_bytes
from explorer.ui.sound.feed import Feed
from explorer.ui.sound.sound_errors import (
    no_output,
    no_sound_library,
    no_sound_system_library,
    output_lost,
    output_refused,
)

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioSink

TICK = 16  # ms
BUFFER = 0.5  # seconds between this thread and the device's: a shorter stall of the window is not heard
PATIENCE = 3000 // TICK  # ticks without progress after which an output counts as lost


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What was to be played."""

    samples: Array
    rate: int
    first: float


class _Playing(NamedTuple):
    """What must live while it plays."""

    qt: ModuleType
    sink: QAudioSink
    inlet: QIODevice
    feed: Feed
    rate: int
    kind: str
    title: str


class Player(QObject):
    """One sound at a time, in the UI thread; a new one takes the place of the last.

    `moved` carries the second of the sound that is heard, about 60 times a second, as far as Qt knows: not the delay of a wireless
    output. `ended` comes when all was heard and not after `stop`; `failed` carries what happened and the way out, after which
    nothing plays. `playing_changed` follows every start and end.
    """

    moved = Signal(float)
    ended = Signal()
    failed = Signal(str)
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.note = ""  # how the output's format differs from the sound's: "resampled from 16,000 Hz to 48,000 Hz"
        self._asked: _Asked | None = None
        self._loop = False
        self._now: _Playing | None = None
        self._over = False  # all was heard, only the device's buffer runs empty
        self._processed, self._still, self._at = 0, 0, -1.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        return self._now is not None and not self._over

    def play(self, samples: Array, rate: int, loop: bool = False, first: float = 0.0) -> None:
        """(channels, T) or (T,) floats at `rate` Hz, from second `first` on; in a loop all of it follows over and over.

        Every bit of one or two channels reaches a device that takes their rate; the system may mix more of them by their places.
        The samples are read while they play: nobody changes them. What goes wrong comes through `failed`, and may come before this
        returns. Raises ValueError for an array that is no sound.
        """
        sound = np.atleast_2d(np.asarray(samples, np.float32))
        if sound.ndim != 2 or not sound.size or rate <= 0:
            raise ValueError(tr("shape {shape} at {rate} Hz is no sound", shape=np.shape(samples), rate=rate))
        was = self.playing
        self._close()
        self._asked, self._loop = _Asked(sound, rate, first), loop
        try:
            self._open(self._asked)
        except ExplorerError as error:
            self._say(was)
            self.failed.emit(str(error))
        else:
            self._say(was)

    def stop(self) -> None:
        """At once. Nothing of it is heard after this, and no signal but `playing_changed` comes."""
        was = self.playing
        self._close()
        self._say(was)

    def toggle(self) -> None:
        """Stops, or plays again what was played last, from where it began then."""
        if self.playing:
            self.stop()
        elif self._asked is not None:
            self.play(self._asked.samples, self._asked.rate, self._loop, self._asked.first)

    def set_loop(self, loop: bool) -> None:
        """Also while it plays: without a loop, the pass that is heard is the last one."""
        self._loop = loop
        if self._now is not None:
            self._now.feed.set_loop(loop, self._processed)

    # --- inside

    def _say(self, was: bool) -> None:
        if was != self.playing:
            self.playing_changed.emit(self.playing)

    def _open(self, asked: _Asked) -> None:
        qt = load(no_sound_library, no_sound_system_library)
        with no_messages():
            device = qt.QMediaDevices.defaultAudioOutput()
            if device.isNull():
                raise no_output(sys.platform)
            channels = asked.samples.shape[0]
            form = fitting_format(qt, device, (asked.rate, channels))
            rate, wide, title = form.sampleRate(), form.channelCount(), device.description()
            fewer = at_channels(asked.samples, min(channels, wide))
            samples = at_channels(resampled(fewer, asked.rate, rate), wide)
            self.note = _differs(asked.rate, rate, channels, wide)
            sink = qt.QAudioSink(device, form, self)
            sink.setBufferSize(form.bytesForFrames(round(BUFFER * rate)))
            inlet = sink.start()
        if inlet is None or _broken(qt, sink):
            sink.deleteLater()
            raise output_refused(title)
        begin = min(max(round(asked.first * rate), 0), samples.shape[1] - 1)
        feed = Feed(samples, rate, begin, self._loop)
        self._now = _Playing(qt, sink, inlet, feed, rate, form.sampleFormat().name, title)
        self._over, self._processed, self._still, self._at = False, 0, 0, -1.0
        self._timer.start()
        self._push(self._now)

    def _close(self) -> None:
        self._timer.stop()
        now, self._now = self._now, None
        if now is not None:
            with no_messages():
                now.sink.reset()  # and not `stop`, which may play what is buffered
            now.sink.deleteLater()

    def _push(self, now: _Playing) -> int:
        """Frames that wait in Qt's buffer."""
        room, width = now.sink.bytesFree(), now.sink.format().bytesPerFrame()
        data = to_bytes(now.feed.take(room // width), now.kind)
        if data:
            now.feed.give(max(0, now.inlet.write(data)) // width)
        return now.feed.given - self._processed

    def _tick(self) -> None:
        now = self._now
        if now is None:
            return
        processed = round(now.sink.processedUSecs() * now.rate / 1e6)
        waiting = self._push(now)
        self._still = 0 if processed != self._processed or not waiting else self._still + 1
        self._processed = processed
        lost = self._still > PATIENCE or _broken(now.qt, now.sink)
        if self._over:
            if lost or now.feed.drained(processed):
                self._close()
        elif lost:
            self._close()
            self.playing_changed.emit(False)
            self.failed.emit(str(output_lost(now.title)))
        else:
            self._move(now, processed)

    def _move(self, now: _Playing, processed: int) -> None:
        """The signals of one tick; any of them may stop this sound, or begin another one."""
        at = now.feed.seconds(processed)
        if at != self._at:
            self._at = at
            self.moved.emit(at)
        if self._now is not now or not now.feed.over(processed):
            return
        if self._loop and self._asked is not None:  # asked for when the silence behind it was given already
            self.play(self._asked.samples, self._asked.rate, True)
            return
        self._over = True
        if now.feed.spilled:
            self._close()
        self.playing_changed.emit(False)
        self.ended.emit()


def _broken(qt: ModuleType, sink: QAudioSink) -> bool:
    """Whether the system ended it."""
    return bool(sink.state() == qt.QAudio.State.StoppedState)


def _differs(rate: int, played: int, channels: int, wide: int) -> str:
    said = [tr("resampled from {rate:,} Hz to {played:,} Hz", rate=rate, played=played)] if rate != played else []
    if channels != wide:
        said.append(
            ntr(
                "{channels} channel played on {wide}",
                "{channels} channels played on {wide}",
                channels,
                channels=channels,
                wide=wide,
            )
        )
    return ", ".join(said)
