"""How pictures become the model's input: looked at and changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.dialogs.channel_values import ValuesField, spread
from explorer.ui.dialogs.parts import Dialog, Note, form
from explorer.ui.widgets import text
from explorer.ui.widgets.choice import ElidedComboBox
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest

K = TypeVar("K")
LARGEST = 4096
_FITS = {
    "crop": (tr("Crop"), tr("The shorter side is resized, then the middle is cut out. What lies outside is not seen.")),
    "letterbox": (tr("Letterbox"), tr("All of the picture is seen; what is left of the input is {colour}.")),
    "stretch": (tr("Stretch"), tr("All of the picture is seen, squeezed into the input's shape.")),
    "stretch-crop": (
        tr("Stretch, then crop"),
        tr("The picture is squeezed into a larger shape, then the middle is cut out."),
    ),
    "keep": (
        tr("Keep its size"),
        tr("The picture is not resized: the middle is cut out, what is left of the input is {colour}."),
    ),
}
_RESIZED = ("crop", "stretch-crop")  # fits for which the shorter side counts
_INTERPOLATIONS = {name: name.capitalize() for name in ("bilinear", "bicubic", "nearest", "lanczos", "box", "hamming")}
_RESIZERS = {"pillow": tr("by Pillow"), "torch": tr("by torch"), "torch-float": tr("by torch, not rounded")}
_ORDERS = {"rgb": tr("red first"), "bgr": tr("blue first")}
_CHANNELS = {3: tr("3: red, green, blue"), 1: tr("1: grey")}


class PreprocessDialog(Dialog):
    """Starts at `current`; Reset goes to `default`, which came with the model. After `exec` said yes: `preprocess`.

    `convertible`: the model is one that torchvision's own weights want another normalisation for.
    """

    def __init__(
        self, current: Preprocess, default: Preprocess, parent: QWidget | None = None, convertible: bool = False
    ) -> None:
        super().__init__(tr("Preprocessing"), tr("Apply"), parent)
        self._default = default
        self._shown = current  # what no field is for stays as it is
        self._quiet = True
        # from 0 on, so that a wrong size can be typed and is named instead of being changed behind the person's back
        self.height_field, self.width_field, self.resize_field = (
            _size(name) for name in (tr("Height"), tr("Width"), tr("Resize"))
        )
        self.square = QCheckBox(tr("S&quare"))
        self.fit = _combo(tr("Fit"), {key: title for key, (title, _) in _FITS.items()})
        self.interpolation = _combo(tr("Interpolation"), _INTERPOLATIONS)
        self.resizer = _combo(tr("Resized"), _RESIZERS)
        self.channels = _combo(tr("Channels"), _CHANNELS)
        self.order = _combo(tr("Order of the channels"), _ORDERS)
        self.conversion = QCheckBox(
            tr("&transform_input: then to mean and std 0.5, as torchvision's own weights want it")
        )
        self.conversion.setVisible(convertible or current.transform_input or default.transform_input)
        for other in {current.channels, default.channels} - _CHANNELS.keys():
            self.channels.addItem(tr("{other}: red, green, blue in turn", other=other), other)
        self.values = ValuesField()
        self._fit_note, self._range_note = Note(), Note()
        self._fit_note.setMinimumHeight(2 * self.fontMetrics().lineSpacing())  # so that nothing jumps
        self._resize_row = QWidget()
        self._sides = (1, 1)  # shorter side and resize as they last went together
        self.reset = self.add_extra(tr("&Reset to the model's own"))
        self._build()
        self.set_preprocess(current)
        self.height_field.setFocus()
        self.resize(640, 600)

    def _build(self) -> None:
        size, numbers = Frame(tr("Size and place")), Frame(tr("Numbers"))
        grid = form()
        _line(grid, 0, tr("Height × width, px"), _row(self.height_field, QLabel("×"), self.width_field, self.square))
        _line(grid, 1, tr("&Fit"), self.fit)
        grid.addWidget(self._fit_note, 2, 1)
        _row(QLabel(tr("Resize the shorter side to")), self.resize_field, QLabel(tr("px")), into=self._resize_row)
        grid.addWidget(self._resize_row, 3, 1)
        _line(grid, 4, tr("&Interpolation"), _row(self.interpolation, self.resizer))
        nest(size.body, grid)
        grid = form()
        _line(grid, 0, tr("&Channels"), _row(self.channels, self.order))
        _line(grid, 1, tr("&Normalisation"), self.values)
        grid.addWidget(self.conversion, 2, 1)
        grid.addWidget(self._range_note, 3, 1)
        nest(numbers.body, grid)
        self.body.addWidget(size)
        self.body.addWidget(numbers)
        self.body.addStretch(1)
        self.height_field.valueChanged.connect(partial(self._sized, self.width_field))
        self.width_field.valueChanged.connect(partial(self._sized, self.height_field))
        self.square.clicked.connect(self._make_square)
        for combo in (self.fit, self.interpolation, self.resizer, self.order):
            combo.currentIndexChanged.connect(self._changed)
        self.conversion.toggled.connect(self._changed)
        self.channels.currentIndexChanged.connect(self._rechannelled)
        self.resize_field.valueChanged.connect(self._resized)
        self.values.changed.connect(self._changed)
        self.reset.clicked.connect(self._put_back)

    def _make_square(self, on: bool) -> None:
        if on:
            self._sized(self.width_field, self.height_field.value())

    def _put_back(self) -> None:
        self.set_preprocess(self._default)

    def set_preprocess(self, pre: Preprocess) -> None:
        """What the fields show."""
        self._quiet = True
        self._shown = pre
        self.square.setChecked(pre.height == pre.width)
        self.height_field.setValue(pre.height)
        self.width_field.setValue(pre.width)
        self.resize_field.setValue(pre.resize)
        self._sides = (min(pre.height, pre.width), pre.resize)
        for combo, value in (
            (self.fit, pre.fit),
            (self.interpolation, pre.interpolation),
            (self.resizer, pre.resizer),
            (self.channels, pre.channels),
            (self.order, pre.order),
        ):
            combo.setCurrentIndex(combo.findData(value))
        self.conversion.setChecked(pre.transform_input)
        self.values.set_values(pre.mean, pre.std, pre.channels)
        self._quiet = False
        self._changed()

    @property
    def preprocess(self) -> Preprocess:
        """What is chosen now. Values that are written differently and mean the same as the model's own are the model's own."""
        made = replace(
            self._shown,
            height=self.height_field.value(),
            width=self.width_field.value(),
            fit=self.fit.currentData(),
            resize=self.resize_field.value(),
            mean=self.values.mean,
            std=self.values.std,
            channels=int(self.channels.currentData()),
            interpolation=self.interpolation.currentData(),
            resizer=self.resizer.currentData(),
            order=self.order.currentData(),
            transform_input=self.conversion.isChecked(),
        )
        return self._default if _alike(made, self._default) else made

    # ---- inside

    def _sized(self, other: QSpinBox, value: int) -> None:
        """The other side follows, and the resize in proportion, so that as much of the picture stays in sight."""
        if self._quiet:
            return
        self._quiet = True
        if self.square.isChecked():
            other.setValue(value)
        short, resize = min(self.height_field.value(), self.width_field.value()), self._sides[1]
        if short and self._sides[0]:
            self.resize_field.setValue(round(resize * short / self._sides[0]))
        self._quiet = False
        self._changed()

    def _resized(self, value: int) -> None:
        if not self._quiet:
            self._sides = (min(self.height_field.value(), self.width_field.value()), value)
            self._changed()

    def _rechannelled(self) -> None:
        if not self._quiet:
            self.values.set_channels(int(self.channels.currentData()))
            self._changed()

    def _changed(self, *_: object) -> None:
        if self._quiet:
            return
        self._resize_row.setEnabled(self.fit.currentData() in _RESIZED)
        self.order.setEnabled(self.channels.currentData() == 3)
        self._fit_note.setText(self._fit_words())
        self._range_note.setText(self._span() or " ")
        self.reset.setEnabled(self.preprocess != self._default)
        self.judge(self._problem(), wrong=True)

    def _problem(self) -> str:
        sizes = [("height", self.height_field), ("width", self.width_field)]
        sizes += [("resize", self.resize_field)] if self.fit.currentData() in _RESIZED else []
        for name, field in sizes:
            if not 1 <= field.value() <= LARGEST:
                return tr(
                    "The {name} is {value} px; it can be 1 to {largest}.",
                    name=name,
                    value=field.value(),
                    largest=LARGEST,
                )
        return self.values.problem()

    def _fit_words(self) -> str:
        fit = self.fit.currentData()
        fill = ", ".join(str(round(255 * value)) for value in self._shown.fill)
        words = _FITS[fit][1].replace("{colour}", fill if any(self._shown.fill) else tr("black"))
        half = (
            tr(" Of an odd remainder the larger half is cut off at the end.") if self._shown.rounding == "down" else ""
        )
        return words + (half if fit in ("crop", "stretch-crop", "keep") else "")

    def _span(self) -> str:
        """What black and white become."""
        if self.values.problem():
            return ""
        made = self.preprocess
        pairs = list(zip(made.means, made.stds, strict=True))
        ends = [(edge - mean) / std for mean, std in pairs for edge in (0.0, 1.0)]
        low, high = (text.number(edge) for edge in (min(ends), max(ends)))
        return tr("Black to white, 0 … 1, becomes (x − mean) / std: {low} … {high}.", low=low, high=high)


def _alike(one: Preprocess, other: Preprocess) -> bool:
    """The same input for every picture, however often a value that is the same for all channels is written."""

    def plain(pre: Preprocess) -> Preprocess:
        mean, std = (spread(values, pre.channels) for values in (pre.mean, pre.std))
        return replace(pre, mean=mean, std=std, resize=pre.resize if pre.fit in _RESIZED else 0)

    return plain(one) == plain(other)


def _size(name: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(0, 99_999)
    field.setAccessibleName(name)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    text_size.hold(field, "setMinimumWidth", 84)
    return field


def _combo(name: str, titles: dict[K, str]) -> QComboBox:
    combo = ElidedComboBox()
    combo.setAccessibleName(name)
    for key, title in titles.items():
        combo.addItem(title, key)
    return combo


def _row(*widgets: QWidget, into: QWidget | None = None) -> QWidget:
    row = into or QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.current().space)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return row


def _line(grid: QGridLayout, row: int, name: str, widget: QWidget) -> None:
    label = QLabel(name)
    label.setBuddy(widget)
    text_size.hold(label, "setMinimumWidth", 130)
    text_size.hold(
        label, "setMinimumHeight", 28
    )  # of a field, so that the label of a tall one stands beside its first line
    grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(widget, row, 1)
