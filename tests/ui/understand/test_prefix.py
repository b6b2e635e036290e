"""A token before the grid as the selected cell: read out, taken apart, explained and silenced."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hands import surface
from looks import selected
from PySide6.QtCore import QPoint, Qt

from explorer.core.maximise import MaximiseSettings
from explorer.core.types import InputRef
from explorer.engine.inputs import open_input
from explorer.engine.inputs.arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.ui.widgets import text


def on(app: Any, settle: Any, qtbot: Any, token: int) -> None:
    """Clicks a token's entry of channel 3."""
    view = app.window.explore.maps.tokens
    place = view.picture
    at = QPoint(int(place.left() + place.width() / 8 * 3.5), 22 * token + 11)
    qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=at)
    settle(app)


@pytest.fixture
def classing(open_net: Any) -> Any:
    return open_net("make_classing", "after")


def test_a_click_takes_the_tokens_entry_as_the_cell(classing: Any, settle: Any, qtbot: Any) -> None:
    on(classing, settle, qtbot, 1)
    session, explore = classing.controller.session, classing.window.explore
    assert (session.cell, session.channel) == ((-1, 1), 3)
    value = classing.controller.view.shown.prefix[1, 3]
    assert explore.maps.tokens._token == 1
    assert selected(explore.maps.mosaic)[1] is None
    assert "REG1 = " in explore.channel.reading.text()
    assert float(explore.channel.reading.text().split("=")[1].replace("\u2212", "-")) == pytest.approx(value, rel=1e-5)
    classing.controller.change(cell=(2, 2))
    settle(classing)
    assert explore.maps.tokens._token is None
    assert selected(explore.maps.mosaic)[1] == (2, 2)


def test_its_arithmetic_is_that_of_its_row(classing: Any, settle: Any, qtbot: Any, module: Any) -> None:
    classing.window.explore.channel.set_page("arithmetic")
    on(classing, settle, qtbot, 0)
    tab = classing.window.explore.channel.arithmetic
    assert tab.found.cell == (-1, 0)
    assert tab.found.value == classing.controller.view.shown.prefix[0, 3]
    assert tab.found.agrees
    assert "no position" in tab.sees.text()
    classing.controller.change(tap="attention[0]", blocks=True)
    settle(classing)
    assert tab.found.tap == "attention[0]"
    assert tab.found.steps[0].patch.keys.names[:3] == ("CLS", "register 1", "(0, 0)")
    assert "CLS" in tab.before.text()
    assert tab.patch.parts[0].shape == (4, 4)


def test_one_steps_from_token_to_token_and_on_to_the_map(classing: Any, settle: Any, qtbot: Any) -> None:
    classing.window.explore.channel.set_page("arithmetic")
    on(classing, settle, qtbot, 0)
    tab, visited = classing.window.explore.channel.arithmetic, []
    for button in (tab.back, tab.ahead, tab.ahead, tab.ahead, tab.back, tab.back):
        button.click()
        settle(classing)
        visited.append(tab.found.cell)
    assert visited == [(-1, 0), (-1, 1), (0, 0), (0, 1), (0, 0), (-1, 1)]


def test_its_attribution_is_the_gradient_of_that_entry(classing: Any, settle: Any, qtbot: Any, module: Any) -> None:
    classing.window.explore.channel.set_page("attribution")
    on(classing, settle, qtbot, 0)
    tab = classing.window.explore.channel.attribution
    titles = [tab.target.itemText(i) for i in range(tab.target.count())]
    assert "channel 3 at CLS" in titles


def test_a_picture_is_made_for_it(classing: Any, settle: Any, qtbot: Any, module: Any) -> None:
    classing.window.explore.channel.set_page("maximise")
    on(classing, settle, qtbot, 1)
    tab = classing.window.explore.channel.maximise
    tab.choices.set_settings(MaximiseSettings(steps=12))
    tab.target.setCurrentIndex(tab.target.findText("channel 3 at REG1"))
    tab.target.activated.emit(tab.target.currentIndex())
    tab.run.click()
    settle(classing)
    control = classing.controller.understand.maximise
    assert control.found is not None
    assert control.found.done
    assert control.found.objective.cell == (-1, 1)
    assert control._now(control._asked) == pytest.approx(classing.controller.view.shown.prefix[1, 3])
    picture = picture_from_array(control.found.pictures[0], InputRef("clipboard"), "made")
    values: list[Any] = []
    handle = module(classing).after.register_forward_hook(lambda _m, _a, out: values.append(out))
    with torch.no_grad():
        module(classing)(to_tensor(picture, classing.controller.card.preprocess))
    handle.remove()
    assert control.found.value == pytest.approx(float(values[0][0, 1, 3]), rel=1e-4)


def test_it_is_silenced_by_its_name(classing: Any, settle: Any, qtbot: Any, module: Any) -> None:
    classing.window.explore.channel.set_page("ablation")
    on(classing, settle, qtbot, 0)
    tab = classing.window.explore.channel.ablation
    assert tab.silence.text() == "Zero CLS in all channels"
    tab.silence.click()
    settle(classing)
    capture = classing.controller.view.capture
    net = module(classing)
    x = to_tensor(open_input(capture.picture.ref), classing.controller.card.preprocess)
    handle = net.after.register_forward_hook(
        lambda _m, _a, out: torch.cat([torch.zeros_like(out[:, :1]), out[:, 1:]], 1)
    )
    with torch.no_grad():
        logits = net(x)[0]
    handle.remove()
    found = {guess.index: guess.logit for guess in capture.prediction}
    assert found == pytest.approx({i: float(v) for i, v in enumerate(logits)}, rel=1e-4, abs=1e-5)
    assert text.number(capture.values["after"][0, 0], 3) == "0"
