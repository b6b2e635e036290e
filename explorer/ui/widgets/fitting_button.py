"""A button that says as much as it has room for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from explorer.ui import text_size

_LEAST = 64  # px of the words that always have room


class FittingButton(QToolButton):
    """Its words from the most to the fewest: the first that fit are shown, of the last ones what fits. It asks for the room of
    the first and is content with little, so that no panel grows wider than its place; the first are its accessible name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ("",)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_words(self, *words: str) -> None:
        """At least one."""
        if words != self._words:
            self._words = words
            self.setAccessibleName(words[0])
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.width() - self._around
        fits = (words for words in self._words if metrics.horizontalAdvance(words) <= room)
        shown = next(fits, None)
        self.setText(metrics.elidedText(self._words[-1], Qt.TextElideMode.ElideRight, room) if shown is None else shown)

    @property
    def _around(self) -> int:
        """Pixels across that are no text."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())

    # --- Qt's names

    def sizeHint(self) -> QSize:
        whole = self.fontMetrics().horizontalAdvance(self._words[0])
        return QSize(self._around + whole, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        least = min(self.fontMetrics().horizontalAdvance(words) for words in self._words)
        return QSize(self._around + min(least, text_size.px(_LEAST)), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
