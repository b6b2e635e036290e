"""The page of a method: parameters, run and cancel, progress, what is to be known, and the result."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from explorer.core.method import MethodSpec
from explorer.core.selection import Selection
from explorer.ui.method_page.result_page import ResultPage
from explorer.ui.understand.page import Page, column_of, paragraph
from explorer.ui.widgets.forms import ParamsForm


class MethodPageView(Page):
    """Setters in, signals out. `started` starts or cancels, `exported` carries the number of an export."""

    started = Signal()
    params_changed = Signal()
    folder_asked = Signal(str)
    exported = Signal(int)
    changed = Signal(object)

    def __init__(self, spec: MethodSpec[Any, Any], result: ResultPage[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self.result = spec, result
        self.form = ParamsForm(spec.params)
        self.start = QPushButton(spec.run_title)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(f"{spec.title}: progress")
        self.status = paragraph(True)
        self.exports = [self._export(number) for number in range(len(spec.exports))]
        self._lay_out()
        self.start.clicked.connect(self.started)
        self.form.changed.connect(self.params_changed)
        self.form.folder_asked.connect(self.folder_asked)
        result.changed.connect(self.changed)
        self.set_running(None)
        self.set_result(None)
        self.say("Nothing is shown yet.")

    def _export(self, number: int) -> QPushButton:
        export = self.spec.exports[number]
        button = QPushButton(export.title)
        button.setToolTip(export.about)
        button.setProperty("number", number)
        button.clicked.connect(self._exported)
        return button

    def _exported(self) -> None:
        self.exported.emit(self.sender().property("number"))

    def _lay_out(self) -> None:
        first, last = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.form, 1)
        if self.form.editors:
            first.addWidget(self.start)
        else:
            first.insertWidget(0, self.start)
            self.form.hide()
        for button in self.exports:
            last.addWidget(button)
        self.results = QWidget()
        column_of(self.results, self.result, last)
        self.add(first, self.progress, self.status, self.results)

    # --- setters ---

    @property
    def params(self) -> Any:
        """Raises ExplorerError where a text is not what its parameter takes."""
        return self.form.values

    def set_params(self, params: Any) -> None:
        """Shows parameters; emits nothing."""
        self.form.set_values(params)

    def set_running(self, fraction: float | None) -> None:
        """How much of the computation is done, 0 to 1; None: nothing runs."""
        self.running = fraction is not None
        self.start.setText("Cancel" if self.running else self.spec.run_title)
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * (fraction or 0.0)))

    def set_status(self, words: str) -> None:
        """How far it is, what went wrong, what to do next."""
        self.status.setText(words)
        self.status.setVisible(bool(words))

    def set_result(self, result: Any) -> None:
        """A result, also a partial one; None: nothing was computed of what is selected."""
        self.results.setVisible(result is not None)
        if result is not None:
            self.result.show_result(result)

    def set_selection(self, selection: Selection) -> None:
        """What is selected now."""
        self.result.show_selection(selection)
