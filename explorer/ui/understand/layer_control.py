"""A picture of every channel of a layer, in the background: it goes on while other layers are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, Objective
from explorer.core.maximised_pictures import LayerPictures, thumb
from explorer.core.selection import Selection
from explorer.engine import desk as work
from explorer.engine.jobs.runner import Event
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.LAYER, work.GALLERY)
_NAMED = 6  # channels that failed, by their number


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, and how its pictures are made."""

    model: str
    tap: str
    count: int
    settings: MaximiseSettings


class LayerControl(QObject):
    """`grew` hears of every picture of the batch."""

    def __init__(self, controller: Controller, grew: Callable[[Maximised], None]) -> None:
        super().__init__(controller)
        self._c, self._grew = controller, grew
        self.section = controller.window.explore.channel.maximise.layer
        self._wanted = Wanted()
        self._place: Selection | None = None
        self._layer: Layer | None = None  # that is shown
        self.running: Layer | None = None
        self._progress: LayerProgress | None = None
        self._failures: tuple[Layer | None, str] = None, ""  # of the layer that runs, or ran last
        self.section.toggled.connect(self.toggle)

    @property
    def waiting(self) -> bool:
        return any(self._wanted.waiting(key) for key in _KEYS)

    def follow(self, place: Selection, settings: MaximiseSettings) -> None:
        """The selected layer. Its kept pictures are asked for when it is another one, or made otherwise."""
        self._place = place
        count = place.tap.channels if place.tap.layout != "other" else 0
        if not count:
            self._layer = None
            self.section.say("This layer has no channels.")
            return
        self.section.say("")
        layer = Layer(place.capture.model, place.tap.name, count, replace(settings, start=""))
        if layer != self._layer:
            self._layer = layer
            self.section.set_count(count)
            self._ask(range(count))
            self._tell()
        self.section.area.set_selected(place.channel)

    def toggle(self) -> None:
        """Starts the batch of the selected layer, or pauses the one that runs."""
        if self._layer is None or self._place is None:
            return
        if self.running == self._layer:
            self.pause()
            return
        self.running, self._progress = self._layer, None  # another layer's is paused by that: what it made is kept
        ticket = self._c.desk.maximise_layer(self._place.card, self._layer.tap, self._layer.settings)
        self._wanted.ask(work.LAYER, ticket)
        self._tell()

    def pause(self) -> None:
        """Stops what runs; what is made is kept."""
        if self._wanted.drop(work.LAYER):
            self._c.desk.drop_study(work.LAYER)
        self.running = None
        self._tell()

    def _ask(self, channels: range | list[int]) -> None:
        assert self._layer is not None
        assert self._place is not None
        ticket = self._c.desk.layer_pictures(self._place.card, self._layer.tap, channels, self._layer.settings)
        self._wanted.ask(work.GALLERY, ticket)

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in _KEYS:
            return False
        if not self._wanted.takes(event):
            return True
        if isinstance(event.value, LayerPictures):
            self._take_pictures(event.value)
        elif isinstance(event.value, LayerProgress):
            self._take_progress(event.value)
        if event.key == work.LAYER and not event.partial:
            self.running = None
        self._tell(event.failure.text if event.failure is not None else "")
        return True

    def add(self, made: Maximised) -> None:
        """A finished picture that was made by itself: one fewer to make where it is one of the layer's."""
        layer, channel = self._layer, made.objective.channels[0]
        if layer is None or (made.model, made.settings) != (layer.model, layer.settings):
            return
        if made.objective == Objective(layer.tap, (channel,)):
            self.section.thumbs.set_picture(channel, thumb(made.pictures[0]))
            self._tell()

    def _take_pictures(self, found: LayerPictures) -> None:
        made = self.section.thumbs.made
        for channel, picture in found.pictures.items():
            if channel not in made:
                self.section.thumbs.set_picture(channel, picture)

    def _take_progress(self, progress: LayerProgress) -> None:
        self._progress = progress
        self._failures = self.running, _failed(progress)
        if progress.latest is not None:
            self._grew(progress.latest)
        if self.running != self._layer:
            return
        latest = progress.latest
        if latest is not None and latest.done:
            self.section.thumbs.set_picture(latest.objective.channels[0], thumb(latest.pictures[0]))
        # of several answers at once only the newest is delivered: what is missing is fetched
        missing = sorted(set(progress.done) - self.section.thumbs.made)
        if missing and not self._wanted.waiting(work.GALLERY):
            self._ask(missing)

    def _tell(self, failure: str = "") -> None:
        if self.running is None or self._progress is None:
            self.section.set_running(None if self.running is None else 0.0, failure or self._preparing())
        elif self.running == self._layer:
            self.section.set_running(self._progress.fraction, failure or _words(self._progress))
        else:
            self.section.set_running(None, failure or f"{self.running.tap} continues. {_words(self._progress)}")

    def _preparing(self) -> str:
        if self.running is not None:
            return "Preparing …"
        layer, words = self._failures
        return words if layer is not None and layer == self._layer else ""


def _failed(progress: LayerProgress) -> str:
    """Which channels could not be made, and why the last of them; "" for none."""
    if not progress.failed:
        return ""
    which = ", ".join(str(channel) for channel, _ in progress.failed[-_NAMED:])
    more = len(progress.failed) - _NAMED
    others = f" and {more} more" if more > 0 else ""
    return f"Not generated: channel{'s' * (len(progress.failed) > 1)} {which}{others}. {progress.failed[-1][1]}"


def _words(progress: LayerProgress) -> str:
    done = f"{len(progress.done)} of {progress.total} generated. {_failed(progress)}".strip()
    latest = progress.latest
    if latest is None or latest.done:
        return done
    return f"Channel {latest.objective.channels[0]}, step {latest.step} of {latest.settings.steps}. {done}"
