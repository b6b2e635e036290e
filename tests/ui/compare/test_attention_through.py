"""All blocks, rollout, relevance and lengths of tokens in the columns of Compare, against the methods themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from attention_columns import choose, columns, hover, module_of, pages, recording, to_house, views
from attention_nets import GRID
from hands import surface
from looks import heat, message, pointed
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.cli.compare import show
from explorer.core.attending import AttentionMode
from explorer.core.attention import Flow, TokenNorms, mass_mask
from explorer.core.compare import Column, Comparison, Past
from explorer.core.edits import Edit
from explorer.core.features import Shows
from explorer.core.session import Session, from_json, to_json
from explorer.core.target import Target
from explorer.core.types import ExplorerError, Failure
from explorer.engine.attention.flow import relevance, rollout
from explorer.engine.attention.looks import looks_at
from explorer.engine.attention.norms import token_norms
from explorer.engine.capture import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.runner import Event, Lane
from explorer.ui.understand.attention_words import NO_CLASS, NONE
from explorer.ui.widgets import text

Open = Callable[..., Any]
Settle = Callable[[Any], None]


def turn(app: Any, settle: Settle, mode: AttentionMode) -> None:
    """As a person does in the first column."""
    choose(views(app)[0].panel.mode, mode)
    settle(app)


def rolled(app: Any, at: int, query: Any) -> Flow:
    return rollout(list(recording(app, at).records.values()), query)


def given(app: Any, at: int) -> tuple[Any, Any, Any]:
    view = views(app)[at]
    module, x = module_of(app, at), to_tensor(view.capture.picture, view.of.preprocess)
    return module, x, discover(module, x.clone()).plan


def raised(app: Any, at: int) -> Flow:
    best = views(app)[at].capture.prediction[0].index
    module, x, plan = given(app, at)
    return relevance(module, x, Target("", best), plan, recording(app, at).calls)


def lengths(app: Any, at: int) -> tuple[TokenNorms, ...]:
    return token_norms(*given(app, at), recording(app, at).calls)


def same(app: Any, at: int, found: Flow) -> bool:
    return np.array_equal(pages(app)[at].tiles.values, found.map[None])


def asked_of(app: Any, monkeypatch: Any) -> list[str]:
    """Grows by the name of everything that columns ask of attention."""
    asked: list[str] = []
    for name in ("attention", "look", "heads", "flow", "norms", "overview"):
        before = getattr(app.desk, name)

        def ask(*args: Any, name: str = name, before: Any = before) -> int:
            asked.append(name)
            return before(*args)

        monkeypatch.setattr(app.desk, name, ask)
    return asked


def without(_module: Any, _args: Any, out: Any) -> Any:
    """What the edit of channels 1 and 4 does, as a hook."""
    out = out.clone()
    out[:, [1, 4]] = 0
    return out


def test_rollout_of_both_columns_is_that_of_the_method(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.ROLLOUT)
    assert same(app, 0, rolled(app, 0, 0))
    assert same(app, 1, rolled(app, 1, (1, 2)))  # the middle, where there is no class token
    one, two = pages(app)
    assert "What reaches CLS" in one.note.toolTip()
    assert "What reaches Patch (1, 2)" in two.note.toolTip()
    assert "row sums to 1.000000" in one.note.toolTip()
    assert f"60\u00a0% of it on {int(mass_mask(rolled(app, 0, 0).map).sum())} patches" in one.note.toolTip()
    assert heat(views(app)[0].panel.picture).shape[:2] == (GRID[0], GRID[1])
    app.controller.compare.keep((0.9, 0.1))
    settle(app)
    for at in (0, 1):
        assert same(app, at, rolled(app, at, (2, 0)))
        assert pointed(pages(app)[at].tiles) == (2, 0)
        assert views(app)[at].panel.picture.window_box is not None


def test_rollout_follows_the_kept_place_and_not_the_pointer(attending: Open, settle: Settle, monkeypatch: Any) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.ROLLOUT)
    asked = asked_of(app, monkeypatch)
    for at in (0, 1, 0):
        hover(views(app)[at], 0.2 + 0.3 * at, 0.4)
        settle(app)
    assert asked == []
    tiles = pages(app)[0].tiles
    QTest.keyClick(tiles, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    settle(app)
    kept = columns(app)[0].through.query
    assert kept == (1, 2)  # the middle, from the class token
    QTest.keyClick(tiles, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    settle(app)
    assert same(app, 0, rolled(app, 0, (1, 1)))
    assert set(asked) == {"flow"}


def test_relevance_is_about_the_best_class_of_each_column(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches", "tokens")
    turn(app, settle, AttentionMode.RELEVANCE)
    for at in (0, 1):
        best = views(app)[at].capture.prediction[0].index
        assert same(app, at, raised(app, at))
        assert f"“class {best}”" in pages(app)[at].note.toolTip()
        assert f"score {text.number(raised(app, at).value)}" in pages(app)[at].note.toolTip()
    assert message(pages(app)[2].tiles) == NO_CLASS
    assert heat(views(app)[2].panel.picture) is None


def test_lengths_of_tokens_and_a_click_goes_to_the_block(attending: Open, settle: Settle) -> None:
    app = attending("planted", "planted")
    turn(app, settle, AttentionMode.NORMS)
    for at in (0, 1):
        found, tiles = lengths(app, at), pages(app)[at].tiles
        assert np.array_equal(tiles.values, np.stack([one.norms for one in found]))
        assert np.array_equal(tiles._marks, np.stack([one.outliers for one in found]))
    pages(app)[0].tiles.selected.emit(1, 0, 0)
    settle(app)
    assert views(app)[0].shown.tap.name == "blocks.1"
    assert pages(app)[0].tiles._channel == 1
    assert "after blocks.1" in pages(app)[0].note.toolTip()


def test_all_blocks_for_the_place_under_the_cursor(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.BLOCKS)
    for place, queries in ((None, (0, (1, 2))), ((0.9, 0.1), ((2, 0), (2, 0)))):
        if place is not None:
            hover(views(app)[1], *place)
            settle(app)
        for at, query in enumerate(queries):
            page, record = pages(app)[at], recording(app, at)
            for row, call in zip(page.blocks.rows, record.calls, strict=True):
                assert np.array_equal(row.maps, looks_at(record.of(call.name), query).maps)
            name = columns(app)[at].asking.call.name
            mask = mass_mask(looks_at(record.of(name), query).maps.mean(0))
            assert f"60\u00a0% of it on {int(mask.sum())} patches" in page.note.toolTip()
            assert views(app)[at].panel.centre is page.blocks
            assert page.tiles.isHidden()
    turn(app, settle, AttentionMode.HEADS)
    assert views(app)[0].panel.centre is pages(app)[0].tiles
    assert len(pages(app)[0].tiles.names) == 4


def test_all_blocks_find_room_as_long_as_they_can_be_read(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.BLOCKS)
    page = pages(app)[0]
    blocks = page.blocks
    sizes = []
    for high in (400, 100, 20):
        blocks.fit(high)
        sizes.append(blocks.tile(0, 0).height())
        assert blocks.heightForWidth(blocks.width()) <= max(high, 60)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 24


def test_keys_stay_in_the_column(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    page = pages(app)[0]
    page.tiles.setFocus()
    turn(app, settle, AttentionMode.BLOCKS)
    assert app.window.focusWidget() is page.blocks
    app.controller.compare.keep((0.9, 0.1))
    QTest.keyClick(page.blocks, Qt.Key.Key_Escape)
    assert app.controller.compare.doc.kept is None
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(page.blocks, key)
    settle(app)
    assert columns(app)[0].asking.call.path == "blocks.1"


def test_a_head_of_another_block_leads_there(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.BLOCKS)
    blocks = pages(app)[0].blocks
    QTest.mouseClick(surface(blocks), Qt.MouseButton.LeftButton, pos=blocks.tile(1, 2).center().toPoint())
    settle(app)
    assert app.controller.compare.doc.columns[0].head == 2
    assert columns(app)[0].asking.call.path == "blocks.1"
    assert "head 2" in pages(app)[0].note.toolTip()
    assert blocks._here == (1, 2)


def test_all_blocks_under_edits(attending: Open, settle: Settle) -> None:
    app = attending("patches", "patches")
    app.controller.compare.set_edits(1, (Edit("patch", (1, 4)),))
    settle(app)
    turn(app, settle, AttentionMode.BLOCKS)
    hook = module_of(app, 1).patch.register_forward_hook(without)
    record = recording(app, 1)
    hook.remove()
    for row, other in zip(pages(app)[1].blocks.rows, pages(app)[0].blocks.rows, strict=True):
        assert np.array_equal(row.maps, looks_at(record.of(row.name), (1, 2)).maps)
        assert not np.array_equal(row.maps, other.maps)


def test_blocks_that_cannot_be_kept_together_say_so(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    app.desk.worker.attentions.forget()
    app.desk.bench.store.budget = 1
    turn(app, settle, AttentionMode.BLOCKS)
    app.controller.compare.show()
    assert all("does not fit into memory" in message(page.tiles) for page in pages(app))
    assert not app.controller.compare.attention.busy


@pytest.mark.parametrize("mode", [AttentionMode.ROLLOUT, AttentionMode.RELEVANCE, AttentionMode.NORMS])
def test_what_cannot_be_shown_says_why(attending: Open, settle: Settle, mode: AttentionMode) -> None:
    app = attending("plain", "channels")
    turn(app, settle, mode)
    assert message(pages(app)[0].tiles) == NONE
    assert pages(app)[1].tiles.values is None
    assert message(pages(app)[1].tiles)
    assert not pages(app)[1].button.isHidden()
    assert not app.controller.compare.busy


def test_a_column_that_shows_something_else_asks_nothing(
    attending: Open, settle: Settle, monkeypatch: Any, qtbot: Any
) -> None:
    app = attending("planted", "patches", shown=False)
    asked = asked_of(app, monkeypatch)
    for mode in AttentionMode:
        app.controller.compare.change(replace(app.controller.compare.doc, attention=mode))
        app.controller.compare.keep((0.2, 0.2))
        settle(app)
    assert asked == []
    assert all(view.panel.mode.isHidden() for view in views(app))
    choose(views(app)[1].panel.view, Shows.ATTENTION)
    settle(app)
    assert "norms" in asked
    assert "look" not in asked
    asked.clear()
    app.window.toolbar.workspaces["explore"].click()
    to_house(app, qtbot)
    settle(app)
    assert asked == []


def test_another_view_stops_what_runs(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    choose(views(app)[0].panel.mode, AttentionMode.ROLLOUT)
    column = columns(app)[0]
    assert column.through.flows.waiting
    assert "Computing" in message(pages(app)[0].tiles)
    choose(views(app)[0].panel.view, Shows.MAPS)
    assert not column.through.flows.waiting
    app.controller.receive(Event(1, Lane.METHOD, "compare flow 0", rolled(app, 0, 0)))
    settle(app)
    assert pages(app)[0].tiles.values is None
    turn(app, settle, AttentionMode.HEADS)
    choose(views(app)[0].panel.view, Shows.ATTENTION)
    settle(app)
    assert len(pages(app)[0].tiles.names) == 4


def test_a_failure_is_said_and_not_tried_again(attending: Open, settle: Settle, monkeypatch: Any) -> None:
    app = attending("planted", "patches")
    choose(views(app)[0].panel.mode, AttentionMode.ROLLOUT)
    flows = columns(app)[0].through.flows
    ticket = flows._wanted._tickets["compare flow 0"]
    asked = asked_of(app, monkeypatch)
    failure = Failure("Lost.", "", "", "", "")
    app.controller.receive(Event(ticket, Lane.METHOD, "compare flow 0", failure=failure))
    settle(app)
    app.controller.compare.show()
    assert "Lost." in message(pages(app)[0].tiles)
    assert same(app, 1, rolled(app, 1, (1, 2)))
    assert asked == []


def test_edits_go_into_the_rollout_alone(attending: Open, settle: Settle) -> None:
    app = attending("patches", "patches")
    app.controller.compare.set_edits(1, (Edit("patch", (1, 4)),))
    settle(app)
    turn(app, settle, AttentionMode.ROLLOUT)
    plain = rolled(app, 1, (1, 2))
    assert same(app, 0, plain)
    assert "edited" in views(app)[1].panel.subtitle.accessibleName()
    hook = module_of(app, 1).patch.register_forward_hook(without)
    edited = rolled(app, 1, (1, 2))
    hook.remove()
    assert not np.array_equal(plain.map, edited.map)
    assert same(app, 1, edited)
    for mode in (AttentionMode.RELEVANCE, AttentionMode.NORMS):
        turn(app, settle, mode)
        assert pages(app)[0].tiles.values is not None
        assert "need a model without edits" in message(pages(app)[1].tiles)


# --- the document


def test_the_choice_is_part_of_a_session_and_of_all_columns(attending: Open, settle: Settle) -> None:
    app = attending("planted", "patches")
    turn(app, settle, AttentionMode.RELEVANCE)
    assert [view.panel.mode.currentData() for view in views(app)] == ["relevance"] * 2
    session = replace(Session(), comparison=app.controller.compare.saved())
    assert session.comparison.attention is AttentionMode.RELEVANCE
    written = to_json(session)
    assert from_json(written) == session
    assert '"attention": "relevance"' in written
    old = written.replace('"attention": "relevance"', '"unknown": 1')
    assert from_json(old).comparison.attention is AttentionMode.HEADS
    with pytest.raises(ExplorerError):
        from_json(written.replace('"attention": "relevance"', '"attention": "guess"'))


def test_a_step_back_leaves_it() -> None:
    past, before = Past(), Comparison((Column(0), Column(1)))
    past.push(before)
    now = replace(before.change(1, channel=3), attention=AttentionMode.NORMS)
    assert past.back(now).attention is AttentionMode.NORMS


def test_a_picture_of_the_window_waits_for_it(attending: Open) -> None:
    app = attending("planted", "patches", shown=False)
    specs = tuple(view.card.spec for view in views(app))
    show(app, specs, "", 0, (1, 1), view="attention", attention="rollout")
    assert same(app, 0, rolled(app, 0, (1, 1)))
    assert same(app, 1, rolled(app, 1, (1, 1)))
