"""Edits of channels: applied to every picture and live frame that is shown, never mixed with captures that have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.core.activations import Capture
from explorer.core.geometry.cells import Region, has_maps
from explorer.core.inputs import Picture
from explorer.core.interventions import Ablation, Edit, EditedFrame, Edits, Frozen, LiveEdits, Mode, Ranking, digest_of
from explorer.core.selection import Selection
from explorer.engine import desk as work
from explorer.engine.jobs.runner import Event
from explorer.ui.actions import Action
from explorer.ui.understand import words
from explorer.ui.understand.kept import KeptValues
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.ABLATE, work.RANK)
_UNDONE = 32  # changes that can be taken back
_MODES: dict[str, Mode] = {"zero": "zero", "mean": "mean", "freeze": "freeze"}


class AblationControl(QObject):
    """`plain` is the last capture without edits, from which every ablation starts; of a live input it is that of the frame
    that is shown. `class_of` says which class is ranked for."""

    def __init__(self, controller: Controller, class_of: Callable[[Selection], int | None]) -> None:
        super().__init__(controller)
        self._c = controller
        self._class_of = class_of
        self.tab = controller.window.explore.channel.ablation
        self._bars = controller.window.explore.input.prediction
        self._map = controller.window.explore.channel.map
        self._wanted = Wanted()
        self._place: Selection | None = None
        self._ranked: tuple[object, ...] = ()
        self._region: Region | None = None  # of the selected layer: what is edited of it
        self._cells: Region | None = None  # that, else the selected cell
        self.plain: Capture | None = None
        self.edits: Edits = ()
        self._past: list[Edits] = []
        self._kept = KeptValues()
        self._model = ""
        self.tab.edited.connect(self.edit)
        self.tab.silenced.connect(self.silence)
        self.tab.removed.connect(lambda at: self._set((*self.edits[:at], *self.edits[at + 1 :])))
        self.tab.cleared.connect(lambda: self._set(()))
        self.tab.undone.connect(self.undo)
        self._map.banded.connect(self._mark)
        self.tab.rank_asked.connect(self.rank)
        self.tab.channel_chosen.connect(lambda channel: controller.change(channel=channel))

    def own_actions(self) -> tuple[Action, ...]:
        """The way back of the edits."""
        title, about = "Undo the last edit of channels", "Takes the last change back"
        why = self._nothing_to_undo
        return (Action("edit.undo", title, self.undo, ("Ctrl+Z",), "Edit/Undo", "explore", about, why_not=why),)

    def _nothing_to_undo(self) -> str:
        return "" if self._past else "No channel has been edited."

    @property
    def waiting(self) -> bool:
        return any(self._wanted.waiting(key) for key in _KEYS)

    # --- what is shown ---

    def captured(self, capture: Capture, live: bool) -> None:
        """A capture without edits is shown; the edits are made on it too, those of live frames have been already."""
        if capture.edits:
            return
        if capture.model != self._model:
            self.plain, self._past, self._model = None, [], capture.model
            self._show_edits(())
        self.plain = capture
        self._drop(work.ABLATE)
        if self.edits and not live:
            self.apply()

    def fits(self, capture: Capture) -> bool:
        """Whether a live capture was made under the edits that are active now."""
        return capture.edits == (digest_of(self.edits) if capture.model == self._model else "")

    def frame(self, frame: EditedFrame) -> None:
        """A live frame under edits: shown when they are still the active ones, else passed over."""
        if frame.after is None:
            self._c.live.follow(frame.before)
            if frame.failure is not None and frame.edits == self.edits and self._c.live.playing:
                self._failed(frame.failure.text)
            return
        fits = self._c.live.playing and self.fits(frame.after)
        if fits:
            self.plain = frame.before
        self._c.show_frame(frame.after)
        if fits and self._c.view.whole:
            self._bars.set_shifts(frame.shifts, words.edited_mark(frame.edits))
            self.tab.set_live(frame.shifts)

    def follow(self, place: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        before = self._place
        if before is None or (before.card.digest, before.tap.name) != (place.card.digest, place.tap.name):
            self._map.set_banding(False)
            self._region = None
        self._place = place
        if place.tap.layout == "other":
            self.tab.say("This layer cannot be edited: its layout is unknown.")
            return
        self.tab.say("")
        self._map.set_banding(has_maps(place.tap))
        self.tab.playing = playing = self._c.live.playing
        still = "" if playing else place.capture.picture.digest
        ranked = (place.capture.model, still, place.tap.name, self._class_of(place))
        if ranked != self._ranked:
            self._drop(work.RANK)
            self._ranked = ranked
            self.tab.set_running(None)
            self.tab.set_ranking(None, "Pause to rank: ranking needs a single picture." if playing else "")
        self._say_subject()

    def _say_subject(self) -> None:
        place = self._place
        if place is None:
            return
        index, labels = self._class_of(place), place.card.labels
        name = "" if index is None else labels[index] if index < len(labels) else f"class {index}"
        cell = place.cell if place.tap.grid is not None else None
        alone = (cell[0], cell[1], cell[0] + 1, cell[1] + 1) if cell is not None else None
        self._cells = self._region or alone
        self.tab.set_subject(place.channel, self._region, self._cells, name)
        self.tab.hint.setVisible(self._region is None and has_maps(place.tap))

    def leave(self) -> None:
        """The tab is no longer looked at. Edits stay until they are taken away."""
        if self._place is None:
            return
        self._place = None
        self._drop(work.RANK)
        self.tab.set_running(None)
        self._map.set_banding(False)
        self._region = None

    def _mark(self, region: Region | None) -> None:
        """Another region of the map, or none: the whole channel."""
        self._region = region
        self._say_subject()

    # --- edits ---

    def edit(self, mode: str) -> None:
        """Replaces the selected channel, or the marked region of it, by "zero", the channel's "mean" or (to "freeze") by what it
        is on this picture, instead of what was done to it before."""
        if self._place is None:
            return
        tap, picture = self._place.tap.name, None
        if mode == "freeze":
            picture = self._keep_values(tap)
            if picture is None:
                return
        source, origin = (picture.digest, picture.ref) if picture is not None else ("", None)
        new = Edit(tap, (self._place.channel,), self._region, _MODES[mode], source=source, origin=origin)
        kept = (e for e in self.edits if (e.tap, e.channels, e.region) != (new.tap, new.channels, new.region))
        self._set((*kept, new))

    def _keep_values(self, tap: str) -> Picture | None:
        """Keeps what a layer is on this picture, without edits; the picture, None where it is not there."""
        shown = self._c.view.capture  # of what moves: the very frame on the screen
        capture = self.plain if shown is None or shown.edits else shown
        if capture is None or not self._kept.keep(capture, tap):
            self.tab.set_result(None, "This layer is still being computed. Try again in a moment.")
            return None
        return capture.picture

    def of(self, model: str) -> Edits:
        """The active edits of the model with this digest; () where another one is open."""
        return self.edits if model == self._model else ()

    def frozen(self) -> Frozen:
        """What "freeze" puts, for the active edits and those that undoing may bring back."""
        return self._kept.of((self.edits, *self._past))

    def silence(self) -> None:
        """All channels of the marked region, else of the selected cell, become 0."""
        if self._place is None or self._cells is None:
            return
        new = Edit(self._place.tap.name, region=self._cells)
        if new not in self.edits:
            self._set((*self.edits, new))

    def undo(self) -> None:
        """The edits as they were before the last change."""
        if self._past:
            self._show_edits(self._past.pop())

    def _set(self, edits: Edits) -> None:
        if edits != self.edits:
            self._past.append(self.edits)
            del self._past[:-_UNDONE]  # each may keep values of a picture
            self._show_edits(edits)

    def _show_edits(self, edits: Edits) -> None:
        self.edits = edits
        self.tab.set_edits(edits, bool(self._past))
        self._c.desk.edit_live(LiveEdits(self._model, edits, self.frozen()))
        if edits:
            self.apply()
            return
        self._drop(work.ABLATE)
        if self.plain is not None and not self._c.live.playing:
            self._c.show_again(self.plain)

    def apply(self) -> None:
        """Asks for what the edits do to the picture that is shown, the selected layer among the maps."""
        if self.plain is None or not self.edits or self._c.live.playing:
            return  # live frames come with their edits made
        names = {tap.name for tap in self.plain.taps if tap.observable and tap.name in self.plain.values}
        names |= {tap.name for tap in self.plain.taps if tap.observable and tap.name == self._c.session.tap}
        self.tab.set_result(None)
        self._wanted.ask(work.ABLATE, self._c.desk.ablate(self.plain, self.edits, names, self.frozen()))

    # --- the ranking ---

    def rank(self) -> None:
        """Starts the ranking of this layer's channels for the class, or stops the one that runs."""
        if self._drop(work.RANK):
            self.tab.set_running(None)
        elif self._place is not None and (index := self._class_of(self._place)) is not None:
            ticket = self._c.desk.rank(self._place.capture, Edit(self._place.tap.name), index)
            self._wanted.ask(work.RANK, ticket)
            self.tab.set_running(0)
        self._say_subject()

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in _KEYS:
            return False
        if not self._wanted.takes(event) or self._c.live.playing:
            return True
        if event.key == work.RANK:
            self._take_ranking(event)
        elif event.failure is not None:
            self._failed(event.failure.text)
        elif isinstance(event.value, Ablation) and event.value.edits == self.edits:
            self._show(event.value)
        return True

    def _take_ranking(self, event: Event) -> None:
        found = event.value if isinstance(event.value, Ranking) else None
        self.tab.set_running(found.done / max(found.total, 1) if found is not None and event.partial else None)
        if event.failure is not None:
            self.tab.set_ranking(None, event.failure.text)
        elif found is not None:
            self.tab.set_ranking(found)
        self._say_subject()

    def _show(self, found: Ablation) -> None:
        assert self.plain is not None
        dropped = tuple(tap.name for tap in self.plain.taps if tap.observable and tap.name not in found.values)
        edited = replace(
            self.plain,
            values=found.values,
            prediction=found.prediction,
            dropped=dropped,
            edits=digest_of(found.edits),
        )
        self._c.show_edited(edited)
        self._bars.set_shifts(found.shifts, words.edited_mark(found.edits))
        self.tab.set_result(found)

    def _failed(self, words_: str) -> None:
        """An edit that cannot be made is taken back; the others stay."""
        before = self._past.pop() if self._past else ()
        self._show_edits(before)
        self.tab.set_result(None, words_)

    def _drop(self, key: str) -> bool:
        dropped = self._wanted.drop(key)
        if dropped:
            self._c.desk.drop_study(key)
        return dropped
