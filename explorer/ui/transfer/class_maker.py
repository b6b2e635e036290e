"""Classes with the camera and by hand: new folders, bursts, pictures that are copied in. Nothing is overwritten or destroyed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from explorer.core.arrays import Array
from explorer.core.data_sets import DEMO, DataSet
from explorer.core.errors import Failure
from explorer.ui.camera import Camera
from explorer.ui.transfer.burst_recorder import Burst, BurstRecorder, CaptureCamera
from explorer.ui.transfer.class_files import CopiedIn, burst_files, copy_in, make_folder, take_out, why_no_class
from explorer.ui.transfer.classes_view import ClassesView
from explorer.ui.transfer.file_hand import FileHand
from explorer.ui.transfer.lab import Lab

CAMERA = "transfer/camera"  # in the settings
NEW_FOLDER = "folder/transfer new"  # in the settings: where data sets are made


def own_folder(data: DataSet | None) -> Path | None:
    """The folder of a data set that may be added to."""
    return Path(data.folder) if data is not None and not data.name.startswith(DEMO) else None


def counted(number: int, one: str, more: str = "") -> str:
    """ "1 picture", "3 pictures", "1,200 pictures"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


class ClassMaker(QObject):
    """`reread(groups, reveal)` reads the open data set again, in groups or as before (""), and shows a class of it; `opened` opens a
    folder that has just been made."""

    def __init__(
        self,
        lab: Lab,
        view: ClassesView,
        reread: Callable[[str, str], None],
        opened: Callable[[str], None],
        camera: CaptureCamera | None = None,
    ) -> None:
        super().__init__()
        self._lab, self._view, self._reread, self._opened = lab, view, reread, opened
        self._hand = FileHand(self)
        self._camera = camera if camera is not None else Camera(self)
        self._recorder = BurstRecorder(self._camera, self._hand, self)
        self._recorder.device = lab.host.settings.text(CAMERA)
        self._into: Path | None = None  # the class that is captured
        self._failed = False  # since the button was pressed
        self._bursts: list[Burst] = []  # of this session, the last one last
        view.new_set_asked.connect(self.new_set)
        view.class_named.connect(self.make_class)
        view.held.connect(self.hold)
        view.let_go.connect(self._recorder.end)
        view.preview_turned.connect(self.turn_preview)
        view.cameras_asked.connect(self.list_cameras)
        view.camera_chosen.connect(self.choose_camera)
        view.burst_removed.connect(self.remove_burst)
        view.pictures_dropped.connect(self.copy)
        self._recorder.frame.connect(self._see)
        self._recorder.counted.connect(self._count)
        self._recorder.ended.connect(self._end)
        self._recorder.failed.connect(self._fail)

    @property
    def waiting(self) -> bool:
        """Whether files are still being written."""
        return self._hand.waiting or self._recorder.recording

    @property
    def _folder(self) -> Path | None:
        return own_folder(self._lab.data)

    def close(self) -> None:
        """Closes the camera and waits for what is being written."""
        self._recorder.blockSignals(True)
        self._recorder.close()
        self._hand.close()

    def follow(self) -> None:
        """Another data set may be open: nothing is captured into the one before."""
        folder = self._folder
        if self._into is not None and self._into.parent != folder:
            self._recorder.end()
        if folder is None and self._recorder.previewing:
            self.turn_preview(False)
        self._show_last()

    # --- folders ---

    def new_set(self) -> None:
        """Asks where the folder of a new data set goes, and makes it."""
        settings = self._lab.host.settings
        place = Path(settings.text(NEW_FOLDER) or _own_place())
        default, number = place / "My classes", 2
        while default.exists():
            default, number = place / f"My classes {number}", number + 1
        there = place.is_dir()
        try:
            place.mkdir(parents=True, exist_ok=True)  # a dialog begins only where there is something
        except OSError:
            pass
        path, _ = QFileDialog.getSaveFileName(
            self._lab.host.parent_widget,
            "A folder for the new data set",
            str(default),
            "",
            "",
            QFileDialog.Option.DontConfirmOverwrite,
        )
        if not path:
            if not there:
                _give_back(place)
            return
        settings.put(NEW_FOLDER, str(Path(path).parent))
        self._hand.do(partial(make_folder, Path(path)), partial(self._made_set, path), self._fail)

    def _made_set(self, path: str, _nothing: None) -> None:
        self._opened(path)

    def ask_class(self) -> None:
        """A line for the name of a new class, of a new data set where none can be added to."""
        if self._folder is None:
            self.new_set()
        else:
            self._view.ask_class_name()

    def make_class(self, name: str) -> None:
        """A folder for a new class."""
        folder, data, name = self._folder, self._lab.data, name.strip()
        if folder is None or data is None:
            return
        why = why_no_class(name, (each.name for each in data.classes))
        self._view.set_message(why)
        if not why:
            self._hand.do(partial(make_folder, folder / name), partial(self._made_class, name), self._fail)

    def _made_class(self, name: str, _nothing: None) -> None:
        self._view.end_class_name()
        self._reread("", name)

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
            self._view.set_message("No picture came while the button was held: hold it until the picture is seen.")
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
        pictures = counted(last.count, "picture") if last is not None else ""
        self._view.set_last_burst(f"{pictures} of “{last.folder.name}”" if last is not None else "")

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

    # --- pictures that are brought ---

    def copy(self, label: str, paths: list[str]) -> None:
        """Copies pictures into a class."""
        folder = self._folder
        if folder is not None:
            self._view.set_message("")
            self._hand.do(partial(copy_in, paths, folder / label), partial(self._copied, label), self._fail)

    def _copied(self, label: str, done: CopiedIn) -> None:
        if done.left_out:
            names = ", ".join(f"“{name}”" for name in done.left_out[:3])
            more = f" and {len(done.left_out) - 3} more" if len(done.left_out) > 3 else ""
            self._view.set_message(f"Left out, not a picture: {names}{more}.")
        if done.count:
            self._lab.host.say(f"{counted(done.count, 'picture')} copied to “{label}”.")
            self._reread("", label)


def _own_place() -> str:
    kinds = QStandardPaths.StandardLocation
    folders = (QStandardPaths.writableLocation(kind) for kind in (kinds.PicturesLocation, kinds.DocumentsLocation))
    return str(Path(next((folder for folder in folders if folder), str(Path.home()))) / "Feature Map Explorer")


def _give_back(place: Path) -> None:
    try:
        place.rmdir()  # only where it is empty
    except OSError:
        pass


def _out(burst: Burst) -> str:
    files = burst_files(burst.folder, burst.number)
    where = take_out(files)
    return f"{counted(len(files), 'picture')} of “{burst.folder.name}” {'is' if len(files) == 1 else 'are'} {where}."
