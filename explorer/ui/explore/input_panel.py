"""Left: the input with its overlays, the prediction, this layer's numbers; and the module tree."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.models import AssumedNote
from explorer.core.other_inputs import Argument
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.sound.play_bar import PlayBar
from explorer.ui.sound.window_bar import WindowBar
from explorer.ui.widgets.class_reading import ReadingButton
from explorer.ui.widgets.fitting_button import FittingButton
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.output_controls import OutputControls
from explorer.ui.widgets.picture_strip import PictureStrip
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.text import tip
from explorer.ui.widgets.text_input import TextInput
from explorer.ui.widgets.tree import ModuleTree
from explorer.ui.widgets.wheel import keep_scrolling


class Transport(QWidget):
    """Play, step and seek of an input that moves; hidden for those that do not. `sought` carries a frame number."""

    play = Signal()
    stepped = Signal(int)
    sought = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back, self.toggle, self.ahead = QToolButton(), QToolButton(), QToolButton()
        for button, sign, words in (
            (self.back, "|◀", tr("Previous frame")),
            (self.toggle, "▶", tr("Play or pause")),
            (self.ahead, "▶|", tr("Next frame")),
        ):
            button.setText(sign)
            button.setToolTip(words)
            button.setAccessibleName(words)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Frame"))
        self._frames: int | None = None
        self.where = QLabel()
        self.where.setObjectName("dim")
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line.setSpacing(theme.current().tight)
        for widget in (self.back, self.toggle, self.ahead):
            line.addWidget(widget)
        line.addWidget(self.where, 1)
        column.addWidget(self.slider)  # as wide as the picture, so that single frames can be met
        nest(column, line)
        self.back.clicked.connect(self._step_back)
        self.ahead.clicked.connect(self._step_ahead)
        self.toggle.clicked.connect(self.play)
        self.slider.sliderMoved.connect(self.sought)
        self.hide()

    def _step_back(self) -> None:
        self.stepped.emit(-1)

    def _step_ahead(self) -> None:
        self.stepped.emit(1)

    def show_clip(self, frames: int | None) -> None:
        """A clip of so many frames; None: length unknown or endless, so it cannot be sought."""
        self.slider.setEnabled(frames is not None)
        self.slider.setRange(0, max((frames or 1) - 1, 0))
        self._frames = frames
        self.show()

    def set_frame(self, frame: int, playing: bool) -> None:
        self.toggle.setText("❚❚" if playing else "▶")
        self.slider.setToolTip(tr("frame {frame}", frame=frame))
        self.where.setText(
            tr("frame {frame}{frames}", frame=frame, frames=f" (0–{self._frames - 1})" if self._frames else "")
        )
        if not self.slider.isSliderDown():
            self.slider.setValue(frame)


class InputPanel(QTabWidget):
    """Two pages: what goes in and comes out, and the modules."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.picture, self.text = ImagePanel(), TextInput()
        self.text.hide()
        self.note = Elided()
        self.note.setObjectName("dim")
        self.assumed = FittingButton()
        self.assumed.setObjectName("link")
        self.assumed.setAutoRaise(True)
        self.assumed.hide()
        self.further = FittingButton()
        self.further.setObjectName("link")
        self.further.setAutoRaise(True)
        self.further.hide()
        self.folder = PictureStrip()
        self.transport, self.play_bar = Transport(), PlayBar("Space")
        self.play_bar.hide()
        self.window_bar = WindowBar()
        self.prediction, self.reading = PredictionBars(), ReadingButton()
        self.drawn = OutputControls()
        self.numbers = NumbersTable()
        self.tree = ModuleTree()
        self.addTab(self._first(), tr("Input"))
        self.addTab(self._second(), tr("Modules"))
        self.setTabToolTip(0, tr("Input, prediction and numbers of this layer"))
        self.setTabToolTip(1, tr("All modules of the model, with search"))

    def show_assumed(self, notes: tuple[AssumedNote, ...]) -> None:
        """What was assumed of the model's input and classes, in the open; () for nothing."""
        words = ", ".join(note.brief for note in notes)
        whole = tr("Assumed: {words}", words=words)
        self.assumed.set_words(tr("{whole} · change …", whole=whole), f"{whole} …", tr("What was assumed …"))
        self.assumed.setToolTip(tip("\n".join((*notes, tr("Click to change the preprocessing")))))
        self.assumed.setVisible(bool(notes))

    def show_further(self, given: tuple[Argument, ...]) -> None:
        """What the model takes besides the opened input; () for nothing."""
        words = ", ".join(f"{each.name} {_short(each)}" for each in given)
        whole = tr("Other inputs: {words}", words=words)
        self.further.set_words(tr("{whole} · change …", whole=whole), f"{whole} …")
        lines = [f"{each.name}: {each.text or each.says}" for each in given]
        self.further.setToolTip(tip("\n".join((*lines, tr("Click to change them")))))
        self.further.setVisible(bool(given))

    def _first(self) -> QWidget:
        panel = Frame()
        self.picture.setMaximumHeight(420)
        panel.add(self.picture)
        panel.add(self.text)
        panel.add(self.note)
        panel.add(self.assumed)
        panel.add(self.further)
        panel.add(self.folder)
        panel.add(self.transport)
        panel.add(self.window_bar)
        panel.add(self.play_bar)
        panel.section(tr("Prediction"), self.reading)
        panel.add(self.prediction)
        panel.add(self.drawn)
        panel.section(tr("This layer"))
        panel.add(self.numbers)
        panel.body.addStretch(1)
        keep_scrolling(panel)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(panel)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        return area

    def _second(self) -> QWidget:
        page = Frame()
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        page.add(self.tree, 1)
        return page


def _short(argument: Argument) -> str:
    """A number or the name of a file as it is, a tensor by its shape."""
    if argument.kind == "picture" or argument.text.lower().endswith(".npy"):
        return Path(argument.text).name
    return argument.text if argument.kind == "number" else argument.says.partition(" ")[0]
