"""Session <-> engine <-> panels. The only place that knows both sides; makes no widgets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from explorer.core.render import ScaleMode
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.runner import Lane
from explorer.ui.answers import Answers
from explorer.ui.compare.control import CompareControl
from explorer.ui.document import failure_of, file_ref
from explorer.ui.features.explore import ExploreFeatures
from explorer.ui.features.store import FeatureStore
from explorer.ui.jobs.bridge import Bridge
from explorer.ui.jobs.client import JobClient
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
        window.toolbar.workspace.connect(self.show_workspace)
        self.live.changed.connect(self._live_changed)
        self.live.failed.connect(lambda error: self.fail(failure_of(error)))

    @property
    def parent_widget(self) -> QWidget:
        """What dialogs of the pages stand over."""
        return self.window

    def save(self, path: str, make: Callable[[], bytes]) -> None:
        """Writes a file on the worker thread, whole or not at all."""
        self.desk.save(path, lambda _job: make())

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
