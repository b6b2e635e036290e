"""Work that is done in steps, so that others get their turn, and the same work at once."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

R = TypeVar("R")


def ended(steps: Generator[Any, None, R]) -> R:
    """Takes all steps; the result."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: R = stop.value
            return result
