"""The page of fine-tuning: how it learns, start and pause, curves while it learns, what came of it, and where the copy goes."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.core.transfer import Phase, Training, TransferParams
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.transfer import training_words as words
from explorer.ui.transfer.training_plots import TrainingPlots
from explorer.ui.widgets.forms import ParamsForm
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import Page, column_of, paragraph
from explorer.ui.widgets.wrapping import WrapLayout

_FORM = 268  # px across
_SURE_MS = 5000  # how long the question stands whether all is to be thrown away
_RESULT = 72  # px that the result has at least
_PROMISE = tr("The opened model is never changed; a copy learns.")
_ANEW = tr("Start again")


class Stage(StrEnum):
    """What the first button does."""

    FRESH = tr("Train")
    RUNNING = tr("Pause")
    PAUSED = tr("Resume")
    DONE = tr("Trained")


_TIPS = {
    Stage.FRESH: tr("A copy of the model learns the classes of the data set"),
    Stage.RUNNING: tr("Stops for now: it goes on from here, also after the window was closed"),
    Stage.PAUSED: tr("Goes on from where it was left"),
    Stage.DONE: tr("These settings have been trained: change one, or start again"),
}


class TrainingPanel(Page):
    """Passive. `toggled` starts, pauses or resumes; `stopped` ends it with the best epoch so far; `anew` throws it away and starts
    again, asked twice; `compared`, `opened`, `saved` and `copied` are about the copy."""

    toggled = Signal()
    stopped = Signal()
    anew = Signal()
    params_changed = Signal()
    compared = Signal()
    opened = Signal()
    saved = Signal()
    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form, self.freeze = ParamsForm(TransferParams, without=("freeze",)), Elided()
        self.main, self.stop, self.again = QPushButton(), QPushButton(tr("Stop")), QPushButton(_ANEW)
        self.plots, self.progress = TrainingPlots(), QProgressBar()
        self.status, self.result, self.notes = paragraph(True), paragraph(), paragraph(True)
        self.stage = Stage.FRESH
        self._freeze = ""
        self._sure = QTimer(self)
        self._sure.setSingleShot(True)
        self._sure.setInterval(_SURE_MS)
        self._make_buttons()
        self._lay_out()
        self.form.changed.connect(self.params_changed)
        self.set_params(TransferParams())
        self.set_training(None, False)
        self.set_status("")

    def _make_buttons(self) -> None:
        self.compare, self.open = QPushButton(tr("Compare before and after")), QPushButton(tr("Open learnt model"))
        self.save, self.copy = QPushButton(tr("Save learnt model …")), QPushButton(tr("Copy as command"))
        for button, signal, tip in (
            (self.main, self.toggled, ""),
            (self.stop, self.stopped, tr("Ends it now: the best epoch so far is kept and tested")),
            (
                self.compare,
                self.compared,
                tr("The selected layer before, after and their difference, side by side in Compare"),
            ),
            (self.open, self.opened, tr("In Explore, in the place of the model that it was made from")),
            (self.save, self.saved, tr("Weights, names of the classes, and a file that opens it again")),
            (self.copy, self.copied, tr("The command line that learns the same and saves it")),
        ):
            button.clicked.connect(signal)
            button.setToolTip(tip)
        self.again.clicked.connect(self._ask_again)
        self.again.setToolTip(tr("Throws away what these settings have learnt, and trains from the start"))
        self._sure.timeout.connect(self._calm)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the training"))
        self.freeze.setToolTip(tr("Set by the line in the strip of layers below"))

    def _lay_out(self) -> None:
        scale = theme.current()
        left = QWidget()
        text_size.hold(left, "setFixedWidth", _FORM)
        frozen = QFormLayout()
        frozen.setSpacing(scale.tight)
        frozen.addRow(tr("Frozen up to"), self.freeze)
        starts, ends = QHBoxLayout(), QHBoxLayout()
        for row, buttons in ((starts, (self.main,)), (ends, (self.stop, self.again))):
            row.setSpacing(scale.tight)
            for button in buttons:
                row.addWidget(button, 1)
        promise = paragraph(True)
        promise.setText(_PROMISE)
        column_of(left, self.form, frozen, starts, ends, promise).addStretch(1)
        told = QWidget()
        column_of(told, self.result, self.notes).addStretch(1)
        self.told = _Told(told)
        right = QVBoxLayout()
        right.setSpacing(scale.space)
        right.addWidget(self.plots, 1)
        right.addWidget(self.progress)
        right.addWidget(self.status)
        right.addWidget(self.told)
        upper = QHBoxLayout()
        upper.setSpacing(scale.group)
        upper.addWidget(left)
        nest(upper, right, 1)
        lower = WrapLayout(scale.tight)
        for button in (self.compare, self.open, self.save, self.copy):
            lower.addWidget(button)
        self.add(upper, lower)
        self.outer.setStretch(1, 1)

    # --- hands

    def _ask_again(self) -> None:
        """The first time it asks."""
        if self._sure.isActive():
            self._calm()
            self.anew.emit()
        else:
            self.again.setText(tr("Throw away?"))
            self._sure.start()

    def _calm(self) -> None:
        self._sure.stop()
        self.again.setText(_ANEW)

    # --- setters

    @property
    def params(self) -> TransferParams:
        """As the form has them, with the layer that the strip has set."""
        values: TransferParams = self.form.values
        return replace(values, freeze=self._freeze)

    def set_params(self, params: TransferParams) -> None:
        """Shows settings; emits nothing."""
        self._freeze = params.freeze
        self.form.set_values(params)
        self.freeze.set_text(words.short_frozen(params.freeze))

    def set_training(self, training: Training | None, running: bool) -> None:
        """What there is of the settings: curves, words, and what can be done. The settings are locked while it runs."""
        self._calm()
        done, learnt = training is not None and training.done, training is not None and training.learnt is not None
        self.stage = _stage(training, running)
        self.main.setText(self.stage.value)
        self.main.setToolTip(_TIPS[self.stage])
        self.main.setEnabled(self.stage is not Stage.DONE)
        self.stop.setEnabled(training is not None and bool(training.epochs) and not done)
        self.again.setEnabled(training is not None and not running)
        self.compare.setEnabled(learnt)
        self.open.setEnabled(learnt)
        self.save.setEnabled(done and learnt)
        self.form.setEnabled(not running)
        self.plots.show_training(training)
        self._show_progress(training, running)
        self.result.setText("" if training is None else words.outcome(training))
        self.notes.setText("" if training is None else "\n".join(training.notes))
        for part in (self.result, self.notes):
            part.setVisible(bool(part.text()))
        self.told.setVisible(bool(self.result.text() or self.notes.text()))
        self.told.fit()
        self.told.updateGeometry()

    def _show_progress(self, training: Training | None, running: bool) -> None:
        """A bar without an end while nothing is known yet."""
        self.progress.setVisible(running)
        fraction = training.fraction if training is not None else 0.0
        self.progress.setRange(0, 1000 if fraction else 0)
        self.progress.setValue(round(1000 * fraction))
        said = tr("Preparing.") if running else ""
        self.set_status(said if training is None else words.progress_words(training))

    def set_status(self, said: str) -> None:
        """How far it is, what went wrong, which files were written."""
        self.status.setText(said)
        self.status.setVisible(bool(said))


class _Told(QScrollArea):
    """As high as its words need, and scrolls where there is not so much room. What wraps asks a scroll area for too much."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self.setWidget(inside)
        inside.setAutoFillBackground(False)  # the panel is seen behind it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(_RESULT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def fit(self) -> None:
        """Its words have changed, or its size."""
        whole = self._inside.heightForWidth(self.width())
        width = self.width() if whole <= self.height() else self.viewport().width()
        self._inside.resize(width, self._inside.heightForWidth(width))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), max(self._inside.heightForWidth(self.width()), _RESULT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


def _stage(training: Training | None, running: bool) -> Stage:
    if running:
        return Stage.RUNNING
    if training is None:
        return Stage.FRESH
    return Stage.DONE if training.phase is Phase.DONE else Stage.PAUSED
