"""One way back and forward through the real window, wherever something was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of
from explorer.core.models import ModelSpec
from explorer.core.session.session import to_json

Key, Mod = Qt.Key, Qt.KeyboardModifier
SEEDED, UNTRAINED = ModelSpec("demo:seeded"), ModelSpec("demo:seeded", seed=3)
HOUSE = InputRef("sample", "house")


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    one = window()
    one.start(SEEDED, InputRef("sample", "cat"))
    one.wait_capture()
    one.rest()
    one.change(tap="stem", channel=2)
    one.open_page("ablation")
    one.rest()
    return one


def undo(app: Any) -> None:
    app.press(Key.Key_Z, Mod.ControlModifier)
    app.rest()


def redo(app: Any) -> None:
    app.press(Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    app.rest()


def press_side(app: Any, button: Qt.MouseButton) -> None:
    """A button at the side of the mouse, over the maps."""
    maps = app.explore.maps.mosaic.viewport()
    QTest.mouseClick(maps, button, pos=maps.rect().center())
    app.rest()


def test_changes_are_taken_back_in_the_reverse_order_each_in_its_workspace(app: Any) -> None:
    app.change(colormap="viridis")
    app.page("ablation").zero.click()
    app.rest()
    app.open_page("values")
    app.turn_to("compare")
    app.rest()
    other = app.compare.columns[1]
    app.compare.set_input(other.key, HOUSE)
    app.rest()
    app.turn_to("explore")
    edits = (Edit("stem", (2,)),)

    undo(app)
    assert (app.workspace, app.compare.doc.column(other.key).input) == ("compare", None)
    assert other.picture.ref == InputRef("sample", "cat")
    assert app.session.edits == edits
    undo(app)
    assert (app.workspace, app.explore.channel.page) == ("explore", "ablation")
    assert app.page("ablation").edits == ()
    assert not app.capture.edits
    assert app.shown.maps[2].any()
    undo(app)
    assert (app.workspace, app.session.colormap) == ("explore", "magma")

    press_side(app, Qt.MouseButton.ForwardButton)
    assert (app.workspace, app.session.colormap, app.session.edits) == ("explore", "viridis", ())
    press_side(app, Qt.MouseButton.BackButton)
    assert (app.session.colormap, app.session.channel) == ("magma", 2)
    app.toolbar.forward.click()
    app.rest()
    redo(app)
    assert app.page("ablation").edits == edits
    assert app.capture.edits == digest_of(edits)
    assert not app.shown.maps[2].any()
    assert app.workspace == "explore"
    redo(app)
    assert (app.workspace, app.compare.doc.column(other.key).input) == ("compare", HOUSE)
    assert other.picture.ref == HOUSE
    assert not app.history.can_forward


def test_the_undo_of_the_page_is_about_the_last_edit_whatever_was_done_since(app: Any) -> None:
    page = app.page("ablation")
    page.zero.click()
    app.rest()
    app.change(channel=4)
    page.mean.click()
    app.change(tap="head", colormap="viridis")
    app.rest()
    page.undo.click()
    app.rest()
    assert page.edits == (Edit("stem", (2,)),)
    assert (app.session.tap, app.session.colormap, app.session.channel) == ("head", "viridis", 4)
    page.undo.click()
    app.rest()
    assert (page.edits, app.capture.edits, page.undo.isEnabled()) == ((), "", False)
    redo(app)
    redo(app)
    assert [edit.mode for edit in page.edits] == ["zero", "mean"]
    assert app.capture.edits == digest_of(page.edits)


def test_going_back_to_a_model_brings_its_edits_back_with_what_they_hold(app: Any) -> None:
    page = app.page("ablation")
    page.freeze.click()
    app.open_input(HOUSE)
    app.rest()
    held, edits = app.shown.maps[2].copy(), page.edits
    app.open_model(UNTRAINED)
    app.rest()
    assert (page.edits, app.capture.edits, page.undo.isEnabled()) == ((), "", False)
    page.zero.click()
    app.rest()
    undo(app)
    undo(app)
    assert app.card.spec == SEEDED
    assert page.edits == edits
    assert app.capture.edits == digest_of(edits)
    np.testing.assert_array_equal(app.shown.maps[2], held)
    redo(app)
    redo(app)
    assert app.card.spec == UNTRAINED
    assert [edit.mode for edit in page.edits] == ["zero"]
    assert app.capture.edits == digest_of(page.edits)


def test_parameters_of_a_page_are_part_of_it(app: Any) -> None:
    app.open_page("channel-statistics")
    page = app.page("channel-statistics")
    before = page.params
    page.set_params(type(before)(bins=7))
    assert dict(app.session.methods)["channel-statistics"] != "{}"
    app.open_page("values")
    undo(app)
    assert page.params == before
    assert app.explore.channel.page == "channel-statistics"
    redo(app)
    assert page.params.bins == 7


def test_a_session_file_is_a_step(app: Any, tmp_path: Path) -> None:
    app.turn_to("compare")
    app.rest()
    path = tmp_path / "s.fmx.json"
    path.write_text(to_json(app.whole_session()))
    app.compare.set_input(app.compare.columns[0].key, HOUSE)
    app.turn_to("explore")
    app.page("ablation").zero.click()
    app.change(tap="head")
    app.rest()
    app.open_session(path)
    app.rest()
    assert (app.workspace, app.session.tap, app.session.edits) == ("compare", "stem", ())
    assert app.compare.columns[0].picture.ref == InputRef("sample", "cat")
    undo(app)
    assert (app.session.tap, app.session.edits) == ("head", (Edit("stem", (2,)),))
    assert app.compare.columns[0].picture.ref == HOUSE
    assert app.capture.edits == digest_of(app.session.edits)


def test_going_back_leaves_an_input_that_moves_alone(app: Any) -> None:
    app.open_input(InputRef("scene"))
    app.rest()
    app.change(colormap="viridis")
    app.live.toggle()
    app.until(lambda: app.session.input.frame > 2)
    app.history.back()
    assert app.session.colormap == "magma"
    assert app.live.playing
    app.live.stop()
    app.rest()


def test_there_is_no_way_back_to_an_empty_window(window: Callable[..., Any]) -> None:
    app = window()
    app.start(SEEDED, InputRef("sample", "cat"))
    app.wait_capture()
    app.rest()
    assert not app.toolbar.back.isEnabled()
    app.turn_to("compare")
    app.rest()
    assert not app.toolbar.back.isEnabled()


def test_a_model_that_cannot_be_gone_back_to_is_left_out(app: Any, tmp_path: Path) -> None:
    net_file = tmp_path / "net.py"
    net_file.write_text("from torch import nn\n\ndef make_model():\n    return nn.Sequential(nn.Conv2d(3, 4, 3))\n")
    app.open_model(ModelSpec(f"file:{net_file}:make_model"))
    app.rest()
    app.open_model(UNTRAINED)
    app.rest()
    net_file.unlink()
    app.failure(app.history.back)
    app.rest()
    assert app.card.spec == UNTRAINED
    assert not app.history.can_forward
    undo(app)
    assert app.card.spec == SEEDED


def test_a_step_back_takes_what_was_said_of_the_change_along(app: Any) -> None:
    app.page("ablation").zero.click()
    app.rest()
    app.say("Channel 2 of stem is 0.")
    assert app.banner.kind == "info"
    undo(app)
    assert app.banner.kind == ""
