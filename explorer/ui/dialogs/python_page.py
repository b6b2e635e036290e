"""A model of one's own: a Python file, the function in it that makes the model, and a weight file if there is one."""

from __future__ import annotations

import keyword

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.translation import tr
from explorer.engine.models.base import parse_file, parse_id
from explorer.engine.models.weights.locate import OPENED
from explorer.ui import theme
from explorer.ui.dialogs.factories import Reading, read_factories
from explorer.ui.dialogs.parts import PYTHON_FILTER, WEIGHTS_FILTER, FileField, Note, form, is_file
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest

_SAYS = tr(
    "A function without arguments that returns a torch.nn.Module. The file may also hold PREPROCESS, LABELS, NAME and TRAINED. "
    "Nothing in it runs before you confirm."
)


class PythonPage(QWidget):
    """`changed` when anything did."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = FileField(tr("Python file"), tr("Choose a Python file"), PYTHON_FILTER)
        self.file.line.setPlaceholderText(tr("Choose or drop it here"))
        self.factory = QComboBox()
        self.factory.setEditable(True)
        self.factory.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.factory.setAccessibleName(tr("Function that creates the model"))
        line = self.factory.lineEdit()
        assert line is not None  # it is editable
        line.setPlaceholderText("make_model")
        line.setAcceptDrops(False)
        self.found = Note()
        self.weights = FileField(tr("Weight file"), tr("Choose a weight file"), WEIGHTS_FILTER)
        self.weights.line.setPlaceholderText(tr("None: as the file creates them"))
        self._reading = Reading()
        panel = Frame(tr("A Python file of your own"))
        grid = form()
        rows = (
            (tr("&File"), self.file),
            (tr("F&unction"), self.factory),
            ("", self.found),
            (tr("&Weights"), self.weights),
        )
        for row, (text, widget) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
        nest(panel.body, grid)
        panel.body.addSpacing(theme.current().space)
        panel.add(Note(_SAYS))
        panel.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        self.file.changed.connect(self._read)
        self.factory.currentTextChanged.connect(self._say)
        self.weights.changed.connect(self.changed)
        self._say()

    def set_from(self, spec: ModelSpec) -> None:
        """The file that this spec names."""
        try:
            path, factory = parse_file(parse_id(spec.id).name)
        except ExplorerError:  # of an older session; the person chooses again
            return
        self.file.set_path(str(path))
        self.factory.setCurrentText(factory)
        self.weights.set_path(spec.weights)

    def problem(self) -> tuple[str, bool]:
        """What is missing ("" for nothing), and whether it is wrong rather than open."""
        name, weights = self._name(), self.weights.path
        if not self.file.path:
            return tr("Choose a Python file."), False
        if not self.file.path.lower().endswith(".py"):
            return tr("A Python file ends in .py."), True
        if self._reading.problem:
            return self._reading.problem, True
        if not name:
            return tr("Name the function that creates the model."), False
        if not name.isidentifier() or keyword.iskeyword(name):
            return tr("“{name}” cannot be the name of a function.", name=name), True
        if weights and not weights.lower().endswith(OPENED):
            return tr("Weights are in files that end in {list}, …", list=", ".join(OPENED[:7])), True
        if weights and not is_file(weights):
            return tr("There is no file {weights}.", weights=weights), True
        return "", False

    def spec(self) -> ModelSpec:
        return ModelSpec(f"file:{self.file.path}:{self._name()}", self.weights.path)

    def _name(self) -> str:
        return self.factory.currentText().strip()

    def _read(self, path: str) -> None:
        self._reading = read_factories(path) if path.lower().endswith(".py") else Reading()
        names = self._reading.names
        self.factory.blockSignals(True)
        self.factory.clear()
        self.factory.addItems(list(names))
        # one candidate, or the one with the usual name: nothing to decide
        self.factory.setCurrentText(names[0] if names and (len(names) == 1 or names[0] == "make_model") else "")
        self.factory.blockSignals(False)
        self._say()

    def _say(self) -> None:
        names, name = self._reading.names, self._name()
        if not self.file.path or self._reading.problem:
            text = ""
        elif not names:
            text = tr("It has no function that can be called without arguments; enter the name.")
        elif name and name not in names:
            text = tr("“{name}” is not in the file. It has {list}.", name=name, list=", ".join(names[:6]))
        else:
            text = tr("Found: {list}{part}", list=", ".join(names[:6]), part=" …" if len(names) > 6 else ".")
        self.found.setText(text or " ")
        self.changed.emit()
