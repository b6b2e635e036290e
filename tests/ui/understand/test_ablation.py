"""The page of ablations: the engine's numbers, edits that come and go, captures with and without edits kept apart."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from hands import drag
from looks import classes, inside, shown_map
from PySide6.QtCore import Qt

from explorer.core.inputs import InputRef
from explorer.core.interventions import Ablation, Edit
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui.model_pane.edit_words import edited_mark
from explorer.ui.widgets import text


def opened(app: Any, **place: Any) -> Any:
    app.open_page("ablation")
    app.change(**{"channel": 2, **place})
    app.rest()
    return app.page("ablation")


def without(app: Any, net: Any, channels: tuple[int, ...]) -> tuple[Any, Any]:
    """(probabilities, the map of `down`) of plain torch when channels of the ReLU are silenced."""
    x = to_tensor(app.capture.picture, app.card.preprocess)
    with torch.no_grad():
        maps = net.relu(net.norm(net.conv(x))).clone()
        maps[:, list(channels)] = 0
        down = net.down(maps)
        return net.fc(net.pool(net.act(down)).flatten(1)).softmax(1)[0], down[0].numpy()


def test_the_bars_move_as_plain_torch_says_and_later_maps_follow(app: Any, module: Any) -> None:
    control = opened(app)
    before = {g.index: g.probability for g in app.capture.prediction}
    control.zero.click()
    app.rest()
    after, down = without(app, module(app), (2,))
    bars = app.explore.input.prediction
    assert bars.edited
    assert "1 channel" in bars.note.accessibleName()
    for shift in classes(bars):
        assert shift.share == pytest.approx(float(after[shift.index]), abs=1e-5)
        assert shift.before == pytest.approx(before[shift.index], abs=1e-5)
    assert not app.shown.maps[2].any()
    app.change(tap="down")
    assert np.allclose(app.shown.maps, down, atol=1e-5)
    assert app.capture.edits


def test_edits_can_be_listed_removed_undone_and_cleared(app: Any, module: Any, qtbot: Any) -> None:
    control = opened(app)
    plain = app.capture
    control.zero.click()
    app.rest()
    app.change(channel=4)
    control.zero.click()
    app.rest()
    assert control.list.count() == 2
    both, _ = without(app, module(app), (2, 4))
    shift = classes(app.explore.input.prediction)[0]
    assert shift.share == pytest.approx(float(both[shift.index]), abs=1e-5)
    app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    app.rest()
    assert control.edits == (Edit("relu", (2,)),)
    control.list.setCurrentRow(0)
    qtbot.keyClick(control.list, Qt.Key.Key_Delete)
    app.rest()
    assert control.edits == ()
    assert app.capture is plain
    assert not app.explore.input.prediction.edited
    control.undo.click()
    app.rest()
    assert app.capture.edits
    control.remove.click()
    app.rest()
    assert control.edits == ()
    control.undo.click()
    app.rest()
    control.clear_all.click()
    app.rest()
    assert app.capture is plain
    assert app.shown.maps[2].any()


def test_captures_without_edits_stay_without(app: Any, qtbot: Any) -> None:
    control = opened(app)
    plain = app.capture
    control.zero.click()
    app.rest()
    kept = app.desk.known(app.card, app.picture)
    assert not kept.edits
    assert np.array_equal(kept.values["relu"], plain.values["relu"])
    assert kept.values["relu"][2].any()
    app.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: app.capture.picture.ref.path == "house", timeout=60_000)
    app.rest()
    assert app.capture.edits  # edits go on to the next picture
    assert not app.shown.maps[2].any()
    assert not control.plain.edits


def test_an_edit_of_a_layer_that_the_budget_dropped_is_computed_when_looked_at(app: Any) -> None:
    control = opened(app)
    full = control.plain
    control.set_plain(type(full)(full.model, full.picture, full.taps, {"relu": full.values["relu"]}, full.prediction))
    control.zero.click()
    app.rest()
    assert "down" not in app.capture.values
    app.change(tap="down")
    app.rest()
    assert app.shown.tap.name == "down"
    assert app.banner.kind != "error"


def test_the_mean_and_a_silenced_cell(app: Any) -> None:
    control = opened(app, cell=(5, 6))
    plain = app.capture.values["relu"]
    control.mean.click()
    app.rest()
    assert np.allclose(app.shown.maps[2], plain[2].mean(), atol=1e-5)
    control.clear_all.click()
    app.rest()
    control.silence.click()
    app.rest()
    maps = app.shown.maps
    assert not maps[:, 5, 6].any()
    assert np.array_equal(maps[:, 5, 7], plain[:, 5, 7])
    assert "1 region" in edited_mark(control.edits)


def test_channels_are_ranked_for_the_class_and_a_click_goes_there(app: Any, module: Any) -> None:
    control = opened(app)
    control.rank.click()
    app.rest()
    assert control.ranking.count() == 6
    best = app.capture.prediction[0]
    first = control.ranked[0]
    alone, _ = without(app, module(app), (first,))
    points = 100 * (float(alone[best.index]) - best.probability)
    assert text.points(points) in control.ranking.item(0).text()
    control.ranking.itemClicked.emit(control.ranking.item(0))
    assert app.session.channel == first


def test_a_ranking_can_be_cancelled(app: Any, module: Any) -> None:
    control = opened(app)
    control.rank.click()
    assert control.rank.text() == "Cancel"
    control.rank.click()
    assert control.rank.text() != "Cancel"
    app.rest()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module(app).modules())


def test_an_edit_that_cannot_be_made_is_said_in_place_and_taken_back(app: Any) -> None:
    control = opened(app, tap="fc", channel=1)
    control.mean.click()
    app.rest()
    assert "changes nothing" in control.result.text()
    assert control.edits == ()
    assert not app.capture.edits
    assert app.banner.kind != "error"


def test_a_late_answer_is_dropped(app: Any) -> None:
    control = opened(app)
    edits = (Edit("relu", (1,)),)
    stale = Ablation(edits, "x", (), {}, app.capture.taps)
    app.receive(Event(1, Lane.METHOD, "ablate", value=stale))
    assert not app.capture.edits
    assert not control.edits


def test_the_other_pages_wait_for_the_edits_to_go(app: Any) -> None:
    control = opened(app, cell=(4, 5))
    control.zero.click()
    app.rest()
    app.open_page("arithmetic")
    tab = app.page("arithmetic")
    assert "without edits" in tab.message.text()
    control.put(())
    app.rest()
    assert tab.found.value == app.shown.maps[2, 4, 5]


def test_nothing_is_given_away_under_edits(app: Any, qtbot: Any) -> None:
    control = opened(app)
    control.zero.click()
    app.rest()
    with qtbot.waitSignal(app.failed) as said:
        app.commands.take_away.copy_python()
    assert "edited" in said.args[0].what


def test_the_model_is_left_as_it_was_and_another_one_has_no_edits(app: Any, module: Any, qtbot: Any) -> None:
    from explorer.core.models import ModelSpec

    net = module(app)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    control = opened(app)
    control.zero.click()
    app.rest()
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    old = app.card.digest
    app.open_model(ModelSpec("demo:seeded"))
    qtbot.waitUntil(lambda: app.capture.model not in (old, ""), timeout=60_000)
    app.rest()
    assert control.edits == ()
    assert not app.capture.edits


# --- a part of a map


def marked(app: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drags over the large map from one cell to another."""
    view = app.explore.channel.map
    rows, columns = shown_map(view).shape
    first, last = (inside(view, (y + 0.5) / rows, (x + 0.5) / columns) for y, x in (start, end))
    drag(view, first, last)


