"""Stands for the sound half of Qt Multimedia: outputs and inputs whose progress a test decides."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QByteArray, QObject


class Kind(Enum):
    """Stands for QAudioFormat.SampleFormat."""

    Float = 4
    Int16 = 2
    Int32 = 3
    UInt8 = 1


_WIDTHS = {Kind.Float: 4, Kind.Int16: 2, Kind.Int32: 4, Kind.UInt8: 1}
State = Enum("State", "ActiveState SuspendedState StoppedState IdleState")


class Form:
    """Stands for QAudioFormat."""

    SampleFormat = Kind

    def __init__(self, rate: int = 0, channels: int = 0, kind: Kind = Kind.Float) -> None:
        self.rate, self.channels, self.kind = rate, channels, kind

    def sampleRate(self) -> int:
        return self.rate

    def channelCount(self) -> int:
        return self.channels

    def sampleFormat(self) -> Kind:
        return self.kind

    def setSampleRate(self, rate: int) -> None:
        self.rate = rate

    def setChannelCount(self, channels: int) -> None:
        self.channels = channels

    def setSampleFormat(self, kind: Kind) -> None:
        self.kind = kind

    def bytesPerFrame(self) -> int:
        return _WIDTHS[self.kind] * self.channels

    def bytesForFrames(self, frames: int) -> int:
        return frames * self.bytesPerFrame()


class Device:
    """An output or an input; takes what `takes` lists as (rate, channels, kind), everything where it is None."""

    def __init__(self, name: str, own: Form | None = None, takes: Any = None, refuses: bool = False) -> None:
        self.name, self.own, self.takes, self.refuses = name, own or Form(48000, 2), takes, refuses

    def id(self) -> QByteArray:
        return QByteArray(self.name.encode())

    def description(self) -> str:
        return self.name.title()

    def isNull(self) -> bool:
        return not self.name

    def preferredFormat(self) -> Form:
        return self.own

    def isFormatSupported(self, form: Form) -> bool:
        return self.takes is None or (form.rate, form.channels, form.kind) in self.takes


class _Stream(QObject):
    """What a sink and a source share."""

    def __init__(self, device: Device, form: Form, parent: QObject) -> None:
        super().__init__(parent)
        self.device, self.form = device, form
        self.size, self.now = 0, State.StoppedState
        self.written, self.waiting = bytearray(), bytearray()  # what was given to it; what a microphone has heard
        self.done = 0  # frames that the device took

    def setBufferSize(self, size: int) -> None:
        self.size = size

    def bufferSize(self) -> int:
        return self.size

    def format(self) -> Form:
        return self.form

    def state(self) -> State:
        return self.now

    def start(self) -> Any:
        self.now = State.StoppedState if self.device.refuses else State.IdleState
        return None if self.device.refuses else self

    def stop(self) -> None:
        self.now = State.StoppedState

    reset = stop


class Sink(_Stream):
    """Stands for QAudioSink and for the device that it writes to."""

    def bytesFree(self) -> int:
        return self.size - (len(self.written) - self.done * self.form.bytesPerFrame())

    def write(self, data: bytes) -> int:
        assert len(data) <= self.bytesFree()
        self.written += data
        return len(data)

    def processedUSecs(self) -> int:
        return int(self.done * 1e6 / self.form.rate)

    def take(self, frames: int) -> None:
        """The device takes so many frames, as far as they are there."""
        self.done = min(self.done + frames, len(self.written) // self.form.bytesPerFrame())


class Source(_Stream):
    """Stands for QAudioSource and for the device that it reads."""

    def hear(self, data: bytes) -> None:
        """As far as the buffer has room."""
        self.waiting += data[: self.size - len(self.waiting)]

    def readAll(self) -> QByteArray:
        data, self.waiting = bytes(self.waiting), bytearray()
        return QByteArray(data)


class FakeSound(SimpleNamespace):
    """Stands for the module. `outputs` and `inputs` are connected, `sinks` and `sources` were opened."""

    def __init__(self, outputs: tuple[Device, ...] = (), inputs: tuple[Device, ...] = ()) -> None:
        super().__init__()
        fake, nobody = self, Device("")
        self.outputs, self.inputs = list(outputs), list(inputs)
        self.sinks: list[Sink] = []
        self.sources: list[Source] = []

        class Devices:
            @staticmethod
            def defaultAudioOutput() -> Device:
                return fake.outputs[0] if fake.outputs else nobody

            @staticmethod
            def audioInputs() -> list[Device]:
                return list(fake.inputs)

            @staticmethod
            def defaultAudioInput() -> Device:
                return fake.inputs[-1] if fake.inputs else nobody

        def sink(*of: Any) -> Sink:
            self.sinks.append(Sink(*of))
            return self.sinks[-1]

        def source(*of: Any) -> Source:
            self.sources.append(Source(*of))
            return self.sources[-1]

        self.QMediaDevices, self.QAudioSink, self.QAudioSource, self.QAudioFormat = Devices, sink, source, Form
        self.QAudio = SimpleNamespace(State=State)
