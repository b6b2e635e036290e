"""Qt's own words (buttons of file dialogs, menus of text fields) and its direction of reading, in the language of the application."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from explorer.core import translation


def apply(app: QApplication) -> None:
    """Once, before widgets are made. Where Qt has no words of the language they stay English."""
    right_to_left = translation.is_right_to_left()
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight)
    if translation.language() == translation.ENGLISH:
        return
    words = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(f"qtbase_{translation.language()}", folder):
        app.installTranslator(words)
