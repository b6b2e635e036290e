from __future__ import annotations

import gc

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QSplitter, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.enlarged import Enlarged, whole_of


class Page(QWidget):
    """A column, a splitter and a part that is placed by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third, self.last = (QLabel(name) for name in "abcd")
        self.splitter = QSplitter()
        self.splitter.addWidget(self.third)
        self.splitter.addWidget(QLabel("e"))
        self.free = QWidget()
        self.last.setParent(self.free)
        self.last.setGeometry(3, 4, 20, 10)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        for part in (self.first, self.second, self.splitter, self.free):
            column.addWidget(part)
        self.first.setFixedSize(60, 20)
        self.large = Enlarged(self)


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    out = Page()
    qtbot.addWidget(out)
    out.resize(400, 300)
    out.show()
    qtbot.waitExposed(out)
    return out


@pytest.mark.parametrize("name", ["first", "second", "third", "last"])
def test_a_part_is_large_and_goes_back_to_its_place(page: Page, qtbot: QtBot, name: str) -> None:
    part: QWidget = getattr(page, name)
    before = part.geometry(), part.parentWidget(), part.minimumSize(), part.maximumSize()
    page.large.show_parts([part])
    assert page.large.parts == (part,)
    assert part.isVisible()
    assert part.width() > 300
    assert part.height() > 200
    qtbot.keyClick(page.large, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: part.geometry() == before[0])
    assert (part.geometry(), part.parentWidget(), part.minimumSize(), part.maximumSize()) == before
    assert part.isVisible()
    assert page.splitter.count() == 2


def test_no_item_of_a_layout_is_left_over(page: Page) -> None:
    def items() -> set[int]:
        gc.collect()
        every = [each for each in shiboken6.getAllValidWrappers() if isinstance(each, QLayoutItem)]
        return {id(each) for each in every if not isinstance(each, QLayout)}

    before = items()
    for part in (page.first, page.third, page.last):
        page.large.show_parts([part])
        page.large.dismiss()
    assert items() <= before


def test_two_stand_side_by_side(page: Page) -> None:
    page.large.show_parts([page.first, page.second])
    assert page.first.width() == page.second.width()
    assert page.first.geometry().right() < page.second.geometry().left()
    page.large.show_parts([page.third])
    assert page.large.parts == (page.third,)
    assert page.first.parentWidget() is page


def test_what_its_owner_hides_goes_back_hidden(page: Page, qtbot: QtBot) -> None:
    page.large.show_parts([page.second])
    page.second.hide()
    qtbot.waitUntil(page.large.isHidden)
    assert page.second.parentWidget() is page
    assert page.second.isHidden()


def test_escape_is_its_own_before_that_of_the_window(page: Page, qtbot: QtBot) -> None:
    """As while presenting, which ends with the same key."""
    told: list[int] = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
    shortcut.activated.connect(lambda: told.append(1))
    page.large.show_parts([page.second])
    qtbot.keyClick(page.second, Qt.Key.Key_Escape)
    assert page.large.isHidden()
    assert told == []
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert told == [1]


def test_a_stack_is_enlarged_as_a_whole(qtbot: QtBot) -> None:
    stack, front = QStackedWidget(), QLabel("front")
    qtbot.addWidget(stack)
    stack.addWidget(front)
    assert whole_of(front) is stack


class Square(QLabel):
    """As high as wide, wherever its picture is put in what is left."""

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width


def test_a_pair_is_no_higher_than_its_pictures_so_that_both_are_level(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    one, other = Square("a", page), Square("b", page)
    page.resize(400, 500)
    page.show()
    large = Enlarged(page)
    large.show_parts([one, other])
    assert one.height() == other.height() == one.width() < 200
    large.show_parts([one])
    assert one.height() > 300
