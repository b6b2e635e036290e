"""A slider that is the waveform of a whole sound: the open window is a band in it, which is dragged, or goes where it is clicked."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from explorer.core.arrays import Array
from explorer.core.sound_overview import SoundOverview
from explorer.core.translation import tr
from explorer.ui import theme

_HIGH = 44  # px
_LEAST = 4.0  # px of the band


class OverviewSlider(QSlider):
    """Its value is a place of the window, in steps of which the window holds `parts`; keys are those of every slider."""

    def __init__(self, parts: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._parts = parts
        self._overview: SoundOverview | None = None
        self._held: float | None = None  # steps from the beginning of the band to where it is held
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            tr(
                "The whole sound: smallest and largest sample of all channels in each column.\n"
                "Drag the band, or click where the window is to be; arrow keys move it by a quarter of its length"
            )
        )

    def set_overview(self, overview: SoundOverview | None) -> None:
        """As far as it has been read; None: nothing yet."""
        self._overview = overview
        self.update()

    @property
    def overview(self) -> SoundOverview | None:
        """What is drawn."""
        return self._overview

    @property
    def band(self) -> QRectF:
        """The open window, in px of this widget."""
        steps = self.maximum() + self._parts
        wide = max(self.width() * self._parts / steps, _LEAST)
        left = min(self.width() * self.value() / steps, self.width() - wide)
        return QRectF(left, 0, wide, self.height())

    def columns(self, width: int) -> tuple[Array, Array]:
        """(smallest, largest) sample of each of `width` px; NaN where nothing has been read. No peak is lost."""
        assert self._overview is not None
        low, high = self._overview.low, self._overview.high
        starts = np.arange(width) * len(low) // width
        return np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter, middle = theme.current(), QPainter(self), self.height() / 2
        painter.fillRect(self.rect(), QColor(look.track))
        if self._overview is not None:
            self._draw_wave(painter, middle)
        fill = QColor(look.accent)
        fill.setAlphaF(0.28)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(look.accent), 2 if self.hasFocus() else 1))
        painter.setBrush(fill)
        painter.drawRect(self.band.adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_wave(self, painter: QPainter, middle: float) -> None:
        """Columns of the screen's own pixels, scaled to the largest sample that has been read."""
        look, ratio = theme.current(), self.devicePixelRatioF()
        low, high = self.columns(max(int(self.width() * ratio), 1))
        known = np.isfinite(low)
        top = max(float(np.abs(low[known]).max(initial=0.0)), float(np.abs(high[known]).max(initial=0.0)), 1e-9)
        painter.setPen(QPen(QColor(look.dim), 1 / ratio))
        half = middle - 2
        for at in np.flatnonzero(known).tolist():
            upper, lower = middle - half * high[at] / top, middle - half * low[at] / top
            painter.drawLine(QLineF(at / ratio, upper, at / ratio, max(lower, upper + 1 / ratio)))

    # --- hands

    def _step_at(self, x: float) -> float:
        return x * (self.maximum() + self._parts) / max(self.width(), 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x = event.position().x()
        inside = self.band.contains(x, self.height() / 2)
        self._held = self._step_at(x) - self.value() if inside else self._parts / 2
        self.setSliderDown(True)
        self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self.setSliderDown(False)

    def _drag(self, x: float) -> None:
        self.setValue(round(self._step_at(x) - (self._held or 0.0)))

    def sizeHint(self) -> QSize:
        return QSize(200, _HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _HIGH)
