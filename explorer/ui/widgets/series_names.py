"""Names of what a plot shows, each behind its mark in its colour."""

from __future__ import annotations

import html
from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget

from explorer.ui import theme

LINE, DASHED, DOT = "━", "┅", "●"


class SeriesNames(QLabel):
    """Follows the theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)  # between names: what is narrow is not made wider by them
        self._entries: tuple[tuple[str, str, str], ...] = ()

    def set_entries(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """(mark, colour of the theme, name) of each."""
        self._entries = tuple(entries)
        self._write()

    def _write(self) -> None:
        look = theme.current()
        named = (
            f'<span style="color:{getattr(look, role)}">{mark}</span>&nbsp;{html.escape(name, False).replace(" ", "&nbsp;")}'
            for mark, role, name in self._entries
        )
        self.setText("&nbsp;&nbsp; ".join(named))

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_entries"):
            self._write()
