"""Answers `core/long_lines.py` on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.long_lines import LineNumbers, PrepareLines, ReducedLine, reduced_line
from explorer.engine.jobs.job import Job

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def prepare_lines(
    _worker: Worker, request: PrepareLines, _job: Job
) -> Generator[ReducedLine | LineNumbers, None, None]:
    """A step for each layer. What is not held, or is no line, is passed over."""
    for name in request.names:
        values, line = _line(request, name)
        if values is not None and line is not None:
            yield reduced_line(name, values, line, request.width)
    values, line = _line(request, request.shown) if request.shown else (None, None)
    if values is not None and line is not None:
        yield LineNumbers(request.shown, values, render.layer_numbers(line))


def _line(request: PrepareLines, name: str) -> tuple[Array | None, Array | None]:
    values = request.capture.values.get(name)
    return values, None if values is None else render.as_line(values, request.capture.tap(name))
