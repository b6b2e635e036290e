"""Pages of which one is seen, and alone says how much room is needed."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget


class FrontStack(QStackedWidget):
    """QStackedWidget asks for the room of its largest page, whichever is in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: list[QWidget] = []
        self._asked: dict[int, QSizePolicy] = {}  # of the pages, by their places
        self.currentChanged.connect(self._follow)

    def _follow(self, _now: int) -> None:
        for at, page in enumerate(self._pages):
            asked = self._asked.setdefault(at, page.sizePolicy())
            ignored = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            page.setSizePolicy(asked if at == self.currentIndex() else ignored)
        self.updateGeometry()

    def addWidget(self, page: QWidget) -> int:
        """As that of QStackedWidget."""
        self._pages.append(page)
        at = super().addWidget(page)
        self._follow(at)
        return at
