"""The page of ablations: the engine's numbers, edits that come and go, captures with and without edits kept apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hands import drag
from looks import classes, inside, shown_map
from PySide6.QtCore import Qt

from explorer.core.edits import Ablation, Edit
from explorer.core.types import InputRef
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.runner import Event, Lane
from explorer.ui.understand import words


def opened(app: Any, settle: Callable[[Any], None], **place: Any) -> Any:
    app.window.explore.channel.set_page("ablation")
    app.controller.change(**{"channel": 2, **place})
    settle(app)
    return app.controller.understand.ablation


def without(app: Any, net: Any, channels: tuple[int, ...]) -> tuple[Any, Any]:
    """(probabilities, the map of `down`) of plain torch when channels of the ReLU are silenced."""
    c = app.controller
    x = to_tensor(c.view.capture.picture, c.card.preprocess)
    with torch.no_grad():
        maps = net.relu(net.norm(net.conv(x))).clone()
        maps[:, list(channels)] = 0
        down = net.down(maps)
        return net.fc(net.pool(net.act(down)).flatten(1)).softmax(1)[0], down[0].numpy()


def test_the_bars_move_as_plain_torch_says_and_later_maps_follow(app: Any, settle: Any, module: Any) -> None:
    control = opened(app, settle)
    before = {g.index: g.probability for g in app.controller.view.capture.prediction}
    control.tab.zero.click()
    settle(app)
    after, down = without(app, module(app), (2,))
    bars = app.window.explore.input.prediction
    assert bars.edited
    assert "1 channel" in bars._mark
    for shift in classes(bars):
        assert shift.share == pytest.approx(float(after[shift.index]), abs=1e-5)
        assert shift.before == pytest.approx(before[shift.index], abs=1e-5)
    assert not app.controller.view.shown.maps[2].any()
    app.controller.change(tap="down")
    assert np.allclose(app.controller.view.shown.maps, down, atol=1e-5)
    assert app.controller.view.capture.edits


def test_edits_can_be_listed_removed_undone_and_cleared(app: Any, settle: Any, module: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    plain = app.controller.view.capture
    control.tab.zero.click()
    settle(app)
    app.controller.change(channel=4)
    control.tab.zero.click()
    settle(app)
    assert control.tab.list.count() == 2
    both, _ = without(app, module(app), (2, 4))
    shift = classes(app.window.explore.input.prediction)[0]
    assert shift.share == pytest.approx(float(both[shift.index]), abs=1e-5)
    qtbot.keyClick(app.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(app)
    assert control.edits == (Edit("relu", (2,)),)
    control.tab.list.setCurrentRow(0)
    qtbot.keyClick(control.tab.list, Qt.Key.Key_Delete)
    settle(app)
    assert control.edits == ()
    assert app.controller.view.capture is plain
    assert not app.window.explore.input.prediction.edited
    control.tab.undo.click()
    settle(app)
    assert app.controller.view.capture.edits
    control.tab.remove.click()
    settle(app)
    assert control.edits == ()
    control.tab.undo.click()
    settle(app)
    control.tab.clear_all.click()
    settle(app)
    assert app.controller.view.capture is plain
    assert app.controller.view.shown.maps[2].any()


def test_captures_without_edits_stay_without(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    plain = app.controller.view.capture
    control.tab.zero.click()
    settle(app)
    kept = app.desk.known(app.controller.card, app.controller.picture)
    assert not kept.edits
    assert np.array_equal(kept.values["relu"], plain.values["relu"])
    assert kept.values["relu"][2].any()
    app.controller.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: app.controller.view.capture.picture.ref.path == "house", timeout=60_000)
    settle(app)
    assert app.controller.view.capture.edits  # edits go on to the next picture
    assert not app.controller.view.shown.maps[2].any()
    assert not control.plain.edits


def test_an_edit_of_a_layer_that_the_budget_dropped_is_computed_when_looked_at(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    full = control.plain
    control.plain = type(full)(full.model, full.picture, full.taps, {"relu": full.values["relu"]}, full.prediction)
    control.tab.zero.click()
    settle(app)
    assert "down" not in app.controller.view.capture.values
    app.controller.change(tap="down")
    settle(app)
    assert app.controller.view.shown.tap.name == "down"
    assert app.window.banner.kind != "error"


def test_the_mean_and_a_silenced_cell(app: Any, settle: Any) -> None:
    control = opened(app, settle, cell=(5, 6))
    plain = app.controller.view.capture.values["relu"]
    control.tab.mean.click()
    settle(app)
    assert np.allclose(app.controller.view.shown.maps[2], plain[2].mean(), atol=1e-5)
    control.tab.clear_all.click()
    settle(app)
    control.tab.silence.click()
    settle(app)
    maps = app.controller.view.shown.maps
    assert not maps[:, 5, 6].any()
    assert np.array_equal(maps[:, 5, 7], plain[:, 5, 7])
    assert "1 region" in words.edited_mark(control.edits)


def test_channels_are_ranked_for_the_class_and_a_click_goes_there(app: Any, settle: Any, module: Any) -> None:
    control = opened(app, settle)
    control.tab.rank.click()
    settle(app)
    assert control.tab.ranking.count() == 6
    best = app.controller.view.capture.prediction[0]
    first = control.tab._channels[0]
    alone, _ = without(app, module(app), (first,))
    points = 100 * (float(alone[best.index]) - best.probability)
    assert words.text.points(points) in control.tab.ranking.item(0).text()
    control.tab.ranking.itemClicked.emit(control.tab.ranking.item(0))
    assert app.controller.session.channel == first


def test_a_ranking_can_be_cancelled(app: Any, settle: Any, module: Any) -> None:
    control = opened(app, settle)
    control.tab.rank.click()
    assert control.tab.rank.text() == "Cancel"
    control.tab.rank.click()
    assert control.tab.rank.text() != "Cancel"
    settle(app)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module(app).modules())


def test_an_edit_that_cannot_be_made_is_said_in_place_and_taken_back(app: Any, settle: Any) -> None:
    control = opened(app, settle, tap="fc", channel=1)
    control.tab.mean.click()
    settle(app)
    assert "changes nothing" in control.tab.result.text()
    assert control.edits == ()
    assert not app.controller.view.capture.edits
    assert app.window.banner.kind != "error"


def test_a_late_answer_is_dropped(app: Any, settle: Any) -> None:
    control = opened(app, settle)
    edits = (Edit("relu", (1,)),)
    stale = Ablation(edits, "x", (), {}, app.controller.view.capture.taps)
    app.controller.receive(Event(1, Lane.METHOD, "ablate", value=stale))
    assert not app.controller.view.capture.edits
    assert not control.edits


def test_the_other_pages_wait_for_the_edits_to_go(app: Any, settle: Any) -> None:
    control = opened(app, settle, cell=(4, 5))
    control.tab.zero.click()
    settle(app)
    app.window.explore.channel.set_page("arithmetic")
    tab = app.window.explore.channel.arithmetic
    assert "without edits" in tab.message.text()
    control._set(())
    settle(app)
    assert tab.found.value == app.controller.view.shown.maps[2, 4, 5]


def test_nothing_is_given_away_under_edits(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    control.tab.zero.click()
    settle(app)
    with qtbot.waitSignal(app.controller.failed) as said:
        app.commands.take_away.copy_python()
    assert "edited" in said.args[0].what


def test_the_model_is_left_as_it_was_and_another_one_has_no_edits(
    app: Any, settle: Any, module: Any, qtbot: Any
) -> None:
    from explorer.core.types import ModelSpec

    net = module(app)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    control = opened(app, settle)
    control.tab.zero.click()
    settle(app)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    old = app.controller.card.digest
    app.controller.open_model(ModelSpec("demo:seeded"))
    qtbot.waitUntil(lambda: app.controller.view.capture.model not in (old, ""), timeout=60_000)
    settle(app)
    assert control.edits == ()
    assert not app.controller.view.capture.edits


# --- a part of a map


def marked(app: Any, qtbot: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drags over the large map from one cell to another."""
    view = app.window.explore.channel.map
    rows, columns = shown_map(view).shape
    first, last = (inside(view, (y + 0.5) / rows, (x + 0.5) / columns) for y, x in (start, end))
    drag(view, first, last)


