"""The registry of commands, and what comes from it: shortcuts, menus, tool tips, the key sheet, the command palette."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.inputs import InputRef
from explorer.ui.actions import MENUS, Action, Actions

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier

# every key of the window before there was a registry, by the workspace that it acts in; undo and redo act in all of them since
# there is one history
KEYS = {
    "": "J K PgDown PgUp Alt+1 Alt+2 C Shift+V Ctrl+O Ctrl+V N P Space , . L Ctrl+S Ctrl+Shift+O Alt+Left Alt+Right Ctrl+Z"
    " Ctrl+Shift+Z Ctrl+Y Ctrl+T Ctrl+, F11 ? F1 F6 Ctrl+Q Ctrl+C Ctrl+Shift+E",
    "explore": "F / I S Ctrl+M Ctrl+Shift+C Ctrl+E Ctrl+1 Ctrl+2 Ctrl+3 Ctrl+4 Ctrl+5 Ctrl+6 Ctrl+7 Shift+F1",
    "compare": "M Ctrl+Left Ctrl+Right Ctrl+1 Ctrl+2 Ctrl+3 Ctrl+4",
}
# and every entry of its menus that does not depend on what there is to open
ENTRIES = {
    "model_menu": ("Another model …\tCtrl+M", "Preprocessing …", "About and folders …"),
    "input_menu": (
        "Open input …\tCtrl+O",
        "Open folder …",
        "Paste\tCtrl+V",
        "Next in folder\tN",
        "Previous in folder\tP",
        "Open session …\tCtrl+Shift+O",
        "Recent sessions",
        "Save session\tCtrl+S",
        "Save session as …\tCtrl+Shift+S",
        "Save with pictures …",
    ),
    "live_menu": ("Play\tSpace", "Animated test scene\tL", "Video file …"),
}
COPIES = (
    "Copy figure and values\tCtrl+C",
    "All maps as figure …",
    "Channel as figure …",
    "Page as figure …",
    "Copy as Python\tCtrl+Shift+C",
    "Save all maps as PNG …",
    "Save this map as PNG …",
    "Save the values of this layer (NPZ) …\tCtrl+E",
    "Save the values of all layers (NPZ) …",
)


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    """A window that shows its first picture, and remembers no command."""
    made = window()
    made.start(None, InputRef("sample", "cat"))
    made.wait_capture()
    made.rest()
    made.settings._set("recent/commands", [])
    return made


def opened(menu: QMenu) -> dict[str, Any]:
    menu.aboutToShow.emit()
    return {entry.text(): entry for entry in menu.actions() if not entry.isSeparator()}


def menu_of(app: Any, title: str) -> QMenu:
    bar = app.menu_bar
    return next(m for m in bar.findChildren(QMenu) if m.title() == f"&{title}")


# --- the registry by itself


@pytest.fixture
def actions(qtbot: QtBot) -> Actions:
    """Over a window whose workspace `here` is in front of `there`."""
    window = QWidget()
    qtbot.addWidget(window)
    here, there = QWidget(window), QWidget(window)
    there.hide()
    window.show()
    made = Actions(window, {"here": here, "there": there})
    made._kept = window  # type: ignore[attr-defined]  # qtbot keeps it only weakly
    return made


def named(name: str, key: str = "", context: str = "", **more: Any) -> Action:
    return Action(name, name.capitalize(), lambda: None, (key,) if key else (), "File/Open", context, **more)


@pytest.mark.parametrize(("one", "other"), [("", ""), ("", "here"), ("there", ""), ("here", "here")])
def test_a_key_is_given_once_where_both_could_act(actions: Actions, one: str, other: str) -> None:
    actions.add(named("first", "Ctrl+J", one))
    with pytest.raises(ValueError, match="first and of second"):
        actions.add(named("second", "CTRL+j", other))


def test_two_workspaces_may_share_a_key(actions: Actions) -> None:
    actions.add(named("first", "Ctrl+J", "here"), named("second", "Ctrl+J", "there"))
    assert [action.id for action in actions.registered] == ["first", "second"]


def test_ids_menus_and_workspaces_are_checked(actions: Actions) -> None:
    actions.add(named("first"))
    for wrong in (named("first"), named("second", context="nowhere"), replace(named("second"), place="Attic")):
        with pytest.raises(ValueError, match=r"two actions|does not exist"):
            actions.add(wrong)


def test_what_cannot_run_says_why_and_does_not_run(actions: Actions, qtbot: QtBot) -> None:
    ran: list[str] = []
    shut = Action("shut", "Shut …", lambda: ran.append("shut"), why_not=lambda: "It is closed.")
    away = Action("away", "Away", lambda: ran.append("away"), context="there")
    with qtbot.waitSignal(actions.refused) as said:
        assert not actions.run(shut)
    assert said.args == ["Shut: it is closed."]
    assert not actions.run(away)
    assert actions.why_not(away) == "Works in the workspace There."
    assert actions.run(Action("open", "Open", lambda: ran.append("open"), context="here"))
    assert ran == ["open"]


def test_a_button_runs_an_action_and_says_its_key(actions: Actions, qtbot: QtBot) -> None:
    ran: list[int] = []
    actions.add(Action("go", "Go on …", lambda: ran.append(1), ("Ctrl+J", "F2"), "Go/Layers", about="To <b>"))
    button = QPushButton()
    qtbot.addWidget(button)
    actions.bind(button, "go")
    button.click()
    assert ran == [1]
    assert button.accessibleName() == "Go on"
    assert button.toolTip() == "<qt>To &lt;b&gt;  ( Ctrl + J )</qt>"


# --- the window's


def test_every_key_of_before_is_bound_once_in_its_workspace(app: Any) -> None:
    bound = [(s.key().toString(), s.parent()) for s in app.find(QShortcut)]
    assert len(set(bound)) == len(bound)
    homes = {"": app.main_window, "explore": app.explore.widget, "compare": app.compare.bar}
    for context, keys in KEYS.items():
        for key in keys.split():
            assert (QKeySequence(key).toString(), homes[context]) in bound, key
    assert ("Ctrl+K", app.main_window) in bound


def test_no_two_commands_that_can_act_at_one_time_share_a_key(app: Any) -> None:
    for workspace in ("explore", "compare"):
        keys = [key for a in app.commands.actions.registered if a.context in ("", workspace) for key in a.keys]
        assert len(keys) == len(set(keys))


def test_every_menu_entry_of_before_is_there(app: Any) -> None:
    for name, entries in ENTRIES.items():
        assert set(entries) <= opened(getattr(app.toolbar, name)).keys()
    assert set(opened(app.explore.channel.menu)) == set(COPIES)


def test_the_menu_bar_holds_every_command(app: Any) -> None:
    bar = app.menu_bar
    assert [entry.text() for entry in bar.actions()] == [f"&{title}" for title in MENUS]
    assert len({title[0] for title in MENUS}) == len(MENUS)  # the letters that open them with Alt
    registry = app.commands.actions
    for title in MENUS:
        for _ in range(2):  # a menu is filled again whenever it opens
            entries = opened(menu_of(app, title))
        for action in registry.in_menu(title):
            entry = entries["\t".join((action.title, *action.keys[:1]))]
            assert entry.isEnabled() == (not registry.why_not(action)), action.id
    assert sum(len(registry.in_menu(title)) for title in MENUS) == len(registry.registered)


def test_a_menu_runs_a_command_and_says_why_not(app: Any) -> None:
    opened(menu_of(app, "Analyse"))["Health\tCtrl+6"].trigger()
    assert app.explore.channel.page == "health"
    away = opened(menu_of(app, "Compare"))["Add a column"]
    assert not away.isEnabled()
    assert "workspace Compare" in away.toolTip()
    app.commands.actions.run(app.commands.actions["view.compare"])
    app.rest()
    opened(menu_of(app, "Compare"))["Add a column"].trigger()
    app.rest()
    assert len(app.compare.doc.columns) == 3
    assert not any(entry.isEnabled() for entry in opened(menu_of(app, "Model")).values() if "\t" in entry.text())


def test_names_with_an_ampersand_are_shown_as_they_are(app: Any, qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    entry = app.commands._menus._add(menu, "Q&A", lambda: None)
    assert entry.text() == "Q&&A"


def test_a_key_that_can_do_nothing_says_why(app: Any) -> None:
    app.press(Key.Key_Z, CTRL)
    assert app.banner.text == "Undo: there is nothing to go back to."


def test_tool_tips_and_names_come_from_the_registry(app: Any) -> None:
    bar, explore = app.toolbar, app.explore
    assert bar.back.toolTip().endswith("( Alt + ← )")
    assert bar.keys.accessibleName() == "Keyboard shortcuts"
    assert "( Ctrl + O )" in bar.input.toolTip()
    assert explore.maps.sort.toolTip().endswith("( S )")
    assert explore.channel.tabs.button(2).toolTip().endswith("( Ctrl + 3 )")


def test_the_key_sheet_tells_every_key(app: Any) -> None:
    told = app.keys.accessibleDescription()
    for words in ("J  K: next, previous layer", "Ctrl + 1 … 9: the pages", "Ctrl + 1 … 4: to column A, B …"):
        assert words in told
    for action in app.commands.actions.registered:
        if action.keys and not action.family:
            assert f": {action.name[:1].lower()}{action.name[1:]}" in told


def test_the_key_sheet_goes_by_a_key_that_is_a_shortcut(app: Any, qtbot: QtBot) -> None:
    tap = app.session.tap
    app.press(Key.Key_Question)
    assert app.keys.isVisible()
    qtbot.keyClick(app.keys, Key.Key_J)
    assert not app.keys.isVisible()
    assert app.session.tap == tap


# --- the command palette


def typed(app: Any, qtbot: QtBot, words: str) -> list[str]:
    """Opens the palette with its key, types, and returns what is offered."""
    palette = app.palette
    if not palette.isVisible():
        app.press(Key.Key_K, CTRL)
    assert palette.isVisible()
    palette.field.clear()
    qtbot.keyClicks(palette.field, words)
    return [entry.title for entry in palette.entries]


def test_a_command_is_found_and_run_by_keyboard_alone(app: Any, qtbot: QtBot) -> None:
    maps = app.explore.maps.mosaic
    maps.setFocus()
    before = app.qt.focusWidget()
    page = app.explore.channel.page
    offered = typed(app, qtbot, "attrib")
    assert offered[0] == "Attribution"
    assert app.palette.entries[0].keys == "Ctrl + 3"
    assert app.palette.entries[0].menu == "Analyse"
    assert app.explore.channel.page == page  # letters are no shortcuts there
    qtbot.keyClick(app.palette.field, Key.Key_Return)
    assert app.explore.channel.page == "attribution"
    assert not app.palette.isVisible()
    assert app.qt.focusWidget() is before
    app.rest()


def test_the_marked_row_is_moved_by_arrows_and_escape_closes(app: Any, qtbot: QtBot) -> None:
    typed(app, qtbot, "layer")
    palette = app.palette
    steps = ((Key.Key_Down, 1), (Key.Key_Down, 2), (Key.Key_Up, 1), (Key.Key_PageUp, 0), (Key.Key_Tab, 0))
    for key, row in steps:
        qtbot.keyClick(palette.field, key)
        assert palette.marked == row
    tap = app.session.tap
    qtbot.keyClick(palette.field, Key.Key_Escape)
    assert not palette.isVisible()
    assert app.session.tap == tap


def test_what_cannot_run_is_told_and_not_taken(app: Any, qtbot: QtBot) -> None:
    assert typed(app, qtbot, "add a column")[0] == "Add a column"
    palette = app.palette
    assert palette.entries[0].why_not == "Works in the workspace Compare."
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert palette.isVisible()
    assert not app.compare.doc.columns


def test_what_was_taken_last_comes_first(app: Any, qtbot: QtBot) -> None:
    assert typed(app, qtbot, "")[0] != "Health"
    typed(app, qtbot, "health")
    qtbot.keyClick(app.palette.field, Key.Key_Return)
    app.rest()
    assert typed(app, qtbot, "")[0] == "Health"


def test_layers_and_inputs_are_found_by_name(app: Any, qtbot: QtBot) -> None:
    tap = next(tap.name for tap in app.capture.taps if tap.observable and tap.name != app.session.tap)
    assert tap not in typed(app, qtbot, "")
    assert tap in typed(app, qtbot, tap)
    palette = app.palette
    while palette.entries[palette.marked].title != tap:
        qtbot.keyClick(palette.field, Key.Key_Down)
    qtbot.keyClick(palette.field, Key.Key_Return)
    assert app.session.tap == tap
    assert "Eye chart" in typed(app, qtbot, "eye chart")
    qtbot.keyClick(app.palette.field, Key.Key_Return)
    app.rest()
    assert app.picture.name == "Eye chart"


def test_nothing_found_says_so(app: Any, qtbot: QtBot) -> None:
    assert typed(app, qtbot, "qqqq") == []
    palette = app.palette
    assert palette.nothing.isVisible()
    qtbot.keyClick(palette.field, Key.Key_Return)
    qtbot.keyClick(palette.field, Key.Key_Down)
    assert palette.isVisible()
