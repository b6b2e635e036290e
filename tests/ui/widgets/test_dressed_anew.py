"""What was built in one theme looks in another as if it had been built in that."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from explorer.core.glossary import terms
from explorer.core.interventions import Shift
from explorer.core.texts import Token
from explorer.ui import theme
from explorer.ui.dataset.scatter_panel import ScatterPanel
from explorer.ui.guide.glossary_view import GlossaryView
from explorer.ui.guide.page_help import PageHelp
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.series_names import LINE, SeriesNames
from explorer.ui.widgets.text_input import TextInput


def _words() -> QWidget:
    panel = TextInput()
    panel.set_text("not zz", (Token(1, "not", 0, 3), Token(0, "zz", 4, 6, "unknown")))
    return panel


def _edited() -> QWidget:
    bars = PredictionBars()
    bars.set_shifts([Shift(0, "star", 0.9, 0.5, 3.0, 1.0)], "1 edit")
    return bars


def _no_labels() -> QWidget:
    bars = PredictionBars()
    bars.clear("No prediction yet.")
    return bars


def _points() -> QWidget:
    panel = ScatterPanel()
    panel.show_points(np.zeros((2, 2)), (-1, 0), str, "", ("star",))
    return panel


def _help() -> QWidget:
    whole = QWidget()
    whole.resize(600, 500)
    card = PageHelp(whole)
    card.open("health", QPushButton(whole))
    return whole


def _glossary() -> QWidget:
    whole = QWidget()
    whole.resize(800, 500)
    view = GlossaryView(whole)
    view.open()
    view.set_terms(terms()[:3])
    return whole


def _names() -> QWidget:
    names = SeriesNames()
    names.set_entries([(LINE, "accent", "deletion")])
    return names


pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, theme.DARK)


@pytest.mark.parametrize("build", [_words, _edited, _no_labels, _points, _help, _glossary, _names])
def test_colours_follow_the_theme(build: Callable[[], QWidget], qapp: QApplication) -> None:
    theme.apply(qapp, theme.DARK)
    old = build()
    before = _seen(old)
    theme.apply(qapp, theme.LIGHT)
    after = _seen(old)
    old.hide()  # the focus is in one of them
    new = build()
    new.resize(old.size())
    assert after == _seen(new) != before
    old.close()
    new.close()


def _seen(widget: QWidget) -> QImage:
    widget.show()
    QApplication.processEvents()
    return widget.grab().toImage()
