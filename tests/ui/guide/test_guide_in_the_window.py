"""Guides in the real window: played by "Show me" from start to end, by hand, left, and offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer.core import glossary
from explorer.core.guides.guide_file import built_in, guide_from
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from tests.pictures.picture_state import CNN, WORLD
from tests.support import hands, looks

LEFT = Qt.MouseButton.LeftButton
SMALL = """
format = 1
id = "small"
title = "Small"
about = "Two steps"
minutes = 1
[start]
model = "demo:shapes-cnn"
input = "sample:world-14-star-checks"
page = "values"
tap = "stem.2"
channel = 0
[[step]]
id = "go"
title = "Go on"
text = "To [[layer]] stage1"
then = "{tap}, {channel}"
hint = "With J."
point = ["strip"]
done = { tap = "stage1.*" }
show = [{ set = { tap = "stage1.0.conv1" } }]
[[step]]
id = "fails"
title = "What cannot be shown"
text = "Text"
point = ["no such thing", "tab.ablation"]
done = { channel = { among = "health.selective.star" } }
show = [{ select = "health.selective.star" }]
"""


@pytest.fixture
def app(window: Callable[..., Any]) -> Iterator[Any]:
    opened = window()
    opened.start(CNN, WORLD)
    opened.wait_capture()
    opened.rest()
    yield opened
    opened.guide.close()


def begin(app: Any, guide: Any) -> None:
    app.guide.begin(guide)
    app.until(lambda: app.guide.begun)
    app.rest()
    app.guide.look()


def show(app: Any) -> None:
    app.guide.card.show_button.click()
    app.until(lambda: not app.guide.showing)
    app.rest()
    app.guide.look()


def test_the_ways_to_a_workspace_and_its_parts_can_be_pointed_at(app: Any) -> None:
    assert app.guide.spot("compare.add", "transfer.probe") is None  # they are not in front
    model, compare = app.guide.spot("toolbar.model"), app.guide.spot("workspace.compare")
    assert model is not None
    assert compare is not None
    app.show_workspace("compare")
    app.rest()
    assert app.guide.spot("compare.add") is not None
    assert app.guide.spot("toolbar.model") == app.guide.spot("workspace.explore")  # where models are opened


def test_the_tour_is_played_from_start_to_end(app: Any) -> None:
    """Every step is false before it is shown and true after; every name that is pointed at exists."""
    before, tour = app.session, built_in("first-steps")
    begin(app, tour)
    card = app.guide.card
    for at, step in enumerate(tour.steps):
        assert app.guide.step is step
        assert all(app.guide.can_point(name) for name in step.point)
        assert not step.done.holds(app.guide.facts()), step.id
        assert card.next_button.text() == "Skip"
        target = app.guide.spot(*step.point)
        assert target is not None
        if step.point[0] != "maps":  # as wide as the window leaves it
            assert not card.geometry().intersects(target), step.id
        show(app)
        assert step.done.holds(app.guide.facts()), step.id
        assert "…" not in card.then.text()
        assert card.next_button.text() == ("Finish" if at == len(tour.steps) - 1 else "Next")
        assert app.main_window.centralWidget().rect().contains(card.geometry())
        card.next_button.click()
    assert app.guide.now is None
    assert not card.isVisible()
    assert not app.guide.highlight.isVisible()
    assert app.failures == []
    app.commands.actions.run(app.commands.actions["help.before"])
    app.rest()
    assert (app.session.input, app.session.tap, app.session.edits) == (before.input, before.tap, ())


@pytest.mark.slow
def test_the_walkthrough_of_the_shortcut_is_played(app: Any) -> None:
    walkthrough = built_in("shortcut")
    begin(app, walkthrough)
    for step in walkthrough.steps:
        assert all(app.guide.can_point(name) for name in step.point)
        assert not step.done.holds(app.guide.facts()), step.id
        show(app)
        assert step.done.holds(app.guide.facts()), step.id
        app.guide.card.next_button.click()
    assert app.failures == []


@pytest.mark.parametrize("at", range(6))
def test_a_step_can_be_shown_without_those_before_it(app: Any, at: int) -> None:
    tour = built_in("first-steps")
    begin(app, tour)
    for _ in range(at):
        app.guide.card.next_button.click()
    assert not tour.steps[at].done.holds(app.guide.facts())
    show(app)
    assert tour.steps[at].done.holds(app.guide.facts())
    assert app.failures == []


def test_a_step_is_done_by_hand_and_goes_back(app: Any) -> None:
    begin(app, guide_from(SMALL))
    card = app.guide.card
    assert (card.title.text(), card.next_button.text(), card.back_button.isEnabled()) == ("Go on", "Skip", False)
    assert app.guide.highlight.isVisible()
    app.change(tap="stage1.0.conv2")
    app.until(lambda: card.next_button.text() == "Next")  # without asking it to look
    assert card.then.text() == "stage1.0.conv2, 0"
    assert not app.guide.highlight.isVisible()
    app.change(tap="stem.2")
    app.guide.look()
    assert card.next_button.text() == "Next"  # what was done stays done
    card.next_button.click()
    assert (card.title.text(), card.back_button.isEnabled()) == ("What cannot be shown", True)
    card.back_button.click()
    assert card.title.text() == "Go on"


def test_what_cannot_be_shown_says_why(app: Any) -> None:
    begin(app, guide_from(SMALL))
    app.guide.card.next_button.click()
    failure = app.failure(app.guide.card.show_button.click)
    assert "health.selective.star" in failure.text
    assert not app.guide.showing
    assert app.guide.card.isVisible()


def test_after_a_while_it_says_how_and_what_is_missing(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.ui.guide.presenter._HINT_S", 0)
    begin(app, guide_from(SMALL))
    assert app.guide.card.hint.text() == "With J.\nNot yet: a layer stage1.* is shown."
    show(app)
    assert not app.guide.card.hint.isVisible()


def test_without_its_files_the_window_opens_and_says_what_is_missing(
    window: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("explorer.core.guides.guide_file.resources", lambda: tmp_path)
    monkeypatch.setattr("explorer.core.glossary.resources", lambda: tmp_path)
    for cached in (built_in, glossary.terms):
        cached.cache_clear()
    try:
        opened = window()
        actions = opened.commands.actions
        for name in ("help.first-steps", "help.glossary"):
            failure = opened.failure(lambda name=name: actions.run(actions[name]))
            assert str(tmp_path) in failure.text
        assert opened.guide.now is None
    finally:
        for cached in (built_in, glossary.terms):
            cached.cache_clear()


def test_it_starts_without_edits_and_leads_back_to_them(app: Any) -> None:
    edits = (Edit("stem.2", (1,)),)
    app.page("ablation").put(edits)
    app.rest()
    begin(app, guide_from(SMALL))
    assert app.session.edits == ()
    app.guide.card.close_button.click()
    assert app.guide.now is None
    assert "Small" in app.banner.text
    app.commands.actions.run(app.commands.actions["help.before"])
    app.rest()
    assert app.session.edits == edits


def test_the_card_is_moved_by_hand_and_stays_inside(app: Any) -> None:
    begin(app, guide_from(SMALL))
    card = app.guide.card
    at = card.pos()
    QTest.mousePress(card, LEFT, pos=QPoint(20, 10))
    QTest.mouseMove(card, QPoint(-40, -50))
    QTest.mouseRelease(card, LEFT, pos=QPoint(-40, -50))
    assert card.pos() == at - QPoint(60, 60)
    app.guide.look()
    assert card.pos() == at - QPoint(60, 60)
    QTest.mousePress(card, LEFT, pos=QPoint(20, 10))
    QTest.mouseMove(card, QPoint(-4000, -4000))
    QTest.mouseRelease(card, LEFT, pos=QPoint(-4000, -4000))
    assert card.pos() == QPoint(0, 0)


def test_by_keyboard_alone(app: Any) -> None:
    begin(app, guide_from(SMALL))
    app.explore.maps.mosaic.setFocus()
    app.press(Qt.Key.Key_F6)
    card = app.guide.card
    assert app.focused() is card.next_button
    for button in (card.back_button, card.show_button, card.next_button, card.close_button):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.accessibleName() or button.text()
    QTest.keyClick(card.next_button, Qt.Key.Key_Space)
    assert app.guide.step.id == "fails"
    QTest.keyClick(card.next_button, Qt.Key.Key_Escape)
    assert app.guide.now is None
    app.press(Qt.Key.Key_F6)
    assert app.banner.text.endswith("no guide is open.")


def test_the_tour_is_offered_once(app: Any) -> None:
    line = app.guide.offer_line
    assert not line.isVisible()
    app.guide.offer()
    assert line.isVisible()
    line.leave.click()
    assert not line.isVisible()
    app.guide.offer()
    assert not line.isVisible()


def test_taking_the_offer_starts_the_tour(app: Any) -> None:
    app.guide.offer()
    app.guide.offer_line.take.click()
    assert app.guide.now is built_in("first-steps")
    app.guide.offer()
    assert not app.guide.offer_line.isVisible()


def test_the_tour_is_done_by_hand(app: Any) -> None:
    """As its words say it, with mouse and keys alone."""
    begin(app, built_in("first-steps"))
    card, explore = app.guide.card, app.explore

    def done() -> None:
        app.until(lambda: card.next_button.text() in ("Next", "Finish"))
        app.rest()
        QTest.mouseClick(card.next_button, LEFT)

    def page(name: str) -> Any:
        QTest.mouseClick(explore.channel.tabs.button(explore.channel.names.index(name)), LEFT)
        return app.page(name)

    mosaic = explore.maps.mosaic
    QTest.mouseClick(hands.surface(mosaic), LEFT, pos=looks.tile_centre(mosaic, 8))
    done()
    explore.strip.bar.setFocus()
    while app.session.tap != "stage3.1.relu1":
        QTest.keyClick(explore.strip.bar, Qt.Key.Key_Right)
    done()
    health = page("health")
    box = health.editor("inputs")
    box.setCurrentIndex(box.findData("gallery"))
    box.activated.emit(box.currentIndex())
    QTest.mouseClick(health.start, LEFT)
    app.rest()
    table = health.table
    explore.channel.scroll_to(table)
    head = table.horizontalHeader()
    column = [each.title for each in table.rows.columns].index("selective")
    for _ in range(2):
        QTest.mouseClick(head.viewport(), LEFT, pos=QPoint(head.sectionViewportPosition(column) + 8, 8))
    row = next(at for at, each in enumerate(table.rows.rows) if each.prefers == "star")
    index = table.rows.index(row, 0)
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())
    assert app.session.channel == 77
    done()
    page("arithmetic")
    explore.channel.scroll_to(explore.channel.map)
    QTest.mouseClick(hands.surface(explore.channel.map), LEFT, pos=looks.inside(explore.channel.map, 2.5 / 6, 3.5 / 6))
    done()
    QTest.mouseClick(page("ablation").zero, LEFT)
    done()
    QTest.mouseClick(app.page("ablation").clear_all, LEFT)
    app.rest()
    method = page("attribution").method
    method.setCurrentIndex(method.findData("grad-cam"))
    method.activated.emit(method.currentIndex())
    done()
    assert app.guide.now is None
    assert app.failures == []


def test_a_step_is_shown_after_something_else_was_opened(app: Any) -> None:
    """A sound brings its own network, which has nothing that prefers a star; another workspace is in front."""
    tour = built_in("first-steps")
    begin(app, tour)
    app.open_input(InputRef("sample", "sound-rise"))
    app.rest()
    app.turn_to("dataset")
    app.rest()
    app.guide.card.next_button.click()
    show(app)
    assert (app.workspace, app.session.model, app.session.input) == ("explore", tour.start.model, tour.start.input)
    assert app.session.tap == "stage3.1.relu1"
    assert not app.failures
