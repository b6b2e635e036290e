"""lesson.toml in a window of its own: saved as it is typed, as long as it can be read; what cannot says its line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import lesson_from
from explorer.ui.widgets.page_frame import paragraph

_REST = 600  # ms after the last key


class LessonEditor(QDialog):
    """The file stays as it was while the text cannot be read."""

    def __init__(self, file: Path, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{file.parent.name}/{file.name}")
        self._file = file
        self.text, self.state = QPlainTextEdit(), paragraph(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Text of the lesson")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text, 1)
        column.addWidget(self.state)
        column.addWidget(buttons)
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.save)
        self.load()
        self.text.textChanged.connect(self._rest.start)
        self.resize(760, 640)

    def load(self) -> None:
        """The text as the file has it."""
        try:
            held = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.state.setText(f"{error}")
            return
        if held != self.text.toPlainText():
            at = self.text.textCursor().position()
            self.text.setPlainText(held)
            cursor = self.text.textCursor()
            cursor.setPosition(min(at, len(held)))
            self.text.setTextCursor(cursor)
            self._rest.stop()

    def save(self) -> None:
        """Where it can be read."""
        text = self.text.toPlainText()
        try:
            lesson_from(text, self._file.name)
            if text != self._file.read_text(encoding="utf-8"):
                self._file.write_text(text, encoding="utf-8")
        except ExplorerError as error:
            self.say(f"Not saved: {error.why}")
        except (OSError, UnicodeDecodeError) as error:
            self.say(f"Not saved: {error}")
        else:
            self.say("")

    def say(self, fault: str) -> None:
        """What is wrong; "" for nothing."""
        self.state.setText(fault or "Saved. The lesson beside it shows the text as it is now.")

    def go_to(self, words: str) -> None:
        """Goes to the first place of some words."""
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if self.text.find(words):
            self.text.centerCursor()

    def done(self, result: int) -> None:
        self.save()
        super().done(result)
