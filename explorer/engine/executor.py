"""Answers requests on the worker thread, and holds that each answer is of the type that its request promises."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from explorer.core.registry import load
from explorer.core.requests import Request
from explorer.core.translation import tr
from explorer.engine.jobs.job import Job


class WrongAnswerError(TypeError):
    """A handler has answered with something else than its request promises: an error of the program or of a plug-in."""

    def __init__(self, request: Request[Any], handler: str, value: object) -> None:
        kind = type(value)
        super().__init__(
            tr(
                "{handler} answered {name} with {module}.{qualname}",
                handler=handler,
                name=type(request).__name__,
                module=kind.__module__,
                qualname=kind.__qualname__,
            )
        )


def answered(engine: object, request: Request[Any], job: Job) -> Any:
    """Runs the handler of a request: its result, or a generator of partial results (None: nothing new) that returns it."""
    value = load(request.handler)(engine, request, job)
    if isinstance(value, Generator):
        return _steps(request, value)
    return _checked(request, value)


def _steps(request: Request[Any], steps: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
    try:
        while True:
            try:
                partial = next(steps)
            except StopIteration as stop:
                return _checked(request, stop.value)
            yield partial if partial is None else _checked(request, partial)
    finally:
        steps.close()


def _checked(request: Request[Any], value: Any) -> Any:
    if not request.fits(value):
        raise WrongAnswerError(request, request.handler, value)
    return value
