"""The other inputs of a model of several inputs: looked at and changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from explorer.core.other_inputs import Argument
from explorer.core.translation import tr
from explorer.ui.dialogs.parts import Dialog, FileField, Note, form
from explorer.ui.widgets.nesting import nest

_PICTURES = tr("Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff *.gif);;All files (*)")


class ArgumentsDialog(Dialog):
    """A line for each input besides the opened one. After `exec` said yes: `chosen`, names with texts, without what is as the
    model's file gives it."""

    def __init__(self, given: Sequence[Argument], parent: QWidget | None = None) -> None:
        super().__init__(tr("Other inputs of the model"), tr("Apply"), parent)
        self._given = tuple(given)
        self._own = False  # back to what the model's file gives
        self.fields: dict[str, QLineEdit] = {}
        about = Note(
            tr(
                "They go into every forward beside the opened input. Tensors are nested lists, one number for all of their values, or "
                "a file .npy."
            )
        )
        self.body.addWidget(about)
        rows = form()
        for row, argument in enumerate(self._given):
            name, field = QLabel(argument.name), self._field(argument)
            name.setBuddy(field)
            for column, widget in enumerate((name, field, Note(argument.says))):
                rows.addWidget(widget, row, column)
        nest(self.body, rows)
        self.body.addStretch(1)
        self.reset = self.add_extra(tr("&Reset to the model's own"))
        self.reset.setEnabled(any(argument.chosen for argument in self._given))
        self.reset.clicked.connect(self._reset)
        self.resize(640, 120 + 40 * len(self._given))
        self.judge("")

    def _field(self, argument: Argument) -> QWidget:
        holder: QWidget
        if argument.kind == "picture":
            holder = file = FileField(argument.name, tr("Choose a picture"), _PICTURES)
            line = file.line
        else:
            holder = line = QLineEdit()
            line.setAccessibleName(argument.name)
            if not argument.text:
                line.setPlaceholderText(tr("as the model's file gives it"))
        line.setText(argument.text)
        self.fields[argument.name] = line
        line.textChanged.connect(self._judge)
        return holder

    def _judge(self) -> None:
        self._own = False
        empty = next((a.name for a in self._given if a.text and not self.fields[a.name].text().strip()), "")
        self.judge(tr("{name} has no value.", name=empty) if empty else "")

    def _reset(self) -> None:
        self._own = True
        self.accept()

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """What differs from the model's file, by name."""
        if self._own:
            return ()
        texts = ((argument, self.fields[argument.name].text().strip()) for argument in self._given)
        return tuple((a.name, text) for a, text in texts if text and (a.chosen or text != a.text))
