"""Answers the requests of `core/session/bundle_requests.py`, on the worker thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.core.session.bundle_requests import (
    BundleContents,
    OpenBundle,
    OpenedBundle,
    PlanBundle,
    SaveBundle,
    SavedBundle,
)
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.session_bundle.bundle_files import contents
from explorer.engine.session_bundle.read import open_bundle as opened
from explorer.engine.session_bundle.write import write_bundle

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def plan(_worker: Worker, request: PlanBundle, job: Job) -> BundleContents:
    """Looks up what the session names; decodes frames of videos."""
    say = _saying(job)
    return contents(request.session, request.held, lambda name: say(tr("Looking for {name}", name=name), None))


def save(_worker: Worker, request: SaveBundle, job: Job) -> SavedBundle:
    """Whole or not at all, also where it is cancelled."""
    return write_bundle(request.path, request.contents, _saying(job))


def open_bundle(_worker: Worker, request: OpenBundle, job: Job) -> OpenedBundle:
    """Raises ExplorerError for a file that is not what it should be."""
    return opened(request.path, _saying(job))


def _saying(job: Job) -> Callable[[str, float | None], None]:
    def say(text: str, fraction: float | None) -> None:
        if job.cancelled():
            raise CancelledError
        job.progress(text, fraction)

    return say
