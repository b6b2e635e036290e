"""A live input in several columns: the same frame in all of them at any moment, with the values that plain torch computes."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt

from explorer.core.edits import Edit, digest_of
from explorer.core.features import Shows
from explorer.core.types import InputRef, ModelSpec
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.scene import scene_frame

Compare = Callable[..., Any]
Settle = Callable[[Any], None]
WAIT = 60_000


def views(app: Any) -> list[Any]:
    control = app.controller.compare
    return [control.views[column.key] for column in control.doc.columns]


def fresh(spec: ModelSpec) -> Any:
    """A network of its own, which the worker does not run."""
    path, _, factory = spec.id.removeprefix("file:").rpartition(":")
    return runpy.run_path(path)[factory]()


def plainly(net: Any, layer: int, view: Any) -> np.ndarray:
    """What plain torch computes up to a layer of the column's model, from the frame that it shows."""
    with torch.no_grad():
        return net[: layer + 1](to_tensor(view.capture.picture, view.of.preprocess))[0].numpy()


class Watch:
    """Everything that the columns show, after each frame that was drawn."""

    def __init__(self, app: Any) -> None:
        self.app, self.control = app, app.controller.compare
        self.frames: list[list[tuple[str, str, int]]] = []
        self._show = self.control.show_frame
        self.control.show_frame = self.see

    def see(self, frame: Any) -> None:
        before = self.shown()
        self._show(frame)
        if self.shown() != before:
            self.frames.append(self.shown())

    def shown(self) -> list[tuple[str, str, int]]:
        """Of each column: the frame of its picture, that of its maps by their capture, the layer."""
        return [
            (view.capture.picture.digest, view.panel.picture.accessibleName(), view.panel.strip.current)
            for view in views(self.app)
        ]

    def wait(self, qtbot: Any, count: int) -> None:
        goal = len(self.frames) + count
        qtbot.waitUntil(lambda: len(self.frames) >= goal, timeout=WAIT)


def test_all_columns_show_the_same_frame_at_any_moment(compare: Compare, settle: Settle, qtbot: Any) -> None:
    app = compare("one", "crop")
    control, (one, crop) = app.controller.compare, views(app)
    control.scrub(0, 2)
    watch = Watch(app)
    assert app.window.toolbar.live.isVisible()
    qtbot.keyClick(app.window, Qt.Key.Key_L)
    watch.wait(qtbot, 6)
    control.scrub(0, 3)  # goes on with the layer that is chosen while it runs
    watch.wait(qtbot, 6)
    assert app.window.compare.live.text()
    qtbot.keyClick(app.window, Qt.Key.Key_Space)
    assert not app.controller.live.playing
    assert all(len({digest for digest, _, _ in frame}) == 1 for frame in watch.frames)
    assert len({frame[0][0] for frame in watch.frames}) >= 12
    settle(app)
    assert not app.window.compare.live.text()
    still = app.controller.session.input
    assert still.kind == "scene"
    assert {view.capture.picture.digest for view in (one, crop)} == {scene_frame(still.frame).digest}
    assert one.fits  # with all layers again
    assert crop.fits
    for view in (one, crop):
        at = view.panel.strip.current
        net = app.desk.bench.model(view.of.digest).module  # at rest
        np.testing.assert_allclose(view.shown.maps, plainly(net, at, view), rtol=1e-4, atol=1e-5)
    assert app.controller.view.capture.picture.digest == one.capture.picture.digest  # Explore stands at it too


