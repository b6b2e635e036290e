"""A form made of a method's parameters: one editor a parameter, by its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.params import Choice, Param, ParamKind, made, params_of
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.choice import ElidedComboBox
from explorer.ui.widgets.over import OverBox

_LARGEST = 2**31 - 1  # that a whole number can have in a form
_LAYERS = (Choice("", tr("default layer")),)
_OVER_TITLES = {"picture": tr("this input"), "gallery": tr("sample gallery"), "folder": tr("a folder …")}


class ParamsForm(QWidget):
    """Editors of the fields of a parameter class, flags that follow each other side by side in `flag_columns`. `changed` says that
    a value was changed by hand; `folder_asked` carries the name of a data-set parameter for which a folder is to be chosen. The
    parameters `without` are chosen elsewhere."""

    changed = Signal()
    folder_asked = Signal(str)

    def __init__(
        self, kind: type[Any], flag_columns: int = 1, parent: QWidget | None = None, without: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self._kind, self._columns = kind, flag_columns
        self._params = [param for param in params_of(kind) if param.name not in without]
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.current().tight)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.editors: dict[str, Editor] = {}
        for param in self._params:
            editor = _EDITORS[param.kind](param)
            editor.changed.connect(self._edited)
            editor.folder_asked.connect(self.folder_asked)
            self.editors[param.name] = editor
        for is_flag, some in groupby(self._params, lambda param: param.kind is ParamKind.FLAG):
            if is_flag and flag_columns > 1:
                self._add_flags(list(some))
            else:
                for param in some:
                    self._add(param)
        self._show_counting()

    def _add(self, param: Param) -> None:
        editor = self.editors[param.name]
        label = QLabel("" if param.kind in (ParamKind.FLAG, ParamKind.DATASET) else param.title)
        label.setToolTip(param.help)
        label.setBuddy(editor.widget)
        self._layout.addRow(*((label, editor) if label.text() else (editor,)))

    def _add_flags(self, flags: list[Param]) -> None:
        """Several ones in one row of the form."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.current().tight)
        for at, param in enumerate(flags):
            grid.addWidget(self.editors[param.name], at // self._columns, at % self._columns)
        self._layout.addRow(holder)

    @property
    def values(self) -> Any:
        """The parameter object. Raises ExplorerError where a text is not what the parameter takes."""
        return made(self._kind, {name: editor.value for name, editor in self.editors.items()})

    def set_values(self, params: Any) -> None:
        """Shows a parameter object; emits nothing."""
        for name, editor in self.editors.items():
            editor.set_quietly(getattr(params, name))
        self._show_counting()

    def set_choices(self, choices: Mapping[str, Sequence[Choice]]) -> None:
        """What some parameters offer now. A value that cannot be had gives way to the first that can; emits nothing."""
        for name, some in choices.items():
            editor = self.editors[name]
            assert isinstance(editor, ChoiceEditor)
            editor.set_choices(some)
        self._show_counting()

    def choose(self, name: str, value: str) -> bool:
        """Selects a choice, where it can be had; emits nothing."""
        editor = self.editors[name]
        assert isinstance(editor, ChoiceEditor)
        if not editor.offers(value):
            return False
        editor.set_quietly(value)
        self._show_counting()
        return True

    def _edited(self) -> None:
        self._show_counting()
        self.changed.emit()

    def _show_counting(self) -> None:
        """Parameters without an effect beside the others are not shown."""
        try:
            values = self.values
        except ExplorerError:
            return
        for param in self._params:
            editor, counts = self.editors[param.name], param.counts(values)
            if self._layout.indexOf(editor) >= 0:
                self._layout.setRowVisible(editor, counts)
            else:
                editor.setVisible(counts)


class Editor(QWidget):
    """One parameter: a widget, how its value is read and set, and what says that it was changed."""

    changed = Signal()
    folder_asked = Signal(str)

    def __init__(
        self, param: Param, widget: QWidget, read: Callable[[], Any], write: Callable[[Any], None], *beneath: QWidget
    ) -> None:
        super().__init__()
        self.param, self.widget, self._read, self.set_value = param, widget, read, write
        widget.setToolTip(f"{param.help}  ({param.unit})" if param.unit else param.help)
        widget.setAccessibleName(param.title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        for part in (widget, *beneath):
            column.addWidget(part)

    @property
    def value(self) -> Any:
        return self._read()

    def set_quietly(self, value: Any) -> None:
        """Shows a value; emits nothing."""
        self.blockSignals(True)
        self.set_value(value)
        self.blockSignals(False)

    def edited(self, *_: Any) -> None:
        """Something was changed by hand."""
        self.changed.emit()


class ChoiceEditor(Editor):
    """A list of choices; those that cannot be had are disabled and say why in their tool tips."""

    def __init__(self, param: Param) -> None:
        self.box = ElidedComboBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        super().__init__(param, self.box, self._chosen, self._choose)
        self._choices: tuple[Choice, ...] = ()
        titles = param.titles or tuple(tr(choice) for choice in param.choices)
        self.set_choices([Choice(*pair) for pair in zip(param.choices, titles, strict=True)] or _LAYERS)
        self.set_value(param.default)
        self.box.currentIndexChanged.connect(self.edited)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Other choices; emits nothing."""
        if tuple(choices) == self._choices:
            return
        before, self._choices = self._chosen(), tuple(choices)
        self.box.blockSignals(True)
        self.box.clear()
        for at, one in enumerate(choices):
            self.box.addItem(
                tr("{one_title} (not available)", one_title=one.title) if one.reason and one.title else one.title,
                one.value,
            )
            item = cast("QStandardItemModel", self.box.model()).item(at)
            item.setEnabled(not one.reason)
            item.setToolTip(one.reason or one.about)
        possible = [one.value for one in choices if not one.reason]
        self._choose(before if before in possible or not possible else possible[0])
        self.box.blockSignals(False)

    def offers(self, value: str) -> bool:
        """Whether a value can be chosen."""
        return any(one.value == value and not one.reason for one in self._choices)

    def _chosen(self) -> str:
        return str(self.box.currentData() or "")

    def _choose(self, value: str) -> None:
        self.box.setCurrentIndex(max(self.box.findData(value), 0))


def _integer(param: Param) -> Editor:
    box = QSpinBox()
    low, high = (-_LARGEST if param.low is None else param.low), (_LARGEST if param.high is None else param.high)
    box.setRange(int(low), int(min(high, _LARGEST)))
    box.setSuffix(f" {param.unit}" if param.unit else "")
    box.setSingleStep(int(param.step or 1))
    box.setSpecialValueText(param.least)
    box.setKeyboardTracking(False)  # a value counts when it is whole
    editor = Editor(param, box, box.value, box.setValue)
    editor.set_value(param.default)
    box.valueChanged.connect(editor.edited)
    return editor


class _RealBox(QDoubleSpinBox):
    """With as many decimals as the step and the smallest value need; zeros at the end are written only where all numbers have them."""

    def __init__(self, param: Param) -> None:
        super().__init__()
        self._usual = 4 if param.step is None else 2
        needed = [-math.floor(math.log10(size)) for size in (param.step, param.low) if size is not None and size > 0]
        self.setDecimals(max(self._usual, *needed) if needed else self._usual)

    def textFromValue(self, value: float) -> str:
        """Qt's name."""
        said = super().textFromValue(value)
        point = max(said.find("."), said.find(","))
        least = point + 1 + self._usual
        return said[:least] + said[least:].rstrip("0") if point >= 0 else said


def _real(param: Param) -> Editor:
    box = _RealBox(param)
    box.setRange(-1e9 if param.low is None else param.low, 1e9 if param.high is None else param.high)
    box.setSuffix(f" {param.unit}" if param.unit else "")
    if param.step is None:
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    else:
        box.setSingleStep(param.step)
    box.setKeyboardTracking(False)
    editor = Editor(param, box, box.value, box.setValue)
    editor.set_value(param.default)
    box.valueChanged.connect(editor.edited)
    return editor


def _flag(param: Param) -> Editor:
    box = QCheckBox(param.title)
    editor = Editor(param, box, box.isChecked, box.setChecked)
    editor.set_value(param.default)
    box.toggled.connect(editor.edited)
    return editor


def _text(param: Param) -> Editor:
    line = QLineEdit()
    line.setPlaceholderText(param.least)
    editor = Editor(param, line, line.text, line.setText)
    editor.set_value(param.default)
    line.editingFinished.connect(editor.edited)
    return editor


class _DatasetEditor(Editor):
    """The list of inputs, and the folder that was chosen beneath it."""

    def __init__(self, param: Param) -> None:
        kinds = [(_OVER_TITLES[kind], kind) for kind in param.choices]
        self._over: Over = param.default
        self._box = OverBox(param.title, param.help, kinds)
        super().__init__(param, self._box, lambda: self._over, self._show, self._box.folder)
        self._show(param.default)
        self._box.over_changed.connect(self.choose)
        self._box.folder_asked.connect(self._ask)

    def choose(self, over: Over) -> None:
        """Other inputs were chosen."""
        self._show(over)
        self.changed.emit()

    def _ask(self) -> None:
        self._show(self._over)  # until a folder was chosen
        self.folder_asked.emit(self.param.name)

    def _show(self, over: Over) -> None:
        self._over = over
        self._box.set_over(over)


_EDITORS: dict[ParamKind, Callable[[Param], Editor]] = {
    ParamKind.CHOICE: ChoiceEditor,
    ParamKind.INTEGER: _integer,
    ParamKind.REAL: _real,
    ParamKind.FLAG: _flag,
    ParamKind.TEXT: _text,
    ParamKind.DATASET: _DatasetEditor,
    ParamKind.LAYER: ChoiceEditor,
}
