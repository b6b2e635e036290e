"""Cooperative cancellation. Apart from torch, so that the runner starts before torch is imported."""

from __future__ import annotations

from collections.abc import Callable

Cancelled = Callable[[], bool]


class CancelledError(Exception):
    """The work was cancelled; nothing to report."""


def never() -> bool:
    return False
