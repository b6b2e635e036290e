"""Attention in the columns of Compare: planted rows, recordings of the test's own, and what cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from attention_columns import (
    WAIT,
    choose,
    counted,
    hover,
    module_of,
    pages,
    recording,
    tile_at,
    to_house,
)
from attention_nets import GRID, PREFIX, planted_weights
from hands import surface
from looks import borders, heat, message, pointed, selected
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from explorer.cli.compare import show
from explorer.core.attention import mass_mask
from explorer.core.attention_requests import Look, RecordAttention, SummariseHeads
from explorer.core.errors import ExplorerError, Failure
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.layer_views import Shows
from explorer.core.session.session import Session, from_json, to_json
from explorer.engine.attention.looks import looks_at
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui.attention.words import NONE

CAT = InputRef("sample", "cat")
Open = Callable[..., Any]


def mean_first(maps: np.ndarray) -> np.ndarray:
    return np.concatenate([maps.mean(0, keepdims=True), maps])


def planted_row(query: int) -> np.ndarray:
    """(4, h, w): the planted rows of a token as the tiles have them."""
    rows = planted_weights().numpy()[:, query, PREFIX:].reshape(3, *GRID)
    return mean_first(rows)


# --- what is drawn


def test_the_planted_rows_are_drawn_in_both_columns(attending: Open) -> None:
    app = attending("planted", "patches")
    one, two = pages(app)
    assert np.allclose(one.tiles.values, planted_row(0), atol=1e-6)  # the class token
    assert "CLS attends to" in one.note.text()
    assert "Patch (1, 2) attends to" in two.note.text()  # the middle, where there is none
    for cell in ((0, 0), (2, 3), (1, 1)):
        hover(app.compare.columns[1], (cell[0] + 0.5) / GRID[0], (cell[1] + 0.5) / GRID[1])
        app.rest()
        expected = planted_row(PREFIX + cell[0] * GRID[1] + cell[1])
        assert np.allclose(one.tiles.values, expected, atol=1e-6)
        other = recording(app, 1)
        name = pages(app)[1].asking.call.name
        assert np.array_equal(two.tiles.values, mean_first(looks_at(other.of(name), cell).maps))
        assert pointed(one.tiles) == pointed(two.tiles) == cell
    assert "register 1" in one.note.toolTip()
    assert "row sums 1" in one.note.toolTip()
    assert "entropy" in one.note.toolTip()


def test_beside_the_tiles_numbers_are_a_table_and_beneath_them_words(attending: Open) -> None:
    panel = attending("planted", "patches").compare.columns[0].panel.attention
    numbers = {row.label: row.value for row in panel.numbers.model().rows}
    assert panel.width() >= 400
    assert numbers["entropy"].endswith("nats")
    assert numbers["60\u00a0% on"].endswith("patches")
    assert "entropy" not in panel.note.text()
    panel.resize(300, panel.height())
    assert not panel.numbers.model().rows
    assert f"entropy {numbers['entropy']}" in panel.note.text()


def test_the_numbers_of_the_heads_are_those_of_the_method(attending: Open) -> None:
    app = attending("planted", "patches")
    count = PREFIX + GRID[0] * GRID[1]
    # two heads look at one token each, one at all alike
    assert f"entropy {np.log(count) / 3:.3f} (0 … {np.log(count):.2f}) nats" in pages(app)[0].note.toolTip()


def test_a_head_is_chosen_with_its_tile_and_drawn_over_the_picture(attending: Open) -> None:
    app = attending("patches", "planted")
    page, view = pages(app)[0], app.compare.columns[0]
    QTest.mouseClick(surface(page.tiles), Qt.MouseButton.LeftButton, pos=tile_at(app, 0, 3, (2, 1)))
    page.tiles.left.emit()
    app.rest()
    doc = app.compare.doc
    assert [column.head for column in doc.columns] == [2, None]
    assert pages(app)[0].asking.looked.query == pages(app)[1].asking.looked.query == (2, 1)
    assert "head 2" in page.note.text()
    assert "Esc" in page.note.text()
    one = looks_at(recording(app, 0).of(pages(app)[0].asking.call.name), (2, 1)).maps[2]
    picture = view.image
    brightest = np.unravel_index(one.argmax(), one.shape)
    assert heat(picture).shape[:2] == (3, 4)
    assert heat(picture)[brightest][3] == 190
    assert f"60\u00a0% on {int(mass_mask(one).sum())} patches" in page.note.toolTip()
    assert borders(picture) > 3
    assert picture.window_box is not None
    QTest.keyClick(page.tiles, Qt.Key.Key_Escape)
    app.rest()
    assert app.compare.doc.kept is None
    assert pages(app)[1].asking.looked.query == 0


def test_keys_choose_heads_and_move_the_place(attending: Open) -> None:
    app = attending("planted", "planted")
    tiles = pages(app)[0].tiles
    QTest.keyClick(tiles, Qt.Key.Key_Right)
    assert app.compare.doc.columns[0].head == 0
    assert app.compare.doc.kept is None
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(tiles, key, Qt.KeyboardModifier.ShiftModifier)
        app.rest()
    assert [column.asking.looked.query for column in pages(app)] == [(2, 3)] * 2


def test_the_kept_place_comes_back_when_the_pointer_goes(attending: Open) -> None:
    app = attending("planted", "patches")
    picture = app.compare.columns[1].image
    at = QPointF(picture.picture.left() + 2, picture.picture.bottom() - 2).toPoint()
    QTest.mouseClick(surface(picture), Qt.MouseButton.LeftButton, pos=at)
    app.rest()
    assert pages(app)[1].tiles.hasFocus()
    hover(app.compare.columns[0], 0.01, 0.99)
    app.rest()
    assert [column.asking.looked.query for column in pages(app)] == [(0, 3)] * 2
    app.compare.columns[0].image.left.emit()
    app.rest()
    assert [column.asking.looked.query for column in pages(app)] == [(2, 0)] * 2
    QTest.keyClick(app.focused(), Qt.Key.Key_Escape)
    assert app.compare.doc.kept is None


def test_the_block_follows_the_layer_of_the_column(attending: Open) -> None:
    app = attending("patches", "planted")
    control, view = app.compare, app.compare.columns[0]
    for tap, name, heads in (("patch", "one", 4), ("two", "two", 2), ("one", "one", 4)):
        film = [each.name for each in view.layers]
        control.scrub(view.key, next(at for at, each in enumerate(film) if each.startswith(tap)))
        app.rest()
        assert pages(app)[0].asking.call.name == name
        assert len(pages(app)[0].tiles.values) == heads + 1
        assert f"{heads} heads, every token to every token" in view.subtitle.accessibleName()
    control.choose_head(view.key, 4, -1, -1)  # the last of four heads: there is none of this number in the other block
    control.scrub(view.key, film.index("out"))
    app.rest()
    assert pages(app)[0].head is None
    assert control.doc.columns[0].head == 3


def test_channels_have_a_table_and_no_place(attending: Open) -> None:
    app = attending("channels", "planted")
    page, view = pages(app)[0], app.compare.columns[0]
    assert page.tiles.values.shape == (2, 4, 4)
    assert np.allclose(page.tiles.values.sum(-1), 1, atol=1e-6)
    assert "no map over the input" in view.subtitle.accessibleName()
    assert heat(view.image) is None


def test_of_windows_the_one_is_shown_in_which_the_place_is(attending: Open) -> None:
    app = attending("windows", "planted")
    hover(app.compare.columns[1], 0.9, 0.1)  # the last row, the first column
    app.rest()
    tiles, one = pages(app)[0].tiles, pages(app)[0]
    assert one.asking.looked.query == (5, 0)
    expected = looks_at(recording(app, 0).of(one.asking.call.name), (5, 0))
    assert (tiles.rows.tolist(), tiles.columns.tolist()) == ([3, 4, 5], [0, 1, 2, 3])
    assert np.array_equal(tiles.values, mean_first(expected.maps)[:, 3:, :4])
    assert "within 4 windows of 12 tokens" in app.compare.columns[0].subtitle.accessibleName()
    over = heat(app.compare.columns[0].image)
    dark = [[tuple(over[y, x]) == (0, 0, 0, 185) for x in range(8)] for y in range(6)]
    assert np.array_equal(dark, ~expected.seen)


def test_attention_that_is_too_much_to_keep_is_recorded_block_by_block(attending: Open) -> None:
    app = attending("patches", "planted", shown=False)
    app.desk.bench.store.budget = 4
    app.compare.view_all(Shows.ATTENTION)
    app.rest()
    hover(app.compare.columns[1], 0.9, 0.1)
    app.rest()
    one, two = pages(app)
    assert not one.asking.attending.whole
    expected = looks_at(recording(app, 0).of(one.asking.call.name), (2, 0))
    assert np.array_equal(pages(app)[0].tiles.values, mean_first(expected.maps))
    assert np.allclose(pages(app)[1].tiles.values, planted_row(PREFIX + 8), atol=1e-6)
    assert two.asking.looked.query == (2, 0)


# --- what cannot be shown


def test_a_network_without_attention_says_so_and_leads_to_its_maps(attending: Open) -> None:
    app = attending("plain", "planted")
    page, view = pages(app)[0], app.compare.columns[0]
    assert message(page.tiles) == NONE
    assert page.button.isVisible()
    assert not pages(app)[1].button.isVisible()
    page.button.click()
    app.rest()
    assert view.mosaic.isVisible()
    assert [column.shows for column in app.compare.doc.columns] == [Shows.MAPS, Shows.ATTENTION]


def test_an_edited_column_shows_the_attention_of_the_edited_model(attending: Open) -> None:
    app = attending("patches", "patches")
    one, two = pages(app)
    control = app.compare
    control.set_edits(1, (Edit("patch", (1, 4)),))
    app.rest()
    assert "edited" in app.compare.columns[1].subtitle.accessibleName()
    assert "edited" not in app.compare.columns[0].subtitle.accessibleName()
    hover(app.compare.columns[0], 0.9, 0.1)
    app.rest()
    name = pages(app)[0].asking.call.name
    plain = looks_at(recording(app, 0).of(name), (2, 0)).maps

    def zeros(_module: Any, _given: Any, out: Any) -> Any:
        changed = out.clone()
        changed[:, [1, 4]] = 0
        return changed

    handle = module_of(app, 1).patch.register_forward_hook(zeros)
    edited = looks_at(recording(app, 1).of(name), (2, 0)).maps
    handle.remove()
    assert not np.array_equal(plain, edited)
    assert np.array_equal(one.tiles.values, mean_first(plain))
    assert np.array_equal(two.tiles.values, mean_first(edited))
    control.set_edits(1, ())
    app.rest()
    assert np.array_equal(two.tiles.values, mean_first(plain))


def test_what_moves_shows_its_attention_when_it_stands_still(attending: Open, qtbot: Any) -> None:
    app = attending("planted", "patches")
    app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: all("pause it" in message(page.tiles) for page in pages(app)), timeout=WAIT)
    assert all(heat(view.image) is None for view in app.compare.columns)
    app.live.stop()
    qtbot.waitUntil(lambda: all(page.tiles.names for page in pages(app)), timeout=WAIT)
    app.rest()
    name = pages(app)[1].asking.call.name
    assert np.array_equal(pages(app)[1].tiles.values, mean_first(looks_at(recording(app, 1).of(name), (1, 2)).maps))


def test_a_failure_is_said_and_tried_again_when_it_is_asked_for_anew(
    attending: Open, monkeypatch: Any, qtbot: Any
) -> None:
    app = attending("planted", "patches", shown=False)
    told = ExplorerError("There is no room for it.", "It is too large.")

    def fail(*_: Any) -> None:
        raise told

    monkeypatch.setattr(type(app.desk.worker.attentions), "open", fail)
    app.compare.view_all(Shows.ATTENTION)
    app.rest()
    assert all("There is no room for it." in message(page.tiles) for page in pages(app))
    assert all(page.button.isVisible() for page in pages(app))
    monkeypatch.undo()
    pages(app)[0].button.click()
    choose(app.compare.columns[0].view, Shows.ATTENTION)
    app.rest()
    assert [bool(page.tiles.names) for page in pages(app)] == [True, False]
    to_house(app, qtbot)
    app.rest()
    assert all(page.tiles.names for page in pages(app))


# --- asking


def test_hovering_over_two_columns_in_turn_records_each_once(attending: Open) -> None:
    app = attending("planted", "patches", shown=False)
    calls = [counted(app, at) for at in range(2)]
    app.compare.view_all(Shows.ATTENTION)
    app.rest()
    recorded = [len(each) for each in calls]
    for at in (0, 1, 0, 1):
        hover(app.compare.columns[at], 0.2 + 0.3 * at, 0.4)
        app.rest()
    assert [len(each) for each in calls] == recorded
    names = [column.asking.call.name for column in pages(app)]
    app.desk.worker.attentions.forget()
    hover(app.compare.columns[0], 0.9, 0.9)
    app.rest()
    assert [len(each) - before for each, before in zip(calls, recorded, strict=True)] == [1, 1]
    assert names == [column.asking.call.name for column in pages(app)]


def test_a_column_that_shows_something_else_asks_nothing(attending: Open, monkeypatch: Any, qtbot: Any) -> None:
    app = attending("planted", "patches", shown=False)
    asked: list[str] = []
    submit = app.desk.submit

    def ask(request: Any, key: str) -> int:
        if isinstance(request, (RecordAttention, Look, SummariseHeads)):
            asked.append(key)
        return int(submit(request, key))

    monkeypatch.setattr(app.desk, "submit", ask)
    hover(app.compare.columns[0], 0.3, 0.3)
    app.compare.columns[0].image.left.emit()
    app.rest()
    assert asked == []
    choose(app.compare.columns[1].view, Shows.ATTENTION)
    app.rest()
    assert {key.split()[-1] for key in asked} == {"1"}
    asked.clear()
    app.turn_to("explore")
    to_house(app, qtbot)
    app.rest()
    assert asked == []
    app.turn_to("compare")
    app.rest()
    assert asked
    name = pages(app)[1].asking.call.name
    assert np.array_equal(pages(app)[1].tiles.values, mean_first(looks_at(recording(app, 1).of(name), (1, 2)).maps))


def test_answers_to_what_was_asked_before_are_not_drawn(attending: Open, qtbot: Any) -> None:
    app = attending("patches", "planted")
    column, page = pages(app)[0], pages(app)[0]
    old = column.asking.looked
    hover(app.compare.columns[0], 0.1, 0.1)
    app.rest()
    drawn = page.tiles.values
    failure = Failure("Lost.", "", "", "", "")
    for event in (
        Event(1, Lane.FORWARD, "compare look 0", old),
        Event(1, Lane.FORWARD, "compare look 0", failure=failure),
        Event(1, Lane.METHOD, "compare attention 0", failure=failure),
        Event(1, Lane.METHOD, "compare heads 0", failure=failure),
        Event(1, Lane.FORWARD, "compare look 7", old),
    ):
        app.receive(event)
    assert page.tiles.values is drawn
    # a look that was asked for before the picture changed
    hover(app.compare.columns[0], 0.9, 0.9)
    ticket, before = column.look_ticket("compare look 0"), column.of
    app.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: column.of != before, timeout=WAIT)
    app.receive(Event(ticket, Lane.FORWARD, "compare look 0", old))
    assert column.asking.looked is not old
    app.rest()
    assert column.asking.looked.query != old.query


def test_a_column_that_goes_takes_what_it_asked_along(attending: Open) -> None:
    app = attending("planted", "patches", "planted")
    app.compare.columns[2].remove.click()
    app.rest()
    assert len(app.compare.attending) == 2
    hover(app.compare.columns[0], 0.1, 0.1)
    app.rest()
    assert all(page.tiles.names for page in pages(app))


# --- the document


def test_the_view_and_the_head_are_part_of_a_session(attending: Open) -> None:
    app = attending("planted", "patches")
    app.compare.choose_head(0, 2, -1, -1)
    session = replace(Session(), comparison=app.compare.saved())
    assert from_json(to_json(session)) == session
    assert [column.head for column in session.comparison.columns] == [1, None]
    old = to_json(session).replace('"head": 1,', "").replace('"head": null,', "")
    assert [column.head for column in from_json(old).comparison.columns] == [None, None]
    with pytest.raises(ExplorerError, match=r"column\.head"):
        from_json(to_json(session).replace('"head": 1', '"head": -1'))
    with pytest.raises(ExplorerError, match="shows"):
        from_json(to_json(replace(session, shows=Shows.ATTENTION)))


def test_a_session_brings_attention_back(attending: Open) -> None:
    app = attending("planted", "patches")
    control = app.compare
    control.choose_head(0, 3, -1, -1)
    control.keep((0.1, 0.6))
    app.rest()
    drawn, doc = [page.tiles.values for page in pages(app)], control.saved()
    again = attending("plain", "plain", shown=False)
    again.compare.restore(doc)
    again.rest()
    assert all(np.array_equal(page.tiles.values, before) for page, before in zip(pages(again), drawn, strict=True))
    assert pages(again)[0].head == 2
    assert selected(pages(again)[0].tiles)[0] == 3
    assert [column.asking.looked.query for column in pages(again)] == [(0, 2)] * 2


def test_a_picture_of_the_window_waits_for_it(attending: Open) -> None:
    app = attending("planted", "patches", shown=False)
    specs = tuple(view.card.spec for view in app.compare.columns)
    show(app.application, specs, "", 0, (1, 1), view="attention")
    assert [column.asking.looked.query for column in pages(app)] == [(1, 1)] * 2
    assert all("entropy" in page.note.toolTip() for page in pages(app))


def test_what_is_said_follows_the_kept_place(attending: Open) -> None:
    app = attending("planted", "patches")
    hover(app.compare.columns[0], 0.5, 0.4)
    app.rest()
    assert "Esc" not in pages(app)[0].note.toolTip()
    app.compare.keep((0.5, 0.4))  # the same place
    assert "Esc" in pages(app)[0].note.toolTip()
    app.compare.keep(None)
    assert "Esc" not in pages(app)[0].note.toolTip()


def test_a_step_back_leaves_the_chosen_head_and_the_one_before_it_takes_it_along(attending: Open) -> None:
    app = attending("planted", "patches")
    app.compare.choose_head(0, 3, -1, -1)
    app.compare.set_input(1, InputRef("sample", "house"))
    app.rest()
    app.history.back()
    app.rest()
    assert (app.compare.doc.column(0).head, app.compare.doc.column(1).input) == (2, None)
    assert selected(pages(app)[0].tiles)[0] == 3
    app.history.back()
    app.rest()
    assert app.compare.doc.column(0).head is None
    assert selected(pages(app)[0].tiles)[0] == 0


def test_shift_and_v_come_to_attention_in_compare_alone(attending: Open) -> None:
    app = attending("planted", "patches", shown=False)
    found = []
    for _ in range(4):
        app.press(Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
        found.append(app.compare.doc.columns[1].shows)
    assert found == [Shows.COMPONENTS, Shows.SIMILARITY, Shows.ATTENTION, Shows.MAPS]
    app.turn_to("explore")
    found = []
    for _ in range(3):
        app.press(Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
        found.append(app.session.shows)
    assert found == [Shows.COMPONENTS, Shows.SIMILARITY, Shows.MAPS]
    app.rest()
