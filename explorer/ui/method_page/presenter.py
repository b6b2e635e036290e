"""Keeps a method page in step with what is selected: one presenter for all methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QFileDialog

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError, Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject, HeatStyle
from explorer.core.figure.method_figure import figure_of
from explorer.core.guides.result_values import LastValues, flattened
from explorer.core.kind_words import several
from explorer.core.method import Measured, MethodRequest, MethodSpec, Offered
from explorer.core.models import kind_of
from explorer.core.params import Choice, params_of, plain, restored
from explorer.core.progress import Progress
from explorer.core.requests import Request
from explorer.core.selection import Selection
from explorer.core.translation import tr, uncapitalised
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.remembered import remember, remembered
from explorer.ui.save_as import ask_path, plain_name


class PageView(Protocol):
    """What a presenter needs of a page: `MethodPageView`, or in a test a plain object."""

    started: SignalInstance
    params_changed: SignalInstance
    folder_asked: SignalInstance
    exported: SignalInstance
    further_asked: SignalInstance
    changed: SignalInstance
    redrawn: SignalInstance

    @property
    def params(self) -> Any: ...
    def set_params(self, params: Any) -> None: ...
    def set_choices(self, choices: Mapping[str, Sequence[Choice]]) -> None: ...
    def set_offers(self, offers: Offered) -> None: ...
    def set_running(self, fraction: float | None) -> None: ...
    def set_status(self, words: str) -> None: ...
    def set_result(self, result: Any) -> None: ...
    def set_further(self, value: Any) -> None: ...
    def heat(self, selection: Selection) -> Array | None: ...
    def set_selection(self, selection: Selection) -> None: ...
    def say(self, message: str) -> None: ...


V = TypeVar("V", bound=PageView)


class MethodPagePresenter(Generic[V]):
    """Follows the selection, says why not, runs, cancels, keeps results, remembers parameters, saves.

    A result belongs to its request; with another selection the page shows that one's, or an invitation to compute it. Of a method
    that runs when its parameters are changed the last result stands until the next one comes.
    """

    def __init__(self, spec: MethodSpec[Any, Any], view: V, client: JobClient, host: PageHost) -> None:
        self.spec, self.view, self._host = spec, view, host
        self._task: Task[Any] = Task(client, spec.id, self._take, self._fail, self._progress, self._end)
        self._further: Task[Any] = Task(
            client, f"{spec.id} further", self._take_further, self._fail, self._progress, self._end
        )
        self._offers: Task[Any] = Task(
            client, f"{spec.id} offers", self._take_offers, self._fail, ended=self._end_offers
        )
        self._results: ResultCache[Any] = ResultCache(spec.kept)
        self._answers: ResultCache[Any] = ResultCache(spec.kept)  # of the other questions
        self._selection: Selection | None = None
        self.request: MethodRequest[Any, Any] | None = None  # of what is shown
        self._failure, self._outdated = "", False
        view.set_params(remembered(host.settings, spec))
        view.started.connect(self.toggle)
        view.params_changed.connect(self._change_params)
        view.folder_asked.connect(self._ask_folder)
        self._values = LastValues()
        view.exported.connect(self.export)
        view.further_asked.connect(self.ask_further)
        view.changed.connect(self._change)
        view.redrawn.connect(self._draw)
        self._say_state()

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting or self._further.waiting or self._offers.waiting

    @property
    def result(self) -> Any:
        """What the page shows."""
        return self._results.get(self.request)

    def facts_of(self, selection: Selection) -> Measured | None:
        """What is known of the whole result of a selection; None while there is none."""
        try:
            params = self.view.params
        except ExplorerError:
            return None
        if self._task.waiting or self.spec.unavailable(selection, params):
            return None
        request = self.spec.request(selection, params)
        result = self._results.get(request)
        if result is None or self.spec.unfinished(result):
            return None
        found = self._values.of(result, lambda: {**flattened(self.spec.to_json(result)), **self.spec.facts(result)})
        for further in self.spec.further:
            answer = self._answers.get(further.request(request, result))
            found = {**found, **further.facts(answer)} if answer is not None else found
        return found

    # --- what is selected ---

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or selection is None:
            self.leave()
            self.view.say(blocked or tr("Nothing is shown yet."))
            return
        self._selection = selection
        self._turn()

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown; `follow` comes next."""

    def leave(self) -> None:
        """The page is no longer looked at: what runs stops, results stay."""
        if self._selection is None:
            return
        self._selection = None
        self._offers.drop()
        if self._stop():
            self._end()
        self._draw()

    def choose_class(self) -> None:
        """A class was chosen in the prediction: it becomes the target where a class can be one. `follow` comes next."""
        targets = [param.choices for param in params_of(self.spec.params) if param.name == "target"]
        if targets and "class" in targets[0]:
            try:
                self.view.set_params(replace(self.view.params, target="class"))
            except ExplorerError:  # the form says what is wrong in it once its page is open
                return

    def _turn(self, keep: bool = False) -> None:
        """Shows what there is of the selection under the parameters; with `keep` the last result where there is nothing."""
        assert self._selection is not None
        self.view.set_choices(self.spec.choices(self._selection))
        try:
            params = self.view.params
        except ExplorerError as error:
            self._stop()
            self._end()
            self.view.set_status(str(error))
            return
        reason = self.spec.unavailable(self._selection, params)
        self.view.say(reason)
        if reason:
            self._stop()
            self._offers.drop()
            self.request = None
        else:
            self._turn_to(self.spec.request(self._selection, params), keep)
            self._ask_offers(self._selection, params)
            self.view.set_selection(self._selection)
        self._draw()

    def _turn_to(self, request: MethodRequest[Any, Any], keep: bool) -> None:
        if request == self.request:
            return
        self._stop()
        self.request = request
        self._outdated = keep and self.result is None
        if not self._outdated:
            self._show()
            self._end()

    def _show(self) -> None:
        """The result of the request, and what else was computed about it."""
        result, self._outdated = self.result, False
        self.view.set_result(result)
        for further in self.spec.further if result is not None else ():
            assert self.request is not None
            self.view.set_further(self._answers.get(further.request(self.request, result)))

    def _draw(self) -> None:
        """What lies over the input."""
        if self.spec.over_input:
            shown = self.request is not None and (self._outdated or self.result is not None)
            drawn = self.view.heat(self._selection) if self._selection is not None and shown else None
            self._host.overlay.set_heat(drawn, strength=1.0)

    # --- what the engine can do ---

    def _ask_offers(self, selection: Selection, params: Any) -> None:
        if self.spec.offers is None:
            return
        request = self.spec.offers(selection, params)
        known = self._answers.get(request)
        if known is not None:
            self.view.set_offers(known)
        elif request != self._offers.request or not self._offers.waiting:
            self._offers.ask(request)

    def _take_offers(self, offers: Offered, _done: bool) -> None:
        if self._offers.request is not None:
            self._answers.put(self._offers.request, offers)
        self.view.set_offers(offers)
        if self._selection is not None:
            self._turn()  # a choice that cannot be had has given way to another

    def _end_offers(self) -> None:
        if self._failure:
            self._say_state()

    # --- computing ---

    def toggle(self) -> None:
        """Starts a computation, or cancels the one that runs."""
        if self._stop():
            self._end()
        else:
            self.run()

    def run(self) -> None:
        """Computes what is selected under the parameters."""
        if self._selection is None:
            return
        self._turn(self.spec.runs_on_change)
        if self.request is not None:
            if self.spec.further:
                self.view.set_further(None)
            self._begin(self._task, self.request)

    def ask_further(self, number: int) -> None:
        """Computes what else there is about the result."""
        result, further = self.result, self.spec.further[number]
        if self.request is not None and result is not None and further.ready(result):
            self._begin(self._further, further.request(self.request, result))

    def _begin(self, task: Task[Any], request: Request[Any]) -> None:
        self._stop()
        self.view.set_running(0.0)
        self.view.set_status("")
        task.ask(request)

    def _stop(self) -> bool:
        """Whether something ran."""
        stopped = [task.drop() for task in (self._task, self._further)]
        return any(stopped)

    def _progress(self, progress: Progress) -> None:
        self.view.set_running(progress.fraction or 0.0)
        self.view.set_status(f"{progress.text} {self.spec.unit}".strip())

    def _take(self, result: Any, _done: bool) -> None:
        if self.request is not None:
            self._results.put(self.request, result)
            self._outdated = False
            self.view.set_result(result)
            self._draw()

    def _take_further(self, value: Any, done: bool) -> None:
        if done and self._further.request is not None:
            self._answers.put(self._further.request, value)
        self.view.set_further(value)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        self.view.set_running(None)
        if self._outdated:
            self._show()
            self._draw()
        self._say_state()

    def _say_state(self) -> None:
        failure, self._failure = self._failure, ""
        result = self.result
        state = self.spec.invitation if result is None else self.spec.unfinished(result)
        self.view.set_status(failure or state)

    # --- parameters ---

    def _change_params(self) -> None:
        try:
            remember(self._host.settings, self.spec, self.view.params)
            self._host.note_params()
        except ExplorerError:
            pass  # `_turn` says what is wrong
        if self._selection is None:
            return
        self._turn(self.spec.runs_on_change)
        if self.spec.runs_on_change and self.request is not None and self.result is None:
            self.run()

    def set_params(self, params: Any) -> None:
        """Other parameters, as if chosen by hand."""
        self.view.set_params(params)
        self._change_params()

    def _ask_folder(self, name: str) -> None:
        settings, key = self._host.settings, f"folder/{self.spec.id}"
        kind = "picture" if self._selection is None else kind_of(self._selection.card.preprocess)
        if kind == "text":
            path, _ = QFileDialog.getOpenFileName(
                self._host.parent_widget,
                tr("A file with a text on each line"),
                settings.text(key),
                tr("Lines of text (*.txt)"),
            )
        else:
            title = tr("A folder of {kinds}, or of folders that are classes", kinds=several(kind))
            path = QFileDialog.getExistingDirectory(self._host.parent_widget, title, settings.text(key))
        if path:
            settings.put(key, path)
            values = {**plain(self.view.params), name: Over("folder", path)}
            self.set_params(restored(self.spec.params, values))

    # --- what goes out ---

    def figure(self) -> FigureDescription | None:
        """The figure of what is shown; None while there is no result."""
        result = self.result
        if result is None or self._selection is None:
            return None
        return figure_of(self.spec, result, FigureSubject(self._selection, further=self._known(), heat=self.heat_style))

    @property
    def heat_style(self) -> HeatStyle:
        """How the page draws over the input."""
        return HeatStyle()

    def _known(self) -> Any:
        """What else was computed about the result; the first of several."""
        for further in self.spec.further:
            if self.request is not None and (found := self._answers.get(further.request(self.request, self.result))):
                return found
        return None

    def _change(self, fields: dict[str, Any]) -> None:
        self._host.change(**fields)

    def export(self, number: int) -> None:
        """Writes the result to a file that is asked for."""
        result, export = self.result, self.spec.exports[number]
        if result is None:
            return
        default = plain_name(export.name(result)) + export.suffix
        kinds = f"{export.kind} (*{export.suffix})"
        title = tr("Save {uncapitalised}", uncapitalised=uncapitalised(self.spec.title))
        path = ask_path(self._host.parent_widget, self._host.settings, title, default, kinds)
        if path:
            self._host.save(path, lambda: export.make(result))
