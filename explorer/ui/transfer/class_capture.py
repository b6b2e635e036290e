"""Pictures of the camera for the classes: bursts, the preview, and taking the last burst back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.translation import ntr, tr
from explorer.ui.camera import Camera
from explorer.ui.transfer.burst_recorder import Burst, BurstRecorder, CaptureCamera
from explorer.ui.transfer.class_files import burst_files, own_folder, take_out
from explorer.ui.transfer.classes_view import ClassesView
from explorer.ui.transfer.file_hand import FileHand
from explorer.ui.transfer.lab import Lab

CAMERA = "transfer/camera"  # in the settings


class ClassCapture(QObject):
    """`reread(groups, reveal)` reads the open data set again, in groups or as before ("")."""

    def __init__(
        self,
        lab: Lab,
        view: ClassesView,
        hand: FileHand,
        reread: Callable[[str, str], None],
        camera: CaptureCamera | None = None,
    ) -> None:
        super().__init__()
        self._lab, self._view, self._hand, self._reread = lab, view, hand, reread
        self._camera = camera if camera is not None else Camera(self)
        self._recorder = BurstRecorder(self._camera, hand, self)
        self._recorder.device = lab.host.settings.text(CAMERA)
        self._into: Path | None = None  # the class that is captured
        self._failed = False  # since the button was pressed
        self._bursts: list[Burst] = []  # of this session, the last one last
        view.held.connect(self.hold)
        view.let_go.connect(self._recorder.end)
        view.preview_turned.connect(self.turn_preview)
        view.cameras_asked.connect(self.list_cameras)
        view.camera_chosen.connect(self.choose_camera)
        view.burst_removed.connect(self.remove_burst)
        self._recorder.frame.connect(self._see)
        self._recorder.counted.connect(self._count)
        self._recorder.ended.connect(self._end)
        self._recorder.failed.connect(self._fail)

    @property
    def recording(self) -> bool:
        """Whether a burst is held."""
        return self._recorder.recording

    @property
    def _folder(self) -> Path | None:
        return own_folder(self._lab.data)

    def close(self) -> None:
        """Closes the camera."""
        self._recorder.blockSignals(True)
        self._recorder.close()

    def follow(self) -> None:
        """Another data set may be open: nothing is captured into the one before."""
        folder = self._folder
        if self._into is not None and self._into.parent != folder:
            self._recorder.end()
        if folder is None and self._recorder.previewing:
            self.turn_preview(False)
        self._show_last()

    # --- the camera ---

    def turn_preview(self, on: bool) -> None:
        """Opens or closes the camera."""
        if on:
            self._view.set_message("")
        self._recorder.set_preview(on)
        self._show_camera()

    def list_cameras(self) -> None:
        """Shows what is connected."""
        self._view.set_cameras(self._camera.cameras(), self._recorder.device)

    def choose_camera(self, device: str) -> None:
        """Another camera, also from the next start on."""
        self._lab.host.settings.put(CAMERA, device)
        self._recorder.set_device(device)

    def hold(self, label: str) -> None:
        """A burst of a class begins."""
        folder = self._folder
        if folder is None or self._recorder.recording:
            return
        self._view.set_message("")
        self._into, self._failed = folder / label, False
        self._view.set_capturing(label, 0)
        self._recorder.begin(folder / label)
        self._show_camera()

    def _see(self, pixels: Array) -> None:
        self._view.set_preview(pixels)

    def _count(self, count: int) -> None:
        if self._into is not None:
            self._view.set_capturing(self._into.name, count)

    def _end(self, burst: Burst) -> None:
        if not self._recorder.recording:
            self._into = None
        self._show_camera()
        if not burst.count and not self._failed:
            self._view.set_message(tr("No picture came while the button was held: hold it until the picture is seen."))
        if burst.count:
            self._bursts.append(burst)
            self._show_last()
            if burst.folder.parent == self._folder:
                self._reread("burst", "")

    def _show_camera(self) -> None:
        recording, previewing = self._recorder.recording, self._recorder.previewing
        if not recording:
            self._view.set_capturing("", 0)
        self._view.set_previewing(previewing)
        if not recording and not previewing:
            self._view.set_preview(None)

    def _fail(self, failure: Failure) -> None:
        self._failed = True
        self._view.set_message(failure.text)
        self._show_camera()

    # --- taking a burst back ---

    @property
    def _last(self) -> Burst | None:
        """The last burst that was captured into the open data set."""
        folder = self._folder
        return next((each for each in reversed(self._bursts) if each.folder.parent == folder), None)

    def _show_last(self) -> None:
        last = self._last
        pictures = ntr("{n:,} picture", "{n:,} pictures", last.count) if last is not None else ""
        self._view.set_last_burst(
            tr("{pictures} of “{folder}”", pictures=pictures, folder=last.folder.name) if last is not None else ""
        )

    def remove_burst(self) -> None:
        """Takes the last burst out: into the trash, or aside."""
        last = self._last
        if last is None or self._recorder.recording:
            return
        self._bursts.remove(last)
        self._show_last()
        self._hand.do(partial(_out, last), self._removed, self._fail)

    def _removed(self, words: str) -> None:
        self._lab.host.say(words)
        self._reread("", "")


def _out(burst: Burst) -> str:
    files = burst_files(burst.folder, burst.number)
    where = take_out(files)
    return ntr(
        "{counted} of “{folder}” is {where}.",
        "{counted} of “{folder}” are {where}.",
        len(files),
        counted=ntr("{n:,} picture", "{n:,} pictures", len(files)),
        folder=burst.folder.name,
        where=where,
    )
