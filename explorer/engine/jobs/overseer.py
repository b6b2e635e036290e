"""Looks after work that has been told to end and has not, on a thread that exists only once there was some."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

J = TypeVar("J")


class Overseer(Generic[J]):
    """`due` says when what is to be pressed, by time.monotonic, or None while there is nothing; `press` does it. Both are called
    with the lock held; so is `look`, which says that something may have become due."""

    def __init__(
        self, lock: threading.RLock, due: Callable[[], tuple[float, J] | None], press: Callable[[J], None]
    ) -> None:
        self._due, self._press = due, press
        self._condition = threading.Condition(lock)
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        if self._thread is None:
            # it holds nothing and stands in no library: Python may end while it waits
            self._thread = threading.Thread(target=self._run, name="explorer-overseer", daemon=True)
            self._thread.start()
        self._condition.notify()

    def _run(self) -> None:
        with self._condition:
            while True:
                found = self._due()
                if found is None:
                    self._condition.wait()
                    continue
                left = found[0] - time.monotonic()
                if left > 0:
                    self._condition.wait(left)
                else:
                    self._press(found[1])
