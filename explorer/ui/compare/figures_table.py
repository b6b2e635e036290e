"""What was measured of the models in the columns: a row a figure, a number a column. Passive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QWidget

from explorer.ui.understand.page import paragraph
from explorer.ui.widgets.canvas import Canvas
from explorer.ui.widgets.fold import Fold

# px of the text and between the columns: the first with which every name is whole
_SIZES = ((13, 16), (12, 12), (11, 8))
_LEAST = 5  # rows that are seen where there is little room; the others by scrolling
_TIP = (
    "What the cards of the models say of them, measured on pictures that no training has seen. Point at a row for more"
)


@dataclass(frozen=True, slots=True)
class FigureRow:
    name: str
    unit: str  # "" where there is none
    values: tuple[str, ...]  # one a column
    tip: str  # what it is and how it was measured

    @property
    def label(self) -> str:
        return f"{self.name}, {self.unit}" if self.unit else self.name


class FiguresTable(Canvas):
    """The letters of the columns above, rows of fixed height beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Measured figures", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._letters: tuple[str, ...] = ()
        self._rows: tuple[FigureRow, ...] = ()

    @property
    def row(self) -> int:
        """px of a line."""
        return self.theme.row - self.theme.tight

    def set_rows(self, letters: Sequence[str], rows: Sequence[FigureRow]) -> None:
        self._letters, self._rows = tuple(letters), tuple(rows)
        said = ("  ".join(map(" ".join, zip(letters, row.values, strict=True))) for row in rows)
        self.setAccessibleDescription("; ".join(f"{row.label}: {one}" for row, one in zip(rows, said, strict=True)))
        self.updateGeometry()
        self.update()

    def draw(self, painter: QPainter) -> None:
        font, wide = self._fitting()
        painter.setFont(font)
        self._line(painter, 0, ("",), self._letters, self.theme.dim, wide)
        for at, row in enumerate(self._rows, 1):
            self._line(painter, at, (row.label, row.name), row.values, self.theme.text, wide)

    def _line(
        self,
        painter: QPainter,
        at: int,
        labels: Sequence[str],
        values: Sequence[str],
        colour: str,
        wide: Sequence[float],
    ) -> None:
        """The first label that fits, the last one shortened where none does."""
        flags, row = Qt.AlignmentFlag, self.row
        right: float = self.width()
        painter.setPen(QColor(colour))
        for value, width in zip(reversed(values), reversed(wide), strict=True):
            field = QRectF(right - width, at * row, width, row)
            painter.drawText(field, flags.AlignRight | flags.AlignVCenter, value)
            right -= width
        painter.setPen(QColor(self.theme.dim))
        metrics, room = painter.fontMetrics(), max(int(right), 0)
        label = next((label for label in labels if metrics.horizontalAdvance(label) <= room), labels[-1])
        words = metrics.elidedText(label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(0, at * row, right, row), flags.AlignLeft | flags.AlignVCenter, words)

    def _fitting(self) -> tuple[QFont, list[float]]:
        """The largest text at which all names are whole, and how wide the columns are with it."""
        font = QFont(self.font())
        for size, gap in _SIZES:
            font.setPixelSize(size)
            metrics = QFontMetrics(font)
            columns = [(letter, *(row.values[at] for row in self._rows)) for at, letter in enumerate(self._letters)]
            wide = [gap + float(max(map(metrics.horizontalAdvance, column))) for column in columns]
            longest = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)
            if longest + sum(wide) <= self.width():
                break
        return font, wide

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = event.pos().y() // self.row - 1
            words = self._rows[at].tip if 0 <= at < len(self._rows) else _TIP
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(220, (1 + len(self._rows)) * self.row)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())


class FiguresArea(QScrollArea):
    """The table, all of it where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FiguresTable()
        self.setWidget(self.table)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for part in (self.viewport(), self.table):
            part.setAutoFillBackground(False)  # the panel's background shows through
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Measured figures, by arrow keys up and down")

    def set_rows(self, letters: Sequence[str], rows: Sequence[FigureRow]) -> None:
        self.table.set_rows(letters, rows)
        self.setMinimumHeight(min(self.sizeHint().height(), (1 + _LEAST) * self.table.row))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self.table.sizeHint()


class FiguresSection(Fold):
    """The table, or words in its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Measured figures", _TIP, parent)
        self.area, self.message = FiguresArea(), paragraph(True)
        self.table = self.area.table
        for widget in (self.area, self.message):
            self.body.addWidget(widget)
        self.column.setSpacing(0)  # the line of letters is room enough
        self.set_open(True)
        self.set_figures((), (), "")

    def set_figures(self, letters: Sequence[str], rows: Sequence[FigureRow], message: str) -> None:
        """A row for each figure, a value for each letter; `message` where there are none."""
        self.area.set_rows(letters, rows)
        self.area.setVisible(bool(rows))
        self.message.setText(message)
        self.message.setVisible(bool(message))
