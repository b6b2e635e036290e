"""A class among the others: its name, how many pictures, the first of them, and a button to capture more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.data_sets import DataClass
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.dropped_words import words_of_class
from explorer.ui.incoming import local_paths
from explorer.ui.transfer.hold_button import HoldButton
from explorer.ui.widgets.drop_note import hint_drop
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid

MOST_PICTURES = 12
SIDE = 30
_CELL = SIDE + 6
_HOLD = tr("Hold it, by mouse or with Space: the camera takes about eight pictures a second, which are one burst")


class ClassBlock(QWidget):
    """`opened` carries the path of a picture; `held` and `let_go` come from the capture button; `dropped` carries the paths of files that
    were let go over it; `wanted` says that there are `missing` small pictures."""

    opened = Signal(str)
    held = Signal()
    let_go = Signal()
    dropped = Signal(list)
    wanted = Signal()

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label, self._own = label, False
        self.missing: tuple[str, ...] = ()
        self.name, self.count, self.reason = Elided(), QLabel(), paragraph()
        self.name.set_text(label, at_end=True)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.count.setObjectName("dim")
        self.reason.setObjectName("warm")
        self.hold = HoldButton(tr("Hold to capture"))
        self.hold.setProperty("small", "true")
        self.hold.setToolTip(_HOLD)
        self.hold.setAccessibleName(tr("Hold to capture pictures of {label}", label=label))
        self.grid = PictureGrid(tr("Pictures of {label}", label=label), SIDE)
        self.grid.setFrameShape(QFrame.Shape.NoFrame)
        for bar in (self.grid.setVerticalScrollBarPolicy, self.grid.setHorizontalScrollBarPolicy):
            bar(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QHBoxLayout()
        head.setSpacing(theme.current().space)
        head.addWidget(self.name, 1)
        head.addWidget(self.count)
        head.addWidget(self.hold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        nest(column, head)
        column.addWidget(self.grid)
        column.addWidget(self.reason)
        self.grid.opened.connect(self.opened)
        self.grid.wanted.connect(self._want)
        self.hold.began.connect(self.held)
        self.hold.ended.connect(self.let_go)

    def set_class(self, each: DataClass, own: bool, tested: int) -> None:
        """Shows it. `own`: it can be added to; `tested`: its pictures in the test folder."""
        self._own = own
        self.setAcceptDrops(own)
        self.hold.setVisible(own)
        self.count.setText(f"{len(each.pictures):,}")
        pictures = tr("1 picture") if len(each.pictures) == 1 else tr("{count:,} pictures", count=len(each.pictures))
        self.count.setToolTip(
            tr("{pictures}, {tested:,} for the test", pictures=pictures, tested=tested) if tested else pictures
        )
        self.reason.setText(tr("Not used. {reason}", reason=each.reason) if each.reason else "")
        self.reason.setVisible(bool(each.reason))
        shown = each.pictures[:MOST_PICTURES]
        self.grid.set_pictures(
            [
                GridPicture(p.path, f"{self.label}, {Path(p.path).name}", tr("{path}\nOpens in Explore", path=p.path))
                for p in shown
            ]
        )
        self.grid.setVisible(bool(shown))
        self._fit()

    def set_count(self, words: str) -> None:
        """How many pictures there are while more are captured."""
        self.count.setText(words)

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """Those of this class."""
        paths = {item.path for item in self.grid.items}
        mine = {path: pixels for path, pixels in pictures.items() if path in paths}
        if mine:
            self.grid.set_thumbnails(mine)
            self.missing = tuple(path for path in self.missing if path not in mine)

    def _want(self, paths: tuple[str, ...]) -> None:
        self.missing = paths
        self.wanted.emit()

    def _fit(self) -> None:
        """As high as its pictures need."""
        columns = max((self.width() - 2) // _CELL, 1)
        rows = -(-len(self.grid.items) // columns)
        self.grid.setFixedHeight(max(rows, 1) * _CELL + 2)

    # --- Qt's names

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = local_paths(event.mimeData())
        if paths and not Path(paths[0]).is_dir():  # a folder is a data set: for the window
            event.acceptProposedAction()
            hint_drop(self, words_of_class(paths, self.label))
        else:
            event.ignore()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        hint_drop(self, "")

    def dropEvent(self, event: QDropEvent) -> None:
        hint_drop(self, "")
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(local_paths(event.mimeData()))
