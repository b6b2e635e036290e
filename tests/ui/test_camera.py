"""The camera: frames only when they are wanted, and every failure in words. Qt Multimedia is played by a stand-in, since it is
an extra; where it is installed, its own frames are tried too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal, qInstallMessageHandler, qWarning
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.core.errors import ExplorerError
from explorer.ui import camera as module
from explorer.ui import qt_multimedia
from explorer.ui.camera import UNREADABLE, Camera, best_format, multimedia


class Form:
    def __init__(self, width: int, height: int, rate: float) -> None:
        self.size, self.rate = QSize(width, height), rate

    def resolution(self) -> QSize:
        return self.size

    def maxFrameRate(self) -> float:
        return self.rate


class Device:
    def __init__(self, name: str = "", title: str = "", formats: tuple[Form, ...] = ()) -> None:
        self.name, self.title, self.formats = name, title, formats

    def id(self) -> QByteArray:
        return QByteArray(self.name.encode())

    def description(self) -> str:
        return self.title

    def videoFormats(self) -> tuple[Form, ...]:
        return self.formats


class Frame:
    def __init__(self, image: QImage) -> None:
        self.image, self.converted = image, 0

    def isValid(self) -> bool:
        return True

    def toImage(self) -> QImage:
        self.converted += 1
        return self.image


class Sink(QObject):
    videoFrameChanged = Signal(object)


class Driver(QObject):
    """Stands for QCamera."""

    errorOccurred = Signal(object, str)

    def __init__(self, device: Device, parent: QObject) -> None:
        super().__init__(parent)
        self.device, self.active, self.form = device, False, None

    def setCameraFormat(self, form: Form) -> None:
        self.form = form

    def start(self) -> None:
        self.active = True

    def stop(self) -> None:
        self.active = False


class Multimedia(SimpleNamespace):
    """Stands for the module. `plugged` is what is connected, `made` what was opened."""

    def __init__(self, *plugged: Device) -> None:
        super().__init__()
        fake = self
        self.plugged, self.made = list(plugged), []

        class Devices(QObject):
            videoInputsChanged = Signal()

            @staticmethod
            def videoInputs() -> list[Device]:
                return list(fake.plugged)

            @staticmethod
            def defaultVideoInput() -> Device:
                return fake.plugged[-1] if fake.plugged else Device()

        class Session(QObject):
            def setCamera(self, camera: Driver) -> None:
                self.camera = camera

            def setVideoSink(self, sink: Sink) -> None:
                fake.made.append(SimpleNamespace(camera=self.camera, sink=sink, devices=None))

        def devices(parent: QObject) -> Devices:
            made = Devices(parent)
            fake.made[-1].devices = made
            return made

        devices.videoInputs, devices.defaultVideoInput = Devices.videoInputs, Devices.defaultVideoInput  # type: ignore[attr-defined]
        self.QCamera, self.QMediaCaptureSession, self.QVideoSink, self.QMediaDevices = Driver, Session, Sink, devices


class Heard:
    """A camera and what it said."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.frames: list[Any] = []
        self.errors: list[ExplorerError] = []
        camera.frame.connect(self.frames.append)
        camera.failed.connect(self.errors.append)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Multimedia]:
    """Connects cameras."""

    def connect(*devices: Device) -> Multimedia:
        fake = Multimedia(*devices)
        monkeypatch.setattr(module, "multimedia", lambda: fake)
        return fake

    return connect


@pytest.fixture
def heard(qapp: QApplication) -> Iterator[Heard]:
    listening = Heard(Camera())
    yield listening
    listening.camera.stop()


BACK, FRONT = Device("/dev/video0", "Back"), Device("/dev/video2", "Front")


def picture(width: int = 3, height: int = 2) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for y in range(height):
        for x in range(width):
            image.setPixelColor(x, y, QColor(40 * x, 50 * y, 9))
    return image


def test_cameras_are_listed_the_systems_choice_first(plug: Any, heard: Heard) -> None:
    plug(BACK, FRONT)
    assert heard.camera.cameras() == [("/dev/video2", "Front"), ("/dev/video0", "Back")]


