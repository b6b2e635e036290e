"""What the presenters of the classes know of their panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import SignalInstance

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet


class ClassesView(Protocol):
    """Setters in, signals out. A class is named by its label, a picture by its path in the data set."""

    open_asked: SignalInstance
    new_set_asked: SignalInstance
    ready_chosen: SignalInstance  # str: "demo:materials"
    reread_asked: SignalInstance
    close_asked: SignalInstance
    cancelled: SignalInstance
    again_asked: SignalInstance
    groups_chosen: SignalInstance  # str
    test_asked: SignalInstance
    test_cleared: SignalInstance
    picture_opened: SignalInstance  # str
    thumbnails_wanted: SignalInstance  # tuple[str, ...]
    class_named: SignalInstance  # str
    held: SignalInstance  # str
    let_go: SignalInstance
    preview_turned: SignalInstance  # bool
    cameras_asked: SignalInstance
    camera_chosen: SignalInstance  # str: its id
    burst_removed: SignalInstance
    pictures_dropped: SignalInstance  # str, list[str]

    def show_data(self, data: DataSet | None, own: bool) -> None:
        """The classes, or what to do where there are none. `own`: a folder of the person's, which may be added to."""

    def set_place(self, groups: str, test: str) -> None:
        """What is chosen beside the folder."""

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """Small pictures by path."""

    def set_progress(self, words: str, fraction: float | None) -> None:
        """What is being read; "" for nothing."""

    def set_message(self, words: str, again: bool = False) -> None:
        """What went wrong, "" for nothing. `again`: it can be tried again."""

    def ask_class_name(self) -> None:
        """A line for the name of a new class."""

    def end_class_name(self) -> None:
        """The class has been made."""

    def reveal(self, label: str) -> None:
        """A class comes into sight, ready to be captured."""

    def set_capturing(self, label: str, count: int) -> None:
        """Pictures of a class that is being captured; "" for none."""

    def set_preview(self, pixels: Array | None) -> None:
        """What the camera sees; None: it is closed."""

    def set_previewing(self, on: bool) -> None:
        """Whether the camera is open without a burst."""

    def set_cameras(self, cameras: Sequence[tuple[str, str]], now: str) -> None:
        """(id, title) of those that can be chosen."""

    def set_last_burst(self, words: str) -> None:
        """The burst that can be deleted; "" for none."""
