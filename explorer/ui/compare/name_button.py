"""A menu button that shortens the name on it to its own width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from explorer.ui import theme
from explorer.ui.widgets.text import tip


class NameButton(QToolButton):
    """As wide as its place; its `menu()` is filled by whoever is asked to."""

    def __init__(self, name: str) -> None:
        """`name`: what assistive technology calls it."""
        super().__init__()
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.setMenu(menu)
        self._words, self._brief = "", ""

    @property
    def has_brief(self) -> bool:
        """Whether it has a shorter name."""
        return bool(self._brief)

    def set_name(self, words: str, brief: str, about: str) -> None:
        """`brief`: the name where there is no room for all of it, "" for a piece of it; `about`: the tool tip."""
        self._words, self._brief = words, brief
        self.setToolTip(tip(about))
        self.setAccessibleDescription(words)
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        words, room = f"{self._words}  ▾", max(self.width() - 2 * theme.current().space, 20)
        if self._brief and self.fontMetrics().horizontalAdvance(words) > room:
            words = f"{self._brief}  ▾"
        short = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room)
        self.setText(short.replace("&", "&&"))
