"""A picture of every channel of a layer, in the background: it goes on while other layers are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from explorer.core.activations import Layout
from explorer.core.errors import Failure
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, Objective
from explorer.core.maximised_pictures import LayerPictures, thumb
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.maximisation import words
from explorer.methods.maximisation.layer_section import LayerSection
from explorer.methods.maximisation.requests import FindThumbs, GrowLayer, Layer
from explorer.ui.jobs.client import JobClient, Task


class LayerPresenter:
    """Starts, pauses and shows the batch. `grew` hears of every picture of it."""

    def __init__(self, client: JobClient, section: LayerSection, grew: Callable[[Maximised], None]) -> None:
        self.section, self._grew = section, grew
        self._growing = Task(client, "maximise layer", self._take_progress, self._fail, ended=self._end)
        self._finding = Task(client, "maximised layer", self._take_pictures, self._fail_finding)
        self._layer: Layer | None = None  # that is shown
        self.running: Layer | None = None
        self._progress: LayerProgress | None = None
        self._unmade: tuple[Layer | None, str] = None, ""  # channels of the layer that runs, or ran last
        self._failure = ""
        self.section.toggled.connect(self.toggle)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._growing.waiting or self._finding.waiting

    def follow(self, selection: Selection, settings: MaximiseSettings) -> None:
        """The selected layer. Its kept pictures are asked for when it is another one, or made otherwise."""
        tap = selection.tap
        count = tap.channels if tap.layout != Layout.OTHER else 0
        if not count:
            self._layer = None
            self.section.say(tr("This layer has no channels."))
            return
        self.section.say("")
        layer = Layer(selection.capture.model, tap.name, count, replace(settings, start=""))
        if layer != self._layer:
            self._layer = layer
            self.section.set_count(count)
            self._find(range(count))
            self._say_state()
        self.section.area.set_selected(selection.channel)

    def toggle(self) -> None:
        """Starts the batch of the selected layer, or pauses the one that runs."""
        if self._layer is None:
            return
        if self.running == self._layer:
            self.pause()
            return
        self.running, self._progress = self._layer, None  # another layer's is paused by that: what it made is kept
        self._growing.ask(GrowLayer(self._layer))
        self._say_state()

    def pause(self) -> None:
        """Stops what runs; what is made is kept."""
        self._growing.drop()
        self.running = None
        self._say_state()

    def add(self, made: Maximised) -> None:
        """A finished picture that was made by itself: one fewer to make where it is one of the layer's."""
        layer, channel = self._layer, made.objective.channels[0]
        if layer is None or (made.model, made.settings) != (layer.model, layer.settings):
            return
        if made.objective == Objective(layer.tap, (channel,)):
            self.section.thumbs.set_picture(channel, thumb(made.pictures[0]))
            self._say_state()

    # --- answers ---

    def _find(self, channels: Iterable[int]) -> None:
        assert self._layer is not None
        self._finding.ask(FindThumbs(self._layer, tuple(channels)))

    def _take_pictures(self, pictures: LayerPictures, _done: bool) -> None:
        made = self.section.thumbs.made
        for channel, picture in pictures.pictures.items():
            if channel not in made:
                self.section.thumbs.set_picture(channel, picture)
        self._say_state()

    def _fail_finding(self, failure: Failure) -> None:
        self._say_state(failure.text)

    def _take_progress(self, progress: LayerProgress, _done: bool) -> None:
        self._progress = progress
        self._unmade = self.running, words.unmade(progress)
        if progress.latest is not None:
            self._grew(progress.latest)
        if self.running == self._layer:
            self._show_progress(progress)
        self._say_state()

    def _show_progress(self, progress: LayerProgress) -> None:
        latest = progress.latest
        if latest is not None and latest.done:
            self.section.thumbs.set_picture(latest.objective.channels[0], thumb(latest.pictures[0]))
        # of several answers at once only the newest is delivered: what is missing is fetched
        missing = sorted(set(progress.done) - self.section.thumbs.made)
        if missing and not self._finding.waiting:
            self._find(missing)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        failure, self._failure = self._failure, ""
        self.running = None
        self._say_state(failure)

    def _say_state(self, failure: str = "") -> None:
        if self.running is None or self._progress is None:
            self.section.set_running(None if self.running is None else 0.0, failure or self._preparing())
        elif self.running == self._layer:
            self.section.set_running(self._progress.fraction, failure or words.layer_progress(self._progress))
        else:
            going_on = tr(
                "{tap} continues. {layer_progress}",
                tap=self.running.tap,
                layer_progress=words.layer_progress(self._progress),
            )
            self.section.set_running(None, failure or going_on)

    def _preparing(self) -> str:
        if self.running is not None:
            return tr("Preparing …")
        layer, unmade = self._unmade
        return unmade if layer is not None and layer == self._layer else ""
