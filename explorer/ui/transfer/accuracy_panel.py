"""The middle of the Transfer workspace: accuracy over the layers, and over the number of pictures. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QSizePolicy, QSpinBox, QToolButton, QWidget

from explorer.core.probe import ProbeParams
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.accuracy_plot import AccuracyPlot, AccuracySeries
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.fold import Fold
from explorer.ui.widgets.forms import ParamsForm
from explorer.ui.widgets.page_frame import Page, paragraph
from explorer.ui.widgets.series_names import DASHED, LINE, SeriesNames

_ELSEWHERE = ("data", "taps", "per_class", "test", "groups")  # parameters that are chosen at other places
_PLOT = 150  # px, at least
_HOW = tr("Band: 95 % interval over the draws of pictures. Bar: 95 % interval of so few test pictures.")
_HOW_MANY = tr(
    "Beneath: pictures a class. Band: 95 % interval over the draws. Bar: 95 % interval of so few test pictures."
)


class AccuracyPanel(Page):
    """A plot with its legend, what is to be known about it, run and cancel. `started` starts or cancels."""

    started = Signal()
    chosen = Signal(int)

    def __init__(self, run: str, tip: str, plot: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.run_title, self.running = run, False
        self.start, self.progress, self.row = QPushButton(run), QProgressBar(), QHBoxLayout()
        self.start.setToolTip(tip)
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(40)
        self.progress.setMaximumWidth(160)
        self.progress.setAccessibleName(tr("{run}: progress", run=run))
        self.plot = AccuracyPlot(plot, empty)
        self.legend, self.conclusion, self.reading = SeriesNames(), paragraph(), paragraph(True)
        self.status, self.warning = paragraph(True), paragraph()
        self.warning.setObjectName("warm")
        for words in (self.conclusion, self.reading, self.status, self.warning):
            # as high as the width asks for; its own guess is that of a narrower one, and would make the workspace scroll
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        text_size.hold(self.plot, "setMinimumHeight", _PLOT)
        self.row.setSpacing(theme.current().space)
        self.row.addWidget(self.start)
        self.start.clicked.connect(self.started)
        self.plot.chosen.connect(self.chosen)
        self.set_running(None)
        self.set_status("")
        self.set_warning("")
        self.set_conclusion("")
        self.set_reading("")

    def set_running(self, fraction: float | None) -> None:
        """How much is done, 0 to 1; None: nothing runs."""
        self.running = fraction is not None
        self.start.setText(tr("Cancel") if self.running else self.run_title)
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 100 if fraction else 0)
        self.progress.setValue(round(100 * (fraction or 0.0)))

    def set_status(self, words: str) -> None:
        """How far it is, what went wrong, how it was computed."""
        self.status.setText(words)
        self.status.setVisible(bool(words))

    def set_warning(self, words: str) -> None:
        """What a person must know of the result."""
        self.warning.setText(words)
        self.warning.setVisible(bool(words))

    def set_conclusion(self, words: str) -> None:
        """What follows from all of it."""
        self.conclusion.setText(words)
        self.conclusion.setVisible(bool(words))

    def set_reading(self, words: str) -> None:
        """The point that is looked at, in words."""
        self.reading.setText(words)
        self.reading.setVisible(bool(words))

    def set_current(self, place: int | None, interval: tuple[float, float] | None = None) -> None:
        """The place that is looked at, with what so few test pictures can tell."""
        self.plot.set_current(place, interval)

    def set_best(self, place: int | None, value: float = 0.0) -> None:
        """Rings the highest point; None: none."""
        self.plot.set_best(place, value)

    def set_series(self, names: Sequence[str], series: Sequence[AccuracySeries]) -> None:
        """What is known so far."""
        self.plot.set_series(names, series)
        self.legend.set_entries((DASHED if each.level else LINE, each.role, each.name) for each in series)
        self.legend.setVisible(bool(series))


class LayerAccuracyPanel(AccuracyPanel):
    """`params_changed`: a setting was changed by hand; `count_chosen` carries a number of pictures a class, 0: all; `exported` the
    number of an export, `copied` asks for the command that computes the same."""

    params_changed = Signal()
    count_chosen = Signal(int)
    exported = Signal(int)
    copied = Signal()

    def __init__(self, exports: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        """`exports`: (title, tool tip) of the ways to save a result."""
        super().__init__(
            tr("Probe all layers"),
            tr("A classifier learns the classes from the features of each layer; the model does not change"),
            tr("Accuracy by layer"),
            tr(
                "Open a data set at the left, then press “Probe all layers”: how well does each layer tell the classes apart?"
            ),
            parent,
        )
        self.count = choice(
            tr("Pictures a class"), tr("How many pictures of each class are learnt from"), [(tr("all pictures"), 0)]
        )
        on_choice(self.count, self.count_chosen.emit, int)
        self.form = ParamsForm(ProbeParams, without=_ELSEWHERE)
        self.form.changed.connect(self.params_changed)
        settings = Fold(tr("Settings"), tr("Classifier, pooling, draws, test share, baselines"))
        settings.body.addWidget(self.form)
        self.row.addWidget(self.count)
        self.row.addWidget(self.progress, 1)
        self.row.addStretch(1)
        self.export = QToolButton()
        self.export.setText(tr("Export"))
        self.export.setToolTip(tr("Save the curve, or copy the command that computes it"))
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        menu.setToolTipsVisible(True)
        self.saves = [menu.addAction(title) for title, _tip in exports]
        for number, (action, (_title, tip)) in enumerate(zip(self.saves, exports, strict=True)):
            action.setToolTip(tip)
            action.setData(number)
            action.triggered.connect(self._export)
        menu.addAction(tr("Copy as command")).triggered.connect(self.copied)
        self.export.setMenu(menu)
        self.row.addWidget(self.export)
        how = paragraph(True)
        how.setText(_HOW)
        self.add(
            self.row, settings, self.conclusion, self.legend, self.plot, self.reading, self.warning, self.status, how
        )

    def _export(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.exported.emit(action.data())

    def set_counts(self, counts: Sequence[int], current: int) -> None:
        """The numbers of pictures a class that can be had, 0: all; emits nothing."""
        items = [(tr("{count} a class", count=count) if count else tr("all pictures"), count) for count in counts]
        if [(self.count.itemText(at), self.count.itemData(at)) for at in range(self.count.count())] != items:
            self.count.clear()
            for title, count in items:
                self.count.addItem(title, count)
        self.count.setCurrentIndex(max(self.count.findData(current), 0))

    @property
    def params(self) -> ProbeParams:
        """The settings. Raises ExplorerError where a text is not what its parameter takes."""
        params: ProbeParams = self.form.values
        return params

    def set_params(self, params: ProbeParams) -> None:
        """Shows settings; emits nothing."""
        self.form.set_values(params)

    def set_ready(self, result: bool) -> None:
        """Whether there is something to save."""
        for action in self.saves:
            action.setEnabled(result)


class PictureAccuracyPanel(AccuracyPanel):
    """`scratch_asked` starts or stops training from scratch; `epochs` says for how many epochs, `epochs_changed` that these are others."""

    scratch_asked = Signal()
    epochs_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Probe this layer"),
            tr("A classifier learns the classes from 1, 2, 5, 10 … pictures of each; the model does not change"),
            tr("Accuracy by number of pictures"),
            tr(
                "How many pictures are needed? Press “Probe this layer”; training the same network from scratch stands beside it."
            ),
            parent,
        )
        self.scratch, self.epochs = QPushButton(), QSpinBox()
        self.scratch.setToolTip(
            tr(
                "The same network from its initial random weights, all of it trained on the same pictures: a training for each number"
            )
        )
        self.epochs.setRange(1, 1000)
        self.epochs.setValue(20)
        self.epochs.setSuffix(tr(" epochs"))
        self.epochs.setAccessibleName(tr("Epochs of the training from scratch"))
        self.row.addWidget(self.scratch)
        self.row.addWidget(self.epochs)
        self.row.addWidget(self.progress, 1)
        self.row.addStretch(1)
        self.scratch.clicked.connect(self.scratch_asked)
        self.epochs.valueChanged.connect(self.epochs_changed)
        how = paragraph(True)
        how.setText(_HOW_MANY)
        self.add(self.row, self.conclusion, self.legend, self.plot, self.reading, self.warning, self.status, how)
        self.set_scratch(False)

    @property
    def scratch_epochs(self) -> int:
        """Of a training from scratch."""
        return self.epochs.value()

    def set_scratch(self, running: bool) -> None:
        """Whether a training from scratch is going on."""
        self.scratch.setText(tr("Stop training") if running else tr("Train from scratch"))
        self.epochs.setEnabled(not running)
