"""The microphone, with what it hears given by the test."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_sound import Device, FakeSound, Form, Kind, Source, State
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from explorer.ui import qt_multimedia
from explorer.ui.sound import microphone as module
from explorer.ui.sound.microphone import BROKEN_OFF, HELD, PATIENCE, Microphone

NOISE = np.random.default_rng(2).uniform(-1, 1, (2, 30_000)).astype(np.float32)


class Listening:
    """A microphone and what it said. Its timer is not waited for: `pull` is one turn of it."""

    def __init__(self, microphone: Microphone) -> None:
        self.microphone = microphone
        self.blocks: list[np.ndarray] = []
        self.errors: list[str] = []
        microphone.block.connect(self.blocks.append)
        microphone.failed.connect(self.errors.append)

    def pull(self, source: Source | None = None, data: bytes = b"") -> None:
        if source is not None:
            source.hear(data)
        self.microphone._pull()


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeSound]:
    """Connects inputs."""

    def connect(*inputs: Device) -> FakeSound:
        fake = FakeSound(inputs=inputs)
        monkeypatch.setattr(module, "load", lambda *_errors: fake)
        return fake

    return connect


@pytest.fixture
def listening(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    microphone = Microphone()
    monkeypatch.setattr(microphone._timer, "start", lambda: None)
    yield Listening(microphone)
    microphone.stop()


STEREO = Device("desk", Form(48000, 2))


def test_microphones_are_listed_the_systems_choice_first(plug: Any, listening: Listening) -> None:
    plug(Device("a"), Device("b"))
    assert listening.microphone.microphones() == [("b", "B"), ("a", "A")]


def test_without_a_wish_the_devices_own_rate_and_channels_are_recorded(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    data = np.ascontiguousarray(NOISE.T).tobytes()
    listening.pull(fake.sources[0], data[:100_003])  # not a whole frame
    listening.pull(fake.sources[0], data[100_003:])
    assert (listening.microphone.rate, listening.microphone.channels) == (48000, 2)
    assert np.array_equal(np.concatenate(listening.blocks, axis=1), NOISE)
    assert all(block.dtype == np.float32 and not block.flags.writeable for block in listening.blocks)


def test_the_rate_that_is_wanted_is_recorded_with_one_channel(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.start(16000)
    assert (fake.sources[0].form.rate, fake.sources[0].form.channels) == (16000, 1)
    listening.pull(fake.sources[0], NOISE[0].tobytes()[:64])
    assert listening.blocks[0].shape == (1, 16)


def test_a_rate_that_the_device_has_not_is_not_forced(plug: Any, listening: Listening) -> None:
    fake = plug(Device("d", Form(44100, 1, Kind.Int16), {(44100, 1, Kind.Int16)}))
    listening.microphone.start(16000)
    listening.pull(fake.sources[0], np.array([16384, -32768], np.int16).tobytes())
    assert listening.microphone.rate == 44100
    assert listening.blocks[0].tolist() == [[0.5, -1.0]]


def test_a_stall_within_the_buffer_loses_nothing_and_a_longer_one_is_counted(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.start(16000)
    source = fake.sources[0]
    assert source.size == 4 * round(HELD * 16000)
    listening.pull(source, NOISE[0, :14_400].tobytes())  # 900 ms
    assert np.array_equal(listening.blocks[0][0], NOISE[0, :14_400])
    assert listening.microphone.overruns == 0
    listening.pull(source, NOISE[0, :20_000].tobytes())
    assert listening.blocks[1].shape == (1, 16_000)
    assert listening.microphone.overruns == 1


def test_after_stop_nothing_comes(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    listening.microphone.stop()
    listening.pull(fake.sources[0], b"\0" * 64)
    assert listening.blocks == []
    assert not listening.microphone.recording
    assert fake.sources[0].now is State.StoppedState


def test_who_listens_may_stop_it_from_within(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.block.connect(lambda _block: listening.microphone.stop())
    listening.microphone.start()
    listening.pull(fake.sources[0], b"\0" * 64)
    listening.pull(fake.sources[0], b"\0" * 64)
    assert len(listening.blocks) == 1


def test_a_chosen_one_is_opened(plug: Any, listening: Listening) -> None:
    fake = plug(Device("a"), Device("b"))
    listening.microphone.start(device_id="a")
    assert fake.sources[0].device.name == "a"
    listening.microphone.start(device_id="c")
    assert listening.errors[0].startswith("This microphone is not connected.")


# ---- what goes wrong


def test_none_is_said(plug: Any, listening: Listening) -> None:
    plug()
    listening.microphone.start()
    assert listening.errors[0].startswith("There is no microphone.")
    assert listening.microphone.microphones() == []


def test_one_that_refuses_is_said(plug: Any, listening: Listening) -> None:
    plug(Device("desk", refuses=True))
    listening.microphone.start()
    assert listening.errors[0].startswith("The microphone “Desk” cannot be opened.")


@pytest.mark.parametrize("way", ["state", "list"])
def test_unplugging_is_said_once(plug: Any, listening: Listening, way: str) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    fake.inputs.clear()
    if way == "state":
        fake.sources[0].now = State.StoppedState
    for _ in range(PATIENCE + 5):
        listening.pull()
    assert [error.partition(".")[0] for error in listening.errors] == ["The microphone “Desk” sends no more samples"]


def test_one_that_sends_no_more_is_said_earlier(plug: Any, listening: Listening) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    listening.pull(fake.sources[0], b"\0" * 64)
    for _ in range(BROKEN_OFF):
        listening.pull()
    assert listening.errors == []
    listening.pull()
    assert listening.errors[0].startswith("The microphone “Desk” sends no more samples.")


def test_one_that_sends_nothing_is_said(plug: Any, listening: Listening) -> None:
    plug(STEREO)
    listening.microphone.start()
    for _ in range(PATIENCE):
        listening.pull()
    assert listening.errors == []
    listening.pull()
    assert listening.errors[0].startswith("The microphone “Desk” sends no samples.")


def test_without_qt_multimedia_it_says_how_to_get_it(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    listening.microphone.start()
    assert 'pip install "feature-map-explorer[camera]"' in listening.errors[0]


# ---- permission


class Permissions:
    """Stands for the application that is asked."""

    def __init__(self, status: Qt.PermissionStatus) -> None:
        self.status = status
        self.asked: list[Callable[[Any], None]] = []

    def checkPermission(self, _permission: object) -> Qt.PermissionStatus:
        return self.status

    def requestPermission(self, _permission: object, _owner: object, answer: Callable[[Any], None]) -> None:
        self.asked.append(answer)

    def answer(self, status: Qt.PermissionStatus) -> None:
        self.asked.pop()(SimpleNamespace(status=lambda: status))


@pytest.fixture
def permissions(monkeypatch: pytest.MonkeyPatch) -> Permissions:
    asked = Permissions(Qt.PermissionStatus.Undetermined)
    monkeypatch.setattr(qt_multimedia, "QCoreApplication", SimpleNamespace(instance=lambda: asked))
    return asked


def test_a_refused_permission_is_said(plug: Any, listening: Listening, permissions: Permissions) -> None:
    fake = plug(STEREO)
    permissions.status = Qt.PermissionStatus.Denied
    listening.microphone.start()
    assert listening.errors[0].startswith("Access to the microphone is not allowed.")
    assert fake.sources == []


def test_an_undetermined_permission_is_asked_for(plug: Any, listening: Listening, permissions: Permissions) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    assert fake.sources == []
    permissions.answer(Qt.PermissionStatus.Granted)
    assert listening.microphone.recording


def test_an_answer_after_stop_opens_nothing(plug: Any, listening: Listening, permissions: Permissions) -> None:
    fake = plug(STEREO)
    listening.microphone.start()
    listening.microphone.stop()
    permissions.answer(Qt.PermissionStatus.Granted)
    assert fake.sources == []
    assert listening.errors == []
