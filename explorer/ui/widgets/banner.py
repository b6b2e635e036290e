"""A line across the window: what happened and what to do; or what is going on and how to stop it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.ui.widgets.text_window import TextWindow


class Banner(QFrame):
    """Hidden until it has something to say. `cancelled`: the person wants the running work to stop; `closed`: has read it."""

    cancelled = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(180)
        self.cancel, self.more = QPushButton(tr("Cancel")), QPushButton(tr("Details …"))
        self.copy, self.close_button = QPushButton(tr("Copy")), QPushButton(tr("Close"))
        self.folder = QPushButton(tr("Open folder"))
        self.more.setToolTip(tr("Why, and what a report needs, in a window of its own"))
        self.close_button.setToolTip(tr("Close  ( Esc )"))
        self.whole, self._place = "", Path()
        self._build()
        self.hide()

    def _build(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.message, 1)
        for widget in (self.progress, self.cancel, self.more, self.folder, self.copy, self.close_button):
            line.addWidget(widget)
        line.setContentsMargins(12, 6, 8, 6)
        self.setLayout(line)
        self.cancel.clicked.connect(self.cancelled)
        self.more.clicked.connect(self._tell)
        self.copy.clicked.connect(self._copy)
        self.folder.clicked.connect(self._open_folder)
        self.close_button.clicked.connect(self.dismiss)

    def show_failure(self, failure: Failure) -> None:
        """An error, in a sentence and what to do about it; stays until it is closed. What else is known stands in a window."""
        body = failure.todo or failure.why
        self.whole = "\n".join(part for part in (failure.what, failure.why, failure.todo, failure.details) if part)
        more = bool(failure.details or (failure.why and failure.todo))
        self._show("error", f"{failure.what}\n{body}" if body else failure.what, more)

    def show_message(self, message: str) -> None:
        """Something worth knowing; stays until it is closed."""
        self.whole = message
        self._show("info", message, False)

    def show_progress(self, progress: Progress, cancellable: bool = True) -> None:
        """What is going on. `fraction` None lets the bar run without an end."""
        self.progress.setRange(0, 0 if progress.fraction is None else 1000)
        if progress.fraction is not None:
            self.progress.setValue(int(progress.fraction * 1000))
        self._show("progress", progress.text, False)
        self.cancel.setVisible(cancellable)

    def dismiss(self) -> None:
        self.hide()
        self.closed.emit()

    @property
    def kind(self) -> str:
        """What is shown: "error", "info", "progress" or "" for nothing."""
        return "" if self.isHidden() else str(self.property("kind"))

    def _show(self, kind: str, message: str, details: bool) -> None:
        working = kind == "progress"
        self.message.setText(message)
        self.setAccessibleName(message)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.progress.setVisible(working)
        self.cancel.setVisible(working)
        self.copy.setVisible(kind == "error")
        self.folder.hide()
        self.close_button.setVisible(not working)
        self.more.setVisible(details)
        self.show()

    def offer_folder(self, folder: Path) -> None:
        """A button, beside what is shown now, that opens a folder."""
        self._place = folder
        self.folder.setToolTip(str(folder))
        self.folder.show()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._place)))

    def _tell(self) -> None:
        window = TextWindow(tr("What went wrong"), self.whole, self.window())
        window.exec()
        window.deleteLater()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.whole)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit() if self.kind == "progress" else self.dismiss()
        else:
            super().keyPressEvent(event)
