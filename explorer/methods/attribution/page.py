"""An attribution: how it is drawn over the input, its numbers, and its check."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from explorer.core.arrays import Array
from explorer.core.attribution import METHODS, Attribution, Check
from explorer.core.render.input_overlay import Overlays
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.attribution.attribution_rows import (
    attribution_rows,
    curve_data,
    level_curve,
    time_curve,
    twin_sentence,
)
from explorer.methods.attribution.spec import class_name
from explorer.ui.graphics.curve_plot import CurvePlot
from explorer.ui.graphics.still_panel import StillPanel
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.page_frame import column_of, paragraph


class ResultPage(Base[Attribution]):
    """Colours, cut and strength change how the map is drawn; nothing is computed for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Attribution | None = None
        self._check: Check | None = None
        self._selection: Selection | None = None
        self._overlays = Overlays()
        self.numbers = NumbersTable()
        self.signed, self.percentile = _signed(), _percentile()
        self.strength = _strength()
        self.twin, self.plot = StillPanel(tr("Randomisation test"), 120), CurvePlot(tr("Deletion and insertion"))
        self.plot.setToolTip(tr("Score of the target over the fraction of pixels deleted or inserted, in %"))
        self.twin.pair = "input"  # enlarged beside the attribution over the input
        self.twin_words = paragraph(True)
        self.over_time, self.level = CurvePlot(tr("Attribution over time")), CurvePlot(tr("Baseline"))
        self.over_time.setToolTip(tr("Sum over channels and bands, over the time of the sound"))
        self.level.setToolTip(tr("What every moment is replaced by: the level of each band"))
        drawing = QHBoxLayout()
        for widget in (self.signed, self.percentile):
            drawing.addWidget(widget)
        drawing.addWidget(self.strength, 1)
        column_of(self, drawing, self.numbers, self.over_time, self.level, self.twin, self.twin_words, self.plot)
        for changed in (self.signed.toggled, self.percentile.valueChanged, self.strength.valueChanged):
            changed.connect(self._redraw)
        self.over_time.hide()
        self.level.hide()
        self.show_further(None)

    def _redraw(self) -> None:
        self._draw_twin()
        self.redrawn.emit()

    def show_result(self, result: Attribution) -> None:
        self._result = result
        self.signed.setEnabled(METHODS[result.method].signed)
        self._show_numbers()

    def show_selection(self, selection: Selection) -> None:
        self._selection = selection
        self._show_numbers()
        self._draw_twin()

    def show_further(self, value: Check | None) -> None:
        """The twin's map over the picture, its likeness, and the curves so far."""
        self._check = value
        for widget in (self.twin, self.twin_words):
            widget.setVisible(value is not None)
        self.plot.setVisible(value is not None and not value.without)
        if value is not None:
            self._draw_twin()
            self.twin_words.setText(" ".join(filter(None, (twin_sentence(value.pair), value.without))))
            curves = [curve_data(curve) for curve in (value.deletion, value.insertion) if curve is not None]
            self.plot.set_curves(curves, x_unit=" %", x_range=(0, 100))

    def heat(self, selection: Selection) -> Array | None:
        return None if self._result is None else self._over(self._result, selection)

    def _show_numbers(self) -> None:
        if self._result is not None and self._selection is not None:
            name = class_name(self._selection, self._result.target.channel)
            self.numbers.set_rows(attribution_rows(self._result, name))
            self._show_time(self._result, self._selection)

    def _show_time(self, result: Attribution, selection: Selection) -> None:
        """Of a sound: the map as a curve, and the baseline."""
        curve = time_curve(result, selection.capture.picture.size, selection.card.preprocess)
        self.over_time.setVisible(curve is not None)
        if curve is not None:
            whole = (0.0, float(selection.capture.picture.size[1]))
            self.over_time.set_curves([curve], x_unit=" ms", x_range=whole)
        level = level_curve(result)
        self.level.setVisible(level is not None)
        if level is not None:
            self.level.set_curves([level], x_unit=" Hz", from_zero=False)

    def _draw_twin(self) -> None:
        if self._check is not None and self._selection is not None:
            self.twin.set_pictures([self._over(self._check.pair.twin, self._selection)])

    def _over(self, attribution: Attribution, selection: Selection) -> Array:
        signed = self.signed.isChecked() and METHODS[attribution.method].signed
        picture, pre = selection.capture.picture, selection.card.preprocess
        strength = self.strength.value() / 100
        return self._overlays.draw(attribution.values, picture, pre, signed, self.percentile.value(), strength)


def _signed() -> QCheckBox:
    box = QCheckBox(tr("Signed"))
    box.setChecked(True)
    box.setToolTip(tr("Amber supports, blue opposes; unchecked: magnitude"))
    return box


def _percentile() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(80, 100)
    box.setValue(99)
    box.setDecimals(1)
    box.setSuffix(" %")
    box.setAccessibleName(tr("Percentile"))
    box.setToolTip(tr("Clip at percentile"))
    return box


def _strength() -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setValue(80)
    slider.setAccessibleName(tr("Overlay opacity"))
    slider.setToolTip(tr("Opacity of the attribution over the picture"))
    return slider
