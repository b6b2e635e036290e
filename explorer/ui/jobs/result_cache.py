"""Answers that were had, by their requests; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from explorer.core.requests import Request

R = TypeVar("R")


class ResultCache(Generic[R]):
    """At most `length` answers."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._held: OrderedDict[Request[R], R] = OrderedDict()

    def get(self, request: Request[R] | None) -> R | None:
        """The answer to an equal request, None where there is none."""
        if request is None or request not in self._held:
            return None
        self._held.move_to_end(request)
        return self._held[request]

    def put(self, request: Request[R], answer: R) -> None:
        """Takes an answer, in the place of an older one to an equal request."""
        self._held[request] = answer
        self._held.move_to_end(request)
        while len(self._held) > self._length:
            self._held.popitem(last=False)

    def clear(self) -> None:
        self._held.clear()
