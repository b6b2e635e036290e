"""The classes: which data set is open, read and shown, and what a person does with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from explorer.core.data_sets import DataSet, ReadDataSet
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.progress import Progress
from explorer.core.ready_sets import READY
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPlace
from explorer.core.translation import tr
from explorer.ui.jobs.client import Task
from explorer.ui.transfer.burst_recorder import CaptureCamera
from explorer.ui.transfer.class_capture import ClassCapture
from explorer.ui.transfer.class_files import is_of_burst, own_folder
from explorer.ui.transfer.class_maker import ClassMaker
from explorer.ui.transfer.class_pictures import ClassPictures
from explorer.ui.transfer.classes_view import ClassesView
from explorer.ui.transfer.data_set_dialogs import ask_classes, ask_tests
from explorer.ui.transfer.file_hand import FileHand
from explorer.ui.transfer.lab import Lab


class _Choice(NamedTuple):
    """What is read."""

    data: str
    groups: str = "none"
    test: str = ""


def _choice_of(place: TransferPlace) -> _Choice:
    return _Choice(place.data, place.groups, place.test)


class ClassesPresenter:
    """What is chosen is read first and becomes the session's place when it has come: what cannot be read changes nothing. A place that
    comes from elsewhere (a session, a step of the history) is followed."""

    def __init__(self, lab: Lab, view: ClassesView, camera: CaptureCamera | None = None) -> None:
        self.lab, self.view = lab, view
        client = lab.host.client
        self._read: Task[DataSet] = Task(client, "data set", self._take, self._fail, self._progress, self._end)
        self._small = ClassPictures(client, view)
        self._known = self._wanted = _Choice("")  # what `lab.data` is of, and what was asked for last
        self._fresh = False  # it was chosen by hand, and its groups were not
        self._reveal = ""  # a class that is shown when it has come
        self._begun = self._new = False
        self._hand = FileHand()
        self.maker = ClassMaker(lab, view, self._hand, self._read_again, self._open_new)
        self._capture = ClassCapture(lab, view, self._hand, self._read_again, camera)
        self._connect()
        self._show()

    def _connect(self) -> None:
        view = self.view
        view.open_asked.connect(self.choose)
        view.ready_chosen.connect(self.open)
        view.reread_asked.connect(self.reread)
        view.again_asked.connect(self._try_again)
        view.close_asked.connect(self.close_set)
        view.cancelled.connect(self.cancel)
        view.groups_chosen.connect(self.set_groups)
        view.test_asked.connect(self.choose_test)
        view.test_cleared.connect(self.clear_test)
        view.picture_opened.connect(self.open_picture)
        self.lab.moved.connect(self._follow)
        self.lab.data_changed.connect(self._show)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._read.waiting or self._small.waiting or self._hand.waiting or self._capture.recording

    def start(self) -> None:
        """The workspace comes to the front: the data set of the session is read where it has not been."""
        self._begun = True
        self._reach()

    def finish(self) -> None:
        """Stops what was started."""
        self._capture.close()
        self._hand.close()
        self._read.close()
        self._small.close()

    # --- which data set ---

    def take_paths(self, paths: Sequence[str]) -> bool:
        """Files or folders that were let go over the window: a folder is a data set; the rest is for others."""
        from explorer.ui.incoming import classify

        folders = classify(paths[:1]).folders
        if folders:
            self.open(folders[0])
        return bool(folders)

    def choose(self) -> None:
        """Asks for a folder."""
        if path := ask_classes(self.lab.host):
            self.open(path)

    def open(self, data: str) -> None:
        """A folder, or "demo:materials"."""
        ready = any(each.data == data for each in READY)
        choice = _Choice(data if ready else os.path.abspath(data))
        if choice.data == self._known.data:
            choice = self._known
        self._ask(choice, fresh=not ready)

    def _open_new(self, folder: str) -> None:
        self._new = True
        self._ask(_Choice(os.path.abspath(folder)))

    def close_set(self) -> None:
        """No data set is open."""
        self.cancel()
        if self.lab.place.data:
            self.lab.move(data="", groups="none", test="", confused=None)

    def set_groups(self, groups: str) -> None:
        """Which pictures are never split."""
        self._ask(self._known._replace(groups=groups))

    def choose_test(self) -> None:
        """Asks for another folder with the test pictures."""
        if path := ask_tests(self.lab.host):
            self._ask(self._known._replace(test=path))

    def clear_test(self) -> None:
        """The test pictures are of the data set again."""
        self._ask(self._known._replace(test=""))

    def reread(self) -> None:
        """Reads the folder again."""
        self.view.set_message("")
        self._read_again("", "")

    def _read_again(self, groups: str, reveal: str) -> None:
        """What was said about the files stays."""
        if self._known.data:
            self._reveal = reveal
            self._begin(self._known._replace(groups=groups or self._known.groups))

    # --- reading ---

    def _follow(self, old: Session, new: Session) -> None:
        if self._begun and _choice_of(old.transfer) != _choice_of(new.transfer):
            self._reach()

    def _reach(self) -> None:
        """Reads what the session names, where that is not what is known."""
        place = _choice_of(self.lab.place)
        if not place.data:
            if self._known.data:
                self._read.drop()
                self._end()
                self._known = _Choice("")
                self.lab.set_data(None)
        elif place != self._known and not (self._read.waiting and self._wanted == place):
            self._ask(place)
        else:
            self._show_place()

    def _ask(self, choice: _Choice, fresh: bool = False) -> None:
        if choice.data:
            self.view.set_message("")
            self._begin(choice, fresh)

    def _begin(self, choice: _Choice, fresh: bool = False) -> None:
        self._wanted, self._fresh = choice, fresh
        self.view.set_progress(tr("Looking at the folder …"), None)
        self._read.ask(ReadDataSet(*choice))

    def _try_again(self) -> None:
        self._ask(self._wanted, self._fresh)

    def cancel(self) -> None:
        """What is being read is not wanted any more."""
        if self._read.drop():
            self._end()
            if self.lab.data is None and self.lab.place.data:
                self.view.set_message(tr("The data set was not read."), again=True)

    def _progress(self, progress: Progress) -> None:
        self.view.set_progress(progress.text, progress.fraction)

    def _take(self, data: DataSet, _done: bool) -> None:
        choice = self._wanted
        if self._fresh and choice.groups == "none" and any(is_of_burst(picture.path) for picture in data.pictures):
            self._ask(choice._replace(groups="burst"))  # captured here: frames of one burst are never split
            return
        self._known = choice
        if _choice_of(self.lab.place) != choice:
            fields: dict[str, Any] = choice._asdict()
            self.lab.move(**fields, **({"confused": None} if choice.data != self.lab.place.data else {}))
        if data != self.lab.data:
            self.lab.set_data(data)
        if self._new:
            self.view.ask_class_name()
        if self._reveal:
            self.view.reveal(self._reveal)
        self._reveal, self._new = "", False

    def _fail(self, failure: Failure) -> None:
        self._reveal, self._new = "", False
        if self._wanted == _choice_of(self.lab.place) and self._wanted.data != self._known.data:
            self._known = _Choice("")  # the session is at a place that cannot be shown
            self.lab.set_data(None)
        self.view.set_message(failure.text, again=True)

    def _end(self) -> None:
        if not self._read.waiting:
            self.view.set_progress("", None)
            self._show_place()

    # --- what is shown ---

    def _show(self) -> None:
        """What the lab has, whoever put it there."""
        data = self.lab.data
        self._small.follow(data)
        self.view.show_data(data, own_folder(data) is not None)
        self._show_place()
        self._capture.follow()

    def _show_place(self) -> None:
        self.view.set_place(self._known.groups, self._known.test)

    def open_picture(self, path: str) -> None:
        """A picture in Explore."""
        if self.lab.data is not None:
            self.lab.host.open_input(InputRef("picture", str(self.lab.data.file(path))))
            self.lab.host.show_workspace("explore")

    # --- commands ---

    def why_none_open(self) -> str:
        """Why there is no data set; "" where one is open."""
        return "" if self._known.data else tr("No data set is open.")
