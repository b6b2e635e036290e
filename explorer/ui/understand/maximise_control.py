"""Maximised pictures of what is selected: kept ones at once, new ones when asked for, growing while other things are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from explorer.core.activations import Capture
from explorer.core.direction import parse_direction
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import (
    Maximised,
    MaximiseSettings,
    Objective,
    class_logit,
    key_of,
    settings_from_json,
    to_json,
)
from explorer.core.maximised_pictures import Natural
from explorer.core.models import ModelCard
from explorer.core.selection import Selection
from explorer.engine import desk as work
from explorer.engine.jobs.runner import Event
from explorer.ui.understand import maximise_tab as page
from explorer.ui.understand import maximise_words as words
from explorer.ui.understand.layer_control import LayerControl
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.MAXIMISE, work.MAXIMISED, work.NATURAL, work.FORGET)


@dataclass(frozen=True, slots=True)
class Asked:
    """One picture: of which model and target, made how."""

    card: ModelCard
    objective: Objective
    settings: MaximiseSettings

    @property
    def key(self) -> str:
        return key_of(self.card.digest, self.objective, self.settings)


class MaximiseControl(QObject):
    """What grows goes on when the selection or the page changes; it is paused, and kept, when another one is started, another
    model is opened or the input moves. `class_of` says which class is chosen."""

    def __init__(self, controller: Controller, class_of: Callable[[Selection], int | None]) -> None:
        super().__init__(controller)
        self._c, self._class_of = controller, class_of
        self.tab = controller.window.explore.channel.maximise
        self.layer = LayerControl(controller, self._grew)
        self._wanted = Wanted()
        self._place: Selection | None = None
        self._asked: Asked | None = None  # what is selected, also while another page is looked at
        self._running: Asked | None = None
        self._latest: Maximised | None = None  # of what runs, or ran last
        self.found: Maximised | None = None  # what is shown
        self._natural: Natural | None = None
        self._remembered()
        tab = self.tab
        tab.toggled.connect(self.toggle)
        tab.cancelled.connect(self.cancel)
        tab.changed.connect(self._change)
        tab.held.connect(self.pause)
        tab.used.connect(self.use)
        tab.compared.connect(self.compare)
        tab.layer.chosen.connect(self._choose_channel)
        tab.choices.toggled.connect(lambda on: controller.settings.put("maximise_open", int(on)))

    def _remembered(self) -> None:
        try:
            self.tab.choices.set_settings(settings_from_json(self._c.settings.text("maximise", "{}")))
        except ExplorerError:  # a settings file may hold anything
            pass
        self.tab.choices.set_open(self._c.settings.number("maximise_open") == 1)

    @property
    def waiting(self) -> bool:
        return self.layer.waiting or any(self._wanted.waiting(key) for key in _KEYS)

    # --- what is selected ---

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown: what grows is paused when its model is gone or the input moves."""
        if self._running is not None and (live or capture.model != self._running.card.digest):
            self.pause()
        if self.layer.running is not None and (live or capture.model != self.layer.running.model):
            self.layer.pause()

    def follow(self, place: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be made."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        returned, self._place = self._place is None, place
        titles = words.titles(place, self._class_of(place))
        possible = [kind for kind, title in titles if title]
        self.tab.set_targets(titles, self.tab.kind if self.tab.kind in possible else (possible or [""])[0])
        if not possible:
            self.tab.say("Nothing can be maximised here: the layout of this layer is unknown.")
            return
        self.tab.say("")
        self.tab.choices.set_own(place.card.preprocess.height, place.card.preprocess.width)
        self._retarget(returned)

    def leave(self) -> None:
        """The page is no longer looked at. What grows goes on."""
        self._place = None

    def choose_class(self) -> None:
        """A class was chosen in the prediction."""
        if self._place is not None:
            self.tab.choose("class")

    def _choose_channel(self, channel: int) -> None:
        """A small picture was chosen: the large one is that of the same target."""
        self.tab.choose("channel")
        self.tab.negative.setChecked(False)
        self.tab.choices.start.setChecked(False)
        self._c.change(channel=channel)

    def _change(self) -> None:
        """Another target or setting was chosen by hand."""
        self._c.settings.put("maximise", to_json(self.tab.choices.settings))
        if self._place is not None:
            self._retarget()

    def _retarget(self, returned: bool = False) -> None:
        """What is selected may be another target. `returned`: more may have been made of it meanwhile."""
        assert self._place is not None
        before = self._asked.key if self._asked is not None else ""
        try:
            self._asked = Asked(self._place.card, self._objective(self._place), self._settings(self._place))
        except ExplorerError as error:
            self._asked = None
            self._show(None, page.CANNOT)
            self.tab.note(str(error))
        else:
            if self._asked.key != before or returned:
                self._look_up(self._asked)
        self._tell_elsewhere()
        self.layer.follow(self._place, self.tab.choices.settings)

    def _look_up(self, asked: Asked) -> None:
        """Shows what is at hand of the target, else asks for what is kept of it."""
        at_hand = self._latest if self._latest is not None and self._latest.key == asked.key else None
        self._show(at_hand)
        if at_hand is None and not self._runs_here:
            ticket = self._c.desk.find_maximised(asked.card, asked.objective, asked.settings)
            self._wanted.ask(work.MAXIMISED, ticket)
        elif self._wanted.drop(work.MAXIMISED):
            self._c.desk.drop_study(work.MAXIMISED)

    def _objective(self, place: Selection) -> Objective:
        negative, kind = self.tab.negative.isChecked(), self.tab.kind
        if kind == "class":
            return class_logit(self._class_of(place) or 0, negative)
        if kind == "direction":
            channels, weights = parse_direction(self.tab.channels.text())
            return Objective(place.tap.name, channels, weights, negative=negative)
        cell = place.cell if kind == "cell" else None
        return Objective(place.tap.name, (place.channel,), cell=cell, negative=negative)

    def _settings(self, place: Selection) -> MaximiseSettings:
        start = place.capture.picture.digest if self.tab.choices.start.isChecked() else ""
        return replace(self.tab.choices.settings, start=start)

    # --- growing ---

    @property
    def _runs_here(self) -> bool:
        return self._running is not None and self._asked is not None and self._running.key == self._asked.key

    def toggle(self) -> None:
        """Starts or resumes the picture of what is selected, or pauses it."""
        if self._runs_here:
            self.pause()
        elif self._asked is not None and self._place is not None:
            self._running = self._asked
            self._latest = self.found if self.tab.phase == page.PAUSED else None
            self._wanted.drop(work.MAXIMISED)
            ticket = self._c.desk.maximise(self._place.capture, self._asked.objective, self._asked.settings)
            self._wanted.ask(work.MAXIMISE, ticket)
            self._show(self._latest)
            self._tell_elsewhere()

    def pause(self) -> None:
        """Stops what grows; how far it has come is kept."""
        if self._wanted.drop(work.MAXIMISE):
            self._c.desk.drop_study(work.MAXIMISE)
        here, self._running = self._runs_here, None
        if here:
            self._show(self.found)
        self._tell_elsewhere()

    def cancel(self) -> None:
        """Stops and forgets the picture of what is selected; the last one stays to be looked at."""
        if self._asked is None:
            return
        asked, beside = self._asked, self._running is not None and not self._runs_here
        ticket = self._c.desk.forget_maximised(asked.card, asked.objective, asked.settings, beside)
        self._wanted.ask(work.FORGET if beside else work.MAXIMISE, ticket)
        if not beside:
            self._running = self._latest = None
        self.tab.set_phase(page.IDLE)
        self.tab.set_status("Cancelled: Start begins again.")

    def use(self) -> None:
        """The picture as the input of the model; of a batch the first."""
        if self.found is not None:
            self._c.open_pixels(self.found.pictures[0], f"maximised {self.found.objective.text}")

    def compare(self) -> None:
        """Asks for the sample pictures' means of this layer."""
        if self._asked is not None:
            ticket = self._c.desk.natural_means(self._asked.card, self._asked.objective.tap)
            self._wanted.ask(work.NATURAL, ticket)
            self.tab.compare.setEnabled(False)

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in _KEYS:
            return self.layer.receive(event)
        if not self._wanted.takes(event):
            return True
        if event.key == work.MAXIMISE:
            self._take_growing(event)
        elif event.key == work.NATURAL:
            self._natural = event.value if isinstance(event.value, Natural) else self._natural
            self.tab.note(event.failure.text if event.failure is not None else "")
            self._show_numbers()
        elif event.key == work.MAXIMISED and not self._runs_here:
            self._show(event.value if isinstance(event.value, Maximised) else None, kept=True)
            self.tab.note(event.failure.text if event.failure is not None else self.tab.notes.text())
        return True

    def _take_growing(self, event: Event) -> None:
        here = self._runs_here
        if isinstance(event.value, Maximised):
            self._latest = event.value
            if event.value.done:
                self.layer.add(event.value)
        if not event.partial:
            self._running = None
        if here:
            self._show(self._latest)
            if event.failure is not None:
                self.tab.note(event.failure.text)
        elif event.failure is not None:
            self.tab.note(f"The other image failed: {event.failure.text}")
        self._tell_elsewhere()

    def _grew(self, made: Maximised) -> None:
        """A picture of the batch: shown while its channel is selected."""
        if self._asked is None or made.key != self._asked.key or self._runs_here:
            return
        self._show(made, "" if made.done else page.IDLE)
        if not made.done:
            self.tab.set_status(words.batched(made))

    # --- showing ---

    def _show(self, made: Maximised | None, phase: str = "", kept: bool = False) -> None:
        """A picture of what is selected, None for nothing; the phase follows from it."""
        self.found = made
        fraction = made.step / made.settings.steps if made is not None else 0.0
        phase = phase or self._phase(made)
        self.tab.set_phase(phase, fraction)
        self.tab.set_status(words.status(made, phase, kept))
        self.tab.note("; ".join(made.notes) if made is not None else "")
        self.tab.view.set_empty(words.invitation(self._asked.objective) if self._asked is not None else "")
        self._show_numbers()

    def _phase(self, made: Maximised | None) -> str:
        if self._runs_here:
            return page.GROWING
        if made is None:
            return page.IDLE
        return page.DONE if made.done else page.PAUSED

    def _show_numbers(self) -> None:
        made, asked = self.found, self._asked
        if made is None or asked is None:
            self.tab.set_made(None, "", [])
            return
        natural = self._natural if self._natural is not None and self._is_of_layer(self._natural, asked) else None
        rows = words.rows(made, self._now(asked), natural)
        self.tab.set_made(made, words.quantity(made.objective), rows)
        whole = natural is not None and natural.fraction >= 1
        comparable = words.comparable(made.objective) and not whole
        self.tab.compare.setVisible(comparable)
        self.tab.compare.setEnabled(comparable and not self._wanted.waiting(work.NATURAL))

    def _is_of_layer(self, natural: Natural, asked: Asked) -> bool:
        return (natural.model, natural.tap) == (asked.card.digest, asked.objective.tap)

    def _now(self, asked: Asked) -> float | None:
        """The target of the picture that is shown; None where it is not known."""
        objective, shown = asked.objective, self._c.view.shown
        if self._place is None:
            return None
        if not objective.tap:
            wanted = (g.logit for g in self._place.capture.prediction if g.index == objective.channels[0])
            return next(wanted, None)
        if shown is None or shown.tap.name != objective.tap or max(objective.channels) >= len(shown.plain):
            return None
        channels, cell = list(objective.channels), objective.cell
        values = shown.plain[channels]
        if cell is not None and cell[0] < 0:
            if shown.prefix is None or cell[1] >= len(shown.prefix):
                return None
            values = shown.prefix[cell[1], channels]
        elif cell is not None:
            values = values[:, cell[0], cell[1]] if values.ndim == 3 else values
        means = values.reshape(len(values), -1).mean(1)
        return float(np.dot(means, objective.weights or np.ones(len(means))))

    def _tell_elsewhere(self) -> None:
        other = self._running if not self._runs_here else None
        self.tab.set_elsewhere("" if other is None else words.elsewhere(other.objective, self._latest))
