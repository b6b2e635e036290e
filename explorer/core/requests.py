"""Questions to the engine as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from explorer.core.translation import tr

R = TypeVar("R")


class Lane(StrEnum):
    """A queue of jobs with its own policy; `engine.jobs.runner` says which."""

    LOAD = "load"
    FORWARD = "forward"
    LIVE = "live"
    METHOD = "method"
    PREFETCH = "prefetch"


@dataclass(frozen=True)
class Request(Generic[R]):
    """A frozen question to the engine. Equal requests have equal answers, so that a request is also the key of its result.

    A subclass names the function that answers it, as "module:function". It is imported on the worker thread and called with
    (engine, request, job); it returns the result, or is a generator of partial results that returns the whole one.
    """

    handler: ClassVar[str] = ""
    answer: ClassVar[type[Any] | tuple[type[Any], ...]] = object  # the type of the result and of partial results
    lane: ClassVar[Lane] = Lane.METHOD
    saying: ClassVar[str] = tr("A computation")

    def fits(self, value: object) -> bool:
        """Whether a value can be an answer."""
        return isinstance(value, self.answer)

    @property
    def says(self) -> str:
        """What a person is told that runs."""
        return self.saying

    def displaces(self, _key: str) -> Callable[[str], bool] | None:
        """Which work, by its key, is given up where it runs for long and this waits under `key`; None: none."""
        return None
