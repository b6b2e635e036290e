"""The page of a method: parameters, run and cancel, progress, what is to be known, and the result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.method import Export, Further, MethodSpec, Offered
from explorer.core.params import Choice
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.ui.method_page.result_page import ResultPage
from explorer.ui.widgets.forms import ParamsForm
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import Page, column_of, paragraph

log = logging.getLogger("explorer")


class MethodPageView(Page):
    """Setters in, signals out. `started` starts or cancels, `exported` and `further_asked` carry the number of an export and of
    what else can be computed."""

    started = Signal()
    params_changed = Signal()
    folder_asked = Signal(str)
    exported = Signal(int)
    further_asked = Signal(int)
    changed = Signal(object)
    redrawn = Signal()

    def __init__(self, spec: MethodSpec[Any, Any], result: ResultPage[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self.result = spec, result
        self.form = ParamsForm(spec.params, parent=self)
        self.start = QPushButton(spec.run_title)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("{spec_title}: progress", spec_title=spec.title))
        self.step = Elided()  # of what runs; its place is kept, so that nothing moves while a method runs
        self.step.setObjectName("dim")
        kept = self.progress.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(kept)
        self.status, self.about = paragraph(True), paragraph(True)
        self.offers: Offered | None = None
        self.exports = [_button(part, number, self._exported) for number, part in enumerate(spec.exports)]
        self.further = [_button(part, number, self._ask_further) for number, part in enumerate(spec.further)]
        self._lay_out()
        self.start.clicked.connect(self.started)
        self.form.changed.connect(self._edited)
        self.form.folder_asked.connect(self.folder_asked)
        result.changed.connect(self.changed)
        result.redrawn.connect(self.redrawn)
        self._describe()
        self.set_running(None)
        self.set_result(None)
        self.say(tr("Nothing is shown yet."))

    def _exported(self) -> None:
        self.exported.emit(self.sender().property("number"))

    def _ask_further(self) -> None:
        self.further_asked.emit(self.sender().property("number"))

    def _lay_out(self) -> None:
        """A small form beside its button; over a larger one stand the buttons in a row with the progress. What is hidden keeps its
        place."""
        first, last, running = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        single = len(self.form.editors) == 1
        if single:
            running.addWidget(self.progress, 1)
            running.addWidget(self.step, 1)
        if not self.form.editors:
            self.form.hide()
        if single:
            first.addWidget(self.form, 1)
        for button in (self.start, *self.further):
            first.addWidget(button)
        if not single:
            self.progress.setMinimumWidth(1)  # it takes what the buttons leave
            beside = QVBoxLayout()
            beside.setSpacing(2)
            beside.addWidget(self.step)
            beside.addWidget(self.progress)
            nest(first, beside, 1)
        for button in self.exports:
            last.addWidget(button)
        self.results = QWidget()
        column_of(self.results, self.result, last)
        self.add(first)  # on top: parameters that come and go move no button
        if len(self.form.editors) > 1:
            self.add(self.form)
        if single:
            self.add(running)
        self.add(self.status, self.results, self.about)

    def _edited(self) -> None:
        self._describe()
        self.params_changed.emit()

    def _describe(self) -> None:
        """What the parameters mean; a text that is not what its parameter takes leaves it as it was."""
        try:
            words = self.spec.describe(self.params)
        except ExplorerError:
            return
        self.about.setText(words)
        self.about.setVisible(bool(words))

    # --- setters ---

    @property
    def params(self) -> Any:
        """Raises ExplorerError where a text is not what its parameter takes."""
        return self.form.values

    def set_params(self, params: Any) -> None:
        """Shows parameters; emits nothing."""
        self.form.set_values(params)
        self._describe()

    def set_choices(self, choices: Mapping[str, Sequence[Choice]]) -> None:
        """What some parameters offer for what is selected."""
        self.form.set_choices(choices)
        self._describe()

    def set_offers(self, offers: Offered) -> None:
        """What the engine can do for what is selected."""
        self.offers = offers
        self.set_choices(offers.choices)

    def set_running(self, fraction: float | None) -> None:
        """How much of the computation is done, 0 to 1; None: nothing runs."""
        self.running = fraction is not None
        self.start.setText(tr("Cancel") if self.running else self.spec.run_title)
        self.progress.setVisible(self.running)
        self.progress.setRange(0, 100 if fraction else 0)
        self.progress.setValue(round(100 * (fraction or 0.0)))
        if not self.running:
            self.step.set_text("")

    def set_status(self, words: str) -> None:
        """How far it is, beside the bar of progress; what went wrong, what to do next."""
        self.step.set_text(words if self.running else "", at_end=True)
        if self.running:
            self.status.setText(" ")  # its line stays, if it is there
            return
        self.status.setText(words)
        self.status.setVisible(bool(words))

    def set_result(self, result: Any) -> None:
        """A result, also a partial one; None: nothing was computed of what is selected."""
        self.results.setVisible(result is not None)
        for button, further in zip(self.further, self.spec.further, strict=True):
            button.setEnabled(result is not None and further.ready(result))
        if result is not None:
            self._draw(partial(self.result.show_result, result))

    def set_further(self, value: Any) -> None:
        """What else was computed about the result; None: nothing."""
        self.result.show_further(value)

    def heat(self, selection: Selection) -> Array | None:
        """What is drawn over the input."""
        return self.result.heat(selection)

    def set_selection(self, selection: Selection) -> None:
        """What is selected now."""
        self._draw(partial(self.result.show_selection, selection))

    def _draw(self, draw: Callable[[], None]) -> None:
        """The page of somebody's package may fail; that is said in place, and everything else goes on."""
        try:
            draw()
        except Exception as error:
            if self.spec.package.startswith("explorer."):
                raise
            log.warning("the page of %s", self.spec.id, exc_info=error)
            self.results.hide()
            self.say(tr("This page could not draw its result: {name}: {error}", name=type(error).__name__, error=error))


def _button(part: Export[Any] | Further[Any], number: int, clicked: Callable[[], None]) -> QPushButton:
    button = QPushButton(part.title)
    button.setToolTip(part.about)
    button.setProperty("number", number)
    button.clicked.connect(clicked)
    return button
