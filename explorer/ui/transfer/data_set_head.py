"""The head of the classes: which data set is open, how large it is, what is being read and what went wrong."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QToolButton, QWidget

from explorer.core.ready_sets import READY
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.page_frame import column_of, paragraph

_LATE_MS = 300


class DataSetHead(QWidget):
    """`menu_button` and `reread` stand in the panel's caption; the signals say what was chosen there."""

    open_asked = Signal()
    new_set_asked = Signal()
    ready_chosen = Signal(str)
    reread_asked = Signal()
    close_asked = Signal()
    cancelled = Signal()
    again_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menu_button, self.reread = QToolButton(), QToolButton()
        self.menu_button.setText(tr("Open ▾"))
        self.menu_button.setToolTip(tr("A folder, a ready data set, or a new one"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu_button.setMenu(self.menu)
        self.reread.setText("⟳")
        self.reread.setAccessibleName(tr("Read the folder again"))
        self.reread.setToolTip(tr("Reads the folder again, where files have come or gone  ( F5 )"))
        self.name, self.counts, self.message = Elided(), paragraph(True), paragraph()
        self.name.setObjectName("title")
        self.message.setObjectName("warm")
        self.again = QPushButton(tr("Try again"))
        self.words, self.bar, self.cancel = Elided(), QProgressBar(), QPushButton(tr("Cancel"))
        self.words.setObjectName("dim")
        self.bar.setTextVisible(False)
        self._late = QTimer(self)  # what is read at once moves nothing
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE_MS)
        self._late.timeout.connect(self._show_progress)
        self.bar.setAccessibleName(tr("How much is read"))
        row = QHBoxLayout()
        row.setSpacing(theme.current().space)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel)
        column_of(self, self.name, self.counts, row, self.bar, self.message, self.again)
        self._fill()
        self.reread.clicked.connect(self._reread)
        self.cancel.clicked.connect(self._cancel)
        self.again.clicked.connect(self._again)
        self.set_texts("", "", "")
        self.set_progress("", None)
        self.set_message("")

    def _fill(self) -> None:
        add = self.menu.addAction
        add(tr("Open a folder …")).triggered.connect(self._open)
        add(tr("New data set …")).triggered.connect(self._new)
        self.menu.addSection(tr("Ready data sets"))
        for each in READY:
            entry = add(each.title)
            entry.setToolTip(each.about)
            entry.triggered.connect(partial(self._choose, each.data))
        self.menu.addSeparator()
        self._close = add(tr("Close the data set"))
        self._close.triggered.connect(self._shut)

    # --- setters

    def set_texts(self, name: str, counts: str, folder: str) -> None:
        """What is open, "" for nothing; `folder` stands in the tool tip."""
        self.name.set_text(name)
        if folder:
            self.name.setToolTip(folder)
        self.counts.setText(counts)
        for part in (self.name, self.counts):
            part.setVisible(bool(name))
        self.reread.setVisible(bool(name))
        self._close.setEnabled(bool(name))

    def set_progress(self, words: str, fraction: float | None) -> None:
        """What is being read; "" for nothing. It is seen when it takes a while."""
        self.words.set_text(words, at_end=True)
        self.bar.setRange(0, 100 if fraction is not None else 0)
        self.bar.setValue(round(100 * (fraction or 0.0)))
        self._reading = bool(words)
        if not words:
            self._late.stop()
            self._show_progress()
        elif not self._late.isActive() and self.bar.isHidden():
            self._late.start()

    def _show_progress(self) -> None:
        for part in (self.words, self.bar, self.cancel):
            part.setVisible(self._reading)

    def set_message(self, words: str, again: bool = False) -> None:
        """What went wrong; "" for nothing."""
        self.message.setText(words)
        self.message.setVisible(bool(words))
        self.again.setVisible(bool(words) and again)

    # --- what was chosen

    def _open(self, *_: object) -> None:
        self.open_asked.emit()

    def _new(self, *_: object) -> None:
        self.new_set_asked.emit()

    def _choose(self, data: str, *_: object) -> None:
        self.ready_chosen.emit(data)

    def _shut(self, *_: object) -> None:
        self.close_asked.emit()

    def _reread(self, *_: object) -> None:
        self.reread_asked.emit()

    def _cancel(self, *_: object) -> None:
        self.cancelled.emit()

    def _again(self, *_: object) -> None:
        self.again_asked.emit()
