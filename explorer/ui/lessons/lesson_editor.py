"""lesson.toml in a window of its own: saved as it is typed, as long as it can be read; what cannot says its line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import lesson_from
from explorer.core.translation import tr
from explorer.ui.dialogs.parts import room_for
from explorer.ui.widgets.page_frame import paragraph

_REST = 600  # ms after the last key


class LessonEditor(QDialog):
    """The file stays as it was while the text cannot be read."""

    def __init__(self, file: Path, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{file.parent.name}/{file.name}")
        self.file, self._held, self._warned = file, "", False
        self.text, self.state = QPlainTextEdit(), paragraph(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(tr("Text of the lesson"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text, 1)
        column.addWidget(self.state)
        column.addWidget(buttons)
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.save)
        self.load()
        self.text.textChanged.connect(self._typed)
        self.resize(QSize(760, 640).boundedTo(room_for(self)))

    @property
    def typed(self) -> str:
        """The text as it is now, with the no-break spaces that Qt's plain text leaves out."""
        return self.text.document().toRawText().replace("\u2029", "\n")

    def _typed(self) -> None:
        self._warned = False
        self._rest.start()

    def follow(self) -> None:
        """The file may have been changed elsewhere; what was typed here and is not saved stays."""
        if self.typed == self._held:
            self.load()

    def load(self) -> None:
        """The text as the file has it."""
        try:
            held = self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.state.setText(f"{error}")
            return
        if held != self.typed:
            at = self.text.textCursor().position()
            self.text.setPlainText(held)
            cursor = self.text.textCursor()
            cursor.setPosition(min(at, len(held)))
            self.text.setTextCursor(cursor)
            self._rest.stop()
        self._held = self.typed

    def save(self) -> bool:
        """Where it can be read; whether nothing is left to be saved."""
        from explorer.engine import export

        text = self.typed
        if text == self._held:
            return True
        try:
            lesson_from(text, self.file.name)
            export.write(self.file, text.encode())
        except ExplorerError as error:
            self.say(tr("Not saved: {why}", why=error.why))
            return False
        self._held = text
        self.say("")
        return True

    def say(self, fault: str) -> None:
        """What is wrong; "" for nothing."""
        self.state.setText(fault or tr("Saved. The lesson beside it shows the text as it is now."))

    def go_to(self, words: str) -> None:
        """Goes to the first place of some words."""
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if self.text.find(words):
            self.text.centerCursor()

    def reject(self) -> None:
        """Closes it; what cannot be saved is given up only when it is asked for once more."""
        if self.save() or self._warned:
            super().reject()
            return
        self._warned = True
        self.state.setText(f"{self.state.text()}\n{tr('Close it once more to give up what was typed.')}")
