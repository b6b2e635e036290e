"""Which window of a long sound is open: steps, an overview of the whole file, and times."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.core.sound_overview import SoundOverview
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.sound.overview_slider import OverviewSlider
from explorer.ui.widgets.nesting import nest

_PARTS = 4  # of a window: how far a step of the slider goes
_MISSING = 0.5  # s at the end of a file that are worth saying


class WindowBar(QWidget):
    """`moved` carries the seconds at which the window is to begin, `stepped` windows forwards or back. Hidden for sounds that are
    open as a whole."""

    moved = Signal(float)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = 1.0
        self._times = self._progress = ""
        self.back, self.ahead = QToolButton(), QToolButton()
        for button, sign, tip, way in (
            (self.back, "◀", tr("Previous window (,)"), -1),
            (self.ahead, "▶", tr("Next window (.)"), 1),
        ):
            button.setText(sign)
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.clicked.connect(partial(self._go, way))
        self.slider = OverviewSlider(_PARTS)
        self.slider.setAccessibleName(tr("Window of the sound"))
        self.slider.valueChanged.connect(self._slide)
        self.said = QLabel()
        self.said.setObjectName("dim")
        self.said.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        for widget in (self.back, self.ahead):
            line.addWidget(widget)
        line.addWidget(self.said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.slider)
        nest(column, line)
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
        self._times = tr(
            "{clock} – {clock2} of {clock3}", clock=clock(start), clock2=clock(start + length), clock3=clock(total)
        )
        self._say()
        self.slider.update()
        self.show()

    def show_overview(self, overview: SoundOverview | None, failure: str = "") -> None:
        """The whole sound, as far as it has been read; why there is none."""
        self.slider.set_overview(overview)
        self._progress = ""
        if failure:
            self._progress = tr("no overview: {failure}", failure=failure)
        elif overview is not None and not overview.done:
            self._progress = tr("reading the overview, {read:.0f}\xa0%", read=100 * overview.read / overview.seconds)
        elif overview is not None and overview.seconds - overview.read > _MISSING:
            self._progress = tr("the file ends at {clock}", clock=clock(overview.read))
        self._say()

    def _say(self) -> None:
        self.said.setText("  ·  ".join(part for part in (self._times, self._progress) if part))
        self.slider.setAccessibleDescription(self._times)


def clock(seconds: float) -> str:
    """ "1:02:03.5": hours only where there are some; tenths of a second, hundredths where they count."""
    minutes, rest = divmod(round(seconds, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:05.2f}" if round(rest * 10, 6) % 1 else f"{rest:04.1f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
