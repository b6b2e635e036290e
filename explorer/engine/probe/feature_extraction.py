"""The pass over the pictures: decoded one batch ahead, one forward a batch, features into the store as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.data_sets import DataPicture, DataSet
from explorer.core.errors import ExplorerError
from explorer.core.input_files import unreadable
from explorer.core.models import Preprocess, of_pictures
from explorer.core.translation import tr
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.models import LoadedModel
from explorer.engine.probe.feature_pass import PictureReader, agrees, reader_of
from explorer.engine.probe.feature_store import BUDGET, PooledStore, picture_key

BATCH = 16


@dataclass(slots=True, eq=False)
class FeatureExtraction:
    """Features of pictures that the store lacks. What could not be read is in `unreadable`; what must be said in `notes`."""

    data: DataSet
    store: PooledStore
    open: Callable[[], LoadedModel]  # asked only where a forward is needed
    device: str = "cpu"
    cancelled: Cancelled = never
    forwards: int = 0
    seen: int = 0  # pictures that are done with, those of the store among them
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _batch: int = BATCH

    def steps(self, order: Sequence[DataPicture]) -> Generator[None, None, None]:
        """A batch a step. Raises ExplorerError and CancelledError; what was taken before is kept."""
        lacking = [p for p in order if not (self.store.columns and self.store.has(picture_key(self.data, p)))]
        self.seen = len(order) - len(lacking)
        if not lacking:
            return
        loaded = self.open()
        batches = [lacking[i : i + BATCH] for i in range(0, len(lacking), BATCH)]
        load = partial(self._batch_of, of_pictures(loaded.card.preprocess))
        reader: PictureReader | None = None
        with ThreadPoolExecutor(1, "decoding") as ahead:
            coming = ahead.submit(load, batches[0])
            try:
                for number in range(len(batches)):
                    if self.cancelled():
                        raise CancelledError
                    pictures, x = coming.result()
                    if number + 1 < len(batches):
                        coming = ahead.submit(load, batches[number + 1])
                    if x is not None:
                        reader = reader or self._reader(loaded, x, len(order))
                        pictures, x = self._fitting(reader, pictures, x)
                        rows = self._rows(reader, x)[: len(pictures)]
                        self.store.add([picture_key(self.data, p) for p in pictures], rows)
                        self.forwards += len(pictures)
                    self.seen += len(batches[number])
                    yield
            finally:
                coming.cancel()
                self.store.flush()

    def _batch_of(
        self, preprocess: Preprocess, pictures: Sequence[DataPicture]
    ) -> tuple[list[DataPicture], Tensor | None]:
        """The pictures that can be read, and their inputs, filled up to a whole batch."""
        good: list[DataPicture] = []
        tensors: list[Tensor] = []
        for picture in pictures:
            if self.cancelled():  # a large photograph takes a second
                raise CancelledError
            found = _loaded(self.data, picture, preprocess)
            if isinstance(found, str):
                self.unreadable[picture.path] = found
            elif tensors and found.shape != tensors[0].shape:
                self.unreadable[picture.path] = _OTHER_SIZE
            else:
                good.append(picture)
                tensors.append(found)
        if not tensors:
            return good, None
        return good, torch.cat([*tensors, *(tensors[-1:] * (BATCH - len(tensors)))])

    def _fitting(
        self, reader: PictureReader, pictures: list[DataPicture], x: Tensor
    ) -> tuple[list[DataPicture], Tensor]:
        if x.shape[1:] == reader.size:
            return pictures, x
        self.unreadable.update({picture.path: _OTHER_SIZE for picture in pictures})
        return [], x[:0]

    def _reader(self, loaded: LoadedModel, x: Tensor, count: int) -> PictureReader:
        """Looks at the first picture alone: which layers there are, and whether a batch gives the same."""
        reader, alone = reader_of(loaded.module, self.device, x[:1], cancelled=self.cancelled)
        if reader.width * 4 * count > BUDGET // 2:
            reader, alone = reader_of(loaded.module, self.device, x[:1], True, self.cancelled)
            self.notes.append(
                tr("Only layers with weights and blocks: all others would need too much room on the disk.")
            )
        try:
            same = agrees(reader, alone[0], self._rows(reader, x)[0])
        except ExplorerError:
            same = False
        if not same:
            reader = replace(reader, batches=False)
            self.notes.append(tr("The network takes one picture at a time: a batch gives other values."))
        if not self.store.columns:
            self.store.begin(reader.columns, reader.left_out)
        if self.store.columns != reader.columns:
            raise ExplorerError(
                tr("The layers of this network have changed."), tr("Its stored features are of others.")
            )
        return reader

    def _rows(self, reader: PictureReader, x: Tensor) -> Array:
        parts = []
        for part in (x[i : i + self._batch] for i in range(0, len(x), self._batch)):
            try:
                parts.append(reader.rows(part, self.cancelled))
                continue
            except Exception as error:
                if devices.device_problem(error) != devices.OUT_OF_MEMORY or self._batch < BATCH:
                    raise
            self._batch //= 2  # outside the except block: the exception holds on to tensors
            self.notes.append(tr("Out of memory: the batch was halved to {batch}.", batch=self._batch))
            devices.release()
            return self._rows(reader, x)
        return np.concatenate(parts) if parts else np.zeros((0, reader.width), np.float32)


_OTHER_SIZE = tr("It gives an input of another size than the first picture: choose a preprocessing with one size.")


def _loaded(data: DataSet, picture: DataPicture, preprocess: Preprocess) -> Tensor | str:
    """The input of a picture, or why it cannot be had."""
    path = data.file(picture.path)
    try:
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) != picture.identity[1:]:
            return tr("It has changed since the data set was read.")
        return to_tensor(open_picture(path), preprocess)
    except ExplorerError as error:
        return " ".join(part for part in (error.what, error.why) if part)
    except OSError as error:
        return unreadable(path, "picture", error).what
