"""Texts of a lesson: their height, their links, and on paper."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextListFormat
from PySide6.QtWidgets import QApplication

from explorer.ui import theme
from explorer.ui.lessons.lesson_text import LessonText
from explorer.ui.lessons.result_view import pdf_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize("name", ["", "done"])
def test_a_text_is_as_high_as_its_lines(qtbot: object, name: str) -> None:
    text = LessonText(name)
    text.setStyleSheet(theme._sheet(theme.DARK))
    text.show_markdown("One line")
    text.resize(300, 10)
    text.show()
    assert text.height() == text.document().size().height()


def test_links_follow_the_theme(qapp: QApplication) -> None:
    text = LessonText()
    text.show_markdown("A [map](term:map)")
    before = theme.current()
    try:
        for look in (theme.LIGHT, theme.DARK):
            theme.apply(qapp, look)
            qapp.processEvents()
            assert look.accent in text.toHtml()
    finally:
        theme.apply(qapp, before)
    assert text.words == "A map"


def test_a_page_is_in_letters_that_can_be_read(qapp: QApplication) -> None:
    def pages(lines: int) -> int:
        return pdf_of("<br>".join(["A line"] * lines)).count(b"/Type /Page\n")

    assert (pages(40), pages(100)) == (1, 2)  # of 10 points some 60 lines have room


@pytest.mark.parametrize("sign", ["-", "*", "+"])
def test_lists_have_one_mark(qapp: QApplication, sign: str) -> None:
    text = LessonText()
    text.show_markdown(f"{sign} one\n{sign} two")
    listed = text.document().firstBlock().textList()
    assert listed.format().style() == QTextListFormat.Style.ListDisc
