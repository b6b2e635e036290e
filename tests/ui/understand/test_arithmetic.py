"""The page that takes a cell apart: its numbers are the engine's, its boxes stand where the window is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from looks import frame_of, heat, pictures, table_rows
from PySide6.QtCore import Qt

from explorer.core import render
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui import theme
from explorer.ui.widgets import text


def opened(app: Any, cell: tuple[int, int] | None = (4, 5), **more: Any) -> Any:
    app.open_page("arithmetic")
    app.change(cell=cell, **more)
    app.rest()
    return app.page("arithmetic")


def test_nothing_is_computed_until_a_cell_is_chosen(app: Any) -> None:
    tab = opened(app, None)
    assert tab.found is None
    assert tab.message.text() == "Click a cell in the map to see its computation."
    assert not tab.body.isVisibleTo(app.main_window)


def test_the_numbers_are_those_of_plain_torch(app: Any, module: Any) -> None:
    tab = opened(app)
    assert tab.found.value == app.shown.maps[2, 4, 5]
    capture = app.capture
    weight, bias = (p[2].detach().double() for p in (module(app).conv.weight, module(app).conv.bias))
    x = to_tensor(open_input(capture.picture.ref), app.card.preprocess)[0]
    patch = x[:, 3:6, 4:7].double()
    total = float((patch * weight).sum() + bias)
    assert text.number(total, 5) in tab.headline.text()
    assert text.number(tab.found.value, 5) in tab.headline.text()
    rows = {row.label: row.value for row in table_rows(tab.table)}
    assert rows["sum"] == text.number(total, 5)
    assert len(tab.steps.text().splitlines()) == 3
    by_channel = (patch * weight).sum((1, 2))
    assert tab.channel == int(by_channel.abs().argmax())
    assert torch.allclose(torch.tensor(tab.patch.parts[0]), patch[tab.channel])


def same_map(app: Any, tab: Any) -> bool:
    """Whether the map beneath the window is that of the chosen input channel, coloured."""
    one = app.capture.values["relu"][tab.channel]
    limits = render.limits(one[None], render.ScaleMode.PER_MAP)
    colormap = theme.current().diverging if limits.signed else app.session.colormap
    return np.array_equal(pictures(tab.window_view)[0], render.colorize(one, limits, colormap))


def test_the_window_is_drawn_on_the_photo_and_on_the_map_before(app: Any) -> None:
    tab = opened(app, (7, 6), tap="down")
    assert tab.window_view.isVisibleTo(app.main_window)
    assert frame_of(tab.window_view) == (14, 12, 17, 15)
    assert same_map(app, tab)
    box = app.explore.input.picture.window_box
    affine = app.capture.picture.size[0] / 32
    assert box.y0 == pytest.approx(13 * affine)
    assert box.y1 == pytest.approx(18 * affine)
    app.open_page("values")
    assert app.explore.input.picture.window_box is None


def test_another_input_channel_shows_its_slice(app: Any) -> None:
    tab = opened(app, (7, 6), tap="down")
    before = tab.channel
    tab.choice.setCurrentIndex(1)
    tab.choice.activated.emit(1)
    assert tab.channel != before
    assert same_map(app, tab)
    chosen = tab.channel
    app.change(cell=(7, 7))
    app.rest()
    assert tab.channel == chosen


def test_the_window_steps_over_the_map_without_a_forward(app: Any, qtbot: Any, module: Any) -> None:
    tab = opened(app, (4, 31))
    forwards: list[int] = []
    handle = module(app).register_forward_hook(lambda *_: forwards.append(1))
    tab.ahead.click()
    app.rest()
    assert app.session.cell == (5, 0)
    assert tab.found.cell == (5, 0)
    tab.back.click()
    app.rest()
    assert tab.found.cell == (4, 31)
    assert not forwards
    handle.remove()
    app.change(cell=(31, 30))
    app.page("arithmetic").hurry()
    tab.play.setChecked(True)
    qtbot.waitUntil(lambda: not tab.play.isChecked(), timeout=60_000)
    app.rest()
    assert tab.found.cell == (31, 31)


def test_an_answer_to_another_cell_is_dropped(app: Any) -> None:
    tab = opened(app)
    shown = tab.found
    late = Event(1, Lane.METHOD, tab.key, value=shown.__class__("conv", 0, (0, 0), shown.steps))
    app.receive(late)
    assert tab.found is shown


def test_attention_is_shown_token_by_token(open_net: Any) -> None:
    app = open_net("make_attending", "attention[0]")
    app.change(blocks=True)
    tab = opened(app, (0, 1), tap="attention[0]")
    assert tab.found.tap == "attention[0]"
    assert tab.found.value == app.shown.maps[2, 0, 1]
    assert tab.found.agrees
    assert "32 products + bias" in tab.headline.text()
    labels = [row.label for row in table_rows(tab.table)]
    assert all(label.endswith((" h0", " h1")) and label.startswith("(") for label in labels[:6])
    assert sorted(tab.choice.itemText(i).split(":")[0] for i in range(2)) == ["head 0", "head 1"]
    patch = tab.found.steps[0].patch
    values, weights, products = tab.patch.parts  # as the 16 tokens lie in the picture
    assert (weights == patch.weights[tab.position].reshape(4, 4)).all()
    assert products == pytest.approx(values * weights)
    assert weights.sum() == pytest.approx(1)
    assert tab.before.text() == "values: a result of the function linear"
    assert not tab.window_view.isVisibleTo(app.main_window)
    assert app.banner.kind != "error"


def test_what_cannot_be_taken_apart_says_why(open_net: Any) -> None:
    tab = opened(open_net("make_cumulative", "kept"), (0, 1))
    assert tab.found is None  # said in place, not in the banner
    assert "cumsum" in tab.message.text()


def test_a_linear_layer_is_a_sum_without_a_window(app: Any) -> None:
    tab = opened(app, None, tap="fc", channel=1)
    assert tab.found.value == app.shown.vector[1]
    assert not tab.patch.isVisibleTo(app.main_window)
    assert "8 products" in tab.headline.text()


def test_the_effective_field_is_drawn_when_asked_for(app: Any) -> None:
    tab = opened(app, (7, 6), tap="down")
    assert heat(app.explore.input.picture) is None
    tab.field.setChecked(True)
    app.rest()
    assert heat(app.explore.input.picture) is not None
    assert "n = 1" in tab.field.text()
    tab.field.setChecked(False)
    assert heat(app.explore.input.picture) is None


def test_the_page_is_remembered_and_reached_by_keyboard(app: Any, open_net: Any, qtbot: Any) -> None:
    tabs = app.explore.channel.tabs
    tabs.setFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert app.explore.channel.page == "arithmetic"
    assert open_net().explore.channel.page == "arithmetic"


def test_the_model_is_left_as_it_was(app: Any, module: Any) -> None:
    before = {k: v.clone() for k, v in module(app).state_dict().items()}
    opened(app)
    net = module(app)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())
    assert all(p.requires_grad and p.grad is None for p in net.parameters())


def test_live_asks_to_pause(app: Any, qtbot: Any) -> None:
    from explorer.core.inputs import InputRef

    tab = opened(app)
    app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: app.live.playing, timeout=60_000)
    assert "Pause" in tab.message.text()
    app.live.stop()
    app.rest()
    assert tab.found is not None
