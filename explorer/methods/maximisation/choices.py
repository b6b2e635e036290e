"""How a picture is made, folded away: every trick a switch, and the numbers."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QSpinBox, QWidget

from explorer.core.maximisation import MaximiseSettings
from explorer.core.params import ParamKind, counting, params_of
from explorer.core.translation import tr
from explorer.ui.widgets.fold import Fold
from explorer.ui.widgets.forms import ParamsForm

_START = tr("Starts from the current input instead of noise")


class MaximiseChoices(Fold):
    """`changed`: another setting was chosen by hand. Whether it starts from the picture is no setting that is remembered."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Optimisation settings"), tr("Switches, steps, size, seed, number of images"), parent)
        self.form = ParamsForm(MaximiseSettings, flag_columns=2)
        self.switches = cast("dict[str, QCheckBox]", self._of(ParamKind.FLAG))
        self.numbers = cast("dict[str, QSpinBox]", self._of(ParamKind.INTEGER))
        self.diversity = cast("QDoubleSpinBox", self.form.editors["diversity"].widget)
        self.start = QCheckBox(tr("Start from the input"))
        self.start.setToolTip(_START)
        self.body.addWidget(self.form)
        self.body.addWidget(self.start)
        self.form.changed.connect(self.changed)
        self.start.toggled.connect(self.changed)

    def _of(self, kind: ParamKind) -> dict[str, Any]:
        names = (param.name for param in params_of(MaximiseSettings) if param.kind is kind)
        return {name: self.form.editors[name].widget for name in names}

    @property
    def settings(self) -> MaximiseSettings:
        """What is chosen; `start` is left "", for only the presenter knows the picture."""
        settings: MaximiseSettings = counting(self.form.values)
        return settings

    def set_settings(self, settings: MaximiseSettings) -> None:
        """Shows them; emits nothing."""
        self.form.set_values(settings)

    def set_own(self, height: int, width: int) -> None:
        """The size of the model's input, which 0 stands for."""
        self.numbers["size"].setSpecialValueText(tr("own, {height} px", height=min(height, width)))
