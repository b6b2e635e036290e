"""A probe that is asked for again whenever model, data set or settings change."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.errors import Failure
from explorer.core.method import DataRequest, MethodSpec
from explorer.core.probe import Probe, ProbeParams
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache

_KEPT = 12  # answers


class ProbeQuestion:
    """Answers are kept by their requests. Once the features of a model and a data set are stored, other settings are computed
    at once, for they need no forward. `changed` is called whenever there is something else to show."""

    def __init__(
        self,
        spec: MethodSpec[ProbeParams, Probe],
        client: JobClient,
        name: str,
        stored: set[tuple[str, str]],
        changed: Callable[[], None],
    ) -> None:
        """`stored`: models and data sets whose features are stored, known to all questions together."""
        self._spec, self._stored, self._changed = spec, stored, changed
        self._task: Task[Probe] = Task(client, name, self._take, self._fail, self._progress, self._end)
        self._results: ResultCache[Probe] = ResultCache(_KEPT)
        self.request: DataRequest[ProbeParams, Probe] | None = None
        self.fraction: float | None = None  # of what runs; None: nothing does
        self.words = ""  # how far it is, or why it failed

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    @property
    def result(self) -> Probe | None:
        """The answer, a partial one while it runs."""
        return self._results.get(self.request)

    def turn(self, model: str, params: ProbeParams | None) -> None:
        """Asks about something else; None: about nothing. What runs for something else is cancelled."""
        request = self._spec.data_request(model, params) if params is not None else None
        if request == self.request:
            return
        ran = self._task.drop()
        self.request, self.fraction, self.words = request, None, ""
        stored = params is not None and (model, params.data.path) in self._stored
        if (stored or ran) and request is not None and (self.result is None or not self.result.final):
            self.run()
        else:
            self._changed()

    def run(self) -> None:
        """Computes the answer."""
        if self.request is not None:
            self.fraction, self.words = 0.0, ""
            self._task.ask(self.request)
            self._changed()

    def stop(self) -> bool:
        """Cancels what runs; whether something did."""
        ran = self._task.drop()
        if ran:
            self.fraction, self.words = None, tr("Cancelled. Features that were computed are kept.")
            self._changed()
        return ran

    def close(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def forget(self) -> None:
        """The pictures may be others: what was computed was about those before. `turn` comes next."""
        self._task.drop()
        self._results.clear()
        self.request = None

    def _take(self, result: Probe, _done: bool) -> None:
        if self.request is not None:
            self._results.put(self.request, result)
            if result.final:
                self._stored.add((result.model, result.params.data.path))
            self._changed()

    def _fail(self, failure: Failure) -> None:
        self.words = failure.text

    def _progress(self, progress: Progress) -> None:
        self.fraction, self.words = progress.fraction or 0.0, progress.text
        self._changed()

    def _end(self) -> None:
        self.fraction = None
        if self.result is not None and self.result.final:
            self.words = ""
        self._changed()
