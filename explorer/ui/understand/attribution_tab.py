"""What mattered for a class, a channel or a cell: the choice of method and target, the numbers, and the check of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from explorer.core.explain import BASELINES, Attribution, Check, Curve, Offer, Offers, Settings
from explorer.core.types import Array
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.graphics.still_panel import StillPanel
from explorer.ui.understand.page import Page, paragraph
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import NumbersTable, Row

UNSIGNED = ("grad-cam",)  # what speaks against the target is left out of these
_AUTOMATIC = "default layer"


def chooser(name: str, tip: str) -> QComboBox:
    """A list that may be narrower than its entries."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


class AttributionTab(Page):
    """`ran` asks for the chosen method, `cancelled` to stop it, `checked` for the check; `redrawn` says that only the way of
    drawing has changed, `target_changed` that another target was chosen."""

    ran = Signal()
    cancelled = Signal()
    checked = Signal()
    redrawn = Signal()
    target_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offers: Offers | None = None
        self.about, self.notes = paragraph(True), paragraph(True)
        self.method = chooser("Method", "Attribution method; choosing one runs it")
        self.target = chooser("Target", "Target of the attribution; select a class in the prediction")
        self.layer = chooser("Layer", "Layer of Grad-CAM")
        self.baseline = chooser("Baseline", "Value that replaces a pixel")
        self.baseline.addItems([f"baseline: {name}" for name in BASELINES])
        self.run, self.check = QPushButton("Run"), QPushButton("Sanity check")
        self.check.setToolTip(
            "Randomisation test: the same method with the top layers randomised; deletion and insertion curves"
        )
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.numbers = NumbersTable()
        self.signed = QCheckBox("Signed")
        self.signed.setChecked(True)
        self.signed.setToolTip("Amber supports, blue opposes; unchecked: magnitude")
        self.percentile = QDoubleSpinBox()
        self.percentile.setRange(80, 100)
        self.percentile.setValue(99)
        self.percentile.setDecimals(1)
        self.percentile.setSuffix(" %")
        self.percentile.setAccessibleName("Percentile")
        self.percentile.setToolTip("Clip at percentile")
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setValue(80)
        self.strength.setAccessibleName("Overlay opacity")
        self.strength.setToolTip("Opacity of the attribution over the picture")
        self.twin, self.plot = StillPanel("Randomisation test", 120), CurvePlot("Deletion and insertion")
        self.plot.setToolTip("Score of the target over the fraction of pixels deleted or inserted, in %")
        self.twin_words = paragraph(True)
        self._lay_out()
        self._connect()
        self.set_running(None)
        self.clear()
        self.say("Nothing is shown yet.")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for widget in (self.run, self.check):
            buttons.addWidget(widget)
        buttons.addWidget(self.progress, 1)
        drawing = QHBoxLayout()
        for widget in (self.signed, self.percentile):
            drawing.addWidget(widget)
        drawing.addWidget(self.strength, 1)
        self.add(self.method, self.target, self.layer, self.baseline, buttons, drawing)
        self.add(self.numbers, self.notes, self.about, self.twin, self.twin_words, self.plot)

    def _connect(self) -> None:
        self.method.activated.connect(lambda _at: self.ran.emit())
        self.method.currentIndexChanged.connect(lambda _at: self._show_choices())
        self.target.activated.connect(lambda _at: self.target_changed.emit())
        self.layer.activated.connect(lambda _at: self.ran.emit())
        self.baseline.activated.connect(lambda _at: self.ran.emit())
        self.run.clicked.connect(lambda: self.cancelled.emit() if self.running else self.ran.emit())
        self.check.clicked.connect(self.checked)
        self.signed.toggled.connect(self.redrawn)
        self.percentile.valueChanged.connect(self.redrawn)
        self.strength.valueChanged.connect(self.redrawn)

    # --- what can be chosen ---

    def set_targets(self, titles: Sequence[tuple[str, str]], kind: str) -> None:
        """(kind, title) of what can be explained; a kind without a title cannot."""
        set_titles(self.target, titles, kind)

    def set_offers(self, offers: Offers) -> None:
        """The methods for a target; those that cannot be had say why in their tool tips."""
        chosen, layer = self.chosen, self.layer.currentData()
        self.offers = offers
        self.method.clear()
        for at, offer in enumerate(offers.methods):
            self.method.addItem(offer.title if not offer.reason else f"{offer.title} (not available)", offer.name)
            item = _item(self.method, at)
            item.setEnabled(not offer.reason)
            item.setToolTip(offer.reason or offer.about)
        possible = [offer.name for offer in offers.methods if not offer.reason]
        wanted = chosen if chosen in possible else (possible[0] if possible else "")
        self.method.setCurrentIndex(self.method.findData(wanted))
        self.layer.clear()
        self.layer.addItem(f"{_AUTOMATIC}: {offers.layers[0]}" if offers.layers else _AUTOMATIC, "")
        for name in offers.layers:
            self.layer.addItem(name, name)
        self.layer.setCurrentIndex(max(self.layer.findData(layer), 0))
        self._show_choices()
        self.set_running(None)

    def _show_choices(self) -> None:
        offer = self.offer
        self.layer.setVisible(offer is not None and offer.layered)
        self.baseline.setVisible(offer is not None and offer.baseline)
        self.about.setText(offer.about if offer is not None else "")
        self.signed.setEnabled(self.chosen not in UNSIGNED)

    def choose(self, method: str) -> bool:
        """Selects a method by its name; False where it cannot be had."""
        at = self.method.findData(method)
        offer = next((o for o in self.offers.methods if o.name == method), None) if self.offers else None
        if at < 0 or offer is None or offer.reason:
            return False
        self.method.setCurrentIndex(at)
        return True

    @property
    def chosen(self) -> str:
        return self.method.currentData() or ""

    @property
    def kind(self) -> str:
        """ "class", "channel" or "cell"."""
        return self.target.currentData() or "class"

    @property
    def offer(self) -> Offer | None:
        return next((o for o in self.offers.methods if o.name == self.chosen), None) if self.offers else None

    @property
    def settings(self) -> Settings:
        return Settings(layer=self.layer.currentData() or "", baseline=BASELINES[max(self.baseline.currentIndex(), 0)])

    # --- what has come of it ---

    def set_running(self, fraction: float | None) -> None:
        """How far the computation is; None: nothing runs."""
        self.running = fraction is not None
        self.run.setText("Cancel" if self.running else "Run")
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 100 if fraction else 0)
        self.progress.setValue(round(100 * (fraction or 0)))
        self.run.setEnabled(self.running or bool(self.chosen))

    def clear(self) -> None:
        """Nothing has been computed for what is selected now."""
        self.numbers.set_rows(())
        self.notes.setText("")
        self.notes.hide()
        self.check.setEnabled(False)
        self.set_check(None, None)

    def note(self, words: str) -> None:
        """What went wrong, or must be known."""
        self.notes.setText(words)
        self.notes.setVisible(bool(words))

    def set_attribution(self, found: Attribution) -> None:
        """The numbers beside a map, which the control draws over the picture."""
        named = self.target.currentText().removeprefix("class: ")
        rows = [
            Row("target", found.target.label if found.target.tap else named, found.target.label),
            Row(found.quantity or "value", text.number(found.value, 5)),
        ]
        if found.relus is not None:
            others = ", ".join(f"{count} {name}" for name, count in found.relus.others)
            rows.append(Row("ReLUs guided", found.relus.label, f"Others on the way: {others}" if others else ""))
        if found.layer:
            rows.append(Row("layer", found.layer))
        if found.gap is not None:
            tip = "Sum of the attribution minus (value − value at the baseline); 0 when complete"
            rows.append(Row("completeness gap", text.number(found.gap), tip))
        if found.baseline_value is not None:
            rows.append(Row("value at baseline", text.number(found.baseline_value, 5)))
        self.numbers.set_rows(rows)
        self.note("; ".join(found.notes))
        self.check.setEnabled(found.fraction >= 1)

    def set_check(self, check: Check | None, picture: Array | None) -> None:
        """The twin's map over the picture, its likeness, and the curves so far."""
        for widget in (self.twin, self.twin_words, self.plot):
            widget.setVisible(check is not None)
        if check is None:
            return
        pair = check.pair
        count = len(pair.randomised)
        self.twin.set_pictures([] if picture is None else [picture])
        self.twin_words.setText(
            f"Randomisation test (top {count} layers): rank correlation {text.number(pair.rank)}, "
            f"absolute values {text.number(pair.rank_absolute)}, SSIM {text.number(pair.ssim)}. Near 1 the attribution "
            "depends little on the learnt weights."
        )
        curves = [curve_data(curve) for curve in (check.deletion, check.insertion) if curve is not None]
        self.plot.set_curves(curves, x_unit=" %", x_range=(0, 100))


def curve_data(curve: Curve) -> CurveData:
    """Scores over the per cent of pixels changed: deletion should fall at once, insertion rise at once."""
    name = f"{curve.kind}, area {text.number(curve.area)}"
    return CurveData(curve.shares * 100, curve.scores, name, "warm" if curve.kind == "deletion" else "accent")


def set_titles(box: QComboBox, titles: Sequence[tuple[str, str]], kind: str) -> None:
    """Fills a list of targets with (kind, title); a kind without a title cannot be chosen."""
    box.clear()
    for at, (name, title) in enumerate(titles):
        box.addItem(title or f"no {name}", name)
        _item(box, at).setEnabled(bool(title))
    box.setCurrentIndex(max(box.findData(kind), 0))


def _item(box: QComboBox, at: int) -> QStandardItem:
    """An entry of a list, which can be disabled."""
    return cast("QStandardItemModel", box.model()).item(at)
