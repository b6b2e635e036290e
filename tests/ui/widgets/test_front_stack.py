"""A stack asks for the room of the page in front."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.transfer.accuracy_panel import LayerAccuracyPanel
from explorer.ui.widgets.front_stack import FrontStack
from explorer.ui.widgets.page_frame import column_of, paragraph


def _page(side: int) -> QWidget:
    page, inside = QWidget(), QWidget()
    inside.setMinimumSize(side, side)
    column_of(page, inside)
    return page


def test_only_the_page_in_front_needs_room(qtbot: QtBot) -> None:
    stack = FrontStack()
    qtbot.addWidget(stack)
    for side in (100, 300):
        stack.addWidget(_page(side))
    for at, side in ((0, 100), (1, 300), (0, 100)):
        stack.setCurrentIndex(at)
        assert (stack.minimumSizeHint().width(), stack.minimumSizeHint().height()) == (side, side)


def test_long_words_beneath_a_plot_do_not_ask_for_more_than_their_lines(qtbot: QtBot) -> None:
    panel = LayerAccuracyPanel([])
    qtbot.addWidget(panel)
    panel.say("")
    before = panel.minimumSizeHint().height()
    panel.set_status("several words of a result " * 12)
    panel.set_reading("several words of a result " * 12)
    line = paragraph().fontMetrics().height()
    assert panel.minimumSizeHint().height() - before < 5 * line
