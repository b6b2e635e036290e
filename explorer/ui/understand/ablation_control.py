"""Edits of channels: applied to every picture that is shown, never mixed with captures that have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.core.edits import Ablation, Edit, Edits, Ranking, digest_of
from explorer.core.types import Capture
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.understand import words
from explorer.ui.understand.place import Place, Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.ABLATE, work.RANK)


class AblationControl(QObject):
    """`plain` is the last capture without edits, from which every ablation starts. `class_of` says which class is ranked for."""

    def __init__(self, controller: Controller, class_of: Callable[[Place], int | None]) -> None:
        super().__init__(controller)
        self._c = controller
        self._class_of = class_of
        self.tab = controller.window.explore.channel.ablation
        self._bars = controller.window.explore.input.prediction
        self._wanted = Wanted()
        self._place: Place | None = None
        self._ranked: tuple[object, ...] = ()
        self.plain: Capture | None = None
        self.edits: Edits = ()
        self._past: list[Edits] = []
        self._model = ""
        self.tab.edited.connect(self.edit)
        self.tab.silenced.connect(self.silence)
        self.tab.removed.connect(lambda at: self._set((*self.edits[:at], *self.edits[at + 1 :])))
        self.tab.cleared.connect(lambda: self._set(()))
        self.tab.undone.connect(self.undo)
        self.tab.rank_asked.connect(self.rank)
        self.tab.channel_chosen.connect(lambda channel: controller.change(channel=channel))

    @property
    def waiting(self) -> bool:
        return any(self._wanted.waiting(key) for key in _KEYS)

    # --- what is shown ---

    def captured(self, capture: Capture, live: bool) -> None:
        """A capture without edits is shown; the edits are made on it too, unless the input moves."""
        if capture.edits:
            return
        if capture.model != self._model:
            self.edits, self._past, self._model = (), [], capture.model
            self.tab.set_edits(())
        self.plain = None if live else capture
        self._drop(work.ABLATE)
        if self.edits and not live:
            self.apply()

    def follow(self, place: Place | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        self._place = place
        if place.tap.layout == "other":
            self.tab.say("This layer cannot be edited: it is laid out in no known way.")
            return
        self.tab.say("")
        ranked = (place.capture.model, place.capture.picture.digest, place.tap.name, self._class_of(place))
        if ranked != self._ranked:
            self._drop(work.RANK)
            self._ranked = ranked
            self.tab.set_running(None)
            self.tab.set_ranking(None)
        self._say_subject()

    def _say_subject(self) -> None:
        place = self._place
        if place is None:
            return
        index, labels = self._class_of(place), place.card.labels
        name = "" if index is None else labels[index] if index < len(labels) else f"class {index}"
        self.tab.set_subject(place.channel, place.cell if place.tap.grid is not None else None, name)

    def leave(self) -> None:
        """The tab is no longer looked at. Edits stay until they are taken away."""
        if self._place is None:
            return
        self._place = None
        self._drop(work.RANK)
        self.tab.set_running(None)

    # --- edits ---

    def edit(self, mode: str) -> None:
        """Replaces the selected channel by "zero" or its "mean", instead of what was done to it before."""
        if self._place is None:
            return
        new = Edit(self._place.tap.name, (self._place.channel,), mode="mean" if mode == "mean" else "zero")
        kept = (e for e in self.edits if (e.tap, e.channels, e.region) != (new.tap, new.channels, None))
        self._set((*kept, new))

    def silence(self) -> None:
        """All channels of the selected cell become 0."""
        if self._place is None or self._place.cell is None:
            return
        y, x = self._place.cell
        new = Edit(self._place.tap.name, region=(y, x, y + 1, x + 1))
        if new not in self.edits:
            self._set((*self.edits, new))

    def undo(self) -> None:
        """The edits as they were before the last change."""
        if self._past:
            self._show_edits(self._past.pop())

    def _set(self, edits: Edits) -> None:
        if edits != self.edits:
            self._past.append(self.edits)
            self._show_edits(edits)

    def _show_edits(self, edits: Edits) -> None:
        self.edits = edits
        self.tab.set_edits(edits, bool(self._past))
        if edits:
            self.apply()
            return
        self._drop(work.ABLATE)
        if self.plain is not None and not self._c.live.playing:
            self._c.show_again(self.plain)

    def apply(self) -> None:
        """Asks for what the edits do to the picture that is shown, the selected layer among the maps."""
        if self.plain is None or not self.edits or self._c.live.playing:
            return
        names = {tap.name for tap in self.plain.taps if tap.observable and tap.name in self.plain.values}
        names |= {tap.name for tap in self.plain.taps if tap.observable and tap.name == self._c.session.tap}
        self.tab.set_result(None)
        self._wanted.ask(work.ABLATE, self._c.desk.ablate(self.plain, self.edits, names))

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
