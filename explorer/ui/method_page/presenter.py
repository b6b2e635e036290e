"""Keeps a method page in step with what is selected: one presenter for all methods."""

from __future__ import annotations

import json
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QFileDialog

from explorer.core.dataset import Over
from explorer.core.method import MethodRequest, MethodSpec
from explorer.core.params import plain, restored
from explorer.core.selection import Selection
from explorer.core.types import ExplorerError, Failure, Progress
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost
from explorer.ui.save_as import ask_path


class PageView(Protocol):
    """What a presenter needs of a page: `MethodPageView`, or in a test a plain object."""

    started: SignalInstance
    params_changed: SignalInstance
    folder_asked: SignalInstance
    exported: SignalInstance
    changed: SignalInstance

    @property
    def params(self) -> Any: ...
    def set_params(self, params: Any) -> None: ...
    def set_running(self, fraction: float | None) -> None: ...
    def set_status(self, words: str) -> None: ...
    def set_result(self, result: Any) -> None: ...
    def set_selection(self, selection: Selection) -> None: ...
    def say(self, message: str) -> None: ...


V = TypeVar("V", bound=PageView)


class MethodPagePresenter(Generic[V]):
    """Follows the selection, says why not, runs, cancels, keeps results, remembers parameters, saves.

    A result belongs to its request; with another selection the page shows that one's, or an invitation to compute it.
    """

    def __init__(self, spec: MethodSpec[Any, Any], view: V, client: JobClient, host: PageHost) -> None:
        self.spec, self.view, self._host = spec, view, host
        self._task: Task[Any] = Task(client, spec.id, self._take, self._fail, self._progress, self._end)
        self._results: ResultCache[Any] = ResultCache(spec.kept)
        self._selection: Selection | None = None
        self.request: MethodRequest[Any, Any] | None = None  # of what is shown
        self._failure = ""
        view.set_params(self._remembered())
        view.started.connect(self.toggle)
        view.params_changed.connect(self._change_params)
        view.folder_asked.connect(self._ask_folder)
        view.exported.connect(self.export)
        view.changed.connect(self._change)
        self._say_state()

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    @property
    def result(self) -> Any:
        """What the page shows."""
        return self._results.get(self.request)

    # --- what is selected ---

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or selection is None:
            self.leave()
            self.view.say(blocked or "Nothing is shown yet.")
            return
        self._selection = selection
        self._turn()

    def leave(self) -> None:
        """The page is no longer looked at: what runs stops, results stay."""
        self._selection = None
        if self._task.drop():
            self._end()

    def _turn(self) -> None:
        """Shows what there is of the selection under the parameters."""
        assert self._selection is not None
        try:
            params = self.view.params
        except ExplorerError as error:
            self._task.drop()
            self._end()
            self.view.set_status(str(error))
            return
        reason = self.spec.unavailable(self._selection, params)
        self.view.say(reason)
        if reason:
            self._task.drop()
            return
        request = self.spec.request(self._selection, params)
        if request != self.request:
            self._task.drop()
            self.request = request
            self.view.set_result(self.result)
            self._end()
        self.view.set_selection(self._selection)

    # --- computing ---

    def toggle(self) -> None:
        """Starts a computation, or cancels the one that runs."""
        if self._task.drop():
            self._end()
        elif self._selection is not None and self.request is not None:
            self.view.set_running(0.0)
            self.view.set_status("Starting …")
            self._task.ask(self.request)

    def _progress(self, progress: Progress) -> None:
        self.view.set_running(progress.fraction or 0.0)
        self.view.set_status(f"{progress.text} {self.spec.unit}".strip())

    def _take(self, result: Any, _done: bool) -> None:
        if self.request is not None:
            self._results.put(self.request, result)
            self.view.set_result(result)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure.text

    def _end(self) -> None:
        self.view.set_running(None)
        self._say_state()

    def _say_state(self) -> None:
        failure, self._failure = self._failure, ""
        result = self.result
        state = self.spec.invitation if result is None else self.spec.unfinished(result)
        self.view.set_status(failure or state)

    # --- parameters ---

    def _remembered(self) -> Any:
        """A settings file may hold anything."""
        try:
            values = json.loads(self._host.settings.text(self._setting, "{}"))
        except (ValueError, RecursionError):
            values = {}
        return restored(self.spec.params, values if isinstance(values, dict) else {})

    @property
    def _setting(self) -> str:
        return f"method/{self.spec.id}"

    def _change_params(self) -> None:
        try:
            self._host.settings.put(self._setting, json.dumps(plain(self.view.params)))
        except ExplorerError:
            pass  # `_turn` says what is wrong
        if self._selection is not None:
            self._turn()

    def set_params(self, params: Any) -> None:
        """Other parameters, as if chosen by hand."""
        self.view.set_params(params)
        self._change_params()

    def _ask_folder(self, name: str) -> None:
        settings, key = self._host.settings, f"folder/{self.spec.id}"
        title = "A folder of pictures, or of folders that are classes"
        path = QFileDialog.getExistingDirectory(self._host.parent_widget, title, settings.text(key))
        if path:
            settings.put(key, path)
            values = {**plain(self.view.params), name: Over("folder", path)}
            self.set_params(restored(self.spec.params, values))

    # --- what goes out ---

    def _change(self, fields: dict[str, Any]) -> None:
        self._host.change(**fields)

    def export(self, number: int) -> None:
        """Writes the result to a file that is asked for."""
        result, export = self.result, self.spec.exports[number]
        if result is None:
            return
        default = "".join(c if c.isalnum() or c in "._-" else "-" for c in export.name(result)) + export.suffix
        kinds = f"{export.kind} (*{export.suffix})"
        title = f"Save {self.spec.title.lower()}"
        path = ask_path(self._host.parent_widget, self._host.settings, title, default, kinds)
        if path:
            self._host.save(path, lambda: export.make(result))
