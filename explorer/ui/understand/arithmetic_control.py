"""The arithmetic of the selected cell: asked for when it is looked at, drawn on the maps and on the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from explorer.core.arithmetic import Arithmetic
from explorer.core.cells import extent
from explorer.core.receptive import Effective
from explorer.core.render import as_maps
from explorer.core.selection import Selection
from explorer.core.types import Tap
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.understand import overlay, words
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_PLAY_MS = 250


class ArithmeticControl(QObject):
    """Keeps the tab, the window on the photo and the effective field in step with the selected cell."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._c = controller
        self.tab = controller.window.explore.channel.arithmetic
        self._picture = controller.window.explore.input.picture
        self._wanted, self._overlays = Wanted(), overlay.Overlays()
        self._place: Selection | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._slide)
        self.tab.stepped.connect(self.step)
        self.tab.played.connect(self._play)
        self.tab.channel_chosen.connect(lambda _c: self._show_before())
        self.tab.effective.connect(lambda _on: self._ask_field())

    @property
    def waiting(self) -> bool:
        return self._wanted.waiting(work.CELL) or self._wanted.waiting(work.EFFECTIVE)

    def follow(self, place: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None or place.cell is None:
            self.leave()
            self.tab.say(blocked or "Click a cell in the map to see its computation.")
            return
        if self._place is not None and self._place.key == place.key:
            return
        self._place = place
        self._picture.set_window(None)
        ticket = self._c.desk.explain_cell(place.capture, place.tap.name, place.channel, place.cell)
        self._wanted.ask(work.CELL, ticket)
        self._ask_field()

    def leave(self) -> None:
        """The tab is no longer looked at, or about nothing."""
        if self._place is None:
            return
        self._place = None
        self._timer.stop()
        self.tab.play.setChecked(False)
        for key in (work.CELL, work.EFFECTIVE):
            if self._wanted.drop(key):
                self._c.desk.drop_study(key)
        self._picture.set_window(None)
        self._picture.set_heat(None)

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in (work.CELL, work.EFFECTIVE):
            return False
        if not self._wanted.takes(event) or self._place is None:
            return True
        if event.failure is not None:
            if event.key == work.CELL:
                self.tab.say(event.failure.text)
            else:
                self.tab.set_seen(event.failure.text)
        elif isinstance(event.value, Arithmetic):
            self._show(event.value)
        elif isinstance(event.value, Effective):
            self._show_field(event.value)
        return True

    # --- showing ---

    def _show(self, found: Arithmetic) -> None:
        assert self._place is not None
        place, pre = self._place, self._place.card.preprocess
        self.tab.set_arithmetic(found)
        self.tab.set_seen(overlay.seen_sentence(place.tap, found.cell, pre))
        patch, before = found.steps[0].patch, self._before(found)
        on_photo = patch is not None and (before is not None or found.before == "the input")
        box = overlay.window_box(patch, before, place.capture.picture, pre) if on_photo and patch else None
        self._picture.set_window(box)
        self._show_before()

    def _before(self, found: Arithmetic) -> Tap | None:
        assert self._place is not None
        return next((tap for tap in self._place.capture.taps if tap.name == found.before), None)

    def _show_before(self) -> None:
        """The map that the window slides over, of the input channel that is looked at."""
        found, place = self.tab.found, self._place
        if found is None or place is None:
            return
        patch, position = found.steps[0].patch, self.tab.position
        if patch is not None and patch.keys is not None:  # tokens of the whole picture and not a window
            self.tab.set_before(words.weighed(found, patch, position or 0))
            return
        before, channel = self._before(found), self.tab.channel
        sentence = f"window on {found.before}" if found.before else ""
        values = place.capture.values.get(before.name) if before is not None else None
        maps = as_maps(values, before) if values is not None and before is not None else None
        if maps is None or channel is None or channel >= len(maps):
            self.tab.set_before(sentence)
        else:
            self.tab.set_before(f"{sentence} · channel {channel}", maps[channel], self._c.session.colormap)

    def _ask_field(self) -> None:
        place = self._place
        self._wanted.drop(work.EFFECTIVE)
        self._picture.set_heat(None)
        if not self.tab.field.isChecked() or place is None or place.cell is None:
            self._c.desk.drop_study(work.EFFECTIVE)
            return
        ticket = self._c.desk.effective_field(place.capture, place.tap.name, place.channel, place.cell)
        self._wanted.ask(work.EFFECTIVE, ticket)

    def _show_field(self, found: Effective) -> None:
        assert self._place is not None
        picture, pre = self._place.capture.picture, self._place.card.preprocess
        self._picture.set_heat(self._overlays.draw(found.heat[None], picture, pre, False, 99.5, 0.85), strength=1.0)
        self.tab.field.setText(f"Show effective receptive field (n = {found.count})")

    # --- the window slides ---

    def step(self, steps: int) -> None:
        """The selected cell so many places on, row by row; prefix tokens come first."""
        if self._place is None or self._place.cell is None:
            return
        rows, columns = extent(self._place.tap)
        y, x = self._place.cell
        before = self._place.tap.prefix if self._place.tap.grid is not None else 0
        at = (x if y < 0 else before + y * columns + x) + steps
        if 0 <= at < before + rows * columns:
            self._c.change(cell=(-1, at) if at < before else divmod(at - before, columns))
        else:
            self.tab.play.setChecked(False)

    def _play(self, on: bool) -> None:
        self._timer.start() if on else self._timer.stop()

    def _slide(self) -> None:
        if not self._wanted.waiting(work.CELL):  # a slow model is waited for
            self.step(1)
