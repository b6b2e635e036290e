"""Catch what one thread prints, while all other threads print where they always did."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

LIMIT = 20_000  # characters kept; a factory in an endless loop may print for ever


class Prints:
    """The text one thread has printed so far. May be read from another thread."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str) -> None:
        if self._size < LIMIT:
            self._parts.append(text[: LIMIT - self._size])
            self._size += len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts).strip()


class _Switch(io.TextIOBase):
    """Stands in sys.stdout or sys.stderr and asks who is writing."""

    def __init__(self, usual: TextIO | None) -> None:
        self.usual = usual

    def write(self, text: str) -> int:
        caught = _catching.get(threading.get_ident())
        if caught is not None:
            caught.write(text)
        elif self.usual is not None:  # None in a windowed build without a console
            self.usual.write(text)
        return len(text)

    def flush(self) -> None:
        if self.usual is not None and threading.get_ident() not in _catching:
            self.usual.flush()


_catching: dict[int, Prints] = {}
_lock = threading.Lock()


@contextmanager
def caught_prints(prints: Prints) -> Iterator[None]:
    """Within, what this thread writes to stdout and stderr goes to `prints`."""
    with _lock:
        _catching[threading.get_ident()] = prints
        for name in ("stdout", "stderr"):
            if name not in _switches:
                _switches[name] = _Switch(getattr(sys, name))
                setattr(sys, name, _switches[name])
    try:
        yield
    finally:
        with _lock:
            _catching.pop(threading.get_ident(), None)
            for name, switch in list(_switches.items()):
                # also where the person's code has put something else there
                setattr(sys, name, switch if _catching else switch.usual)
                if not _catching:
                    del _switches[name]


_switches: dict[str, _Switch] = {}  # what stands in sys while anything is caught
