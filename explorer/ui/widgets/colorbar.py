"""A colour scale with its numbers, painted into any rectangle."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from explorer.core import colormaps
from explorer.ui import theme
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import to_image

HEIGHT = 26  # bar and numbers


def draw_colorbar(
    painter: QPainter, area: QRectF, lo: float, hi: float, colormap: str, font: QFont, unit: str = ""
) -> None:
    """The bar at the top of the area, beneath it the first and the last value with its unit, and zero where it lies between."""
    bar = QRectF(area.left(), area.top(), area.width(), 8)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(bar, to_image(colormaps.packed(colormap)[None]))
    painter.setFont(font)
    painter.setPen(QColor(theme.current().dim))
    below = QRectF(area.left(), bar.bottom() + 2, area.width(), area.height() - bar.height() - 2)
    flags = Qt.AlignmentFlag
    painter.drawText(below, flags.AlignLeft | flags.AlignTop, text.number(lo))
    painter.drawText(below, flags.AlignRight | flags.AlignTop, text.number(hi) + unit)
    if lo < 0 < hi:
        middle = below.left() - below.width() * lo / (hi - lo)
        painter.drawText(QRectF(middle - 20, below.top(), 40, below.height()), flags.AlignHCenter | flags.AlignTop, "0")
        painter.drawLine(int(middle), int(bar.bottom()) - 2, int(middle), int(bar.bottom()) + 1)
