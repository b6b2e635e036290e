"""The "?" of every page, and the glossary from everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer import catalogue
from explorer.ui.guide import guidance
from tests.pictures.picture_state import CNN, WORLD

Key = Qt.Key


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    opened = window()
    opened.start(CNN, WORLD)
    opened.wait_capture()
    opened.rest()
    return opened


def test_every_page_has_its_question_mark(app: Any) -> None:
    help_button, card = app.explore.channel.help, app.guide.page_help
    told = 0
    for name in app.explore.channel.names:
        app.open_page(name)
        if app.explore.channel.page != name:  # a page that is about another kind of input
            continue
        assert help_button.isVisible()
        help_button.click()
        assert card.isVisible()
        spec = catalogue.methods.get(name)
        assert card.title.text() == (spec.title if spec is not None else "Values")
        if spec is not None:
            assert spec.explained.misleads in card.accessibleDescription()
            assert spec.source.split(" ")[0] in card.body.text()
        assert app.main_window.centralWidget().rect().contains(card.geometry())
        help_button.click()
        assert not card.isVisible()
        told += 1
    assert told == 10


def test_methods_over_two_models_have_one_too(app: Any) -> None:
    app.turn_to("compare")
    app.rest()
    app.compare.alike.help.click()
    assert app.guide.page_help.title.text() == "Layer similarity (CKA)"


def test_it_goes_by_escape_and_gives_the_focus_back(app: Any) -> None:
    app.press(Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    card = app.guide.page_help
    assert card.isVisible()
    assert card.hasFocus()
    QTest.keyClick(card, Key.Key_Escape)
    assert not card.isVisible()
    assert app.explore.channel.help.hasFocus()


def test_a_link_on_it_leads_to_the_glossary(app: Any) -> None:
    app.open_page("arithmetic")
    app.explore.channel.help.click()
    app.guide.page_help.body.linkActivated.emit("term:cell")
    assert app.guide.glossary.isVisible()
    assert app.guide.glossary.marked.name == "cell"


def test_the_glossary_is_searched_by_keyboard(app: Any) -> None:
    app.explore.maps.mosaic.setFocus()
    app.press(Key.Key_F1)
    view = app.guide.glossary
    assert view.isVisible()
    QTest.keyClicks(view.field, "strid")
    assert view.marked.name == "stride"
    assert "input pixels between" in view.meaning.text()
    view.field.clear()
    QTest.keyClick(view.field, Key.Key_Down)
    assert view.list.currentRow() == 1
    QTest.keyClicks(view.field, "xyzzy")
    assert view.meaning.text() == "No term is called like that."
    QTest.keyClick(view.field, Key.Key_Escape)
    assert not view.isVisible()
    assert app.explore.maps.mosaic.hasFocus()


def test_terms_of_what_has_the_focus_come_first(app: Any) -> None:
    app.explore.channel.area.take.setToolTip("The effective rank of this layer")
    app.explore.channel.area.take.setFocus()
    app.press(Key.Key_F1)
    assert [term.name for term in app.guide.glossary.found[:2]] == ["effective rank", "layer"]


def test_a_term_is_found_in_the_command_palette(app: Any) -> None:
    app.commands.show_commands("receptive fi")
    assert "receptive field" in [entry.title for entry in app.palette.entries]
    row = next(at for at, entry in enumerate(app.palette.entries) if entry.menu == "Glossary")
    app.palette.chosen.emit(row)
    assert app.guide.glossary.isVisible()


def test_numbers_say_which_terms_are_explained(app: Any) -> None:
    numbers = app.explore.numbers.model()
    tips = [numbers.data(numbers.index(row, 0), Qt.ItemDataRole.ToolTipRole) for row in range(numbers.rowCount())]
    assert any("F1 explains: stride" in tip for tip in tips)


def test_the_help_menu_holds_it_all(app: Any) -> None:
    titles = [action.title for action in app.commands.actions.in_menu("Help")]
    assert titles[:2] == ["Tour in six steps", "Walkthrough: a network that looks at the wrong thing"]
    assert {
        "Documentation",
        "Glossary …",
        "What this page shows",
        "Keyboard shortcuts",
        "Commands …",
        "About and folders …",
    } <= set(titles)


def test_the_documentation_is_opened_and_what_is_not_built_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    opened: list[str] = []
    page = Path("/somewhere/index.html")
    desk = SimpleNamespace(_c=SimpleNamespace(say=said.append))
    monkeypatch.setattr(guidance.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    for found, words in (
        ((page, True), "is opened in the browser"),
        ((page.with_suffix(".md"), False), "is not built here"),
        ((None, False), "no documentation pages"),
    ):
        monkeypatch.setattr(guidance.paths, "documentation", lambda found=found: found)
        guidance.Guidance.open_documentation(desk)
        assert words in said.pop()
    assert opened == [str(page), str(page.with_suffix(".md"))]
    monkeypatch.setattr(guidance.paths, "documentation", lambda: (page, True))
    monkeypatch.setattr(guidance.QDesktopServices, "openUrl", lambda url: False)
    guidance.Guidance.open_documentation(desk)
    assert "No installed program opens" in said.pop()
