"""A picture made to excite a target: what is wanted and how, the picture as it grows, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from explorer.core.arrays import Array
from explorer.core.maximisation import Maximised
from explorer.core.maximised_pictures import tiles
from explorer.core.translation import tr
from explorer.methods.maximisation.choices import MaximiseChoices
from explorer.methods.maximisation.layer_section import LayerSection
from explorer.ui import theme
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.graphics.still_panel import StillPanel
from explorer.ui.widgets import text
from explorer.ui.widgets.chooser import chooser, set_titles
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import Page, paragraph
from explorer.ui.widgets.wrapping import WrapLayout

GROWING, PAUSED, DONE, IDLE, CANNOT = "growing", "paused", "done", "idle", "cannot"
_TITLES = {GROWING: tr("Pause"), PAUSED: tr("Resume"), DONE: tr("Finished"), IDLE: tr("Start"), CANNOT: tr("Start")}
_TIPS = {
    GROWING: tr(
        "Pauses; the image is stored and Resume continues it, also after a restart. It runs on while you look at other things"
    ),
    PAUSED: tr("Continues where it was paused"),
    DONE: tr("The image is stored. Another seed or setting generates another image"),
    IDLE: tr("Generates an image that maximises the target, from noise or from the input"),
    CANNOT: "",
}
_USE = tr("Uses the image as the input of the model; of several images the first")


class MaximisePage(Page):
    """`toggled` starts, pauses or resumes; `cancelled` stops and forgets; `changed`: another target or setting.

    `copied`, `saved`, `used` take the picture along; `compared` asks for natural pictures; `held` pauses what grows elsewhere.
    """

    toggled = Signal()
    cancelled = Signal()
    changed = Signal()
    copied = Signal()
    saved = Signal()
    used = Signal()
    compared = Signal()
    held = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.phase = IDLE
        self.status, self.notes = paragraph(True), paragraph()
        self.target = chooser(tr("Target"), tr("Target to maximise; select a class in the prediction"))
        self.negative = QCheckBox(tr("Minimise instead"))
        self.negative.setToolTip(tr("Minimises the target"))
        self.channels = QLineEdit()
        self.channels.setPlaceholderText(tr("channels: 3, 7 or 0.5*3, -7"))
        self.channels.setAccessibleName(tr("Channels of the direction"))
        self.channels.setToolTip(tr("A direction: several channels at once, each with a weight"))
        self.view, self.plot, self.numbers = (
            StillPanel(tr("Generated image"), 208),
            CurvePlot(tr("Objective over steps")),
            NumbersTable(),
        )
        self.run, self.cancel = QPushButton(), QPushButton(tr("Cancel"))
        self.cancel.setToolTip(tr("Stops and discards the steps so far"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.elsewhere, self.hold = paragraph(True), QToolButton()
        self.hold.setText(tr("Pause"))
        self.hold.setToolTip(tr("Pauses the other image; its steps are stored"))
        self.copy, self.save = QPushButton(tr("Copy")), QPushButton(tr("Save as PNG …"))
        self.use, self.compare = QPushButton(tr("Use as input")), QPushButton(tr("Compare"))
        self.copy.setToolTip(tr("Copies the image pixel by pixel; several images side by side"))
        self.save.setToolTip(tr("Saves the image with model, target and settings in the file"))
        self.compare.setToolTip(
            tr("Mean activation of the channel on each sample picture, to compare with the generated image")
        )
        self.choices, self.layer = MaximiseChoices(), LayerSection()
        self._lay_out()
        self._connect()
        self.use.setToolTip(_USE)
        self.set_made(None, "", [])
        self.set_phase(IDLE)
        self.set_elsewhere("")
        self.note("")
        self.say(tr("Nothing is shown yet."))

    def _lay_out(self) -> None:
        buttons, other, more = QHBoxLayout(), QHBoxLayout(), WrapLayout(theme.current().tight)
        for widget in (self.run, self.cancel):
            buttons.addWidget(widget)
        buttons.addWidget(self.progress, 1)
        other.addWidget(self.elsewhere, 1)
        other.addWidget(self.hold)
        for widget in (self.copy, self.save, self.use, self.compare):
            more.addWidget(widget)
        self.add(
            self.target, self.negative, self.channels, buttons, self.status, self.notes, self.view, self.plot, other
        )
        self.add(self.numbers, more, self.choices, self.layer)

    def _connect(self) -> None:
        self.target.activated.connect(self._change)
        self.target.currentIndexChanged.connect(self._show_channels)
        self.negative.toggled.connect(self._change)
        self.channels.editingFinished.connect(self.changed)
        self.choices.changed.connect(self.changed)
        self.run.clicked.connect(self.toggled)
        self.cancel.clicked.connect(self.cancelled)
        self.hold.clicked.connect(self.held)
        for button, signal in (
            (self.copy, self.copied),
            (self.save, self.saved),
            (self.use, self.used),
            (self.compare, self.compared),
        ):
            button.clicked.connect(signal)

    def _change(self, *_: object) -> None:
        self.changed.emit()

    def _show_channels(self, *_: object) -> None:
        self.channels.setVisible(self.kind == "direction")

    # --- what is wanted ---

    def set_targets(self, titles: Sequence[tuple[str, str]], kind: str) -> None:
        """(kind, title) of what can be wanted; a kind without a title cannot."""
        set_titles(self.target, titles, kind)
        self._show_channels()

    def choose(self, kind: str) -> None:
        """Selects a kind of target, where there is one of that name; says nothing of it."""
        self.target.setCurrentIndex(max(self.target.findData(kind), 0))

    @property
    def kind(self) -> str:
        """ "channel", "cell", "class" or "direction"."""
        return str(self.target.currentData() or "channel")

    # --- what has come of it ---

    def set_phase(self, phase: str, fraction: float = 0.0) -> None:
        """Whether it grows, was interrupted, is finished, has not begun or cannot, and how far it is."""
        self.phase = phase
        self.run.setText(_TITLES[phase])
        self.run.setToolTip(_TIPS[phase])
        self.run.setEnabled(phase not in (DONE, CANNOT))
        self.cancel.setVisible(phase in (GROWING, PAUSED))
        self.progress.setVisible(phase in (GROWING, PAUSED))
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * fraction))

    def set_made(self, made: Maximised | None, title: str, rows: Sequence[Row]) -> None:
        """The picture, its climb (of the quantity `title`) and the numbers; None for nothing yet."""
        self.view.set_pictures([] if made is None else tiles(made.pictures))
        self.plot.setVisible(made is not None)
        self.numbers.setVisible(made is not None)
        self.numbers.set_rows(rows)
        for button in (self.copy, self.save, self.use, self.compare):
            button.setVisible(made is not None)
        if made is not None:
            climb = np.asarray(signed(made), np.float64)
            curve = CurveData(np.arange(1, len(climb) + 1), climb, _climb(title, climb))
            self.plot.set_curves([curve], x_range=(1, max(made.settings.steps, 2)), from_zero=False)
            plain = made.pictures.shape[-1] in (1, 3)
            self.use.setEnabled(plain)
            self.use.setToolTip(
                _USE
                if plain
                else tr("It has {shape} channels; an input picture has 1 or 3", shape=made.pictures.shape[-1])
            )

    def set_status(self, words: str) -> None:
        self.status.setText(words or " ")  # keeps its line: the picture beneath does not jump

    def set_elsewhere(self, words: str) -> None:
        """What grows that is not what is selected; "" for nothing."""
        self.elsewhere.setText(words)
        self.elsewhere.setVisible(bool(words))
        self.hold.setVisible(bool(words))

    def note(self, words: str) -> None:
        """What went wrong, or must be known."""
        self.notes.setText(words)
        self.notes.setVisible(bool(words))


def _climb(title: str, climb: Array) -> str:
    """The name of the curve, with its first and last value."""
    return f"{title}, {text.number(float(climb[0]))} → {text.number(float(climb[-1]))}" if len(climb) else title


def signed(made: Maximised) -> Array:
    """The target itself over the steps: the objective of a negative is minus the target."""
    curve: Array = -made.curve if made.objective.negative else made.curve
    return curve
