"""All blocks, rollout, relevance and lengths of tokens in the columns of Compare, against the methods themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from attention_columns import choose, hover, module_of, pages, recording, to_house
from attention_nets import GRID
from hands import surface
from looks import heat, here, marks, message, pointed, selected
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.cli.compare import show
from explorer.core.attention import Flow, TokenNorms, mass_mask
from explorer.core.attention_queries import AttentionMode
from explorer.core.attention_requests import (
    FlowThrough,
    Look,
    LookEverywhere,
    MeasureTokens,
    RecordAttention,
    SummariseHeads,
)
from explorer.core.errors import ExplorerError, Failure
from explorer.core.interventions import Edit
from explorer.core.layer_views import Shows
from explorer.core.session.session import Session, from_json, to_json
from explorer.core.target import Target
from explorer.core.token_weights import WeighTokens
from explorer.engine.attention.flow import relevance, rollout
from explorer.engine.attention.looks import looks_at
from explorer.engine.attention.norms import token_norms
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui.attention.words import NO_CLASS, NONE
from explorer.ui.widgets import text

Open = Callable[..., Any]
NAMES: dict[type, str] = {
    RecordAttention: "attention",
    Look: "look",
    SummariseHeads: "heads",
    FlowThrough: "flow",
    MeasureTokens: "norms",
    LookEverywhere: "overview",
    WeighTokens: "weights",
}


def turn(app: Any, mode: AttentionMode) -> None:
    """As a person does in the first column."""
    choose(app.compare.columns[0].mode, mode)
    app.rest()


def rolled(app: Any, at: int, query: Any) -> Flow:
    return rollout(list(recording(app, at).records.values()), query)


def given(app: Any, at: int) -> tuple[Any, Any, Any]:
    view = app.compare.columns[at]
    module, x = module_of(app, at), to_tensor(view.capture.picture, view.of.preprocess)
    return module, x, discover(module, x.clone()).plan


def raised(app: Any, at: int) -> Flow:
    best = app.compare.columns[at].capture.prediction[0].index
    module, x, plan = given(app, at)
    return relevance(module, x, Target("", best), plan, recording(app, at).calls)


def lengths(app: Any, at: int) -> tuple[TokenNorms, ...]:
    return token_norms(*given(app, at), recording(app, at).calls)


def same(app: Any, at: int, found: Flow) -> bool:
    return np.array_equal(pages(app)[at].tiles.values, found.map[None])


def asked_of(app: Any, monkeypatch: Any) -> list[str]:
    """Grows by the name of everything that columns ask of attention."""
    asked: list[str] = []
    submit = app.desk.submit

    def ask(request: Any, key: str) -> int:
        if type(request) in NAMES:
            asked.append(NAMES[type(request)])
        return int(submit(request, key))

    monkeypatch.setattr(app.desk, "submit", ask)
    return asked


def without(_module: Any, _args: Any, out: Any) -> Any:
    """What the edit of channels 1 and 4 does, as a hook."""
    out = out.clone()
    out[:, [1, 4]] = 0
    return out


def test_rollout_of_both_columns_is_that_of_the_method(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.ROLLOUT)
    assert same(app, 0, rolled(app, 0, 0))
    assert same(app, 1, rolled(app, 1, (1, 2)))  # the middle, where there is no class token
    one, two = pages(app)
    assert "What reaches CLS" in one.note.toolTip()
    assert "What reaches Patch (1, 2)" in two.note.toolTip()
    assert "row sums to 1.000000" in one.note.toolTip()
    assert f"60\u00a0% on {int(mass_mask(rolled(app, 0, 0).map).sum())} patches" in one.note.toolTip()
    assert heat(app.compare.columns[0].image).shape[:2] == (GRID[0], GRID[1])
    app.compare.keep((0.9, 0.1))
    app.rest()
    for at in (0, 1):
        assert same(app, at, rolled(app, at, (2, 0)))
        assert pointed(pages(app)[at].tiles) == (2, 0)
        assert app.compare.columns[at].image.window_box is not None


def test_rollout_follows_the_kept_place_and_not_the_pointer(attending: Open, monkeypatch: Any) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.ROLLOUT)
    asked = asked_of(app, monkeypatch)
    for at in (0, 1, 0):
        hover(app.compare.columns[at], 0.2 + 0.3 * at, 0.4)
        app.rest()
    assert asked == []
    tiles = pages(app)[0].tiles
    QTest.keyClick(tiles, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    app.rest()
    kept = pages(app)[0].through.query
    assert kept == (1, 2)  # the middle, from the class token
    QTest.keyClick(tiles, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    app.rest()
    assert same(app, 0, rolled(app, 0, (1, 1)))
    assert set(asked) == {"flow"}


def test_relevance_is_about_the_best_class_of_each_column(attending: Open) -> None:
    app = attending("planted", "patches", "tokens")
    turn(app, AttentionMode.RELEVANCE)
    for at in (0, 1):
        best = app.compare.columns[at].capture.prediction[0].index
        assert same(app, at, raised(app, at))
        assert f"“class {best}”" in pages(app)[at].note.toolTip()
        assert f"score {text.number(raised(app, at).value)}" in pages(app)[at].note.toolTip()
    assert message(pages(app)[2].tiles) == NO_CLASS
    assert heat(app.compare.columns[2].image) is None


def test_lengths_of_tokens_and_a_click_goes_to_the_block(attending: Open) -> None:
    app = attending("planted", "planted")
    turn(app, AttentionMode.NORMS)
    for at in (0, 1):
        found, tiles = lengths(app, at), pages(app)[at].tiles
        assert np.array_equal(tiles.values, np.stack([one.norms for one in found]))
        assert np.array_equal(marks(tiles), np.stack([one.outliers for one in found]))
    pages(app)[0].tiles.selected.emit(1, 0, 0)
    app.rest()
    assert app.compare.columns[0].shown.tap.name == "blocks.1"
    assert selected(pages(app)[0].tiles)[0] == 1
    assert "after blocks.1" in pages(app)[0].note.toolTip()


def test_all_blocks_for_the_place_under_the_cursor(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.BLOCKS)
    for place, queries in ((None, (0, (1, 2))), ((0.9, 0.1), ((2, 0), (2, 0)))):
        if place is not None:
            hover(app.compare.columns[1], *place)
            app.rest()
        for at, query in enumerate(queries):
            page, record = pages(app)[at], recording(app, at)
            for row, call in zip(page.blocks.rows, record.calls, strict=True):
                assert np.array_equal(row.maps, looks_at(record.of(call.name), query).maps)
            name = pages(app)[at].asking.call.name
            mask = mass_mask(looks_at(record.of(name), query).maps.mean(0))
            assert f"60\u00a0% on {int(mask.sum())} patches" in page.note.toolTip()
            assert app.compare.columns[at].centre is page.blocks
            assert page.tiles.isHidden()
    turn(app, AttentionMode.HEADS)
    assert app.compare.columns[0].centre is pages(app)[0].tiles
    assert len(pages(app)[0].tiles.names) == 4


def test_all_blocks_find_room_as_long_as_they_can_be_read(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.BLOCKS)
    page = pages(app)[0]
    blocks = page.blocks
    sizes = []
    for high in (400, 100, 20):
        blocks.fit(high)
        sizes.append(blocks.tile(0, 0).height())
        assert blocks.heightForWidth(blocks.width()) <= max(high, 60)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 24


def test_keys_stay_in_the_column(attending: Open) -> None:
    app = attending("planted", "patches")
    page = pages(app)[0]
    page.tiles.setFocus()
    turn(app, AttentionMode.BLOCKS)
    assert app.focused() is page.blocks
    app.compare.keep((0.9, 0.1))
    QTest.keyClick(page.blocks, Qt.Key.Key_Escape)
    assert app.compare.doc.kept is None
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(page.blocks, key)
    app.rest()
    assert pages(app)[0].asking.call.path == "blocks.1"


def test_a_head_of_another_block_leads_there(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.BLOCKS)
    blocks = pages(app)[0].blocks
    QTest.mouseClick(surface(blocks), Qt.MouseButton.LeftButton, pos=blocks.tile(1, 2).center().toPoint())
    app.rest()
    assert app.compare.doc.columns[0].head == 2
    assert pages(app)[0].asking.call.path == "blocks.1"
    assert "head 2" in pages(app)[0].note.toolTip()
    assert here(blocks) == (1, 2)


def test_all_blocks_under_edits(attending: Open) -> None:
    app = attending("patches", "patches")
    app.compare.set_edits(1, (Edit("patch", (1, 4)),))
    app.rest()
    turn(app, AttentionMode.BLOCKS)
    hook = module_of(app, 1).patch.register_forward_hook(without)
    record = recording(app, 1)
    hook.remove()
    for row, other in zip(pages(app)[1].blocks.rows, pages(app)[0].blocks.rows, strict=True):
        assert np.array_equal(row.maps, looks_at(record.of(row.name), (1, 2)).maps)
        assert not np.array_equal(row.maps, other.maps)


def test_blocks_that_cannot_be_kept_together_say_so(attending: Open) -> None:
    app = attending("planted", "patches")
    app.desk.worker.attentions.forget()
    app.desk.bench.store.budget = 1
    turn(app, AttentionMode.BLOCKS)
    app.compare.show()
    assert all("does not fit into memory" in message(page.tiles) for page in pages(app))
    assert not app.compare.attention_busy


@pytest.mark.parametrize("mode", [AttentionMode.ROLLOUT, AttentionMode.RELEVANCE, AttentionMode.NORMS])
def test_what_cannot_be_shown_says_why(attending: Open, mode: AttentionMode) -> None:
    app = attending("plain", "channels")
    turn(app, mode)
    assert message(pages(app)[0].tiles) == NONE
    assert pages(app)[1].tiles.values is None
    assert message(pages(app)[1].tiles)
    assert not pages(app)[1].button.isHidden()
    assert not app.compare.busy


def test_a_column_that_shows_something_else_asks_nothing(attending: Open, monkeypatch: Any, qtbot: Any) -> None:
    app = attending("planted", "patches", shown=False)
    asked = asked_of(app, monkeypatch)
    for mode in AttentionMode:
        app.compare.change(replace(app.compare.doc, attention=mode))
        app.compare.keep((0.2, 0.2))
        app.rest()
    assert asked == []
    assert all(view.mode.isHidden() for view in app.compare.columns)
    choose(app.compare.columns[1].view, Shows.ATTENTION)
    app.rest()
    assert "weights" in asked
    assert "norms" not in asked
    asked.clear()
    app.turn_to("explore")
    to_house(app, qtbot)
    app.rest()
    assert asked == []


def test_another_view_stops_what_runs(attending: Open) -> None:
    app = attending("planted", "patches")
    choose(app.compare.columns[0].mode, AttentionMode.ROLLOUT)
    column = pages(app)[0]
    assert column.through.flows.waiting
    assert "Computing" in message(pages(app)[0].tiles)
    choose(app.compare.columns[0].view, Shows.MAPS)
    assert not column.through.flows.waiting
    app.receive(Event(1, Lane.METHOD, "compare flow 0", rolled(app, 0, 0)))
    app.rest()
    assert pages(app)[0].tiles.values is None
    turn(app, AttentionMode.HEADS)
    choose(app.compare.columns[0].view, Shows.ATTENTION)
    app.rest()
    assert len(pages(app)[0].tiles.names) == 4


def test_a_failure_is_said_and_not_tried_again(attending: Open, monkeypatch: Any) -> None:
    app = attending("planted", "patches")
    choose(app.compare.columns[0].mode, AttentionMode.ROLLOUT)
    ticket = pages(app)[0].flow_ticket("compare flow 0")
    asked = asked_of(app, monkeypatch)
    failure = Failure("Lost.", "", "", "", "")
    app.receive(Event(ticket, Lane.METHOD, "compare flow 0", failure=failure))
    app.rest()
    app.compare.show()
    assert "Lost." in message(pages(app)[0].tiles)
    assert same(app, 1, rolled(app, 1, (1, 2)))
    assert asked == []


def test_edits_go_into_the_rollout_alone(attending: Open) -> None:
    app = attending("patches", "patches")
    app.compare.set_edits(1, (Edit("patch", (1, 4)),))
    app.rest()
    turn(app, AttentionMode.ROLLOUT)
    plain = rolled(app, 1, (1, 2))
    assert same(app, 0, plain)
    assert "edited" in app.compare.columns[1].subtitle.accessibleName()
    hook = module_of(app, 1).patch.register_forward_hook(without)
    edited = rolled(app, 1, (1, 2))
    hook.remove()
    assert not np.array_equal(plain.map, edited.map)
    assert same(app, 1, edited)
    for mode in (AttentionMode.RELEVANCE, AttentionMode.NORMS):
        turn(app, mode)
        assert pages(app)[0].tiles.values is not None
        assert "need a model without edits" in message(pages(app)[1].tiles)


# --- the document


def test_the_choice_is_part_of_a_session_and_of_all_columns(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.RELEVANCE)
    assert [view.mode.currentData() for view in app.compare.columns] == ["relevance"] * 2
    session = replace(Session(), comparison=app.compare.saved())
    assert session.comparison.attention is AttentionMode.RELEVANCE
    written = to_json(session)
    assert from_json(written) == session
    assert '"attention": "relevance"' in written
    old = written.replace('"attention": "relevance"', '"unknown": 1')
    assert from_json(old).comparison.attention is AttentionMode.HEADS
    with pytest.raises(ExplorerError):
        from_json(written.replace('"attention": "relevance"', '"attention": "guess"'))


def test_a_step_back_brings_the_last_choice_back(attending: Open) -> None:
    app = attending("planted", "patches")
    turn(app, AttentionMode.RELEVANCE)
    turn(app, AttentionMode.NORMS)
    app.history.back()
    app.rest()
    assert app.compare.doc.attention is AttentionMode.RELEVANCE
    assert [view.mode.currentData() for view in app.compare.columns] == ["relevance"] * 2


def test_a_picture_of_the_window_waits_for_it(attending: Open) -> None:
    app = attending("planted", "patches", shown=False)
    specs = tuple(view.card.spec for view in app.compare.columns)
    show(app.application, specs, "", 0, (1, 1), view="attention", attention="rollout")
    assert same(app, 0, rolled(app, 0, (1, 1)))
    assert same(app, 1, rolled(app, 1, (1, 1)))
