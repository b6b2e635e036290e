"""Keeps a method over two models in step with two columns: one presenter for all such methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance

from explorer.core.caveats import flags
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError, Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.method_figure import figure_of
from explorer.core.method import MethodSpec, PairRequest, Scope
from explorer.core.pairs import ShownPair, Side
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.method_page.pair_results import KeptPair, PairResults, Sides
from explorer.ui.method_page.remembered import remember, remembered
from explorer.ui.settings import Settings
from explorer.ui.widgets import text

NO_MODEL = tr("Both columns need a model and a picture: choose them at the top of the columns.")
NO_LAYER = tr("Both columns must show a layer.")
_LISTED = 20  # pictures left out, named one by one


class PairSurface(Protocol):
    """What the presenter needs of a view: `PairView`, or in a test a plain object."""

    started: SignalInstance
    params_changed: SignalInstance

    @property
    def params(self) -> Any: ...
    def set_params(self, params: Any) -> None: ...
    def set_running(self, fraction: float | None) -> None: ...
    def set_startable(self, why_not: str) -> None: ...
    def set_status(self, words: str, more: str = "") -> None: ...
    def set_pair(self, pair: ShownPair, result: Any) -> None: ...
    def offer(self) -> None: ...
    def set_ordered(self, on: bool) -> None: ...


class PairHost(Protocol):
    """What surrounds such methods: which pictures all of them go over, and who hears of their results."""

    settings: Settings

    @property
    def inputs(self) -> Over: ...

    def note_params(self) -> None:
        """Parameters were changed by hand."""

    def taken(self, part: PairPresenter, final: bool) -> None:
        """There is another result, also a partial one, or it was computed to its end."""


class PairPresenter:
    """Follows the columns, says why not, runs, cancels, keeps results, remembers parameters."""

    def __init__(self, spec: MethodSpec[Any, Any], view: PairSurface, client: JobClient, host: PairHost) -> None:
        self.spec, self.view, self._host = spec, view, host
        self.results: PairResults[Any] = PairResults(spec)
        self.ordered = False  # whether the maps of both columns stand in the orders that the result gives
        self.needed = ""  # said while there is no result that something waits for
        self.words = ""  # what is said of the result
        self._task: Task[Any] = Task(client, spec.id, self._take, self._fail, self._progress, self._end)
        self._asked: PairRequest[Any, Any] | None = None  # the last one, answered or not
        self._pair: ShownPair | None = None
        self._told: tuple[object, ...] = ()
        self._failure = ""
        view.set_params(remembered(host.settings, spec))
        view.started.connect(self.toggle)
        view.params_changed.connect(self._change_params)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    @property
    def params(self) -> Any:
        """Those of the form, over the pictures that are chosen for all. Raises ExplorerError for a text that does not fit."""
        return replace(self.view.params, inputs=self._host.inputs)

    @property
    def sides(self) -> Sides | None:
        """What would be computed over; None where something of it is missing."""
        if self._pair is None:
            return None
        one, other = (self._side(side.card.digest if side.card else "", side.tap) for side in self._pair.sides)
        return (one, other) if one is not None and other is not None else None

    def sides_of(self, layers: Sequence[tuple[str, str]]) -> Sides | None:
        """Of (digest of the model, layer) of two columns, which may not show them yet."""
        one, other = (self._side(*layer) for layer in layers)
        return (one, other) if one is not None and other is not None else None

    def _side(self, model: str, tap: str) -> Side | None:
        if not model or (self.spec.scope == Scope.LAYER and not tap):
            return None
        return Side(model, (tap,) if self.spec.scope == Scope.LAYER else ())

    # --- what is shown ---

    def follow(self, pair: ShownPair) -> None:
        """The columns, their models, layers or channels may be others."""
        self._pair = pair
        sides, asked = self.sides, self._asked
        running = (asked.first, asked.second) if asked is not None else None
        if self.waiting and sides not in (running, running and running[::-1]):
            self._stop()
        kept = self.results.of(sides)
        about = (sides, kept, self.needed, self._host.inputs, *(side.edited for side in pair.sides))
        if about != self._told:
            self._told = about
            self.view.set_startable("" if sides is not None else self._missing)
            self.say_state()
        self.view.set_pair(pair, kept.result if kept is not None else None)

    @property
    def _missing(self) -> str:
        return NO_LAYER if self.spec.scope == Scope.LAYER else NO_MODEL

    def say_state(self, failure: str = "") -> None:
        """What the result is worth, or what is missing."""
        kept, pair = self.results.of(self.sides), self._pair
        if failure or pair is None:
            self._say(failure)
        elif kept is None:
            self._say("" if self.waiting else self._invitation())
        else:
            unfinished = "" if self.waiting else self.spec.unfinished(kept.result)
            said = (self._remarks(kept), unfinished, self._made_with(kept), _without_edits(pair), self._doubtful(pair))
            self._say(" ".join(filter(None, said)), _left_out(getattr(kept.result, "skipped", ())))

    def _say(self, words: str, more: str = "") -> None:
        self.words = words
        self.view.set_status(words, more)

    def _invitation(self) -> str:
        return self._missing if self.sides is None else self.needed or self.spec.invitation

    def _remarks(self, kept: KeptPair[Any] | None) -> str:
        remarks = self.spec.pair.remarks if self.spec.pair is not None else None
        return remarks(kept.result, kept.params) if kept is not None and remarks is not None else ""

    def _made_with(self, kept: KeptPair[Any]) -> str:
        """Said of a result that was computed with other parameters than those that are chosen now."""
        try:
            now = self.params
        except ExplorerError as error:
            return str(error)
        if self.waiting or kept.params == now:
            return ""
        again = tr("press {run_title} to recompute.", run_title=self.spec.run_title)
        over = kept.params.inputs
        return (
            tr("These values are over {named}; {again}", named=over.named, again=again)
            if over != now.inputs
            else tr("Computed otherwise; {again}", again=again)
        )

    def _doubtful(self, pair: ShownPair) -> str:
        """Said of models whose weights are random, and of those whose answers differ from run to run."""
        return " ".join(
            f"{side.letter}: {line.rstrip('.')}."
            for side in pair.sides
            if side.card is not None
            for line in flags(side.card, side.repeat, self.spec.noun)
        )

    def figure(self) -> FigureDescription | None:
        """The figure of the result of both columns; None while there is none."""
        kept = self.results.of(self.sides)
        return None if kept is None else figure_of(self.spec, kept.result, FigureSubject(pair=self._pair))

    # --- computing ---

    def toggle(self) -> None:
        """Starts a computation, or cancels the one that runs."""
        if self._stop():
            self.say_state()
            return
        sides = self.sides
        if sides is None:
            return
        try:
            request = self.spec.pair_request(*sides, self.params)
        except ExplorerError as error:
            self.say_state(str(error))
            return
        self._asked = request
        self._task.ask(request)
        self.view.set_running(0.0)
        self._say(tr("Opening the first picture …"))

    def _stop(self) -> bool:
        """Whether something ran."""
        stopped = self._task.drop()
        if stopped:
            self.view.set_running(None)
        return stopped

    def _progress(self, progress: Progress) -> None:
        self.view.set_running(progress.fraction or 0.0)
        self._say(f"{progress.text} {self.spec.unit}. {self._remarks(self.results.of(self.sides))}".strip())

    def _take(self, result: Any, done: bool) -> None:
        if self._asked is not None:
            self.results.keep(self._asked, result)
            self._host.taken(self, done)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        failure, self._failure = self._failure, ""
        self.view.set_running(None)
        self.say_state(failure)

    # --- parameters ---

    def _change_params(self) -> None:
        try:
            remember(self._host.settings, self.spec, self.params)
        except ExplorerError:
            pass  # `say_state` says what is wrong
        else:
            self._host.note_params()
        if not self.waiting:
            self.say_state()

    def set_params(self, params: Any) -> None:
        """Other parameters, as if chosen by hand; `inputs` are chosen for all."""
        self.view.set_params(params)
        self._change_params()

    def inputs_chosen(self) -> None:
        """Other pictures are chosen for all; what was computed over those before stays until it is computed anew."""
        self._change_params()


def without_edits(letters: Sequence[str]) -> str:
    """Said where columns show their models under edits: what is compared are the models as they are."""
    return tr("Edits of {list} are not applied here.", list=tr(" and ").join(letters)) if letters else ""


def _without_edits(pair: ShownPair) -> str:
    return without_edits([side.letter for side in pair.sides if side.edited])


def _left_out(skipped: Sequence[tuple[str, str]]) -> str:
    """The pictures that could not be used, and why."""
    lines = [f"{name}: {why}" for name, why in skipped[:_LISTED]]
    more = len(skipped) - _LISTED
    return text.tip("\n".join([*lines, *([tr("and {more:,} more", more=more)] if more > 0 else [])]))
