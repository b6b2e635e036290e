"""PGM, PPM and PFM with more than 8 bits: Pillow cuts 16-bit colour down and knows no colour of floats."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import check_size
from explorer.engine.inputs.stretched import stretched

_HEADER = re.compile(rb"\s*(?:#[^\n]*\n\s*)*(\S+)")
_HEADER_BYTES = 4096


def read_pnm(path: Path) -> tuple[Array, list[str]] | None:
    """(pixels (H, W, 1 or 3) uint16 or float32, notes) of a file with values above 255 or floats; None for any other.

    Raises ValueError for one that is cut short.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    kind = head[:2]
    if kind not in (b"P2", b"P3", b"P5", b"P6", b"Pf", b"PF") or not head[2:3].isspace():
        return None
    words, at = [], 2
    for _ in range(3):
        match = _HEADER.match(head, at)
        if match is None:
            return None
        words.append(match[1])
        at = match.end()
    try:
        width, height = int(words[0]), int(words[1])
        largest = float(words[2]) if kind in (b"Pf", b"PF") else int(words[2])
    except ValueError:
        return None
    if width < 1 or height < 1 or (kind[1:2].isdigit() and not 255 < largest <= 65535) or largest == 0:
        return None
    check_size(height, width, path.name)
    shape = height, width, 3 if kind in (b"P3", b"P6", b"PF") else 1
    if kind in (b"Pf", b"PF"):
        return _floats(path, at + 1, shape, "<" if largest < 0 else ">")
    numbers = _text(path, at, shape) if kind in (b"P2", b"P3") else _stored(path, at + 1, shape, ">u2")
    return _scaled(numbers, int(largest))


def _stored(path: Path, at: int, shape: tuple[int, int, int], kind: str) -> Array:
    count = shape[0] * shape[1] * shape[2]
    values = np.fromfile(path, kind, count, offset=at)
    if values.size < count:
        raise ValueError(tr("truncated: the numbers end before the picture does"))
    return values.reshape(shape)


def _text(path: Path, at: int, shape: tuple[int, int, int]) -> Array:
    data = re.sub(rb"#[^\n]*", b"", path.read_bytes()[at:]).split()
    count = shape[0] * shape[1] * shape[2]
    if len(data) < count:
        raise ValueError(tr("truncated: the numbers end before the picture does"))
    return np.array(data[:count], dtype=np.bytes_).astype(np.int64).reshape(shape)


def _floats(path: Path, at: int, shape: tuple[int, int, int], order: str) -> tuple[Array, list[str]]:
    notes: list[str] = []
    # the last row stands first
    return stretched(_stored(path, at, shape, f"{order}f4")[::-1].astype(np.float32), notes), notes


def _scaled(numbers: Array, largest: int) -> tuple[Array, list[str]]:
    if int(numbers.max()) > largest or int(numbers.min()) < 0:
        raise ExplorerError(
            tr("This picture contradicts itself."),
            tr("It has values above {largest}, the largest it names.", largest=largest),
            tr("Save it again."),
        )
    if largest == 65535:
        return numbers.astype(np.uint16), []
    made = np.rint(numbers * (65535 / largest)).astype(np.uint16)
    return made, [tr("values 0 .. {largest} scaled to 0 .. 65535", largest=largest)]
