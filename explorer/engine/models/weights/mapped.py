"""Numbers out of a file's bytes: mapped where they lie, so that only what is used is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Broken


class Mapped:
    """The bytes of one file, mapped when first asked for. A change to a tensor stays in memory."""

    def __init__(self, path: Path, nbytes: int) -> None:
        self.path, self.nbytes = path, nbytes
        self._whole: torch.UntypedStorage | None = None

    def __call__(self, start: int, nbytes: int) -> torch.UntypedStorage:
        """Raises Broken beyond the end."""
        if start < 0 or nbytes < 0 or start + nbytes > self.nbytes:
            raise Broken(tr("it breaks off before its end"))
        if self._whole is None:
            self._whole = cast(
                "torch.UntypedStorage", torch.UntypedStorage.from_file(str(self.path), False, self.nbytes)
            )
        return cast("torch.UntypedStorage", self._whole[start : start + nbytes])


Bytes = Callable[[int, int], torch.UntypedStorage]  # (start, number of bytes) of one piece of memory


def numbers(read: Bytes, dtype: torch.dtype, start: int, count: int, swapped: bool = False) -> Tensor:
    """(count,) numbers from byte `start` on; `swapped`: they stand with the highest byte first."""
    size = dtype.itemsize
    if not count:
        return torch.empty(0, dtype=dtype)
    raw = torch.empty(0, dtype=torch.uint8).set_(read(start, count * size))
    if dtype is torch.bool:
        return raw != 0  # another byte than 0 and 1 would be neither True nor False
    if swapped and size > 1:
        half = size // 2 if dtype.is_complex else size
        raw = raw.reshape(-1, half).flip(1).reshape(-1)
    if raw.data_ptr() % size:  # not every processor reads across
        raw = raw.clone()
    return raw.view(dtype)


def of_buffer(data: bytes | bytearray | memoryview) -> Bytes:
    """Bytes that are in memory already; copied, for what is mapped read-only cannot become a tensor."""
    kept = bytearray(data)

    def read(start: int, nbytes: int) -> torch.UntypedStorage:
        if start < 0 or nbytes < 0 or start + nbytes > len(kept):
            raise Broken(tr("it breaks off before its end"))
        return torch.frombuffer(kept, dtype=torch.uint8, offset=start, count=nbytes).untyped_storage()

    return read
