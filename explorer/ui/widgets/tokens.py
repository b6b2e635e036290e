"""The tokens that stand before the grid (CLS, registers): a labelled row of heat each, on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.cells import prefix_name
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.bars import heat_rows
from explorer.ui.widgets.canvas import ask_pen, draw_pixels, to_image
from explorer.ui.widgets.cells import Cell, CellCanvas

_ROW = 22
_NAME = 48


def token_names(count: int) -> list[str]:
    """CLS, then registers."""
    return [prefix_name(n) for n in range(count)]


class TokenView(CellCanvas):
    """(P, C) prefix tokens. `hovered` and `selected` carry (token, channel)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Prefix tokens", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._values: Array | None = None
        self._names: list[str] = []
        self._image = QImage()
        self._made_for = ""
        self._channel: int | None = None
        self._token: int | None = None

    def set_values(self, values: Array, names: Sequence[str] | None = None) -> None:
        self._values, self._made_for, self._hover = values, "", None
        self._names = list(names) if names is not None else token_names(len(values))
        self.setAccessibleDescription(f"{len(values)} tokens of {values.shape[1]} channels: {', '.join(self._names)}")
        self.updateGeometry()
        self.update()

    def set_channel(self, channel: int | None, token: int | None = None) -> None:
        """Marks the channel that is selected in the mosaic, and its entry of one token where that is the selected cell."""
        self._channel, self._token = channel, token
        self.update()

    def clear(self) -> None:
        self._values, self._names, self._hover = None, [], None
        self.updateGeometry()
        self.update()

    @property
    def picture(self) -> QRectF:
        """Where the rows are."""
        return QRectF(_NAME, 1, max(self.width() - _NAME - 2, 1), len(self._names) * _ROW - 2)

    def draw(self, painter: QPainter) -> None:
        if self._values is None or not self._values.size:
            return
        if self._made_for != self.theme.name:
            pixels, _, _ = heat_rows(self._values, self.theme.dark)
            self._image, self._made_for = to_image(pixels), self.theme.name
        place = self.picture
        draw_pixels(painter, place, self._image)
        painter.setFont(self.small_font(bold=True))
        painter.setPen(QColor(self.theme.dim))
        for at, name in enumerate(self._names):
            row = QRectF(0, at * _ROW, _NAME - 6, _ROW)
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            if at:
                painter.fillRect(QRectF(place.left(), at * _ROW - 1, place.width(), 2), QColor(self.theme.panel))
        wide = place.width() / self._values.shape[1]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._channel is not None and self._channel < self._values.shape[1]:
            painter.setPen(ask_pen(self.theme.accent, 1.5))
            painter.drawRect(QRectF(place.left() + self._channel * wide - 1, place.top(), wide + 2, place.height()))
            if self._token is not None and self._token < len(self._names):
                painter.setPen(ask_pen(self.theme.warm, 1.5))
                left, top = place.left() + self._channel * wide - 1, self._token * _ROW + 1
                painter.drawRect(QRectF(left, top, wide + 2, _ROW - 2))
        if self._hover is not None:
            token, channel = self._hover
            painter.setPen(ask_pen(self.theme.warm, 1.5))
            painter.drawRect(QRectF(place.left() + channel * wide - 1, token * _ROW + 1, wide + 2, _ROW - 2))
            value = text.number(float(self._values[token, channel]))
            self.draw_readout(painter, self._pointer, f"{self._names[token]}   channel {channel}   {value}")

    def cell_at(self, at: QPointF) -> Cell | None:
        """(token, channel) under a point."""
        if self._values is None or not self.picture.contains(at):
            return None
        count, channels = self._values.shape
        channel = int((at.x() - self.picture.left()) / self.picture.width() * channels)
        return min(int(at.y() / _ROW), count - 1), min(channel, channels - 1)

    def sizeHint(self) -> QSize:
        return QSize(400, len(self._names) * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, len(self._names) * _ROW)
