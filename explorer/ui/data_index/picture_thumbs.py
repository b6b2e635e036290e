"""Small pictures of an index for whatever grid has them in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from explorer.core.arrays import Array
from explorer.core.boxes import ReceptiveField
from explorer.core.example_pictures import ExampleAsked, ExamplePicture, FileState, ReadExamples
from explorer.core.models import AnyPreprocess
from explorer.ui.jobs.client import JobClient, Task

_HIGH = 2 / 3  # of the width: a sound has no shape of its own


class PictureThumbs:
    """`set_thumbnails` takes (h, w, 3) uint8 by name; `told` hears of each that could not be read."""

    def __init__(
        self,
        client: JobClient,
        name: str,
        side: int,
        set_thumbnails: Callable[[Mapping[str, Array]], None],
        told: Callable[[str, ExamplePicture], None] = lambda _name, _picture: None,
    ) -> None:
        self._side, self._set, self._told = side, set_thumbnails, told
        self._names: dict[ExampleAsked, str] = {}
        self._refused: set[ExampleAsked] = set()  # cannot be read: not asked again
        self._task: Task[tuple[ExamplePicture, ...]] = Task(client, name, self._take)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._task.waiting

    def want(
        self,
        pictures: Mapping[str, ExampleAsked],
        folder: str,
        pre: AnyPreprocess | None,
        receptive: ReceptiveField | None = None,
    ) -> None:
        """By name; those in sight now, whatever was wanted before. With `receptive` the part that the cells see that are asked for."""
        wanted = {asked: name for name, asked in pictures.items() if asked not in self._refused}
        if wanted:
            self._names = wanted
            self._task.ask(ReadExamples(tuple(wanted), receptive, pre, folder, self._side))

    def drop(self) -> None:
        """What was wanted is not shown any more."""
        self._task.drop()

    def close(self) -> None:
        """Asks for nothing more."""
        self._task.close()

    def _take(self, found: tuple[ExamplePicture, ...], _done: bool) -> None:
        made: dict[str, Array] = {}
        for each in found:
            name = self._names.get(each.asked)
            if name is None:
                continue
            if each.crop is not None:
                made[name] = each.crop if each.samples is None else _high(each.crop)
            else:
                self._refused.add(each.asked)
            if each.state is not FileState.SAME:
                self._told(name, each)
        self._set(made)


def _high(pixels: Array) -> Array:
    """The picture of a sound, as high as a tile has room for."""
    rows = max(round(_HIGH * pixels.shape[1]), 1)
    high: Array = np.ascontiguousarray(pixels[np.arange(rows) * len(pixels) // rows])
    return high
