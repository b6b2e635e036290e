"""The classes of a data set, at the left. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QWidget

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet
from explorer.core.ready_sets import data_title
from explorer.core.translation import ntr, tr
from explorer.ui import theme
from explorer.ui.transfer.camera_strip import CameraStrip
from explorer.ui.transfer.class_list import ClassList
from explorer.ui.transfer.class_name_line import ClassNameLine
from explorer.ui.transfer.class_words import counts_of
from explorer.ui.transfer.data_set_choices import DataSetChoices
from explorer.ui.transfer.data_set_head import DataSetHead
from explorer.ui.transfer.empty_classes import EmptyClasses
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.fold import Fold
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.page_frame import column_of, paragraph

_MOST_BAD = 100  # lines of pictures that cannot be read
_BAD_HIGH = 110
_SOON_MS = 40
_PRIVATE = tr("Pictures stay on this computer; nothing is sent anywhere.")


class ClassesPanel(Frame):
    """A `ClassesView`, which says what its signals carry."""

    open_asked = Signal()
    new_set_asked = Signal()
    ready_chosen = Signal(str)
    reread_asked = Signal()
    close_asked = Signal()
    cancelled = Signal()
    again_asked = Signal()
    groups_chosen = Signal(str)
    test_asked = Signal()
    test_cleared = Signal()
    picture_opened = Signal(str)
    thumbnails_wanted = Signal(tuple)
    class_named = Signal(str)
    held = Signal(str)
    let_go = Signal()
    preview_turned = Signal(bool)
    cameras_asked = Signal()
    camera_chosen = Signal(str)
    burst_removed = Signal()
    pictures_dropped = Signal(str, list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.head, self.choices, self.list = DataSetHead(), DataSetChoices(), ClassList()
        self.empty, self.name_line, self.camera = EmptyClasses(), ClassNameLine(), CameraStrip()
        self.notes, self.bad_list, self.private = paragraph(True), QPlainTextEdit(), paragraph(True)
        self.bad = Fold("", tr("Which pictures, and why"))
        self.bad.body.addWidget(self.bad_list)
        self.bad_list.setReadOnly(True)
        self.bad_list.setAccessibleName(tr("Pictures that cannot be read"))
        self.bad_list.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.bad_list.setFixedHeight(_BAD_HIGH)
        self.private.setText(_PRIVATE)
        self.section(tr("Classes"), FigureButton(small=True), self.head.reread, self.head.menu_button)
        self.add(self.head)
        self.whole = QWidget()
        column_of(self.whole, self.choices, self.name_line, self.list, self.bad, self.notes)
        self.inside = _Inside()
        column = column_of(self.inside, self.empty, self.whole)
        column.addStretch(1)
        column.addWidget(self.private)
        column.setContentsMargins(0, 0, theme.current().tight, 0)
        self.area = _scroll(self.inside)
        self.add(self.area, 1)
        self.add(self.camera)
        self._soon = QTimer(self)  # many blocks say that they miss pictures: they are asked for at once
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._connect()
        self.show_data(None, False)

    def _connect(self) -> None:
        head, choices, blocks = self.head, self.choices, self.list
        for part in (head, self.empty):
            part.open_asked.connect(self.open_asked)
            part.new_set_asked.connect(self.new_set_asked)
            part.ready_chosen.connect(self.ready_chosen)
        head.reread_asked.connect(self.reread_asked)
        head.close_asked.connect(self.close_asked)
        head.cancelled.connect(self.cancelled)
        head.again_asked.connect(self.again_asked)
        choices.groups_chosen.connect(self.groups_chosen)
        choices.test_asked.connect(self.test_asked)
        choices.test_cleared.connect(self.test_cleared)
        self.name_line.named.connect(self.class_named)
        blocks.opened.connect(self.picture_opened)
        blocks.held.connect(self.held)
        blocks.let_go.connect(self.let_go)
        blocks.dropped.connect(self.pictures_dropped)
        blocks.wanted.connect(self._soon.start)
        bar = self.area.verticalScrollBar()
        for moved in (bar.valueChanged, bar.rangeChanged):  # other classes have come into sight
            moved.connect(self._look_soon)
        self._soon.timeout.connect(self._look)
        self.camera.preview_turned.connect(self.preview_turned)
        self.camera.cameras_asked.connect(self.cameras_asked)
        self.camera.camera_chosen.connect(self.camera_chosen)
        self.camera.removed.connect(self.burst_removed)

    def _look_soon(self, *_: object) -> None:
        self._soon.start()

    def _look(self) -> None:
        missing = self.list.missing
        if missing:
            self.thumbnails_wanted.emit(missing)

    # --- the data set ---

    def show_data(self, data: DataSet | None, own: bool) -> None:
        """The classes, or what to do where there are none."""
        self.empty.setVisible(data is None)
        self.whole.setVisible(data is not None)
        self.name_line.setVisible(own)
        self.camera.setVisible(own)
        self.list.set_data(data, own)
        if data is None:
            self.head.set_texts("", "", "")
            return
        self.head.set_texts(data_title(data.name), counts_of(data), data.folder)
        self.choices.set_inside(bool(data.test))
        self.notes.setText("\n".join(data.notes))
        self.notes.setVisible(bool(data.notes))
        lines = [f"{path}: {why}" for path, why in data.unreadable[:_MOST_BAD]]
        more = len(data.unreadable) - len(lines)
        self.bad_list.setPlainText("\n".join([*lines, *([tr("and {more:,} more", more=more)] if more else [])]))
        self.bad.head.setText(
            tr("{counted} cannot be read", counted=ntr("{n:,} picture", "{n:,} pictures", len(data.unreadable)))
        )
        self.bad.setVisible(bool(data.unreadable))
        self._soon.start()

    def set_place(self, groups: str, test: str) -> None:
        """What is chosen beside the folder."""
        self.choices.set_place(groups, test)

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """Small pictures by path."""
        self.list.set_thumbnails(pictures)

    def set_progress(self, words: str, fraction: float | None) -> None:
        """What is being read; "" for nothing."""
        self.head.set_progress(words, fraction)

    def set_message(self, words: str, again: bool = False) -> None:
        """What went wrong, "" for nothing."""
        self.head.set_message(words, again)

    # --- classes of one's own ---

    def ask_class_name(self) -> None:
        """A line for the name of a new class."""
        self.name_line.ask()
        self.area.ensureWidgetVisible(self.name_line)

    def end_class_name(self) -> None:
        """The class has been made."""
        self.name_line.end()

    def reveal(self, label: str) -> None:
        """A class comes into sight, ready to be captured."""
        block = self.list.blocks.get(label)
        if block is not None:
            self.inside.adjustSize()
            self.area.ensureWidgetVisible(block)
            block.hold.setFocus()

    def set_capturing(self, label: str, count: int) -> None:
        """Pictures of a class that is being captured; "" for none."""
        self.camera.set_capturing(label, count)

    def set_preview(self, pixels: Array | None) -> None:
        """What the camera sees; None: it is closed."""
        self.camera.set_pixels(pixels)

    def set_previewing(self, on: bool) -> None:
        """Whether the camera is open without a burst."""
        self.camera.set_previewing(on)

    def set_cameras(self, cameras: Sequence[tuple[str, str]], now: str) -> None:
        """(id, title) of those that can be chosen."""
        self.camera.set_cameras(cameras, now)

    def set_last_burst(self, words: str) -> None:
        """The burst that can be deleted; "" for none."""
        self.camera.set_last_burst(words)


class _Inside(QWidget):
    """As high as its sentences are at the width that there is: Qt's own least height is that of narrower ones."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


def _scroll(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
