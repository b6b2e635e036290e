"""The rows under a sound: play, loop, the time, and which version of the sound is heard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.key_names import shown
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.wrapping import WrapLayout

# (name in signals, title, tool tip)
CHOICES = (
    ("original", tr("Sound"), tr("Hear the input as it is")),
    ("channel", tr("Channel"), tr("Hear what the selected channel keeps of the input")),
    ("rest", tr("Rest"), tr("Hear the input without what the selected channel keeps")),
)


class PlayBar(QWidget):
    """Signals only: who listens says by the `set_` methods what is shown. Those emit nothing.

    `play` is both play and stop; `chosen` carries "original", "channel" or "rest"."""

    play = Signal()
    looped = Signal(bool)
    chosen = Signal(str)

    def __init__(self, key: str = "", parent: QWidget | None = None) -> None:
        """`key`: the one that plays, for the tool tip, "" for none."""
        super().__init__(parent)
        self._keys = f" ({shown(key)})" if key else ""
        self.button, self.loop, self.time = QToolButton(), QCheckBox(tr("Loop")), QLabel()
        self.button.clicked.connect(self.play)
        self.loop.setToolTip(tr("Play the sound over and over"))
        self.loop.setAccessibleName(tr("Loop"))
        self.loop.clicked.connect(self.looped)
        self.time.setObjectName("dim")
        self.time.setToolTip(tr("Time of the sound that is heard, and its length"))
        self.time.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choices = QWidget()
        self._buttons: dict[str, QToolButton] = {}
        self._length = -1.0
        rows, line = QVBoxLayout(self), WrapLayout(theme.current().tight)  # the time goes beneath where a word is long
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.current().tight)
        for widget in (self.button, self.loop, self.time):
            line.addWidget(widget)
        nest(rows, line)
        rows.addWidget(self.choices)
        self._lay_choices()
        self.set_playing(False)
        self.set_time(0.0, 0.0)

    def _lay_choices(self) -> None:
        group, line = QButtonGroup(self), QHBoxLayout(self.choices)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().tight)
        self.choices.setAccessibleName(tr("Version of the sound"))
        for name, title, tip in CHOICES:
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            button.clicked.connect(partial(self._choose, name))
            group.addButton(button)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setObjectName("narrow")
            line.addWidget(button)
            self._buttons[name] = button
        group.setExclusive(True)
        self.choices.hide()

    def _choose(self, name: str) -> None:
        self.chosen.emit(name)

    def set_playing(self, playing: bool) -> None:
        """Whether the button stops or plays."""
        self.button.setText("■" if playing else "▶")
        self.button.setToolTip(f"{(tr('Stop') if playing else tr('Play the sound'))}{self._keys}")
        self.button.setAccessibleName(tr("Stop") if playing else tr("Play"))

    def set_loop(self, loop: bool) -> None:
        self.loop.setChecked(loop)

    def set_time(self, at: float, length: float) -> None:
        """Seconds: what is heard, and how long the sound is."""
        if length != self._length:  # so wide that no time of this sound moves what is beside it
            self._length = length
            wide = len(_seconds(length)) * self.fontMetrics().horizontalAdvance("0")
            self.time.setFixedWidth(2 * wide + self.fontMetrics().horizontalAdvance(" /  s") + theme.current().tight)
        self.time.setText(f"{_seconds(at)} / {_seconds(length)} s")

    def set_kept(self, part: str) -> None:
        """What "channel" plays: "channel", or "evidence" for the class."""
        button, (_, title, tip) = self._buttons["channel"], CHOICES[1]
        evidence = part == "evidence"
        button.setText(tr("Evidence") if evidence else title)
        button.setToolTip(tr("What speaks for the predicted class (H)") if evidence else tip)
        button.setAccessibleName(button.toolTip())

    def set_choices(self, names: Sequence[str], chosen: str = "original") -> None:
        """Which of CHOICES there are, and which of them is heard; () hides all."""
        for name, button in self._buttons.items():
            button.setVisible(name in names)
            button.setChecked(name == chosen)
        self.choices.setVisible(bool(names))


def _seconds(value: float) -> str:
    return f"{value:.2f}"
