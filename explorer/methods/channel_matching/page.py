"""The channel of the other column that answers most like the selected one, and the maps of both in the same order."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QWidget

from explorer.core.channel_matching import Partner, assigned_to, best_of, turned
from explorer.core.pairs import ShownPair
from explorer.core.representations import Matches
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.page_frame import column_of

_BEST = tr("The channel with the highest correlation over all locations of all inputs that both layers see")
_ASSIGNED = tr("One-to-one match: every channel gets its own, with the largest sum of correlations (Hungarian method)")


class _Line(QWidget):
    """A channel that was found, and a button that leads to it."""

    gone = Signal()

    def __init__(self, what: str, tip: str) -> None:
        super().__init__()
        self.what, self.found, self.go = QLabel(what), Elided(), QPushButton(tr("Select"))
        self.what.setObjectName("dim")
        self.setToolTip(tip)
        self.go.setToolTip(tr("Selects this channel in its column"))
        self.go.setAccessibleName(tr("Select the {what} match", what=what))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().tight)
        line.addWidget(self.what)
        line.addWidget(self.found, 1)
        line.addWidget(self.go)
        self.go.clicked.connect(self.gone)
        self.show_partner(None, "")

    def show_partner(self, partner: Partner | None, none: str) -> None:
        """What was found; `none` says why nothing was ("": nobody has looked yet)."""
        said = none if partner is None else f"{partner.channel}   r {text.number(partner.correlation, 2)}"
        self.found.set_text(said)
        self.setVisible(bool(said))
        self.go.setVisible(partner is not None)


class ResultPage(PairPage[Matches]):
    """About the selected channel of the column that was chosen in last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Matches | None = None
        self._seen: Matches | None = None  # from the side in which a channel was chosen last
        self._pair: ShownPair | None = None
        self.of, self.among = Elided(), Elided()
        for label in (self.of, self.among):
            label.setObjectName("dim")
        self.best, self.assigned = _Line("best", _BEST), _Line("one-to-one", _ASSIGNED)
        self.order = QCheckBox(tr("Align matched channels"))
        self.order.setToolTip(tr("Orders the maps of both columns so that one-to-one matches have the same position"))
        column = column_of(self, self.of, self.among, self.best, self.assigned, self.order)
        column.setSpacing(theme.current().tight)
        self.best.gone.connect(partial(self._go, False))
        self.assigned.gone.connect(partial(self._go, True))
        self.order.clicked.connect(self.ordered)
        self._show()

    def show_pair(self, pair: ShownPair, result: Matches | None) -> None:
        if result is not self._result or self._pair is None or pair.focus != self._pair.focus:
            self._seen = turned(result) if pair.focus and result is not None else result
        self._pair, self._result = pair, result
        self._show()

    def set_ordered(self, on: bool) -> None:
        self.order.setChecked(on)

    def _partners(self) -> tuple[Partner | None, Partner | None]:
        """(the best one, that of the one-to-one match) of the selected channel."""
        if self._seen is None or self._pair is None:
            return None, None
        channel = self._pair.sides[self._pair.focus].channel
        return best_of(self._seen, channel), assigned_to(self._seen, channel)

    def _show(self) -> None:
        known = self._result is not None
        pair, (best, assigned) = self._pair, self._partners()
        self.best.show_partner(best, tr("constant") if known else "")
        none = tr("no match left") if best is not None else tr("constant")
        self.assigned.show_partner(assigned, none if known else "")
        self.order.setVisible(known)
        if pair is None or not all(side.tap for side in pair.sides):
            self.of.set_text("")
            self.among.set_text("")
            return
        source, target = pair.sides[pair.focus], pair.sides[1 - pair.focus]
        self.of.set_text(tr("to channel {channel} of {letter}", channel=source.channel, letter=source.letter))
        self.among.set_text(tr("in {letter}  {tap}", letter=target.letter, tap=target.tap))

    def _go(self, one_to_one: bool) -> None:
        partner = self._partners()[one_to_one]
        if partner is not None and self._pair is not None:
            self.channel_chosen.emit(1 - self._pair.focus, partner.channel)
