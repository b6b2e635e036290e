"""Pictures of layers that have been asked for and come; the newest that is wanted of each slot is told."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.core.errors import Failure
from explorer.core.layer_views import CellPicture, Directions, Painted
from explorer.engine.jobs.runner import Event

_BUDGET = 128 << 20  # bytes
_ASKED = 64  # answers that may still come though nobody waits for them any more


class FeatureStore(QObject):
    """`came` carries the slot whose newest answer is here. One that came too late is kept all the same: the hand goes back."""

    came = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._asked: OrderedDict[int, Hashable] = OrderedDict()
        self._wanted: dict[str, tuple[int, Hashable]] = {}
        self._failed: dict[str, tuple[Hashable, Failure]] = {}  # until something else is asked for

    def get(self, slot: str, key: Hashable, ask: Callable[[str], int]) -> Any:
        """What has come under `key` (a Failure where that is what came), or None after asking once: `ask` takes the slot
        and returns a ticket."""
        if key in self._held:
            self._wanted.pop(slot, None)
            self._held.move_to_end(key)
            return self._held[key]
        before, failure = self._failed.get(slot, (None, None))
        if failure is not None and before == key:
            return failure
        self._failed.pop(slot, None)
        if slot not in self._wanted or self._wanted[slot][1] != key:
            ticket = ask(slot)
            self._wanted[slot] = ticket, key
            self._asked[ticket] = key
            while len(self._asked) > _ASKED:
                self._asked.popitem(last=False)
        return None

    def drop(self, slot: str) -> None:
        """Nothing is waited for in a slot any more."""
        self._wanted.pop(slot, None)

    def waits(self, slot: str) -> bool:
        """Whether an answer for a slot, or for one whose name begins with it, is still to come."""
        return any(each.startswith(slot) for each in self._wanted)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._wanted)

    def receive(self, event: Event) -> None:
        """An answer of the worker."""
        key = self._asked.pop(event.ticket, None)
        if key is None:
            return
        if event.value is not None:
            self._keep(key, event.value)
        slot = event.key.partition(" ")[2]
        if self._wanted.get(slot, (0, None))[0] != event.ticket:
            return
        del self._wanted[slot]
        if event.failure is not None:
            self._failed[slot] = key, event.failure
        self.came.emit(slot)

    def _keep(self, key: Hashable, value: Any) -> None:
        self._held[key] = value
        while len(self._held) > 1 and sum(_size(each) for each in self._held.values()) > _BUDGET:
            self._held.popitem(last=False)


def _size(value: Any) -> int:
    """Bytes of an answer."""
    if isinstance(value, tuple):
        return sum(_size(each) for each in value)
    if isinstance(value, Directions):
        return value.nbytes
    if isinstance(value, CellPicture):
        return int(value.rgb.nbytes)
    if isinstance(value, Painted):
        return int(value.colours.rgb.nbytes + value.colours.scores.nbytes + value.colours.shown.nbytes)
    return 0