def test_a_region_of_one_channel_and_of_all(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    plain = app.controller.view.capture.values["relu"]
    marked(app, qtbot, (4, 6), (9, 20))
    assert "(4, 6) … (9, 20)" in control.tab.subject.text()
    control.tab.zero.click()
    settle(app)
    inside = np.zeros(plain.shape, bool)
    inside[2, 4:10, 6:21] = True
    assert np.array_equal(app.controller.view.shown.maps, np.where(inside, 0, plain))
    control.tab.silence.click()
    settle(app)
    inside[:, 4:10, 6:21] = True
    assert np.array_equal(app.controller.view.shown.maps, np.where(inside, 0, plain))
    assert [edit.region for edit in control.edits] == [(4, 6, 10, 21)] * 2
    assert "(9, 20)" in control.tab.list.item(0).text()
    app.controller.change(tap="down")
    assert control._region is None
    assert "…" not in control.tab.subject.text()


def test_a_region_is_silenced_while_the_input_moves(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene")
    marked(app, qtbot, (0, 0), (15, 31))
    control.tab.silence.click()
    playing(app, qtbot, lambda: edited(app))
    maps, own = app.controller.view.capture.values["relu"], control.plain.values["relu"]
    assert not maps[:, :16].any()
    assert np.array_equal(maps[:, 16:], own[:, 16:])


def test_only_this_page_draws_regions(app: Any, settle: Any, qtbot: Any) -> None:
    opened(app, settle)
    marked(app, qtbot, (1, 1), (3, 3))
    assert app.window.explore.channel.map.band == (1, 1, 4, 4)
    app.window.explore.channel.set_page("values")
    assert app.window.explore.channel.map.band is None
    marked(app, qtbot, (1, 1), (3, 3))
    assert app.window.explore.channel.map.band is None


# --- what moves


def playing(app: Any, qtbot: Any, ready: Callable[[], bool]) -> None:
    """The test scene plays until `ready`."""
    if not app.controller.live.playing:
        app.controller.play_input(InputRef("scene"))
    qtbot.waitUntil(lambda: app.controller.live.playing and ready(), timeout=60_000)


def edited(app: Any) -> bool:
    return bool(app.controller.view.capture.edits) and app.controller.view.whole


def test_edits_are_made_in_every_live_frame(app: Any, settle: Any, module: Any, qtbot: Any) -> None:
    """The frames that are shown, whichever they are, are those of plain torch under the edits."""
    control = opened(app, settle)
    shown: list[Any] = []
    app.controller.captured.connect(shown.append)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene")
    control.tab.zero.click()
    app.controller.change(tap="down")
    playing(app, qtbot, lambda: edited(app) and app.controller.view.shown.tap.name == "down")
    bars = app.window.explore.input.prediction
    assert bars.edited
    assert "edited" in app.window.explore.maps.subtitle._whole
    first = classes(bars)[0]
    after, down = without(app, module(app), (2,))
    assert first.share == pytest.approx(float(after[first.index]), abs=1e-5)
    assert np.allclose(app.controller.view.capture.values["down"], down, atol=1e-5)
    own = {g.index: g.probability for g in control.plain.prediction}
    assert first.before == pytest.approx(own[first.index], abs=1e-6)
    assert not control.plain.edits
    app.controller.live.stop()
    settle(app)
    assert app.controller.view.capture.edits  # the frame that stays, all of its layers
    assert not app.controller.view.capture.values["relu"][2].any()
    since = next(at for at, capture in enumerate(shown) if capture.edits)
    live = [capture for capture in shown[since:] if capture.edits]
    assert live
    assert all(not capture.values["relu"][2].any() for capture in live if "relu" in capture.values)


def test_live_edits_come_and_go(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene")
    control.tab.zero.click()
    playing(app, qtbot, lambda: edited(app))
    control.tab.undo.click()
    playing(app, qtbot, lambda: not app.controller.view.capture.edits)
    assert not app.window.explore.input.prediction.edited
    assert "edited" not in app.window.explore.maps.subtitle._whole
    app.controller.live.stop()
    settle(app)
    assert not app.controller.view.capture.edits


def test_a_frame_of_other_edits_is_passed_over(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene")
    control.tab.zero.click()
    playing(app, qtbot, lambda: edited(app))
    before = app.controller.view.capture
    for stale in (control.plain, type(before)(before.model, before.picture, before.taps, {}, edits="other")):
        app.controller.receive(Event(1, Lane.LIVE, "live", value=stale, partial=True))
        assert app.controller.view.capture is before


def test_a_frozen_channel_keeps_the_values_of_its_picture(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    still = app.controller.view.capture.values["relu"].copy()
    control.tab.freeze.click()
    settle(app)
    assert np.array_equal(app.controller.view.shown.maps, still)  # on its own picture nothing changes
    app.controller.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: app.controller.view.capture.picture.ref.path == "house", timeout=60_000)
    settle(app)
    maps = app.controller.view.shown.maps
    assert still[2].any()
    assert np.array_equal(maps[2], still[2])
    assert not np.array_equal(np.delete(maps, 2, 0), np.delete(still, 2, 0))
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene" and edited(app))
    assert np.array_equal(app.controller.view.capture.values["relu"][2], still[2])
    assert "held" in control.tab.list.item(0).text()
    control.tab.clear_all.click()
    app.controller.live.stop()
    settle(app)
    control._past.clear()
    assert not control.frozen()  # what nothing needs is let go


def test_a_live_edit_that_cannot_be_made_is_taken_back_and_the_input_goes_on(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle, tap="fc", channel=1)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene")
    control.tab.mean.click()
    playing(app, qtbot, lambda: not control.edits)
    here = app.controller.view.capture.number
    playing(app, qtbot, lambda: app.controller.view.capture.number > here)
    assert not app.controller.view.capture.edits
    assert app.window.banner.kind != "error"


def test_a_ranking_waits_for_the_pause(app: Any, settle: Any, qtbot: Any) -> None:
    control = opened(app, settle)
    playing(app, qtbot, lambda: app.controller.view.capture.picture.ref.kind == "scene" and control.tab.playing)
    assert not control.tab.rank.isEnabled()
    assert "Pause" in control.tab.rank_note.text()
    assert control.tab.zero.isVisible()
    app.controller.live.stop()
    settle(app)
    assert control.tab.rank.isEnabled()