def test_maps_of_a_running_frame_are_those_of_plain_torch(
    compare: Compare, qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    nets = fresh(specs["one"]), fresh(specs["other"])
    app = compare("one", "other", "one")
    control, (one, other, edited) = app.controller.compare, views(app)
    edits = (Edit("2", (1, 4)),)
    control.set_edits(edited.key, edits)
    other.panel.minus_button.click()
    control.scrub(0, 3)
    qtbot.waitUntil(lambda: not control.busy, timeout=WAIT)
    seen: list[int] = []
    show = control.show_frame

    def checked(frame: Any) -> None:
        show(frame)
        if all(view.capture.picture.digest == frame.picture.digest for view in views(app)):
            first, second = plainly(nets[0], 3, one), plainly(nets[1], 3, other)
            np.testing.assert_allclose(one.shown.maps, first, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(other.shown.maps, second - first, rtol=1e-3, atol=1e-4)
            assert edited.capture.edits == digest_of(edits)
            assert not np.array_equal(edited.shown.maps, one.shown.maps)
            assert not one.capture.values["3"].flags.writeable
            seen.append(frame.picture.ref.frame)

    control.show_frame = checked
    app.controller.play_input(InputRef("scene"))
    qtbot.waitUntil(lambda: len(seen) >= 5, timeout=WAIT)
    app.controller.toggle_live()
    assert seen == sorted(seen)  # never back in time


def test_what_is_frozen_or_has_an_input_of_its_own_keeps_it(compare: Compare, settle: Settle, qtbot: Any) -> None:
    app = compare("one", "other", "one")
    control, (one, other, own) = app.controller.compare, views(app)
    control.set_input(own.key, InputRef("sample", "cat"))
    settle(app)
    watch = Watch(app)
    app.controller.play_input(InputRef("scene"))
    watch.wait(qtbot, 3)
    other.panel.freeze.click()
    watch.wait(qtbot, 1)
    kept = other.capture.picture.digest
    watch.wait(qtbot, 4)
    assert other.capture.picture.digest == kept != one.capture.picture.digest
    assert own.capture.picture.ref == InputRef("sample", "cat")
    other.panel.freeze.click()
    watch.wait(qtbot, 3)
    assert other.capture.picture.digest == one.capture.picture.digest != kept
    other.panel.freeze.click()
    app.controller.toggle_live()
    settle(app)
    assert other.fits  # all of its layers are there, of its own frame
    before = other.capture.picture.digest
    control.scrub(other.key, 0)
    assert other.shown is not None
    assert other.capture.picture.digest == before


def test_another_model_joins_while_it_runs_and_a_broken_one_stops_nothing(
    compare: Compare, settle: Settle, qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    app = compare("one", "other")
    control, (one, other) = app.controller.compare, views(app)
    watch = Watch(app)
    app.controller.play_input(InputRef("scene"))
    watch.wait(qtbot, 2)
    control.set_model(other.key, specs["crop"])
    qtbot.waitUntil(lambda: other.of is not None and other.of.spec == specs["crop"], timeout=WAIT)
    watch.wait(qtbot, 3)
    assert other.capture.model == other.of.digest
    assert other.capture.picture.digest == one.capture.picture.digest
    control.set_model(other.key, specs["broken"])
    qtbot.waitUntil(lambda: "strike" in other.status, timeout=WAIT)
    watch.wait(qtbot, 3)
    assert other.of.spec == specs["crop"]  # the last good one goes on
    app.controller.toggle_live()
    settle(app)


def test_it_stands_still_when_the_other_workspace_is_shown(compare: Compare, settle: Settle, qtbot: Any) -> None:
    app = compare("one", "other")
    watch = Watch(app)
    app.controller.play_input(InputRef("scene"))
    watch.wait(qtbot, 2)
    app.controller.show_workspace("explore")
    assert not app.controller.live.playing
    settle(app)
    app.controller.toggle_live()
    count = len(watch.frames)
    first = app.controller.view.capture.picture.digest
    qtbot.waitUntil(lambda: app.controller.view.capture.picture.digest != first, timeout=WAIT)
    assert len(watch.frames) == count  # Explore's frames are Explore's
    app.controller.toggle_live()
    settle(app)
    assert all(view.fits for view in views(app))


@pytest.mark.parametrize("key", [Qt.Key.Key_Comma, Qt.Key.Key_Period])
def test_frames_are_stepped_through_in_all_columns(compare: Compare, settle: Settle, qtbot: Any, key: Qt.Key) -> None:
    app = compare("one", "crop")
    app.controller.open_input(InputRef("scene", frame=4))
    settle(app)
    qtbot.keyClick(app.window, key)
    settle(app)
    wanted = scene_frame(3 if key == Qt.Key.Key_Comma else 5).digest
    assert {view.capture.picture.digest for view in views(app)} == {wanted}


def test_another_view_of_a_live_column_is_painted_too(compare: Compare, settle: Settle, qtbot: Any) -> None:
    app = compare("one", "other")
    control, (one, other) = app.controller.compare, views(app)
    control.scrub(0, 2)
    watch = Watch(app)
    app.controller.play_input(InputRef("scene"))
    watch.wait(qtbot, 2)
    other.panel.viewed.emit(Shows.COMPONENTS)
    qtbot.waitUntil(lambda: other.panel.features.places.drawn, timeout=30_000)
    assert one.capture.picture.digest == other.capture.picture.digest
    app.controller.toggle_live()
    settle(app)
    assert other.panel.features.places.drawn
    assert control.features.columns[other.key].sheet.capture.picture.digest == one.capture.picture.digest
