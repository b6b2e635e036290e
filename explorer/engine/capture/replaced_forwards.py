"""Modules whose forward is another one for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

Forward = Callable[..., Any]
_ABSENT = object()


@contextmanager
def replaced_forwards(
    modules: Iterable[tuple[str, nn.Module]], instead: Callable[[str, Forward], Forward]
) -> Iterator[None]:
    """Within, each module (path, module) runs what `instead` makes of its path and its own forward; then all are as before."""
    before: list[tuple[nn.Module, Any]] = []
    try:
        for path, module in modules:
            before.append((module, module.__dict__.get("forward", _ABSENT)))
            module.__dict__["forward"] = instead(path, module.forward)
        yield
    finally:
        for module, own in before:
            if own is _ABSENT:
                module.__dict__.pop("forward", None)
            else:
                module.__dict__["forward"] = own
