"""Attributions of what is selected: offered, computed when asked for, drawn over the picture, checked when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.core.cells import title_of
from explorer.core.explain import Attribution, Check, Offers
from explorer.core.selection import Selection
from explorer.core.target import Target
from explorer.core.types import Array
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.understand.attribution_tab import UNSIGNED
from explorer.ui.understand.overlay import Overlays
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.OFFERS, work.ATTRIBUTE, work.CHECK)
Key = tuple[str, str, Target]


class AttributionControl(QObject):
    """A result belongs to one picture, model and target; with another one it goes."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._c = controller
        self.tab = controller.window.explore.channel.attribution
        self._picture = controller.window.explore.input.picture
        self._wanted, self._overlays = Wanted(), Overlays()
        self._place: Selection | None = None
        self._key: Key | None = None
        self._class: int | None = None  # chosen in the prediction; None: the best
        self.found: Attribution | None = None
        self._check: Check | None = None
        self.tab.ran.connect(self.run)
        self.tab.cancelled.connect(self.cancel)
        self.tab.checked.connect(self.check)
        self.tab.redrawn.connect(self._draw)
        self.tab.target_changed.connect(self._retarget)

    @property
    def waiting(self) -> bool:
        return any(self._wanted.waiting(key) for key in _KEYS)

    def choose_class(self, index: int | None) -> None:
        """The class to explain; None: the best."""
        self._class = index
        if self._place is not None:
            self.tab.target.setCurrentIndex(max(self.tab.target.findData("class"), 0))
            self._retarget()

    def follow(self, place: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        returned, self._place = self._place is None, place
        if self._key is not None and self._key[0] != place.capture.model:
            self._class = None  # of another model
            self._c.window.explore.input.prediction.set_chosen(None)
        titles = self._titles(place)
        possible = [kind for kind, title in titles if title]
        kind = self.tab.kind if self.tab.kind in possible else (possible[0] if possible else "")
        self.tab.set_targets(titles, kind)
        if not possible:
            self.tab.say("This layer cannot be explained: its layout is unknown.")
            return
        self.tab.say("")
        target = self._target(place, kind)
        key = place.capture.model, place.capture.picture.digest, target
        if key != self._key:
            self._forget()
            self._key = key
            self._wanted.ask(work.OFFERS, self._c.desk.offers(place.capture, target))
        elif returned:
            self._draw()
            if self.tab.offers is None or self.tab.offers.target != target:
                self._wanted.ask(work.OFFERS, self._c.desk.offers(place.capture, target))

    def leave(self) -> None:
        """The tab is no longer looked at, or about nothing. A finished map comes back with it."""
        if self._place is None:
            return
        self.cancel()
        if self._wanted.drop(work.OFFERS):
            self._c.desk.drop_study(work.OFFERS)
        self._place = None
        self._picture.set_heat(None)

    # --- what is explained ---

    def _titles(self, place: Selection) -> list[tuple[str, str]]:
        index = self.class_of(place)
        labels = place.card.labels
        name = "" if index is None else labels[index] if index < len(labels) else f"class {index}"
        channel = f"channel {place.channel}" if place.tap.layout != "other" else ""
        cell = f"{channel} at {title_of(place.cell)}" if channel and place.cell is not None else ""
        return [("class", name and f"class: {name}"), ("channel", channel and f"{channel} (mean)"), ("cell", cell)]

    def class_of(self, place: Selection) -> int | None:
        """The class that is chosen, else the best; None where the model gives no class vector."""
        best = place.capture.prediction[0].index if place.capture.prediction else None
        return best if best is None or self._class is None else self._class

    def _target(self, place: Selection, kind: str) -> Target:
        if kind == "class":
            return Target("", self.class_of(place) or 0)
        return Target(place.tap.name, place.channel, place.cell if kind == "cell" else None)

    def _retarget(self) -> None:
        self.follow(self._place, "")

    def _forget(self) -> None:
        self.cancel()
        self.found = self._check = None
        self.tab.clear()
        self._picture.set_heat(None)

    # --- computing ---

    def run(self) -> None:
        """Computes the chosen method for the target."""
        if self._place is None or self._key is None or not self.tab.chosen:
            return
        self.cancel()
        self._check = None
        self.tab.set_check(None, None)
        self.tab.note("")
        ticket = self._c.desk.attribute(self._place.capture, self._key[2], self.tab.chosen, self.tab.settings)
        self._wanted.ask(work.ATTRIBUTE, ticket)
        self.tab.set_running(0)

    def check(self) -> None:
        """Computes the randomised twin and the curves of what is shown."""
        if self._place is None or self.found is None or self.found.fraction < 1:
            return
        self.cancel()
        self._wanted.ask(work.CHECK, self._c.desk.check(self._place.capture, self.found))
        self.tab.set_running(0)

    def cancel(self) -> None:
        """Stops what runs; what has come of it so far stays."""
        for key in (work.ATTRIBUTE, work.CHECK):
            if self._wanted.drop(key):
                self._c.desk.drop_study(key)
        self.tab.set_running(None)

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in _KEYS:
            return False
        if not self._wanted.takes(event) or self._place is None:
            return True
        if event.key != work.OFFERS and not event.partial:
            self.tab.set_running(None)
        if event.failure is not None:
            self.tab.note(event.failure.text)
        elif isinstance(event.value, Offers):
            self.tab.set_offers(event.value)
        elif isinstance(event.value, Attribution):
            self.found = event.value
            self.tab.set_attribution(event.value)
            self._progress(event, event.value.fraction)
            self._draw()
        elif isinstance(event.value, Check):
            self._check = event.value
            self._progress(event, event.value.fraction)
            self._draw_check()
        return True

    def _progress(self, event: Event, fraction: float) -> None:
        if event.partial:
            self.tab.set_running(fraction)

    # --- drawing ---

    def _draw(self) -> None:
        if self.found is None or self._place is None:
            return
        self._picture.set_heat(self._over(self.found), strength=1.0)
        self._draw_check()

    def _draw_check(self) -> None:
        if self._check is not None:
            self.tab.set_check(self._check, self._over(self._check.pair.twin))

    def _over(self, found: Attribution) -> Array:
        assert self._place is not None
        signed = self.tab.signed.isChecked() and found.method not in UNSIGNED
        strength = self.tab.strength.value() / 100
        picture, pre = self._place.capture.picture, self._place.card.preprocess
        return self._overlays.draw(found.values, picture, pre, signed, self.tab.percentile.value(), strength)
