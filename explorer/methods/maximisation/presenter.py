"""Maximised pictures of what is selected: kept ones at once, new ones when asked for, growing while other things are done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtGui import QGuiApplication

from explorer.core.activations import Capture
from explorer.core.any_input import as_picture
from explorer.core.direction import parse_direction
from explorer.core.errors import ExplorerError, Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.guides.result_values import flattened
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.maximised_pictures import Natural, sheet
from explorer.core.method import Measured
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.maximisation import page, words
from explorer.methods.maximisation.figure import figure
from explorer.methods.maximisation.layer import LayerPresenter
from explorer.methods.maximisation.requests import FindKept, Forget, Grow, MaximiseTarget, NaturalMeans
from explorer.methods.maximisation.spec import SPEC
from explorer.ui.graphics.picture_item import to_image
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.remembered import remember, remembered
from explorer.ui.save_as import ask_path, plain_name

_OPEN = "maximise_open"  # whether the settings are folded out


class Presenter:
    """What grows goes on when the selection or the page changes; it is paused, and kept, when another one is started, another
    model is opened or the input moves."""

    def __init__(self, client: JobClient, host: PageHost) -> None:
        self._host = host
        self.view = self.tab = page.MaximisePage()
        self.layer = LayerPresenter(client, self.tab.layer, self._grew)
        # forgetting a picture takes the place of growing it
        self._growing: Task[Any] = Task(
            client, "maximise", self._take_growing, self._fail_growing, ended=self._end_growing
        )
        self._finding: Task[Any] = Task(client, "maximised", self._take_kept, self._fail)
        self._forgetting: Task[None] = Task(client, "maximise forget")
        self._comparing: Task[Natural] = Task(
            client, "natural means", self._take_natural, self._fail, ended=self._show_numbers
        )
        self._place: Selection | None = None
        self._asked: MaximiseTarget | None = None  # what is selected, also while another page is looked at
        self._running: MaximiseTarget | None = None
        self._latest: Maximised | None = None  # of what runs, or ran last
        self.found: Maximised | None = None  # what is shown
        self._natural: Natural | None = None
        self._failure = ""
        self.tab.choices.set_settings(remembered(host.settings, SPEC))
        self.tab.choices.set_open(host.settings.number(_OPEN) == 1)
        self._connect()

    def _connect(self) -> None:
        tab = self.tab
        tab.toggled.connect(self.toggle)
        tab.cancelled.connect(self.cancel)
        tab.changed.connect(self._change)
        tab.held.connect(self.pause)
        tab.copied.connect(self.copy)
        tab.saved.connect(self.save)
        tab.used.connect(self.use)
        tab.compared.connect(self.compare)
        tab.layer.chosen.connect(self._choose_channel)
        tab.choices.toggled.connect(self._remember_open)

    def _remember_open(self, on: bool) -> None:
        self._host.settings.put(_OPEN, int(on))

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        tasks = (self._growing, self._finding, self._forgetting, self._comparing)
        return self.layer.waiting or any(task.waiting for task in tasks)

    @property
    def forgetting(self) -> bool:
        """Whether the engine has yet to throw away what was cancelled beside another one that grows."""
        return self._forgetting.waiting

    def facts_of(self, selection: Selection) -> Measured | None:
        """None while no whole image of a selection is shown."""
        here = self._place is not None and self._place.key == selection.key
        found = self.found
        return flattened(SPEC.to_json(found)) if here and found is not None and found.done else None

    def figure(self) -> FigureDescription | None:
        """The figure of the pictures that are shown."""
        return None if self.found is None or self._place is None else figure(self.found, FigureSubject(self._place))

    # --- what is selected ---

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown: what grows is paused when its model is gone or the input moves."""
        if self._running is not None and (live or capture.model != self._running.model):
            self.pause()
        if self.layer.running is not None and (live or capture.model != self.layer.running.model):
            self.layer.pause()

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be made."""
        if blocked or selection is None:
            self.leave()
            self.tab.say(blocked or tr("Nothing is shown yet."))
            return
        if selection.card.abilities.no_gradients:
            self.leave()
            self.tab.say(selection.card.abilities.no_gradients)
            return
        returned, self._place = self._place is None, selection
        titles = words.titles(selection)
        possible = [kind for kind, title in titles if title]
        self.tab.set_targets(titles, self.tab.kind if self.tab.kind in possible else (possible or [""])[0])
        if not possible:
            self.tab.say(SPEC.unavailable(selection, self.tab.choices.settings))
            return
        self.tab.say("")
        self.tab.choices.set_own(selection.card.preprocess.height, selection.card.preprocess.width)
        self._retarget(selection, returned)

    def leave(self) -> None:
        """The page is no longer looked at. What grows goes on."""
        self._place = None

    def choose_class(self) -> None:
        """A class was chosen in the prediction. `follow` comes next."""
        if self._place is not None:
            self.tab.choose("class")

    def _choose_channel(self, channel: int) -> None:
        """A small picture was chosen: the large one is that of the same target."""
        self.tab.choose("channel")
        self.tab.negative.setChecked(False)
        self.tab.choices.start.setChecked(False)
        self._host.change(channel=channel)

    def _change(self) -> None:
        """Another target or setting was chosen by hand."""
        remember(self._host.settings, SPEC, self.tab.choices.settings)
        self._host.note_params()
        if self._place is not None:
            self._retarget(self._place)

    def set_params(self, settings: MaximiseSettings) -> None:
        """Other settings, as if chosen by hand."""
        self.tab.choices.set_settings(settings)
        self._change()

    def _retarget(self, place: Selection, returned: bool = False) -> None:
        """What is selected may be another target. `returned`: more may have been made of it meanwhile."""
        before = self._asked
        try:
            self._asked = MaximiseTarget(place.card.digest, self._objective(place), self._settings(place))
        except ExplorerError as error:
            self._asked = None
            self._show(None, page.CANNOT)
            self.tab.note(str(error))
        else:
            if self._asked != before or returned:
                self._look_up(self._asked)
        self._say_elsewhere()
        self.layer.follow(place, self.tab.choices.settings)

    def _look_up(self, asked: MaximiseTarget) -> None:
        """Shows what is at hand of the target, else asks for what is kept of it."""
        at_hand = self._latest if self._latest is not None and self._latest.key == asked.key else None
        self._show(at_hand)
        if at_hand is None and not self._runs_here:
            self._finding.ask(FindKept(asked))
        else:
            self._finding.drop()

    def _objective(self, place: Selection) -> Objective:
        negative, kind = self.tab.negative.isChecked(), self.tab.kind
        if kind == "class":
            return class_logit(place.class_index or 0, negative)
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
        return self._running is not None and self._running == self._asked

    def run(self) -> None:
        """Generates the image, unless that is going on."""
        if not self._runs_here:
            self.toggle()

    def toggle(self) -> None:
        """Starts or resumes the picture of what is selected, or pauses it."""
        if self._runs_here:
            self.pause()
        elif self._asked is not None and self._place is not None:
            self._running = self._asked
            self._latest = self.found if self.tab.phase == page.PAUSED else None
            self._finding.drop()
            self._growing.ask(Grow(self._asked, as_picture(self._place.capture.picture)))
            self._show(self._latest)
            self._say_elsewhere()

    def pause(self) -> None:
        """Stops what grows; how far it has come is kept."""
        self._growing.drop()
        here, self._running = self._runs_here, None
        if here:
            self._show(self.found)
        self._say_elsewhere()

    def cancel(self) -> None:
        """Stops and forgets the picture of what is selected; the last one stays to be looked at."""
        if self._asked is None:
            return
        if self._running is not None and not self._runs_here:
            self._forgetting.ask(Forget(self._asked))
        else:
            self._growing.ask(Forget(self._asked))
            self._running = self._latest = None
        self.tab.set_phase(page.IDLE)
        self.tab.set_status(tr("Cancelled: Start begins again."))

    def compare(self) -> None:
        """Asks for the sample pictures' means of this layer."""
        if self._asked is not None:
            self._comparing.ask(NaturalMeans(self._asked.model, self._asked.objective.tap))
            self.tab.compare.setEnabled(False)

    # --- the picture goes on ---

    def use(self) -> None:
        """The picture as the input of the model; of a batch the first."""
        if self.found is not None:
            self._host.open_pixels(
                self.found.pictures[0], tr("maximised {objective_text}", objective_text=self.found.objective.text)
            )

    def copy(self) -> None:
        """The picture to the clipboard, several ones side by side."""
        if self.found is not None:
            QGuiApplication.clipboard().setImage(to_image(sheet(self.found.pictures)).copy())
            self._host.say(tr("Copied the picture."))

    def save(self) -> None:
        """A PNG with model, objective and settings inside."""
        made = self.found
        if made is None or self._place is None or made.model != self._place.card.digest:
            return
        card, default = self._place.card, f"{plain_name(made.objective.text)}.png"
        path = ask_path(self._host.parent_widget, self._host.settings, tr("Save picture"), default, tr("PNG (*.png)"))

        def encoded() -> bytes:
            from explorer.engine.maximisation.maximised_export import picture_file

            return picture_file(card, made)

        if path:
            self._host.save(path, encoded)

    # --- answers ---

    def _take_growing(self, made: Maximised, done: bool) -> None:
        self._latest = made
        if made.done:
            self.layer.add(made)
        if self._runs_here and not done:  # `_end_growing` shows the finished one
            self._show(made)
        self._say_elsewhere()

    def _fail_growing(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end_growing(self) -> None:
        here, self._running = self._runs_here, None
        failure, self._failure = self._failure, ""
        if here:
            self._show(self._latest)
        if failure:
            self.tab.note(failure if here else tr("The other image failed: {failure}", failure=failure))
        self._say_elsewhere()

    def _take_kept(self, made: Maximised, _done: bool) -> None:
        if not self._runs_here:
            self._show(made, kept=True)

    def _take_natural(self, natural: Natural, _done: bool) -> None:
        self._natural = natural
        self.tab.note("")
        self._show_numbers()

    def _fail(self, failure: Failure) -> None:
        self.tab.note(failure.text)

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
        natural = self._natural
        if natural is not None and (natural.model, natural.tap) != (asked.model, asked.objective.tap):
            natural = None
        self.tab.set_made(made, words.quantity(made.objective), words.rows(made, self._now(asked), natural))
        whole = natural is not None and natural.fraction >= 1
        comparable = words.comparable(made.objective) and not whole
        self.tab.compare.setVisible(comparable)
        self.tab.compare.setEnabled(comparable and not self._comparing.waiting)

    def _now(self, asked: MaximiseTarget) -> float | None:
        """The target of the picture that is shown; None where it is not known."""
        objective, shown = asked.objective, self._host.shown
        if self._place is None:
            return None
        if not objective.tap:
            wanted = (g.logit for g in self._place.capture.prediction if g.index == objective.channels[0])
            return next(wanted, None)
        return words.value_of(objective, shown) if shown is not None and shown.tap.name == objective.tap else None

    def _say_elsewhere(self) -> None:
        other = self._running if not self._runs_here else None
        self.tab.set_elsewhere("" if other is None else words.elsewhere(other.objective, self._latest))
