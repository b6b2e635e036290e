"""The panel of the classes: what it shows, what it says, with the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from data_host import data_set
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.data_sets import GROUPS, DataClass
from explorer.core.ready_sets import READY
from explorer.ui import theme
from explorer.ui.transfer.class_list import MOST_BLOCKS
from explorer.ui.transfer.class_words import counts_of
from explorer.ui.transfer.classes_panel import ClassesPanel
from explorer.ui.transfer.classes_view import ClassesView


@pytest.fixture
def panel(show: Callable[..., ClassesPanel]) -> ClassesPanel:
    return show(ClassesPanel(), 262, 600)


def heard(signal: Any) -> list[Any]:
    found: list[Any] = []
    signal.connect(lambda *args: found.append(args[0] if len(args) == 1 else args))
    return found


def test_it_is_what_the_presenter_knows(panel: ClassesPanel) -> None:
    view: ClassesView = panel  # type: ignore[assignment] # a Signal is a SignalInstance at run time
    wanted = {*ClassesView.__annotations__, *(name for name in vars(ClassesView) if not name.startswith("_"))}
    assert [name for name in wanted if not hasattr(view, name)] == []


def test_an_empty_panel_says_what_to_do(panel: ClassesPanel) -> None:
    assert panel.empty.isVisible()
    assert not panel.whole.isVisible()
    chosen, opened, new = heard(panel.ready_chosen), heard(panel.open_asked), heard(panel.new_set_asked)
    for button in panel.empty.ready.values():
        button.click()
    panel.empty.open.click()
    panel.empty.new.click()
    assert chosen == [each.data for each in READY]
    assert (len(opened), len(new)) == (1, 1)
    assert "nothing is sent" in panel.private.text()


def test_the_menu_offers_the_same(panel: ClassesPanel) -> None:
    chosen, opened = heard(panel.ready_chosen), heard(panel.open_asked)
    entries = {entry.text(): entry for entry in panel.head.menu.actions()}
    assert not entries["Close the data set"].isEnabled()
    for each in READY:
        assert entries[each.title].toolTip() == each.about
        entries[each.title].trigger()
    entries["Open a folder …"].trigger()
    assert chosen == [each.data for each in READY]
    assert len(opened) == 1


def test_classes_have_counts_pictures_and_reasons(panel: ClassesPanel) -> None:
    data = data_set(counts=(20, 4))
    odd = DataClass("odd", (), "There is no picture in it that can be read.")
    panel.show_data(replace(data, classes=(*data.classes, odd)), True)
    QApplication.processEvents()
    blocks = panel.list.blocks
    assert list(blocks) == ["class 0", "class 1", "odd"]
    assert len(blocks["class 0"].grid.items) == 12
    assert blocks["class 0"].count.text() == "20"
    assert blocks["odd"].reason.isVisible()
    assert "no picture" in blocks["odd"].reason.text()
    assert not blocks["odd"].grid.isVisible()
    assert not blocks["class 0"].reason.isVisible()
    assert panel.head.counts.text() == "2 classes, 24 pictures, 1 class is not used"


def test_counts_in_words() -> None:
    assert counts_of(data_set(counts=(1500, 1))) == "2 classes, 1,501 pictures"
    tested = replace(data_set(counts=(1,)), test=(data_set(counts=(3,)).classes[0],))
    assert counts_of(tested) == "1 class, 1 picture, 3 for the test"
    assert counts_of(data_set(counts=())) == "No class yet."


def test_a_ready_data_set_cannot_be_added_to(panel: ClassesPanel) -> None:
    panel.show_data(data_set("demo:shapes"), False)
    assert panel.head.name.text() == "Shapes, five of each"
    assert not panel.camera.isVisible()
    assert not panel.name_line.isVisible()
    assert not panel.list.blocks["class 0"].hold.isVisible()


def test_what_comes_into_sight_when_blocks_become_lower_is_asked_for(panel: ClassesPanel, qtbot: QtBot) -> None:
    asked = heard(panel.thumbnails_wanted)
    panel.show_data(data_set(counts=(12,) * 12), False)
    qtbot.waitUntil(lambda: bool(asked))
    qtbot.wait(120)
    before, bar = len(asked), panel.area.verticalScrollBar()
    bar.setRange(0, bar.maximum() - 60)  # as after a wider window, when every block has found its height
    qtbot.waitUntil(lambda: len(asked) > before)


def test_only_pictures_in_sight_are_asked_for(panel: ClassesPanel, qtbot: QtBot) -> None:
    asked = heard(panel.thumbnails_wanted)
    panel.show_data(data_set(counts=(2,) * 30), False)
    qtbot.waitUntil(lambda: bool(asked))
    assert "class 0/0.png" in asked[-1]
    assert "class 29/0.png" not in asked[-1]
    panel.set_thumbnails({"class 0/0.png": np.zeros((20, 30, 3), np.uint8)})
    bar = panel.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: "class 29/0.png" in asked[-1])
    bar.setValue(0)
    qtbot.waitUntil(lambda: "class 0/1.png" in asked[-1])
    assert "class 0/0.png" not in asked[-1]


def test_very_many_classes_are_quick(panel: ClassesPanel) -> None:
    data = data_set(counts=(30,) * 1000)
    begun = perf_counter()
    panel.show_data(data, True)
    QApplication.processEvents()
    assert perf_counter() - begun < 3
    assert len(panel.list.blocks) == MOST_BLOCKS
    assert panel.list.more.text() == "950 more classes are not shown."


def test_a_picture_is_opened(panel: ClassesPanel) -> None:
    opened = heard(panel.picture_opened)
    panel.show_data(data_set(), False)
    QApplication.processEvents()
    grid = panel.list.blocks["class 0"].grid
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(15, 15))
    assert opened == ["class 0/0.png"]
    assert "class 0, 0.png" in grid.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_pictures_that_cannot_be_read_unfold(panel: ClassesPanel) -> None:
    bad = tuple((f"a/{i}.png", "It is damaged.") for i in range(150))
    panel.show_data(replace(data_set(), unreadable=bad, notes=("2 pictures lie beside.",)), False)
    assert panel.bad.head.text() == "150 pictures cannot be read"
    assert not panel.bad_list.isVisible()
    panel.bad.head.click()
    assert panel.bad_list.isVisible()
    lines = panel.bad_list.toPlainText().splitlines()
    assert (lines[0], lines[-1]) == ("a/0.png: It is damaged.", "and 50 more")
    assert panel.notes.text() == "2 pictures lie beside."
    panel.show_data(data_set(), False)
    assert not panel.bad.isVisible()
    assert not panel.notes.isVisible()


def test_groups_and_the_test_folder(panel: ClassesPanel) -> None:
    groups, asked, cleared = heard(panel.groups_chosen), heard(panel.test_asked), heard(panel.test_cleared)
    panel.show_data(data_set(), True)
    box = panel.choices.groups
    assert [box.itemData(at) for at in range(box.count())] == list(GROUPS)
    assert "never divided" in box.toolTip()
    panel.set_place("burst", "")
    assert groups == []
    assert box.currentData() == "burst"
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert groups == ["folder"]
    assert not panel.choices.clear.isVisible()
    panel.choices.test.click()
    panel.set_place("none", "other/tests")
    assert panel.choices.test.text() == "tests"
    panel.choices.clear.click()
    assert (len(asked), len(cleared)) == (1, 1)


def test_which_camera(panel: ClassesPanel) -> None:
    asked, chosen = heard(panel.cameras_asked), heard(panel.camera_chosen)
    panel.camera.menu.aboutToShow.emit()
    assert len(asked) == 1
    panel.camera.set_cameras([("one", "First"), ("two", "Second")], "two")
    entries = panel.camera.menu.actions()
    assert [(entry.text(), entry.isChecked()) for entry in entries] == [("First", False), ("Second", True)]
    entries[0].trigger()
    assert chosen == ["one"]
    panel.camera.set_cameras([], "two")
    assert not panel.camera.menu.actions()[0].isEnabled()


def test_what_is_read_at_once_moves_nothing(panel: ClassesPanel, qtbot: QtBot) -> None:
    panel.set_progress("Looking at the folder …", None)
    assert not panel.head.cancel.isVisible()
    panel.set_progress("", None)
    qtbot.wait(400)
    assert not panel.head.cancel.isVisible()


def test_reading_and_failing_are_said_in_place(panel: ClassesPanel, qtbot: QtBot) -> None:
    cancelled, again, reread = heard(panel.cancelled), heard(panel.again_asked), heard(panel.reread_asked)
    assert not panel.head.cancel.isVisible()
    panel.set_progress("Looking at the folder …", None)
    assert panel.head.bar.maximum() == 0
    qtbot.waitUntil(panel.head.cancel.isVisible)
    panel.set_progress("Drawing", 0.4)
    assert panel.head.bar.value() == 40
    panel.head.cancel.click()
    panel.set_progress("", None)
    assert not panel.head.bar.isVisible()
    panel.set_message("It is gone.", again=True)
    assert panel.head.message.isVisible()
    panel.head.again.click()
    panel.set_message("")
    assert not panel.head.again.isVisible()
    panel.show_data(data_set(), True)
    panel.head.reread.click()
    assert (len(cancelled), len(again), len(reread)) == (1, 1, 1)


# --- capturing


def held_and_let_go(panel: ClassesPanel) -> tuple[QPushButton, list[Any]]:
    said: list[Any] = []
    panel.held.connect(said.append)
    panel.let_go.connect(lambda: said.append("let go"))
    panel.show_data(data_set(), True)
    QApplication.processEvents()
    return panel.list.blocks["class 1"].hold, said


def test_a_burst_is_as_long_as_the_mouse_is_held_wherever_it_slips(panel: ClassesPanel) -> None:
    button, said = held_and_let_go(panel)
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert said == ["class 1"]
    QTest.mouseMove(button, QPoint(300, 300))
    QTest.mouseMove(button, QPoint(5, 5))
    assert said == ["class 1"]
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    assert said == ["class 1", "let go"]


def test_space_holds_it_and_a_key_that_repeats_is_one_burst(panel: ClassesPanel, qtbot: QtBot) -> None:
    button, said = held_and_let_go(panel)
    played: list[int] = []
    shortcut = QShortcut(Qt.Key.Key_Space, panel.window())
    shortcut.activated.connect(lambda: played.append(1))
    panel.window().activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    QTest.keyPress(button, Qt.Key.Key_Space)
    for _ in range(5):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            key = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)
            QApplication.sendEvent(button, key)
    assert said == ["class 1"]
    QTest.keyRelease(button, Qt.Key.Key_Space)
    assert said == ["class 1", "let go"]
    assert played == []


def test_what_is_held_goes_on_while_the_folder_is_read_again(panel: ClassesPanel) -> None:
    button, said = held_and_let_go(panel)
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    panel.show_data(data_set(counts=(3, 9)), True)
    assert panel.list.blocks["class 1"].hold is button
    assert said == ["class 1"]
    panel.show_data(data_set("other"), True)  # that class is not there any more
    assert said == ["class 1", "let go"]


def test_leaving_the_workspace_lets_go_and_closes_the_camera(panel: ClassesPanel) -> None:
    button, said = held_and_let_go(panel)
    turned = heard(panel.preview_turned)
    panel.camera.preview.click()
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    panel.hide()
    assert said == ["class 1", "let go"]
    assert turned == [True, False]


def test_the_count_grows_beside_the_camera(panel: ClassesPanel) -> None:
    panel.show_data(data_set(), True)
    assert not panel.camera.sight.isVisible()
    panel.set_capturing("class 1", 1)
    assert panel.camera.sight.isVisible()
    assert panel.camera.words.text() == "class 1: 1 picture"
    panel.set_preview(np.full((48, 64, 3), 200, np.uint8))
    panel.set_capturing("class 1", 2)
    assert panel.camera.words.text() == "class 1: 2 pictures"
    colour = panel.camera.sight.grab().toImage().pixelColor(panel.camera.sight.rect().center())
    assert colour.red() == 200
    panel.set_capturing("", 0)
    panel.set_preview(None)
    assert not panel.camera.sight.isVisible()


def test_the_last_burst_can_be_deleted(panel: ClassesPanel) -> None:
    removed = heard(panel.burst_removed)
    panel.show_data(data_set(), True)
    assert not panel.camera.remove.isVisible()
    panel.set_last_burst("12 pictures of “mug”")
    assert "12 pictures" in panel.camera.remove.toolTip()
    panel.camera.remove.click()
    assert len(removed) == 1


def test_a_new_class_is_named_in_a_line(panel: ClassesPanel) -> None:
    named = heard(panel.class_named)
    panel.show_data(data_set(), True)
    panel.name_line.button.click()
    line = panel.name_line.line
    assert line.isVisible()
    QTest.keyClicks(line, "mug")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert named == ["mug"]
    panel.end_class_name()
    assert panel.name_line.button.isVisible()
    panel.ask_class_name()
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible()
    panel.reveal("class 1")
    panel.reveal("nobody")


def test_pictures_are_dropped_on_a_class_and_folders_are_not(panel: ClassesPanel, tmp_path: Path) -> None:
    dropped = heard(panel.pictures_dropped)
    panel.show_data(data_set(), True)
    block = panel.list.blocks["class 1"]
    assert block.acceptDrops()

    def carried(path: Path) -> tuple[QMimeData, QDragEnterEvent]:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(2, 2), Qt.DropAction.CopyAction, data, buttons, keys)
        enter.ignore()
        QApplication.sendEvent(block, enter)
        return data, enter

    assert not carried(tmp_path)[1].isAccepted()
    data, enter = carried(tmp_path / "a.png")
    assert enter.isAccepted()
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    drop = QDropEvent(QPointF(2, 2), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(block, drop)
    assert drop.dropAction() == Qt.DropAction.CopyAction
    assert dropped == [("class 1", [str(tmp_path / "a.png")])]
    panel.show_data(data_set("demo:shapes"), False)
    assert not panel.list.blocks["class 0"].acceptDrops()


def test_it_is_painted_in_both_themes(looks: theme.Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(262, 600)
    panel = ClassesPanel(window)
    panel.resize(262, 600)
    panel.show_data(data_set(), True)
    panel.set_last_burst("12 pictures of “mug”")
    window.show()
    assert panel.minimumSizeHint().width() <= 262
    assert panel.grab().toImage().pixelColor(131, 595).name() == looks.panel
