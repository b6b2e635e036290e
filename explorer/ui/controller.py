"""Session <-> engine <-> panels. The only place that knows both sides; makes no widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtWidgets import QWidget

from explorer.core.render import ScaleMode
from explorer.core.types import InputRef
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.runner import Lane
from explorer.ui.actions import Action
from explorer.ui.answers import Answers
from explorer.ui.compare.control import CompareControl
from explorer.ui.document import failure_of, file_ref
from explorer.ui.features.explore import ExploreFeatures
from explorer.ui.features.store import FeatureStore
from explorer.ui.jobs.bridge import Bridge
from explorer.ui.jobs.client import JobClient
from explorer.ui.live import MOVING
from explorer.ui.settings import Settings
from explorer.ui.understand.control import UnderstandControl
from explorer.ui.waiting import Waiting
from explorer.ui.window import Window

__all__ = ["Controller", "file_ref"]


class Controller(Answers):
    """The document (`document.py`), ways through it (`moving.py`) and what the engine answers (`answers.py`), bound to the panels.

    `captured` is emitted after a capture has been handed to the panels, `ready` when the engine can be used.
    """

    def __init__(self, window: Window, desk: Desk, bridge: Bridge, settings: Settings) -> None:
        super().__init__(window, desk, settings)
        self.client = JobClient(desk)
        self.understand = UnderstandControl(self)
        self.store = FeatureStore(self)
        self.features = ExploreFeatures(self, self.store)
        self.compare = CompareControl(self, window.compare)
        self.waiting = Waiting(self)
        bridge.received.connect(self.waiting.heard)
        bridge.received.connect(self.receive)
        self._connect()

    def _connect(self) -> None:
        explore, window = self.window.explore, self.window
        maps, channel, strip, given = explore.maps, explore.channel, explore.strip, explore.input
        maps.changed.connect(lambda fields: self.change(**fields))
        maps.channel_moved.connect(lambda c: self.change(channel=c))
        maps.mosaic.selected.connect(self._select)
        maps.mosaic.hovered.connect(lambda _c, y, x: self.view.point_at(y, x))
        maps.mosaic.left.connect(self.view.point_away)
        maps.mosaic.scrubbed.connect(self.step)
        maps.vector.selected.connect(lambda i: self.change(channel=i))
        maps.sequence.selected.connect(self._select_step)
        maps.sequence.hovered.connect(lambda _c, step: self.view.point_at_step(step))
        maps.sequence.left.connect(self.view.point_away)
        maps.tokens.selected.connect(lambda t, c: self.change(channel=c, cell=(-1, t)))
        channel.map.hovered.connect(self.view.point_at)
        channel.map.left.connect(self.view.point_away)
        channel.map.selected.connect(lambda y, x: self.change(cell=(y, x)))
        channel.map.scrubbed.connect(self.step_channel)
        channel.levels_chosen.connect(self.set_levels)
        strip.strip.scrubbed.connect(lambda i: self.change(tap=self.view.film_tap(i)))
        strip.film.connect(self.play_film)
        strip.blocks.connect(lambda on: self.change(blocks=on))
        given.tree.chosen.connect(lambda name: self.change(tap=name))
        given.picture.hovered.connect(self.view.point_at_input)
        given.picture.left.connect(self.view.point_away)
        given.transport.play.connect(self.toggle_live)
        given.transport.stepped.connect(self.step_frame)
        given.transport.sought.connect(self.seek)
        window.banner.cancelled.connect(self.cancel)
        self.live.changed.connect(self._live_changed)
        self.live.failed.connect(lambda error: self.fail(failure_of(error)))

    @property
    def parent_widget(self) -> QWidget:
        """What dialogs of the pages stand over."""
        return self.window

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all."""
        self.desk.save(path, lambda _job: make())

    # --- what can be asked for ---

    def own_actions(self) -> tuple[Action, ...]:
        """Going through workspaces, layers, the pictures of a folder and the frames of what moves."""
        return (*self._workspace_actions(), *self._layer_actions(), *self._input_actions())

    def _workspace_actions(self) -> tuple[Action, ...]:
        to = partial(Action, place="View/Workspace", family="Explore, Compare")
        explore, compare = partial(self.show_workspace, "explore"), partial(self.show_workspace, "compare")
        go = partial(Action, place="Go/History", family="back, forward")
        back, forward = self._no_way_back, self._no_way_forward
        return (
            to("view.explore", "Explore", explore, ("Alt+1",), about="One model, layer by layer"),
            to("view.compare", "Compare", compare, ("Alt+2",), about="Models side by side"),
            go("go.back", "Back", self.back, ("Alt+Left",), why_not=back),
            go("go.forward", "Forward", self.forward, ("Alt+Right",), why_not=forward),
        )

    def _layer_actions(self) -> tuple[Action, ...]:
        go = partial(Action, place="Go/Layers", why_not=self._no_layers)
        layer, stage = partial(go, family="next, previous layer"), partial(go, family="next, previous stage")
        play, about = self.window.explore.strip.play.toggle, "One layer after the other"
        return (
            layer("go.next_layer", "Next layer", partial(self.step, 1), ("J",)),
            layer("go.last_layer", "Previous layer", partial(self.step, -1), ("K",)),
            stage("go.next_stage", "Next stage", partial(self.page, 1), ("PgDown",)),
            stage("go.last_stage", "Previous stage", partial(self.page, -1), ("PgUp",)),
            go("go.play", "Play the layers", play, ("F",), context="explore", about=about),
        )

    def _input_actions(self) -> tuple[Action, ...]:
        walk = partial(Action, place="Input/Folder", family="next, previous in folder", why_not=self._no_folder)
        live = partial(Action, place="Input/Live")
        frame = partial(live, family="previous, next frame", why_not=self._not_moving)
        scene = partial(self.play_input, InputRef("scene"))
        return (
            walk("input.next", "Next in folder", partial(self.neighbour, 1), ("N",)),
            walk("input.last", "Previous in folder", partial(self.neighbour, -1), ("P",)),
            live("input.play", "Play or pause", self.toggle_live, ("Space",), why_not=self._not_playable),
            frame("input.last_frame", "Previous frame", partial(self.step_frame, -1), (",",)),
            frame("input.next_frame", "Next frame", partial(self.step_frame, 1), (".",)),
            live("input.scene", "Animated test scene", scene, ("L",), why_not=self.no_model),
        )

    def go_to_layer(self) -> Iterator[Action]:
        """One for each layer that can be shown."""
        for tap in self.view.capture.taps if self.view.capture is not None else ():
            if tap.observable:
                yield Action(f"layer.{tap.name}", tap.name, partial(self.change, tap=tap.name), (), "Layer", "explore")

    def _no_way_back(self) -> str:
        return "" if self.way.can_back else "There is nothing to go back to."

    def _no_way_forward(self) -> str:
        return "" if self.way.can_forward else "Nothing was gone back from."

    def _no_layers(self) -> str:
        there = self.compare.doc.columns if self.window.workspace == "compare" else self.view.film_length
        return "" if there else "No layer is shown yet."

    def no_model(self) -> str:
        return "" if self.card is not None else "No model is open yet."

    def _no_folder(self) -> str:
        ref = self.session.input
        walks = ref is not None and ref.kind in ("sample", "picture", "video")
        return "" if walks else "The input is not from a folder."

    def _not_moving(self) -> str:
        ref = self.session.input
        return "" if ref is not None and ref.kind in MOVING else "The input is neither a video nor the test scene."

    def _not_playable(self) -> str:
        return "" if self.live.playing else self.no_model() or self._not_moving()

    def cancel(self) -> None:
        """The work that shows its progress is not wanted any more."""
        for key in (work.MODEL, work.SAVE):
            self.desk.runner.cancel(Lane.LOAD, key)
        if not self.waiting.give_up():
            self.window.banner.dismiss()

    def set_levels(self, low: float, high: float) -> None:
        """The colour range of all maps, as it was set by dragging."""
        if high > low:
            self.change(scale=ScaleMode.FIXED, fixed=(low, high))

    def close(self) -> None:
        """Stops timers and the engine; called once, when the window closes."""
        for timer in (self._film, self._rest):
            timer.stop()
        self.waiting.close()
        self.compare.close()
        self.features.close()
        self.live.stop()
