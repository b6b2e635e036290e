"""A token before the grid as the selected cell: read out, taken apart, explained and silenced."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hands import surface
from looks import selected, token
from PySide6.QtCore import QPoint, Qt

from explorer.core.inputs import InputRef
from explorer.core.maximisation import MaximiseSettings
from explorer.engine.inputs import open_input
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.ui.widgets import text


def on(app: Any, qtbot: Any, token: int) -> None:
    """Clicks a token's entry of channel 3."""
    view = app.explore.maps.tokens
    place = view.picture
    at = QPoint(int(place.left() + place.width() / 8 * 3.5), 22 * token + 11)
    qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=at)
    app.rest()


@pytest.fixture
def classing(open_net: Any) -> Any:
    return open_net("make_classing", "after")


def test_a_click_takes_the_tokens_entry_as_the_cell(classing: Any, qtbot: Any) -> None:
    on(classing, qtbot, 1)
    session, explore = classing.session, classing.explore
    assert (session.cell, session.channel) == ((-1, 1), 3)
    value = classing.shown.prefix[1, 3]
    assert token(explore.maps.tokens) == 1
    assert selected(explore.maps.mosaic)[1] is None
    assert "REG1 = " in explore.channel.reading.text()
    assert float(explore.channel.reading.text().split("=")[1].replace("\u2212", "-")) == pytest.approx(value, rel=1e-5)
    classing.change(cell=(2, 2))
    classing.rest()
    assert token(explore.maps.tokens) is None
    assert selected(explore.maps.mosaic)[1] == (2, 2)


def test_its_arithmetic_is_that_of_its_row(classing: Any, qtbot: Any, module: Any) -> None:
    classing.open_page("arithmetic")
    on(classing, qtbot, 0)
    tab = classing.page("arithmetic")
    assert tab.found.cell == (-1, 0)
    assert tab.found.value == classing.shown.prefix[0, 3]
    assert tab.found.agrees
    assert "no position" in tab.sees.text()
    classing.change(tap="attention[0]", blocks=True)
    classing.rest()
    assert tab.found.tap == "attention[0]"
    assert tab.found.steps[0].patch.keys.names[:3] == ("CLS", "register 1", "(0, 0)")
    assert "CLS" in tab.before.text()
    assert tab.patch.parts[0].shape == (4, 4)


def test_one_steps_from_token_to_token_and_on_to_the_map(classing: Any, qtbot: Any) -> None:
    classing.open_page("arithmetic")
    on(classing, qtbot, 0)
    tab, visited = classing.page("arithmetic"), []
    for button in (tab.back, tab.ahead, tab.ahead, tab.ahead, tab.back, tab.back):
        button.click()
        classing.rest()
        visited.append(tab.found.cell)
    assert visited == [(-1, 0), (-1, 1), (0, 0), (0, 1), (0, 0), (-1, 1)]


def test_its_attribution_is_the_gradient_of_that_entry(classing: Any, qtbot: Any, module: Any) -> None:
    classing.open_page("attribution")
    on(classing, qtbot, 0)
    tab = classing.page("attribution")
    titles = [tab.target.itemText(i) for i in range(tab.target.count())]
    assert "channel 3 at CLS" in titles


def test_a_picture_is_made_for_it(classing: Any, qtbot: Any, module: Any) -> None:
    classing.open_page("maximise")
    on(classing, qtbot, 1)
    tab = classing.page("maximise")
    tab.choices.set_settings(MaximiseSettings(steps=12))
    tab.target.setCurrentIndex(tab.target.findText("channel 3 at REG1"))
    tab.target.activated.emit(tab.target.currentIndex())
    tab.run.click()
    classing.rest()
    control = classing.page("maximise")
    assert control.found is not None
    assert control.found.done
    assert control.found.objective.cell == (-1, 1)
    assert control.now == pytest.approx(classing.shown.prefix[1, 3])
    picture = picture_from_array(control.found.pictures[0], InputRef("clipboard"), "made")
    values: list[Any] = []
    handle = module(classing).after.register_forward_hook(lambda _m, _a, out: values.append(out))
    with torch.no_grad():
        module(classing)(to_tensor(picture, classing.card.preprocess))
    handle.remove()
    assert control.found.value == pytest.approx(float(values[0][0, 1, 3]), rel=1e-4)


def test_it_is_silenced_by_its_name(classing: Any, qtbot: Any, module: Any) -> None:
    classing.open_page("ablation")
    on(classing, qtbot, 0)
    tab = classing.page("ablation")
    assert tab.silence.text() == "Zero CLS in all channels"
    tab.silence.click()
    classing.rest()
    capture = classing.capture
    net = module(classing)
    x = to_tensor(open_input(capture.picture.ref), classing.card.preprocess)
    handle = net.after.register_forward_hook(
        lambda _m, _a, out: torch.cat([torch.zeros_like(out[:, :1]), out[:, 1:]], 1)
    )
    with torch.no_grad():
        logits = net(x)[0]
    handle.remove()
    found = {guess.index: guess.logit for guess in capture.prediction}
    assert found == pytest.approx({i: float(v) for i, v in enumerate(logits)}, rel=1e-4, abs=1e-5)
    assert text.number(capture.values["after"][0, 0], 3) == "0"
