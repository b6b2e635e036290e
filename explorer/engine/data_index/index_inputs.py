"""Inputs of an index as tensors: decoded one batch ahead, filled up to a whole batch, or the reason why not."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.input_files import unreadable
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.translation import tr
from explorer.engine.data_index.index_items import IndexItem
from explorer.engine.inputs import open_input
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.inputs.text_lines import text_input
from explorer.engine.inputs.video import Video
from explorer.engine.jobs import memory
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

OTHER_SIZE = tr("It gives an input of another size than the first one: choose a preprocessing with one size.")
_CHANGED = tr("It has changed since the data set was read.")

Numbered = tuple[int, IndexItem]  # the picture's id, and what it is


@dataclass(frozen=True, slots=True, eq=False)
class LoadedBatch:
    """Inputs (batch, …) of the pictures `ids`, in ascending order; the rest of the batch repeats the last one. `x` None: none
    could be read."""

    ids: list[int]
    x: Tensor | None
    failed: list[tuple[int, str]]
    count: int  # pictures that were asked for


@dataclass(slots=True, eq=False)
class InputLoader:
    """Opens inputs of a data set. A video stays open while its frames follow one another; not for two threads at once."""

    preprocess: AnyPreprocess
    folder: str
    cancelled: Cancelled = never
    _video: Video | None = field(default=None, init=False)

    def opened(self, item: IndexItem) -> Input:
        """Raises ExplorerError, also where the file is another one than was listed."""
        if item.kind == "lines":
            return text_input(InputRef("lines", str(self._file(item)), item.frame), item.text)
        if item.kind == "sample":
            return open_input(InputRef("sample", item.path))
        path = self._file(item)
        self._check(path, item)
        if item.kind == "video":
            return self._frame(path, item.frame)
        found = open_input(InputRef(item.kind, str(path)))
        self._check(path, item)  # it may have been replaced while it was read
        return found

    def loaded(self, item: IndexItem) -> Tensor | str:
        """The input of one, (1, …), or why it cannot be had."""
        try:
            return input_tensor(self.opened(item), self.preprocess)
        except ExplorerError as error:
            return " ".join(part for part in (error.what, error.why) if part)
        except OSError as error:
            return unreadable(self._file(item), item.kind, error).what
        except MemoryError:
            return tr("There is not enough memory for it.")
        except RuntimeError as error:
            if not memory.is_shortage(error):
                raise
            return tr("There is not enough memory for it.")

    def batch(self, items: Sequence[Numbered], size: int, shape: torch.Size | None) -> LoadedBatch:
        """`shape`: of one input without the batch, None before it is known. Raises CancelledError."""
        ids, tensors, failed = list[int](), list[Tensor](), list[tuple[int, str]]()
        for number, item in items:
            if self.cancelled():  # a large photograph takes a second
                raise CancelledError
            found = self.loaded(item)
            if isinstance(found, str):
                failed.append((number, found))
            elif shape is not None and found.shape[1:] != shape:
                failed.append((number, OTHER_SIZE))
            else:
                shape = found.shape[1:]
                ids.append(number)
                tensors.append(found)
        x = torch.cat([*tensors, *(tensors[-1:] * (size - len(tensors)))]) if tensors else None
        return LoadedBatch(ids, x, failed, len(items))

    def close(self) -> None:
        if self._video is not None:
            self._video.close()
            self._video = None

    def _file(self, item: IndexItem) -> Path:
        return Path(self.folder) / item.path

    def _frame(self, path: Path, frame: int) -> Input:
        if self._video is None or self._video.path != path:
            self.close()
            self._video = Video(path)
        return self._video.read(frame)

    @staticmethod
    def _check(path: Path, item: IndexItem) -> None:
        try:
            now = path.stat()
        except FileNotFoundError:
            raise ExplorerError(tr("It has gone or was renamed since the data set was read.")) from None
        except OSError as error:
            raise unreadable(path, item.kind, error) from error
        if item.changed and (now.st_size, now.st_mtime_ns) != (item.size, item.changed):
            raise ExplorerError(_CHANGED)


def batches_ahead(
    loader: InputLoader, batches: Sequence[Sequence[Numbered]], size: int, shape: torch.Size | None
) -> Generator[LoadedBatch]:
    """Every batch in turn; the next one is decoded on another thread meanwhile."""
    if not batches:
        return
    with ThreadPoolExecutor(1, "decoding") as ahead:
        coming: Future[LoadedBatch] = ahead.submit(loader.batch, batches[0], size, shape)
        try:
            for number in range(len(batches)):
                now = coming.result()
                if number + 1 < len(batches):
                    coming = ahead.submit(loader.batch, batches[number + 1], size, shape)
                yield now
        finally:
            coming.cancel()
            with contextlib.suppress(BaseException):
                ahead.submit(loader.close).result()
