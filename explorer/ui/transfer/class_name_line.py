"""A line in which a new class is named."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from explorer.core.translation import tr
from explorer.ui import theme


class ClassNameLine(QWidget):
    """A button that gives way to a line; `named` carries what was written, once with Return. Escape brings the button back."""

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button, self.line = QPushButton(tr("New class …")), QLineEdit()
        self.button.setToolTip(tr("Makes a folder for a class in the data set's folder"))
        self.button.setAutoDefault(False)
        self.line.setPlaceholderText(tr("Name of the class, then Return"))
        self.line.setAccessibleName(tr("Name of the new class"))
        self.line.setMaxLength(120)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().space)
        row.addWidget(self.button)
        row.addWidget(self.line)
        self.button.clicked.connect(self.ask)
        self.line.returnPressed.connect(self._name)
        self.end()

    def ask(self, *_: object) -> None:
        """Shows the line, ready to be written in."""
        self.button.hide()
        self.line.show()
        self.line.setFocus()

    def end(self) -> None:
        """Shows the button again."""
        self.line.clear()
        self.line.hide()
        self.button.show()

    def _name(self) -> None:
        self.named.emit(self.line.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.line.isVisible():
            self.end()
            self.button.setFocus()
        else:
            super().keyPressEvent(event)
