"""The page of attributions: the engine's numbers, its map over the picture, its check; and what goes wrong, in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from looks import curves, heat, pictures, table_rows
from PySide6.QtCore import Qt

from explorer.core.attribution import AttributionSettings
from explorer.core.inputs import InputRef
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Event, Lane

METHODS = ("gradient", "guided-backprop", "grad-cam", "integrated-gradients")


def opened(app: Any) -> Any:
    app.open_page("attribution")
    app.rest()
    return app.page("attribution")


def expected(app: Any, module: Any, target: Target, method: str) -> Any:
    x = to_tensor(app.capture.picture, app.card.preprocess)
    return finished(explain(method, module, x, target, discover(module, x.clone()).plan, AttributionSettings()))


@pytest.mark.parametrize("method", METHODS)
def test_the_numbers_are_the_engines(app: Any, module: Any, method: str) -> None:
    control = opened(app)
    assert control.choose(method)
    control.start()
    app.rest()
    best = app.capture.prediction[0]
    found = expected(app, module(app), Target("", best.index), method)
    assert np.allclose(control.found.values, found.values, atol=1e-6)
    assert control.found.value == pytest.approx(best.logit, rel=1e-4)
    rows = {row.label: row.value for row in table_rows(control.numbers)}
    assert rows["target"] == best.label
    if method == "guided-backprop":
        assert rows["ReLUs guided"] == "2 of 2"
    if method == "grad-cam":
        assert rows["layer"] == found.layer
    if method == "integrated-gradients":
        assert "completeness gap" in rows
    assert heat(app.explore.input.picture) is not None


def test_a_channel_a_cell_and_another_class_can_be_explained(app: Any, qtbot: Any) -> None:
    control = opened(app)
    app.change(cell=(3, 4))
    app.rest()
    for kind, target in (("channel", Target("relu", 2)), ("cell", Target("relu", 2, (3, 4)))):
        control.target.setCurrentIndex(control.target.findData(kind))
        control.target.activated.emit(0)
        app.rest()
        control.start()
        app.rest()
        assert control.found.target == target
    assert control.found.value == pytest.approx(app.shown.maps[2, 3, 4], rel=1e-5)
    second = app.capture.prediction[1]
    bars = app.explore.input.prediction
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    app.rest()
    assert control.found is not None  # a class that is chosen is explained at once
    control.start()
    app.rest()
    assert control.found.target == Target("", second.index)
    assert control.found.value == pytest.approx(second.logit, rel=1e-4)


def test_methods_that_cannot_be_had_are_disabled_with_the_reason(open_net: Any) -> None:
    app = open_net("make_smooth")
    control = opened(app)
    at = control.method.findData("guided-backprop")
    item = control.method.model().item(at)
    assert not item.isEnabled()
    assert "no ReLU" in item.toolTip()
    assert not control.choose("deconvnet")
    assert control.choose("gradient")


def test_the_way_of_drawing_changes_without_computing(app: Any) -> None:
    control = opened(app)
    control.start()
    app.rest()
    picture, found = app.explore.input.picture, control.found
    before = heat(picture).copy()
    control.strength.setValue(20)
    weaker = heat(picture).copy()
    assert not np.array_equal(before, weaker)
    control.signed.setChecked(False)
    assert not np.array_equal(weaker, heat(picture))
    assert control.found is found
    assert not app.desk.runner.busy


def test_the_check_shows_a_twin_and_two_curves(app: Any) -> None:
    control = opened(app)
    assert not control.check.isEnabled()
    control.start()
    app.rest()
    control.check.click()
    app.rest()
    assert curves(control.plot) == ["deletion", "insertion"]
    assert "rank correlation" in control.twin_words.text()
    assert len(pictures(control.twin)) == 1
    control.start()
    assert not control.plot.isVisibleTo(app.main_window)


def test_cancelling_keeps_the_window_and_the_model(app: Any, module: Any, qtbot: Any) -> None:
    before = {k: v.clone() for k, v in module(app).state_dict().items()}
    control = opened(app)
    control.choose("occlusion")
    control.start()
    assert control.run.text() == "Cancel"
    qtbot.mouseClick(control.run, Qt.MouseButton.LeftButton)
    assert control.run.text() == "Run"
    app.rest()
    net = module(app)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert all(p.requires_grad and p.grad is None for p in net.parameters())
    control.start()
    app.rest()
    assert control.found.fraction == 1


def test_another_picture_takes_the_map_away_and_late_answers_with_it(app: Any, qtbot: Any) -> None:
    control = opened(app)
    control.start()
    app.rest()
    old = control.found
    app.open_input(InputRef("sample", "house"))
    qtbot.waitUntil(lambda: app.capture.picture.ref.path == "house", timeout=60_000)
    assert control.found is None
    assert heat(app.explore.input.picture) is None
    app.receive(Event(1, Lane.METHOD, control.key, value=old))
    assert control.found is None


def test_leaving_the_page_hides_the_map_and_coming_back_shows_it(app: Any) -> None:
    control = opened(app)
    control.start()
    app.rest()
    app.open_page("values")
    assert heat(app.explore.input.picture) is None
    app.open_page("attribution")
    assert heat(app.explore.input.picture) is not None


def test_an_error_is_said_in_place(app: Any, module: Any) -> None:
    control = opened(app)
    handle = module(app).fc.register_forward_hook(lambda _m, _a, out: out * float("nan"))
    control.start()
    app.rest()
    handle.remove()
    assert control.found is None
    assert control.notes.text()
    assert app.banner.kind != "error"


def test_every_control_is_reached_by_keyboard(app: Any) -> None:
    tab = opened(app)
    for widget in (tab.method, tab.target, tab.run, tab.check, tab.signed, tab.percentile, tab.strength):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