def test_frames_are_arrays_of_their_own(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.start()
    assert heard.camera.running
    image = picture(5, 3)
    fake.made[0].sink.videoFrameChanged.emit(Frame(image))
    (pixels,) = heard.frames
    image.fill(0)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (3, 5, 3)
    assert pixels[2, 4].tolist() == [160, 100, 9]
    assert pixels.flags.c_contiguous
    assert pixels.flags.owndata
    assert heard.errors == []


def test_a_frame_is_converted_only_when_the_last_one_was_taken(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.start()
    frames = [Frame(picture()) for _ in range(6)]
    send = fake.made[0].sink.videoFrameChanged.emit
    for frame in frames[:3]:
        send(frame)
    assert [frame.converted for frame in frames] == [1, 0, 0, 0, 0, 0]
    assert heard.camera.dropped == 2
    assert len(heard.frames) == 1
    heard.camera.ready()
    heard.camera.ready()  # asking twice is asking once
    for frame in frames[3:]:
        send(frame)
    assert [frame.converted for frame in frames] == [1, 0, 0, 1, 0, 0]
    assert len(heard.frames) == 2
    assert heard.camera.dropped == 4


def test_a_consumer_that_is_ready_at_once_gets_every_frame(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.frame.connect(lambda _pixels: heard.camera.ready())
    heard.camera.start()
    for _ in range(5):
        fake.made[0].sink.videoFrameChanged.emit(Frame(picture()))
    assert len(heard.frames) == 5
    assert heard.camera.dropped == 0


def test_after_stop_nothing_comes_and_the_driver_is_closed(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.start()
    made = fake.made[0]
    heard.camera.stop()
    made.sink.videoFrameChanged.emit(Frame(picture()))
    made.camera.errorOccurred.emit(None, "late")
    assert heard.frames == []
    assert heard.errors == []
    assert not made.camera.active
    assert not heard.camera.running


def test_the_consumer_may_stop_it_from_within(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.frame.connect(lambda _pixels: heard.camera.stop())
    heard.camera.start()
    fake.made[0].sink.videoFrameChanged.emit(Frame(picture()))
    assert len(heard.frames) == 1
    assert not heard.camera.running


def test_another_start_is_another_camera(plug: Any, heard: Heard) -> None:
    fake = plug(BACK, FRONT)
    heard.camera.start("/dev/video0")
    heard.camera.start("/dev/video2")
    assert [made.camera.device.title for made in fake.made] == ["Back", "Front"]
    assert [made.camera.active for made in fake.made] == [False, True]


def test_the_format_is_the_largest_fluent_one_that_is_not_too_large(plug: Any, heard: Heard) -> None:
    small, good, slow, huge = Form(320, 240, 60), Form(640, 480, 30), Form(1280, 720, 10), Form(3840, 2160, 30)
    assert best_format([small, good, slow, huge]) is good
    assert best_format([slow, huge]) is slow
    assert best_format([huge]) is None
    assert best_format([]) is None
    fake = plug(Device("a", "A", (small, good, huge)))
    heard.camera.start()
    assert fake.made[0].camera.form is good


# ---- what goes wrong


def test_no_camera_is_said(plug: Any, heard: Heard) -> None:
    plug()
    heard.camera.start()
    assert [error.what for error in heard.errors] == ["There is no camera."]
    assert heard.camera.cameras() == []


def test_a_chosen_camera_that_is_not_there_is_said(plug: Any, heard: Heard) -> None:
    plug(BACK)
    heard.camera.start("/dev/video7")
    assert "not connected any more" in heard.errors[0].what


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Device or resource busy", "in use"),
        ("Camera is already in use by another application", "in use"),
        ("Permission denied", "not allowed"),
        ("Something else", "does not work"),
        ("", "does not work"),
    ],
)
def test_what_the_driver_says_is_told_in_words(plug: Any, heard: Heard, said: str, expected: str) -> None:
    fake = plug(BACK)
    heard.camera.start()
    fake.made[0].camera.errorOccurred.emit(None, said)
    (error,) = heard.errors
    assert expected in error.what
    assert error.todo
    assert not heard.camera.running


def test_unplugging_is_said_once_whichever_way_it_is_noticed(plug: Any, heard: Heard) -> None:
    for notice in ("list", "driver"):
        fake = plug(BACK)
        heard.errors.clear()
        heard.camera.start()
        made = fake.made[0]
        fake.plugged.clear()
        if notice == "list":
            made.devices.videoInputsChanged.emit()
        made.camera.errorOccurred.emit(None, "No such device")
        made.devices.videoInputsChanged.emit()
        assert [error.what for error in heard.errors] == ["The camera “Back” is disconnected."]


def test_another_camera_coming_or_going_disturbs_nobody(plug: Any, heard: Heard) -> None:
    fake = plug(BACK, FRONT)
    heard.camera.start("/dev/video0")
    fake.plugged.remove(FRONT)
    fake.made[0].devices.videoInputsChanged.emit()
    assert heard.errors == []
    assert heard.camera.running


def test_a_camera_that_sends_nothing_is_said(plug: Any, qtbot: QtBot) -> None:
    plug(BACK)
    listening = Heard(Camera(silence=1))
    with qtbot.waitSignal(listening.camera.failed):
        listening.camera.start()
    assert [error.what for error in listening.errors] == ["The camera “Back” sends no pictures."]
    assert not listening.camera.running


def test_pictures_that_cannot_be_converted_are_said_after_a_while(plug: Any, heard: Heard) -> None:
    fake = plug(BACK)
    heard.camera.start()
    send = fake.made[0].sink.videoFrameChanged.emit
    for _ in range(UNREADABLE - 1):
        send(Frame(QImage()))
    assert heard.errors == []
    send(Frame(picture()))  # one good one, and the count begins anew
    heard.camera.ready()
    for _ in range(UNREADABLE):
        send(Frame(QImage()))
    assert len(heard.errors) == 1
    assert "cannot be read" in heard.errors[0].what


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


def test_a_refused_permission_is_said(plug: Any, heard: Heard, permissions: Permissions) -> None:
    fake = plug(BACK)
    permissions.status = Qt.PermissionStatus.Denied
    heard.camera.start()
    assert [error.what for error in heard.errors] == ["Access to the camera is not allowed."]
    assert heard.errors[0].todo.startswith("Allow it")
    assert fake.made == []


def test_an_undetermined_permission_is_asked_for(plug: Any, heard: Heard, permissions: Permissions) -> None:
    fake = plug(BACK)
    heard.camera.start()
    assert fake.made == []
    permissions.answer(Qt.PermissionStatus.Granted)
    assert len(fake.made) == 1
    heard.camera.start()
    permissions.answer(Qt.PermissionStatus.Denied)
    assert len(heard.errors) == 1


def test_an_answer_after_stop_opens_nothing(plug: Any, heard: Heard, permissions: Permissions) -> None:
    fake = plug(BACK)
    heard.camera.start()
    heard.camera.stop()
    permissions.answer(Qt.PermissionStatus.Granted)
    assert fake.made == []
    assert heard.errors == []


# ---- Qt Multimedia itself


def test_without_the_extra_it_says_how_to_get_it(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(qt_multimedia.importlib, "import_module", missing)
    heard.camera.start()
    assert 'pip install "feature-map-explorer[camera]"' in heard.errors[0].todo
    assert heard.camera.cameras() == []


def test_a_missing_system_library_is_named(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        raise ImportError("libpulse.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(qt_multimedia.importlib, "import_module", broken)
    heard.camera.start()
    assert "libpulse.so.0" in heard.errors[0].why
    assert "libpulse0" in heard.errors[0].todo


def test_no_handler_in_python_hears_the_plugin_load(plug: Callable[..., Multimedia], heard: Heard) -> None:
    """The plugin speaks while the system loads it: a handler that waits for Python then, while another thread has Python and
    waits for the loader, would stop the window for good."""
    fake, said = plug(Device("a", "A")), []
    listed = fake.QMediaDevices.videoInputs

    def speaking() -> list[Device]:
        qWarning("loading")
        return listed()

    fake.QMediaDevices.videoInputs = speaking
    before = qInstallMessageHandler(lambda _kind, _where, text: said.append(text))
    try:
        heard.camera.cameras()
        assert said == []
        qWarning("afterwards")
        assert said == ["afterwards"]
    finally:
        qInstallMessageHandler(before)


@pytest.fixture
def real() -> Any:
    try:
        return multimedia()
    except ExplorerError as error:
        pytest.skip(f"no camera support here: {error}")


REAL = pytest.mark.qt_log_ignore("qt.multimedia", "RHI", "Qt multimedia", "Couldn't load", "Couldn't resolve")


@REAL
def test_true_video_frames_of_a_true_session_become_arrays(real: Any, heard: Heard) -> None:
    heard.camera._open(real, real.QCameraDevice())  # no device: the rest of the session is as it will be
    sink = heard.camera._parts[2]
    sink.setVideoFrame(real.QVideoFrame(picture(6, 4)))
    (pixels,) = heard.frames
    assert pixels.shape == (4, 6, 3)
    assert pixels[3, 5].tolist() == [200, 150, 9]
    sink.setVideoFrame(real.QVideoFrame(picture(6, 4)))
    assert heard.camera.dropped == 1
    heard.camera.stop()
    sink.setVideoFrame(real.QVideoFrame(picture(6, 4)))
    assert len(heard.frames) == 1


@REAL
def test_a_true_error_of_the_driver_is_told(real: Any, heard: Heard) -> None:
    heard.camera._open(real, real.QCameraDevice())
    heard.camera._parts[0].errorOccurred.emit(real.QCamera.Error.CameraError, "Device or resource busy")
    assert len(heard.errors) == 1
    assert not heard.camera.running


@REAL
def test_a_camera_that_no_computer_has(real: Any, heard: Heard) -> None:
    heard.camera.start("a camera that no computer has")
    assert heard.errors[0].what in ("There is no camera.", "This camera is not connected any more.")
    assert all(name and title for name, title in heard.camera.cameras())
