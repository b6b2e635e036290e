"""A live input in several columns: the same frame in all of them at any moment, with the values that plain torch computes."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from attention_columns import choose
from PySide6.QtCore import Qt

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.scene import scene_frame

Compare = Callable[..., Any]
WAIT = 60_000


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
        self.app = app
        self.frames: list[list[tuple[str, str, int]]] = []
        app.compare.around_frames(self.see)

    def see(self, frame: Any, draw: Callable[[Any], None]) -> None:
        before = self.shown()
        draw(frame)
        if self.shown() != before:
            self.frames.append(self.shown())

    def shown(self) -> list[tuple[str, str, int]]:
        """Of each column: the frame of its picture, that of its maps by their capture, the layer."""
        return [
            (view.capture.picture.digest, view.image.accessibleName(), view.strip.current)
            for view in self.app.compare.columns
        ]

    def wait(self, qtbot: Any, count: int) -> None:
        goal = len(self.frames) + count
        qtbot.waitUntil(lambda: len(self.frames) >= goal, timeout=WAIT)


def test_all_columns_show_the_same_frame_at_any_moment(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "crop")
    control, (one, crop) = app.compare, app.compare.columns
    control.scrub(0, 2)
    watch = Watch(app)
    assert app.toolbar.live.isVisible()
    app.press(Qt.Key.Key_L)
    watch.wait(qtbot, 6)
    control.scrub(0, 3)  # goes on with the layer that is chosen while it runs
    watch.wait(qtbot, 6)
    assert app.compare.live.text()
    app.press(Qt.Key.Key_Space)
    assert not app.live.playing
    assert all(len({digest for digest, _, _ in frame}) == 1 for frame in watch.frames)
    assert len({frame[0][0] for frame in watch.frames}) >= 12
    app.rest()
    assert not app.compare.live.text()
    still = app.session.input
    assert still.kind == "scene"
    assert {view.capture.picture.digest for view in (one, crop)} == {scene_frame(still.frame).digest}
    assert one.fits  # with all layers again
    assert crop.fits
    for view in (one, crop):
        at = view.strip.current
        net = app.desk.bench.model(view.of.digest).module  # at rest
        np.testing.assert_allclose(view.shown.maps, plainly(net, at, view), rtol=1e-4, atol=1e-5)
    assert app.capture.picture.digest == one.capture.picture.digest  # Explore stands at it too


def test_maps_of_a_running_frame_are_those_of_plain_torch(
    compare: Compare, qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    nets = fresh(specs["one"]), fresh(specs["other"])
    app = compare("one", "other", "one")
    control, (one, other, edited) = app.compare, app.compare.columns
    edits = (Edit("2", (1, 4)),)
    control.set_edits(edited.key, edits)
    other.minus.click()
    control.scrub(0, 3)
    qtbot.waitUntil(lambda: not control.busy, timeout=WAIT)
    seen: list[int] = []

    def checked(frame: Any, draw: Callable[[Any], None]) -> None:
        draw(frame)
        if all(view.capture.picture.digest == frame.picture.digest for view in app.compare.columns):
            first, second = plainly(nets[0], 3, one), plainly(nets[1], 3, other)
            np.testing.assert_allclose(one.shown.maps, first, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(other.shown.maps, second - first, rtol=1e-3, atol=1e-4)
            assert edited.capture.edits == digest_of(edits)
            assert not np.array_equal(edited.shown.maps, one.shown.maps)
            assert not one.capture.values["3"].flags.writeable
            seen.append(frame.picture.ref.frame)

    control.around_frames(checked)
    app.live.play(InputRef("scene"))
    qtbot.waitUntil(lambda: len(seen) >= 5, timeout=WAIT)
    app.live.toggle()
    assert seen == sorted(seen)  # never back in time


def test_what_is_frozen_or_has_an_input_of_its_own_keeps_it(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "other", "one")
    control, (one, other, own) = app.compare, app.compare.columns
    control.set_input(own.key, InputRef("sample", "cat"))
    app.rest()
    watch = Watch(app)
    app.live.play(InputRef("scene"))
    watch.wait(qtbot, 3)
    other.freeze.click()
    watch.wait(qtbot, 1)
    kept = other.capture.picture.digest
    watch.wait(qtbot, 4)
    assert other.capture.picture.digest == kept != one.capture.picture.digest
    assert own.capture.picture.ref == InputRef("sample", "cat")
    other.freeze.click()
    watch.wait(qtbot, 3)
    assert other.capture.picture.digest == one.capture.picture.digest != kept
    other.freeze.click()
    app.live.toggle()
    app.rest()
    assert other.fits  # all of its layers are there, of its own frame
    before = other.capture.picture.digest
    control.scrub(other.key, 0)
    assert other.shown is not None
    assert other.capture.picture.digest == before


def test_another_model_joins_while_it_runs_and_a_broken_one_stops_nothing(
    compare: Compare, qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    watch = Watch(app)
    app.live.play(InputRef("scene"))
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
    app.live.toggle()
    app.rest()


def test_it_stands_still_when_the_other_workspace_is_shown(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "other")
    watch = Watch(app)
    app.live.play(InputRef("scene"))
    watch.wait(qtbot, 2)
    app.show_workspace("explore")
    assert not app.live.playing
    app.rest()
    app.live.toggle()
    count = len(watch.frames)
    first = app.capture.picture.digest
    qtbot.waitUntil(lambda: app.capture.picture.digest != first, timeout=WAIT)
    assert len(watch.frames) == count  # Explore's frames are Explore's
    app.live.toggle()
    app.rest()
    assert all(view.fits for view in app.compare.columns)


@pytest.mark.parametrize("key", [Qt.Key.Key_Comma, Qt.Key.Key_Period])
def test_frames_are_stepped_through_in_all_columns(compare: Compare, key: Qt.Key) -> None:
    app = compare("one", "crop")
    app.open_input(InputRef("scene", frame=4))
    app.rest()
    app.press(key)
    app.rest()
    wanted = scene_frame(3 if key == Qt.Key.Key_Comma else 5).digest
    assert {view.capture.picture.digest for view in app.compare.columns} == {wanted}


def test_another_view_of_a_live_column_is_painted_too(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    control.scrub(0, 2)
    watch = Watch(app)
    app.live.play(InputRef("scene"))
    watch.wait(qtbot, 2)
    choose(other.view, Shows.COMPONENTS)
    qtbot.waitUntil(lambda: other.features.places.drawn, timeout=30_000)
    assert one.capture.picture.digest == other.capture.picture.digest
    app.live.toggle()
    app.rest()
    assert other.features.places.drawn
    assert other.features.sheet.capture.picture.digest == one.capture.picture.digest
