"""Classes by hand: new data sets, new classes, pictures that are copied in. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from explorer.core.errors import Failure
from explorer.core.translation import ntr, tr
from explorer.ui.transfer.class_files import CopiedIn, copy_in, make_folder, own_folder, why_no_class
from explorer.ui.transfer.classes_view import ClassesView
from explorer.ui.transfer.data_set_dialogs import ask_new_set
from explorer.ui.transfer.file_hand import FileHand
from explorer.ui.transfer.lab import Lab


class ClassMaker(QObject):
    """`reread(groups, reveal)` reads the open data set again, in groups or as before (""), and shows a class of it; `opened` opens a
    folder that has just been made."""

    def __init__(
        self,
        lab: Lab,
        view: ClassesView,
        hand: FileHand,
        reread: Callable[[str, str], None],
        opened: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._lab, self._view, self._hand, self._reread, self._opened = lab, view, hand, reread, opened
        view.new_set_asked.connect(self.new_set)
        view.class_named.connect(self.make_class)
        view.pictures_dropped.connect(self.copy)

    @property
    def _folder(self) -> Path | None:
        return own_folder(self._lab.data)

    # --- folders ---

    def new_set(self) -> None:
        """Asks where the folder of a new data set goes, and makes it."""
        path = ask_new_set(self._lab.host)
        if path:
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

    # --- pictures that are brought ---

    def copy(self, label: str, paths: list[str]) -> None:
        """Copies pictures into a class."""
        folder = self._folder
        if folder is not None:
            self._view.set_message("")
            self._hand.do(partial(copy_in, paths, folder / label), partial(self._copied, label), self._fail_copy)

    def _copied(self, label: str, done: CopiedIn) -> None:
        if done.left_out:
            names = ", ".join(f"“{name}”" for name in done.left_out[:3])
            more = tr(" and {count} more", count=len(done.left_out) - 3) if len(done.left_out) > 3 else ""
            self._view.set_message(tr("Left out, not a picture: {names}{more}.", names=names, more=more))
        if done.count:
            self._lab.host.say(
                tr(
                    "{counted} copied to “{label}”.",
                    counted=ntr("{n:,} picture", "{n:,} pictures", done.count),
                    label=label,
                )
            )
            self._reread("", label)

    def _fail(self, failure: Failure) -> None:
        self._view.set_message(failure.text)

    def _fail_copy(self, failure: Failure) -> None:
        self._fail(failure)
        self._reread("", "")  # some may have come
