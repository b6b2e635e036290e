"""The channel of one column that answers most like the selected one of another. Passive."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from explorer.ui import theme
from explorer.ui.widgets.frames import Caption, Elided
from explorer.ui.widgets.page_frame import paragraph

_BEST = "The channel with the highest correlation over all locations of all pictures that both layers see"
_ASSIGNED = "One-to-one match: every channel gets its own, with the largest sum of correlations (Hungarian method)"


class _Line(QWidget):
    """A channel that was found, and a button that leads to it."""

    gone = Signal()

    def __init__(self, what: str, tip: str) -> None:
        super().__init__()
        self.what, self.found, self.go = QLabel(what), Elided(), QPushButton("Select")
        self.what.setObjectName("dim")
        self.setToolTip(tip)
        self.go.setToolTip("Selects this channel in its column")
        self.go.setAccessibleName(f"Select the {what} match")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().tight)
        line.addWidget(self.what)
        line.addWidget(self.found, 1)
        line.addWidget(self.go)
        self.go.clicked.connect(self.gone)


class PartnerSection(QWidget):
    """`started` starts or stops the search, `gone` carries whether the one-to-one partner is meant, `ordered` whether the maps
    are to stand beside their partners."""

    started = Signal()
    gone = Signal(bool)
    ordered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.title = Caption("Matched channel")
        self.start = QPushButton("Find")
        self.of, self.among = Elided(), Elided()
        for label in (self.of, self.among):
            label.setObjectName("dim")
        self.best, self.assigned = _Line("best", _BEST), _Line("one-to-one", _ASSIGNED)
        self.order = QCheckBox("Align matched channels")
        self.order.setToolTip("Orders the maps of both columns so that one-to-one matches have the same position")
        self.status = paragraph(True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Pictures processed")
        self._lay_out()
        self.start.clicked.connect(self.started)
        self.best.gone.connect(partial(self.gone.emit, False))
        self.assigned.gone.connect(partial(self.gone.emit, True))
        self.order.clicked.connect(self.ordered)
        self.set_running(False)
        self.set_found(("", ""), "", "", "")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.current().tight, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addLayout(head)
        for widget in (self.of, self.among, self.progress, self.best, self.assigned, self.order, self.status):
            column.addWidget(widget)

    # --- setters

    def set_running(self, running: bool, fraction: float = 0.0) -> None:
        """Whether the pictures are being looked at, and how far that is."""
        self.start.setText("Cancel" if running else "Find")
        self.progress.setVisible(running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * fraction))

    def set_startable(self, why_not: str, of: str) -> None:
        """What is looked for, and why it cannot be."""
        self.start.setEnabled(not why_not)
        self.start.setToolTip(why_not or f"Correlates {of} over the pictures chosen above")

    def set_found(self, about: tuple[str, str], best: str, assigned: str, status: str) -> None:
        """Whose channel it is and where it is looked for, what was found ("": nothing yet), and what is said of that."""
        self.of.set_text(about[0])
        self.among.set_text(about[1])
        for line, words in ((self.best, best), (self.assigned, assigned)):
            line.found.set_text(words)
            line.setVisible(bool(words))
            line.go.setVisible("r " in words)  # else the words say why there is none
        self.order.setVisible(bool(best))
        self.status.setText(status)
        self.status.setVisible(bool(status))
