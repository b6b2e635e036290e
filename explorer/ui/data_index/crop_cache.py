"""Crops of examples: what was read is kept, what is missing is asked for when the hand rests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer

from explorer.core.boxes import ReceptiveField
from explorer.core.errors import Failure
from explorer.core.example_pictures import SIDE, ExampleAsked, ExamplePicture, ReadExamples
from explorer.core.models import AnyPreprocess
from explorer.ui.jobs.client import JobClient, Task

SOON = 36  # ms: a little more than from one repeat of a key to the next, so that nothing is decoded while channels are scrubbed
_BYTES = 48 << 20
_Key = tuple[ExampleAsked, ReceptiveField | None, AnyPreprocess | None, int]


class CropCache(QObject):
    """`came` is called with each ExamplePicture of the last question as it comes. Newest wins: what was asked for before and is not
    shown any more is given up."""

    def __init__(
        self,
        client: JobClient,
        name: str,
        came: Callable[[ExamplePicture], None],
        failed: Callable[[Failure], None],
        parent: QObject | None = None,
        most: int = _BYTES,
    ) -> None:
        super().__init__(parent)
        self._came, self._most, self._nbytes = came, most, 0
        self._task: Task[tuple[ExamplePicture, ...]] = Task(client, name, self._take, failed)
        self._held: OrderedDict[_Key, ExamplePicture] = OrderedDict()
        self._wanted: ReadExamples | None = None
        self._timer = QTimer(self, singleShot=True, interval=SOON)
        self._timer.timeout.connect(self._ask)

    @property
    def waiting(self) -> bool:
        """Whether a crop is still to come."""
        return self._timer.isActive() or self._task.waiting

    def show(
        self,
        asked: Sequence[ExampleAsked],
        receptive: ReceptiveField | None,
        pre: AnyPreprocess,
        folder: str,
        side: int = SIDE,
    ) -> list[ExamplePicture | None]:
        """Those that are there, None for the rest, which comes. `side`: px of a crop on the screen, so that none is scaled there."""
        found = [self._get((each, receptive, pre, side)) for each in asked]
        missing = tuple(each for each, there in zip(asked, found, strict=True) if there is None)
        if not missing:
            self.drop()
            return found
        wanted = ReadExamples(missing, receptive, pre, folder, side)
        if wanted != self._wanted or not self.waiting:
            self._task.drop()
            self._wanted = wanted
            self._timer.start()
        return found

    def drop(self) -> None:
        """Nothing is wanted any more."""
        self._timer.stop()
        self._task.drop()
        self._wanted = None

    def forget(self) -> None:
        """The files may have changed."""
        self.drop()
        self._held.clear()
        self._nbytes = 0

    def _ask(self) -> None:
        if self._wanted is not None:
            self._task.ask(self._wanted)

    def _take(self, found: tuple[ExamplePicture, ...], _done: bool) -> None:
        wanted = self._wanted
        if wanted is None:
            return
        for each in found:
            key = each.asked, wanted.receptive, wanted.preprocess, wanted.side
            if key not in self._held:
                self._put(key, each)
                self._came(each)

    def _get(self, key: _Key) -> ExamplePicture | None:
        if key in self._held:
            self._held.move_to_end(key)
        return self._held.get(key)

    def _put(self, key: _Key, picture: ExamplePicture) -> None:
        self._held[key] = picture
        self._nbytes += _size(picture)
        while self._nbytes > self._most and len(self._held) > 1:
            self._nbytes -= _size(self._held.popitem(last=False)[1])


def _size(picture: ExamplePicture) -> int:
    parts: tuple[Any, ...] = picture.crop, picture.whole, picture.samples
    return sum(part.nbytes for part in parts if part is not None)
