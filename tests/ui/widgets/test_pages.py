"""The row of pages: several rows, or one with a menu of the others."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.pages import Pages

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

TITLES = ("Values", "Arithmetic", "Attribution", "Ablation", "Health", "Statistics")


def made(qtbot: QtBot, width: int = 220) -> Pages:
    pages = Pages()
    qtbot.addWidget(pages)
    for title in TITLES:
        pages.addTab(title)
    pages.resize(width, 40)
    pages.show()
    return pages


def in_row(pages: Pages) -> list[str]:
    return [pages.button(at).text() for at in range(pages.count()) if pages.button(at) is not pages.more]


def test_folded_there_is_one_row_and_what_has_no_room_is_in_a_menu(qtbot: QtBot) -> None:
    pages = made(qtbot)
    rows = pages.height()
    assert in_row(pages) == list(TITLES)
    pages.fold(True)
    assert pages.height() < rows
    assert "Values" in in_row(pages)
    assert "Statistics" not in in_row(pages)
    pages.menu.aboutToShow.emit()
    assert [*in_row(pages), *(action.text() for action in pages.menu.actions())] == list(TITLES)
    inside = [pages.button(at).geometry() for at in range(pages.count())]
    assert all(pages.rect().contains(place) for place in inside)
    pages.fold(False)
    assert in_row(pages) == list(TITLES)
    assert pages.height() == rows


def test_the_menu_turns_to_a_page_and_says_which_no_name_moves(qtbot: QtBot) -> None:
    pages = made(qtbot)
    pages.fold(True)
    before, turned = [button.geometry() for button in pages._buttons if not button.isHidden()], []
    pages.currentChanged.connect(turned.append)
    pages.menu.aboutToShow.emit()
    pages.menu.actions()[-1].trigger()
    assert (turned, pages.currentIndex()) == ([5], 5)
    assert pages.more.text().startswith("Statistics")
    assert pages.more.isChecked()
    assert pages.button(5) is pages.more
    assert before == [button.geometry() for button in pages._buttons if not button.isHidden()]
    qtbot.keyClick(pages, Qt.Key.Key_Left)
    assert pages.currentIndex() == 4
    pages.setCurrentIndex(0)
    assert pages.more.text().startswith("More")
    assert not pages.more.isChecked()


def test_folded_with_room_for_all_there_is_no_menu_and_absent_pages_are_in_none(qtbot: QtBot) -> None:
    pages = made(qtbot, 900)
    pages.fold(True)
    assert in_row(pages) == list(TITLES)
    assert pages.more.isHidden()
    pages.resize(220, 40)
    pages.setTabVisible(5, False)
    pages.menu.aboutToShow.emit()
    assert "Statistics" not in [action.text() for action in pages.menu.actions()]
    assert not pages.offered(5)
    pages.setCurrentIndex(5)
    assert pages.currentIndex() == 0
