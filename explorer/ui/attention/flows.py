"""Rollout, relevance and norms: asked for when they are looked at, kept, stopped when they are left. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.core.attention import Flow, TokenNorms
from explorer.core.attention_queries import FlowAsked
from explorer.core.attention_requests import Attended, FlowThrough, MeasureTokens
from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.requests import Request
from explorer.core.translation import tr
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache

Found = Flow | tuple[TokenNorms, ...]
_KEPT = 32


class Flows:
    """`changed` is called whenever there is more to say. What was stopped or has failed is not begun again until somebody asks
    for it, or for something else."""

    def __init__(self, client: JobClient, key: str, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._task: Task[Found] = Task(client, "flow", self._take, self._fail, self._tell, self._end, key=key)
        self._found: ResultCache[Found] = ResultCache(_KEPT)
        self._stopped: Request[Found] | None = None
        self.failed = self.progress = ""  # why there is nothing; how far it is, in words
        self.fraction: float | None = None  # the same as a share, None: nothing runs

    @property
    def waiting(self) -> bool:
        return self._task.waiting

    def get(self, of: Attended, asked: FlowAsked | None) -> Found | None:
        """What is known of a rollout, a relevance, or (None) the norms; asks for it where nothing is."""
        request: Request[Any] = MeasureTokens(of) if asked is None else FlowThrough(of, asked)
        if request != self._task.request:
            self.leave()
        found = self._found.get(request)
        if found is None and not self.waiting and request != self._stopped:
            self._stopped, self.failed, self.progress, self.fraction = None, "", "", 0.0
            self._task.ask(request)
        return found

    def toggle(self) -> None:
        """Stops what runs, or lets what was stopped run again when it is looked at next."""
        self._stopped = self._task.request if self.waiting else None
        self.failed = tr("Stopped.") if self._stopped is not None else ""
        self.leave()

    def leave(self) -> None:
        """What runs is not wanted any more."""
        self._task.drop()
        self.fraction = None

    def close(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def _take(self, found: Found, _done: bool) -> None:
        if self._task.request is not None:
            self._found.put(self._task.request, found)

    def _fail(self, failure: Failure) -> None:
        self.failed = failure.text

    def _tell(self, progress: Progress) -> None:
        self.progress, self.fraction = progress.text, progress.fraction or 0.0
        self._changed()

    def _end(self) -> None:
        self.fraction = None
        if self._found.get(self._task.request) is None:
            self._stopped = self._task.request  # what failed is not tried again by itself
            self.failed = self.failed or tr("Stopped.")
        self._changed()
