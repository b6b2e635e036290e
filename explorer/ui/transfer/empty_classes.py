"""What to do where no data set is open."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.core.ready_sets import READY
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.page_frame import column_of, fill, paragraph

_FOLDER = tr("Drop a folder here. Each folder in it is a class, with its pictures inside.")
_CAMERA = tr("Make classes with the camera: a folder for each, filled while a button is held.")


class EmptyClasses(QWidget):
    """`open_asked`, `new_set_asked`, and `ready_chosen` with the name of a data set."""

    open_asked = Signal()
    new_set_asked = Signal()
    ready_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open, self.new = QPushButton(tr("Open a folder …")), QPushButton(tr("New data set …"))
        column = column_of(self)
        self._add(column, tr("Pictures of your own"), _FOLDER, self.open)
        column.addSpacing(theme.current().tight)
        column.addWidget(Caption(tr("Ready data sets")))
        self.ready: dict[str, QPushButton] = {}
        for each in READY:
            button = self.ready[each.data] = QPushButton(each.title)
            button.setToolTip(
                tr("It is drawn on this computer, and takes a moment when it is opened for the first time")
            )
            button.clicked.connect(partial(self._choose, each.data))
            self._sentence(column, button, each.about)
        column.addSpacing(theme.current().tight)
        self._add(column, tr("With the camera"), _CAMERA, self.new)
        column.addStretch(1)
        self.open.clicked.connect(self._open)
        self.new.clicked.connect(self._new)

    def _add(self, column: QVBoxLayout, title: str, sentence: str, button: QPushButton) -> None:
        column.addWidget(Caption(title))
        words = paragraph(True)
        words.setText(sentence)
        fill(column, words, button)

    def _sentence(self, column: QVBoxLayout, button: QPushButton, sentence: str) -> None:
        words = paragraph(True)
        words.setText(sentence)
        fill(column, button, words)

    def _open(self) -> None:
        self.open_asked.emit()

    def _new(self) -> None:
        self.new_set_asked.emit()

    def _choose(self, data: str, *_: object) -> None:
        self.ready_chosen.emit(data)
