"""Which window of a long sound is open: steps, a slider over the whole file, and its times."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from explorer.ui import theme

_PARTS = 4  # of a window: how far a step of the slider goes


class WindowBar(QWidget):
    """`moved` carries the seconds at which the window is to begin, `stepped` windows forwards or back. Hidden for sounds that are
    open as a whole."""

    moved = Signal(float)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = 1.0
        self.back, self.ahead = QToolButton(), QToolButton()
        for button, sign, tip, way in (
            (self.back, "◀", "Previous window (,)", -1),
            (self.ahead, "▶", "Next window (.)", 1),
        ):
            button.setText(sign)
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.clicked.connect(partial(self._go, way))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Window of the sound")
        self.slider.valueChanged.connect(self._slide)
        self.said = QLabel()
        self.said.setObjectName("dim")
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        for widget in (self.back, self.ahead):
            line.addWidget(widget)
        line.addWidget(self.slider, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addLayout(line)
        column.addWidget(self.said)
        self.hide()

    def _go(self, way: int) -> None:
        self.stepped.emit(way)

    def _slide(self, value: int) -> None:
        self.moved.emit(value * self._step)

    def show_window(self, start: float, length: float, total: float) -> None:
        """From where to where the window goes, of `total` seconds."""
        self._step = length / _PARTS
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(int((total - length) / self._step), 0))
            self.slider.setPageStep(_PARTS)
            if not self.slider.isSliderDown():
                self.slider.setValue(round(start / self._step))
        self.back.setEnabled(start > 0)
        self.ahead.setEnabled(start + length < total)
        self.said.setText(f"{clock(start)} – {clock(start + length)} of {clock(total)}")
        self.show()


def clock(seconds: float) -> str:
    """ "1:02:03.5": hours only where there are some; tenths of a second, hundredths where they count."""
    minutes, rest = divmod(round(seconds, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:05.2f}" if round(rest * 10, 6) % 1 else f"{rest:04.1f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
