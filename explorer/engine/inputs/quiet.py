"""libtiff writes its complaints straight to the terminal, past Python: the errors that matter come as exceptions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()


@contextmanager
def quiet_terminal() -> Iterator[None]:
    """Standard error of the whole process goes nowhere meanwhile; keep it short. Does nothing where there is none."""
    with _lock:
        try:
            kept = os.dup(2)
        except OSError:  # a windowed application has no standard error
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