def test_a_region_of_one_channel_and_of_all(app: Any) -> None:
    control = opened(app)
    plain = app.capture.values["relu"]
    marked(app, (4, 6), (9, 20))
    assert "(4, 6) … (9, 20)" in control.subject.text()
    control.zero.click()
    app.rest()
    inside = np.zeros(plain.shape, bool)
    inside[2, 4:10, 6:21] = True
    assert np.array_equal(app.shown.maps, np.where(inside, 0, plain))
    control.silence.click()
    app.rest()
    inside[:, 4:10, 6:21] = True
    assert np.array_equal(app.shown.maps, np.where(inside, 0, plain))
    assert [edit.region for edit in control.edits] == [(4, 6, 10, 21)] * 2
    assert "(9, 20)" in control.list.item(0).text()
    app.change(tap="down")
    assert control.region is None
    assert "…" not in control.subject.text()


def test_a_region_is_silenced_while_the_input_moves(app: Any, qtbot: Any) -> None:
    control = opened(app)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene")
    marked(app, (0, 0), (15, 31))
    control.silence.click()
    playing(app, qtbot, lambda: edited(app))
    maps, own = app.capture.values["relu"], control.plain.values["relu"]
    assert not maps[:, :16].any()
    assert np.array_equal(maps[:, 16:], own[:, 16:])


