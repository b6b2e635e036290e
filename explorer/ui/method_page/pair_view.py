"""A method over two models between the columns: title, start and cancel, parameters, progress, the result, what is to be known."""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from explorer.core.method import MethodSpec
from explorer.core.pairs import PairParams, ShownPair
from explorer.core.params import params_of
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.forms import ParamsForm
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.help_button import HelpButton
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph

log = logging.getLogger("explorer")
_COMMON = tuple(param.name for param in params_of(PairParams))  # chosen once for all of these methods


class PairView(QWidget):
    """Setters in, signals out. `started` starts or cancels."""

    started = Signal()
    params_changed = Signal()

    def __init__(self, spec: MethodSpec[Any, Any], page: PairPage[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self.page = spec, page
        self.title = Caption(spec.title)
        self.title.setToolTip(spec.about)
        self.help = HelpButton(spec.id, spec.title)
        self.figure = FigureButton(small=True)
        self.start = QPushButton(spec.run_title)
        self.form = ParamsForm(spec.params, 1, self, _COMMON)
        self.form.setVisible(bool(self.form.editors))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("{spec_title}: progress", spec_title=spec.title))
        self.status = paragraph(True)
        self._lay_out()
        self.start.clicked.connect(self.started)
        self.form.changed.connect(self.params_changed)
        self.figure.hide()
        self.set_running(None)
        self.set_status("")

    def _lay_out(self) -> None:
        """The button stands beside the form, where there is one, else beside the title."""
        head = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        named = QHBoxLayout()
        named.setSpacing(2)
        head.setSpacing(theme.current().tight)
        named.addWidget(self.title)
        named.addWidget(self.help, 1, Qt.AlignmentFlag.AlignLeft)
        if self.form.editors:
            nest(column, named)
            head.addWidget(self.form, 1)
        else:
            nest(head, named, 1)
        head.addWidget(self.start)
        nest(column, head)
        for widget in (self.progress, self.page, self.status):
            column.addWidget(widget)
        column.addWidget(self.figure, 0, Qt.AlignmentFlag.AlignLeft)

    # --- setters ---

    @property
    def params(self) -> Any:
        """Raises ExplorerError where a text is not what its parameter takes."""
        return self.form.values

    def set_params(self, params: Any) -> None:
        """Shows parameters; emits nothing."""
        self.form.set_values(params)

    def set_running(self, fraction: float | None) -> None:
        """How many of the pictures are through, 0 to 1; None: nothing runs."""
        running = fraction is not None
        self.start.setText(tr("Cancel") if running else self.spec.run_title)
        self.progress.setVisible(running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * (fraction or 0.0)))

    def set_startable(self, why_not: str) -> None:
        """Whether there is something to compute over."""
        self.start.setEnabled(not why_not)
        self.start.setToolTip(why_not or self.spec.about)

    def set_status(self, words: str, more: str = "") -> None:
        """What the result is worth, what went wrong, what to do next; `more` when it is pointed at."""
        self.status.setText(words)
        self.status.setToolTip(more)
        self.status.setVisible(bool(words))

    def set_pair(self, pair: ShownPair, result: Any) -> None:
        """What both columns show now and the result of them, also a partial one; None: nothing was computed of them. The page of
        somebody's package may fail; that is said in place, and everything else goes on."""
        self.figure.setVisible(result is not None)
        try:
            self.page.show_pair(pair, result)
        except Exception as error:
            if self.spec.package.startswith("explorer."):
                raise
            log.warning("the page of %s", self.spec.id, exc_info=error)
            self.page.hide()
            self.set_status(
                tr("This page could not draw its result: {name}: {error}", name=type(error).__name__, error=error)
            )

    def set_ordered(self, on: bool) -> None:
        """Whether the maps of both columns stand in the order of this method."""
        self.page.set_ordered(on)

    def offer(self) -> None:
        """A key press starts it."""
        self.start.setFocus()
