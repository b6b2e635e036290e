"""How many of the selected channel's nine best pictures are others in the second column, and which."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.core.changed_examples import ChangedChannel, ChangedExamples
from explorer.core.pairs import ShownPair
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.page_frame import column_of


class ResultPage(PairPage[ChangedExamples]):
    """About the selected channel of the column that was chosen in last; a button leads to the channel with the most changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ChangedExamples | None = None
        self._pair: ShownPair | None = None
        self.changed, self.gone, self.new = Elided(), Elided(), Elided()
        for label in (self.gone, self.new):
            label.setObjectName("dim")
        self.most = QPushButton(tr("Most"))
        self.most.setAccessibleName(tr("Select the channel with the most changes"))
        self.most.setToolTip(tr("Selects the channel of which most of the nine best pictures are others"))
        row = QHBoxLayout()
        row.addWidget(self.changed, 1)
        row.addWidget(self.most)
        column_of(self, row, self.gone, self.new).setSpacing(theme.current().tight)
        self.most.clicked.connect(self._go)
        self._show()

    def show_pair(self, pair: ShownPair, result: ChangedExamples | None) -> None:
        self._pair, self._result = pair, result
        self._show()

    def _show(self) -> None:
        found, pair = self._result, self._pair
        channel = pair.sides[pair.focus].channel if pair is not None else 0
        known = found is not None and channel < len(found.channels)
        for part in (self.changed, self.gone, self.new, self.most):
            part.setVisible(known)
        if found is None or pair is None or not known:
            return
        one, other = pair.sides
        self._say(found.channels[channel], channel, one.letter, other.letter)

    def _say(self, found: ChangedChannel, channel: int, one: str, other: str) -> None:
        self.changed.set_text(
            tr(
                "{changed} of {count} changed, channel {channel}",
                changed=found.changed,
                count=len(found.first),
                channel=channel,
            ),
            at_end=True,
        )
        self.changed.setToolTip(_tip(found, one, other))
        for label, letter, names in ((self.gone, one, found.gone), (self.new, other, found.new)):
            label.set_text(
                tr("only {letter}: {list}", letter=letter, list=", ".join(names))
                if names
                else tr("only {letter}: none", letter=letter)
            )
            label.setToolTip(_tip(found, one, other))

    def _go(self) -> None:
        if self._result is not None and self._pair is not None:
            self.channel_chosen.emit(self._pair.focus, self._result.most)


def _tip(found: ChangedChannel, one: str, other: str) -> str:
    """Both lists with their values."""
    lines = []
    for letter, entries in ((one, found.first), (other, found.second)):
        lines.append(tr("{letter}, best first:", letter=letter))
        lines += [f"  {text.number(value)}   {name}{'' if name in found.kept else '   *'}" for name, value in entries]
    return text.tip("\n".join((*lines, tr("* in this model alone"))))
