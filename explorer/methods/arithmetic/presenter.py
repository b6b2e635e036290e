"""The arithmetic of the selected cell: asked for when it is looked at, drawn on the maps and on the input."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from explorer.core.activations import Capture, Tap
from explorer.core.arithmetic import Arithmetic
from explorer.core.errors import Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.geometry.cells import extent
from explorer.core.geometry.receptive_field import EffectiveField
from explorer.core.guides.result_values import LastValues, flattened
from explorer.core.method import Measured
from explorer.core.params import NoParams
from explorer.core.render import as_maps
from explorer.core.render.input_overlay import Overlays
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.arithmetic import places, words
from explorer.methods.arithmetic.figure import figure
from explorer.methods.arithmetic.spec import NO_CELL, SPEC, EffectiveFieldRequest
from explorer.methods.arithmetic.view import ArithmeticView
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost

_PLAY_MS = 250


class Presenter:
    """Keeps the page, the window on the input and the effective field in step with the selected cell."""

    def __init__(self, client: JobClient, host: PageHost, view: ArithmeticView | None = None) -> None:
        self._host, self._overlays = host, Overlays()
        self.view = self.tab = view or ArithmeticView()
        self._task: Task[Arithmetic] = Task(client, SPEC.id, self._take, self._fail)
        self._field: Task[EffectiveField] = Task(client, "effective field", self._take_field, self._fail_field)
        self._results: ResultCache[Arithmetic] = ResultCache(SPEC.kept)
        self._place: Selection | None = None
        self._values = LastValues()
        self._timer = QTimer(self.view)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._slide)
        self.view.stepped.connect(self.step)
        self.view.played.connect(self._play)
        self.view.channel_chosen.connect(self._show_before)
        self.view.effective.connect(self._ask_field)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting or self._field.waiting

    def facts_of(self, selection: Selection) -> Measured | None:
        """None while the cell of a selection has not been explained."""
        if SPEC.unavailable(selection, NoParams()):
            return None
        found = self._results.get(SPEC.request(selection, NoParams()))
        return None if found is None else self._values.of(found, lambda: flattened(SPEC.to_json(found)))

    def figure(self) -> FigureDescription | None:
        """The figure of the cell that is shown."""
        found = self.view.found
        return None if found is None or self._place is None else figure(found, FigureSubject(self._place))

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown; `follow` comes next."""

    def choose_class(self) -> None:
        """A cell is no class."""

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        reason = blocked or (NO_CELL if selection is None else SPEC.unavailable(selection, NoParams()))
        if reason or selection is None:
            self.leave()
            self.view.say(reason)
            return
        if self._place is not None and self._place.key == selection.key:
            return
        self._place = selection
        self._host.overlay.set_window(None)
        request = SPEC.request(selection, NoParams())
        known = self._results.get(request)
        if known is not None:
            self._task.drop()
            self._show(known)
        else:
            self._task.ask(request)
        self._ask_field()

    def leave(self) -> None:
        """The page is no longer looked at, or about nothing."""
        if self._place is None:
            return
        self._place = None
        self._timer.stop()
        self.view.play.setChecked(False)
        self._task.drop()
        self._field.drop()
        self._host.overlay.set_window(None)
        self._host.overlay.set_heat(None)

    def _take(self, result: Arithmetic, _done: bool) -> None:
        if self._task.request is not None:
            self._results.put(self._task.request, result)
        self._show(result)

    def _fail(self, failure: Failure) -> None:
        self.view.say(failure.text)

    def _fail_field(self, failure: Failure) -> None:
        self.view.set_seen(failure.text)

    # --- showing ---

    def _show(self, found: Arithmetic) -> None:
        assert self._place is not None
        place, pre = self._place, self._place.card.preprocess
        self.view.set_arithmetic(found)
        row = place.capture.text
        self.view.set_seen(places.seen_sentence(place.tap, found.cell, pre, 0 if row is None else len(row.tokens)))
        patch, before = found.steps[0].patch, self._before(found)
        on_photo = patch is not None and (before is not None or found.before == tr("the input"))
        box = places.window_box(patch, before, place.capture.picture, pre) if on_photo and patch else None
        self._host.overlay.set_window(box)
        self._show_before()

    def _before(self, found: Arithmetic) -> Tap | None:
        assert self._place is not None
        return next((tap for tap in self._place.capture.taps if tap.name == found.before), None)

    def _show_before(self, _channel: int = 0) -> None:
        """The map that the window slides over, of the input channel that is looked at."""
        found, place = self.view.found, self._place
        if found is None or place is None:
            return
        patch, position = found.steps[0].patch, self.view.position
        if patch is not None and patch.keys is not None:  # tokens of the whole picture and not a window
            self.view.set_before(words.weighed(found, patch, position or 0))
            return
        before, channel = self._before(found), self.view.channel
        sentence = tr("window on {before}", before=found.before) if found.before else ""
        values = place.capture.values.get(before.name) if before is not None else None
        maps = as_maps(values, before) if values is not None and before is not None else None
        if maps is None or channel is None or channel >= len(maps):
            self.view.set_before(sentence)
        else:
            self.view.set_before(
                tr("{sentence} · channel {channel}", sentence=sentence, channel=channel),
                maps[channel],
                self._host.session.colormap,
            )

    def _ask_field(self, _on: bool = True) -> None:
        place = self._place
        self._field.drop()
        self._host.overlay.set_heat(None)
        if not self.view.field.isChecked() or place is None or place.cell is None:
            return
        capture, where = place.capture, (place.tap.name, place.channel, place.cell)
        self._field.ask(EffectiveFieldRequest(capture.model, capture.picture.digest, capture.picture, *where))

    def _take_field(self, field: EffectiveField, _done: bool) -> None:
        assert self._place is not None
        picture, pre = self._place.capture.picture, self._place.card.preprocess
        drawn = self._overlays.draw(field.heat[None], picture, pre, False, 99.5, 0.85)
        self._host.overlay.set_heat(drawn, strength=1.0)
        self.view.field.setText(tr("Show effective receptive field (n = {count})", count=field.count))

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
            self._host.change(cell=(-1, at) if at < before else divmod(at - before, columns))
        else:
            self.view.play.setChecked(False)

    def _play(self, on: bool) -> None:
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def _slide(self) -> None:
        if not self._task.waiting:  # a slow model is waited for
            self.step(1)
