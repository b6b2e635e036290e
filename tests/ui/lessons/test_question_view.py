"""A question in the panel: no word of another language makes it wider than the panel."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.core.lessons.questions import Question, QuestionKind
from explorer.ui.lessons.question_view import QuestionView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_a_long_word_on_the_button_goes_beneath_the_marks(qtbot: QtBot, tmp_path: Path) -> None:
    question = Question("q", "Where?", QuestionKind.POINT, of="map.max")
    view = QuestionView(question, tmp_path)
    qtbot.addWidget(view)
    view.button.setText("Mit der ausgewählten Zelle antworten")
    view.set_state("", False, "0.5 von 1 Punkten")
    view.show()
    view.resize(view.button.sizeHint().width() + view.marks.sizeHint().width() // 2, 200)
    room = view.contentsRect()
    assert view.minimumSizeHint().width() <= view.width()
    assert view.button.y() >= view.marks.geometry().bottom()
    assert room.contains(view.button.geometry())
