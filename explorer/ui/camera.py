"""The camera: Qt opens it and hands plain arrays over. Qt Multimedia is an extra, so it is imported only when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QCameraPermission, QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QImage

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.ui.camera_errors import gone, no_library, no_system_library, refused, silent, unreadable, wont_start
from explorer.ui.qt_multimedia import ask_permission, id_of, load, no_messages

if TYPE_CHECKING:
    from PySide6.QtMultimedia import (
        QCamera,
        QCameraDevice,
        QCameraFormat,
        QMediaCaptureSession,
        QMediaDevices,
        QVideoFrame,
        QVideoSink,
    )

SILENCE = 6000  # ms without a picture after which a camera counts as silent; the slowest webcams need three to begin
UNREADABLE = 30  # frames in a row that cannot be converted
WIDEST, TALLEST = 1280, 720  # larger pictures cost the painter more than a network of 224 px can use


class _Parts(NamedTuple):
    """What must live while the camera runs."""

    camera: QCamera
    session: QMediaCaptureSession
    sink: QVideoSink
    devices: QMediaDevices


class Camera(QObject):
    """Frames of one camera, converted only when the consumer took the last one: `ready()` asks for the next.

    `start` asks for the first one. `frame` carries (H, W, 3) uint8, contiguous, owned by the receiver; `failed` an
    ExplorerError, once, after which the camera is stopped. Lives in the UI thread.
    """

    frame = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, silence: int = SILENCE) -> None:
        super().__init__(parent)
        self.dropped = 0  # frames that came while the consumer was busy, since `start`
        self._wanted = False
        self._unreadable = 0
        self._title = ""
        self._id = ""
        self._parts: _Parts | None = None
        self._run = 0  # numbers the starts, so that a late answer to an old one is known as such
        self._watch = QTimer(self)
        self._watch.setSingleShot(True)
        self._watch.setInterval(silence)
        self._watch.timeout.connect(self._fallen_silent)

    def _fallen_silent(self) -> None:
        self._fail(silent(self._title))

    @property
    def running(self) -> bool:
        return self._parts is not None

    def cameras(self) -> list[tuple[str, str]]:
        """(id, title) of what is connected, the system's first choice first; [] also where `start` would say what is missing."""
        try:
            return [(id_of(device), device.description()) for device in _devices(multimedia())]
        except ExplorerError:
            return []

    def start(self, device_id: str = "") -> None:
        """Opens a camera, "" being the first choice. What goes wrong comes through `failed`, and may come before this returns."""
        self.stop()
        self.dropped = 0
        run = self._run
        try:
            qt = multimedia()
        except ExplorerError as error:
            self._fail(error)
            return
        ask_permission(QCameraPermission(), self, lambda granted: self._answered(run, qt, device_id, granted))

    def stop(self) -> None:
        """Closes the camera; no frame comes after this."""
        self._run += 1
        self._watch.stop()
        parts, self._parts = self._parts, None
        if parts is not None:
            for signal, slot in self._wires(parts):
                signal.disconnect(slot)
            parts.camera.stop()
            # later: this may run inside a signal of theirs
            for part in parts:
                part.deleteLater()

    def ready(self) -> None:
        """The consumer took the last frame: the next one is wanted."""
        self._wanted = True

    # --- inside

    def _answered(self, run: int, qt: ModuleType, device_id: str, granted: bool) -> None:
        if run != self._run:
            return
        if not granted:
            self._fail(refused(sys.platform))
            return
        try:
            self._open(qt, _pick(_devices(qt), device_id))
        except ExplorerError as error:
            self._fail(error)

    def _open(self, qt: ModuleType, device: QCameraDevice) -> None:
        self._title, self._id = device.description(), id_of(device)
        camera, session, sink = qt.QCamera(device, self), qt.QMediaCaptureSession(self), qt.QVideoSink(self)
        chosen = best_format(device.videoFormats())
        if chosen is not None:
            camera.setCameraFormat(chosen)
        session.setCamera(camera)
        session.setVideoSink(sink)
        self._parts = _Parts(camera, session, sink, qt.QMediaDevices(self))
        self._wanted, self._unreadable = True, 0
        for signal, slot in self._wires(self._parts):
            signal.connect(slot)
        self._watch.start()
        camera.start()

    def _wires(self, parts: _Parts) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        return (
            (parts.sink.videoFrameChanged, self._came),
            (parts.camera.errorOccurred, self._broke),
            (parts.devices.videoInputsChanged, self._changed),
        )

    def _came(self, frame: QVideoFrame) -> None:
        if not frame.isValid() or not self._parts:
            return
        self._watch.start()
        if not self._wanted:
            self.dropped += 1
            return
        image = frame.toImage()
        if image.isNull():
            self._unreadable += 1
            if self._unreadable >= UNREADABLE:
                self._fail(unreadable(self._title))
            return
        self._wanted, self._unreadable = False, 0
        self.frame.emit(pixels_of(image))

    def _broke(self, _error: QCamera.Error, text: str) -> None:
        if self._parts:
            self._fail(wont_start(self._title, text, sys.platform) if self._present() else gone(self._title))

    def _changed(self) -> None:
        if self._parts and not self._present():
            self._fail(gone(self._title))

    def _present(self) -> bool:
        return self._parts is not None and self._id in [id_of(device) for device in self._parts.devices.videoInputs()]

    def _fail(self, error: ExplorerError) -> None:
        self.stop()
        self.failed.emit(error)


def multimedia() -> ModuleType:
    """The module PySide6.QtMultimedia. Raises ExplorerError saying how to get it."""
    return load(no_library, no_system_library)


def pixels_of(image: QImage) -> Array:
    """(H, W, 3) uint8, contiguous, a copy."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width = rgb.height(), rgb.width()
    # rows are padded to four bytes
    rows = np.frombuffer(rgb.constBits(), np.uint8, height * rgb.bytesPerLine()).reshape(height, rgb.bytesPerLine())
    return rows[:, : width * 3].reshape(height, width, 3).copy()


def best_format(formats: Sequence[QCameraFormat]) -> QCameraFormat | None:
    """The largest picture within WIDEST x TALLEST that comes 24 times a second or more, then the quickest; None: no opinion."""
    fitting = [f for f in formats if f.resolution().width() <= WIDEST and f.resolution().height() <= TALLEST]
    fluent = [f for f in fitting if f.maxFrameRate() >= 24]
    return max(fluent or fitting, key=_worth, default=None)


def _worth(form: QCameraFormat) -> tuple[int, float]:
    return form.resolution().width() * form.resolution().height(), form.maxFrameRate()


def _devices(qt: ModuleType) -> list[QCameraDevice]:
    with no_messages():
        found, first = list(qt.QMediaDevices.videoInputs()), qt.QMediaDevices.defaultVideoInput()
    return sorted(found, key=lambda device: id_of(device) != id_of(first))


def _pick(devices: list[QCameraDevice], wanted: str) -> QCameraDevice:
    if not devices:
        raise ExplorerError(
            tr("There is no camera."), tr("The system lists none."), tr("Connect one and start it again.")
        )
    if not wanted:
        return devices[0]
    for device in devices:
        if id_of(device) == wanted:
            return device
    raise ExplorerError(
        tr("This camera is not connected any more."), "", tr("Connect it again, or choose another one.")
    )
