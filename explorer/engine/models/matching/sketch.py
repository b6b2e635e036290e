"""A few numbers that stand for the names and shapes of a model's tensors, and how many of them are in a file.

Each tensor gives a 32-bit hash of the end of its name and of its shape. The smallest hashes are a fair sample of all of them
(bottom-k sketch, Cohen and Kaplan 2007): the share that is in a file estimates the share of the tensors that are in it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Sketch = NDArray[np.uint32]
SAMPLE = 24  # hashes a model
PARTS = 3  # of a name, from its end
COUNTER = "num_batches_tracked"
NOTHING = np.uint32(0xFFFFFFFF)  # fills up what has fewer tensors


def sketch(state: Mapping[str, Tensor]) -> tuple[int, Sketch]:
    """(number of tensors, (SAMPLE,) their smallest hashes) of a model's state."""
    shapes = {name: tuple(value.shape) for name, value in state.items() if not name.endswith(COUNTER)}
    found = sorted({_hash(_end(name, PARTS), shape) for name, shape in shapes.items()})[:SAMPLE]
    return len(shapes), np.array(found + [int(NOTHING)] * (SAMPLE - len(found)), np.uint32)


def hashes(state: Mapping[str, Tensor]) -> NDArray[np.uint32]:
    """Of all tensors of a file. A prefix may have been put before their names, so that shorter ends count too."""
    found = {
        _hash(_end(name, parts), tuple(value.shape)) for name, value in state.items() for parts in range(1, PARTS + 1)
    }
    return np.array(sorted(found), np.uint32)


def shares(sketches: Sketch, there: NDArray[np.uint32]) -> NDArray[np.float64]:
    """(N,) for (N, SAMPLE): the share of each sketch that is among the hashes of a file, 0 to 1."""
    known = sketches != NOTHING
    made: NDArray[np.float64] = (np.isin(sketches, there) & known).sum(1) / np.maximum(known.sum(1), 1)
    return made


def _end(name: str, parts: int) -> str:
    return ".".join(name.rsplit(".", parts)[-parts:])


def _hash(end: str, shape: Iterable[int]) -> int:
    return zlib.crc32(f"{end}:{'x'.join(map(str, shape))}".encode())