def test_only_this_page_draws_regions(app: Any) -> None:
    opened(app)
    marked(app, (1, 1), (3, 3))
    assert app.explore.channel.map.band == (1, 1, 4, 4)
    app.open_page("values")
    assert app.explore.channel.map.band is None
    marked(app, (1, 1), (3, 3))
    assert app.explore.channel.map.band is None


# --- what moves


def playing(app: Any, qtbot: Any, ready: Callable[[], bool]) -> None:
    """The test scene plays until `ready`."""
    if not app.live.playing:
        app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: app.live.playing and ready(), timeout=60_000)


def edited(app: Any) -> bool:
    return bool(app.capture.edits) and app.explore.whole


def test_edits_are_made_in_every_live_frame(app: Any, module: Any, qtbot: Any) -> None:
    """The frames that are shown, whichever they are, are those of plain torch under the edits."""
    control = opened(app)
    net = deepcopy(module(app))  # the worker goes on with its own while plain torch computes here
    shown: list[Any] = []
    app.captured.connect(shown.append)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene")
    control.zero.click()
    app.change(tap="down")
    playing(app, qtbot, lambda: edited(app) and app.shown.tap.name == "down")
    bars = app.explore.input.prediction
    assert bars.edited
    assert "edited" in app.explore.maps.subtitle.accessibleName()
    first = classes(bars)[0]
    after, down = without(app, net, (2,))
    assert first.share == pytest.approx(float(after[first.index]), abs=1e-5)
    assert np.allclose(app.capture.values["down"], down, atol=1e-5)
    own = {g.index: g.probability for g in control.plain.prediction}
    assert first.before == pytest.approx(own[first.index], abs=1e-6)
    assert not control.plain.edits
    app.live.stop()
    app.rest()
    assert app.capture.edits  # the frame that stays, all of its layers
    assert not app.capture.values["relu"][2].any()
    since = next(at for at, capture in enumerate(shown) if capture.edits)
    live = [capture for capture in shown[since:] if capture.edits]
    assert live
    assert all(not capture.values["relu"][2].any() for capture in live if "relu" in capture.values)


def test_live_edits_come_and_go(app: Any, qtbot: Any) -> None:
    control = opened(app)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene")
    control.zero.click()
    playing(app, qtbot, lambda: edited(app))
    control.undo.click()
    playing(app, qtbot, lambda: not app.capture.edits)
    assert not app.explore.input.prediction.edited
    assert "edited" not in app.explore.maps.subtitle.accessibleName()
    app.live.stop()
    app.rest()
    assert not app.capture.edits


def test_a_frame_of_other_edits_is_passed_over(app: Any, qtbot: Any) -> None:
    control = opened(app)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene")
    control.zero.click()
    playing(app, qtbot, lambda: edited(app))
    before = app.capture
    for stale in (control.plain, type(before)(before.model, before.picture, before.taps, {}, edits="other")):
        app.receive(Event(1, Lane.LIVE, "live", value=stale, partial=True))
        assert app.capture is before


def test_a_frozen_channel_keeps_the_values_of_its_picture(app: Any, qtbot: Any) -> None:
    control = opened(app)
    still = app.capture.values["relu"].copy()
    control.freeze.click()
    app.rest()
    assert np.array_equal(app.shown.maps, still)  # on its own picture nothing changes
    app.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: app.capture.picture.ref.path == "house", timeout=60_000)
    app.rest()
    maps = app.shown.maps
    assert still[2].any()
    assert np.array_equal(maps[2], still[2])
    assert not np.array_equal(np.delete(maps, 2, 0), np.delete(still, 2, 0))
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene" and edited(app))
    assert np.array_equal(app.capture.values["relu"][2], still[2])
    assert "held" in control.list.item(0).text()
    control.clear_all.click()
    app.live.stop()
    app.rest()
    control.forget_history()
    assert not control.frozen()  # what nothing needs is let go


def test_a_live_edit_that_cannot_be_made_is_taken_back_and_the_input_goes_on(app: Any, qtbot: Any) -> None:
    control = opened(app, tap="fc", channel=1)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene")
    control.mean.click()
    playing(app, qtbot, lambda: not control.edits)
    here = app.capture.number
    playing(app, qtbot, lambda: app.capture.number > here)
    assert not app.capture.edits
    assert app.banner.kind != "error"


def test_a_ranking_waits_for_the_pause(app: Any, qtbot: Any) -> None:
    control = opened(app)
    playing(app, qtbot, lambda: app.capture.picture.ref.kind == "scene" and control.playing)
    assert not control.rank.isEnabled()
    assert "Pause" in control.rank_note.text()
    assert control.zero.isVisible()
    app.live.stop()
    app.rest()
    assert control.rank.isEnabled()
