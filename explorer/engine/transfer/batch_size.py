"""How many pictures go through the network together: as many as asked for, or half as many where memory was short."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from explorer.core.translation import tr
from explorer.engine.jobs import devices, memory

T = TypeVar("T")


class BatchSize:
    """`notes` says what happened."""

    def __init__(self, pictures: int, notes: list[str]) -> None:
        self.pictures, self.notes = pictures, notes
        self._halved = False

    def next(self, left: int) -> int:
        """How many of those that are left come next: one alone is never left over, for BatchNorm cannot learn from it."""
        return left if left <= self.pictures + 1 else self.pictures

    def fits(self, work: Callable[[], T]) -> T | None:
        """What `work` gives; None where it ran out of memory: it is to be tried again with half as many pictures, once. Raises
        OutOfMemoryError after that."""
        try:
            return work()
        except Exception as error:
            if devices.device_problem(error) != devices.OUT_OF_MEMORY:
                raise
            said = (str(error).splitlines() or [""])[0]
        # outside the except block: the exception holds on to tensors
        devices.release()
        if self._halved or self.pictures < 2:
            raise memory.told(said, None, devices.free_bytes("cpu"), tr("this training"))
        self._halved, self.pictures = True, self.pictures // 2
        self.notes.append(tr("Out of memory: {pictures} pictures a step from here on.", pictures=self.pictures))
        return None
