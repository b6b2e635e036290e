"""How a picture is made: every trick a switch, and the numbers."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.core.maximisation import MaximiseSettings
from explorer.ui import theme
from explorer.ui.widgets.fold import Fold

_SWITCHES = (
    (
        "fourier",
        "Fourier",
        "Optimises Fourier coefficients instead of pixels: without it, high-frequency noise dominates",
    ),
    ("decorrelate", "Colours", "Decorrelates colours as they vary in photographs; for three channels only"),
    ("jitter", "Jitter", "Shifts the image at every step, up to a 12th of its side: suppresses pixel patterns"),
    ("scale", "Scale", "Scales the image at every step, 0.85 to 1.15"),
    ("rotate", "Rotation", "Rotates the image at every step, up to 15° to either side"),
    (
        "redirect",
        "Redirection",
        "Passes a gradient while a ReLU blocks all of it: for channels that are zero at the start",
    ),
)
_NUMBERS = (
    ("steps", "Steps", 1, 4096, "", "Each step is a forward to the layer, a gradient and an update"),
    ("size", "Size", 0, 1024, " px", "Of the shorter side; 0: the model's own size"),
    (
        "seed",
        "Seed",
        0,
        2**31 - 1,
        "",
        "Of the start noise and the transformations: another seed gives another image",
    ),
    ("batch", "Images", 1, 16, "", "Generated together, each from its own noise"),
)
_FIELD = 120  # px
_DIVERSITY = "Weight of the penalty on similar images; for 2 or more images"
_START = "Starts from the current input instead of noise"


class MaximiseChoices(Fold):
    """`changed`: another setting was chosen by hand."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Optimisation settings", "Switches, steps, size, seed, number of images", parent)
        self.switches = {name: _switch(title, tip) for name, title, tip in _SWITCHES}
        self.numbers = {name: _number(*rest) for name, *rest in _NUMBERS}
        self.numbers["size"].setSpecialValueText("own")
        self.numbers["size"].setSingleStep(16)
        self.numbers["steps"].setSingleStep(64)
        self.diversity = QDoubleSpinBox()
        self.diversity.setRange(0, 100)
        self.diversity.setSingleStep(0.5)
        self.diversity.setKeyboardTracking(False)
        self.diversity.setAccessibleName("Diversity")
        self.diversity.setToolTip(_DIVERSITY)
        self.start = _switch("Start from the input", _START)
        self._whole = MaximiseSettings()
        self._lay_out()
        self.set_settings(self._whole)
        for box in (*self.switches.values(), self.start):
            box.toggled.connect(lambda _on: self._change())
        for number in (*self.numbers.values(), self.diversity):
            number.valueChanged.connect(lambda _value: self._change())

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.current().space)
        grid.setVerticalSpacing(theme.current().tight)
        for at, box in enumerate(self.switches.values()):
            grid.addWidget(box, at // 2, at % 2)
        self.body.addLayout(grid)
        self.body.addWidget(self.start)
        titles = {name: title for name, title, *_ in _NUMBERS}
        for name, number in (*self.numbers.items(), ("diversity", self.diversity)):
            label = QLabel(titles.get(name, "Diversity"))
            label.setBuddy(number)
            label.setToolTip(number.toolTip())
            number.setFixedWidth(_FIELD)
            line = QHBoxLayout()
            line.addWidget(label, 1)
            line.addWidget(number)
            self.body.addLayout(line)

    @property
    def settings(self) -> MaximiseSettings:
        """What is chosen; `start` is left "", for only the control knows the picture."""
        switches = {name: box.isChecked() for name, box in self.switches.items()}
        numbers = {name: box.value() for name, box in self.numbers.items()}
        return replace(self._whole, start="", diversity=self._diversity, **switches, **numbers)

    @property
    def _diversity(self) -> float:
        """Of a single picture it means nothing: the same picture must not be made for each."""
        return self.diversity.value() if self.numbers["batch"].value() > 1 else 0.0

    def set_settings(self, settings: MaximiseSettings) -> None:
        """Shows them, and says nothing of it."""
        self._whole = settings
        widgets = (*self.switches.values(), *self.numbers.values(), self.diversity)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        for name, box in self.switches.items():
            box.setChecked(getattr(settings, name))
        for name, number in self.numbers.items():
            number.setValue(getattr(settings, name))
        self.diversity.setValue(settings.diversity)
        for blocker in blockers:
            blocker.unblock()
        self._follow()

    def set_own(self, height: int, width: int) -> None:
        """The size of the model's input, which 0 stands for."""
        self.numbers["size"].setSpecialValueText(f"own, {min(height, width)} px")

    def _change(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        self.diversity.setEnabled(self.numbers["batch"].value() > 1)


def _switch(title: str, tip: str) -> QCheckBox:
    box = QCheckBox(title)
    box.setToolTip(tip)
    return box


def _number(title: str, low: int, high: int, unit: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSuffix(unit)
    box.setKeyboardTracking(False)
    box.setAccessibleName(title)
    box.setToolTip(tip)
    return box
