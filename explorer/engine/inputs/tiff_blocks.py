"""The numbers of a TIFF as they are stored: strips or tiles, together or band by band, in whatever depth and byte order.

libtiff, which Pillow brings, unpacks the bytes; what they mean is read here, because Pillow cuts most depths to 8 bits.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.inputs.quiet import quiet_terminal
from explorer.engine.inputs.tiff_tags import Tags

_DTYPES = {1: "u", 2: "i", 3: "f", 4: "u"}
_WHOLE = {1: (8, 16, 32, 64), 2: (8, 16, 32, 64), 3: (16, 32, 64), 4: (8, 16, 32, 64)}
PACKED = (1, 5, 8, 32773, 32946, 34925, 50000)  # compressions that give back the very bytes
_FLIPPED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def can_read(tags: Tags) -> bool:
    """Whether all bands have the same kind of number, and one that is read here."""
    bits, kind = tags.bits[0], tags.formats[0]
    if len(set(tags.bits)) > 1 or len(set(tags.formats)) > 1 or tags.compression not in PACKED:
        return False
    odd = kind in (1, 4) and (bits < 16 or bits == 24) and tags.predictor == 1
    return (bits in _WHOLE.get(kind, ()) or odd) and tags.predictor in ((1, 2, 3) if kind == 3 else (1, 2))


def read_bands(path: Path, tags: Tags, bands: Iterable[int]) -> Array:
    """(height, width, number of bands) in the machine's byte order. Raises ValueError or OSError for a file that is cut."""
    bands = list(bands)
    down, across = -(-tags.height // tags.block[0]), -(-tags.width // tags.block[1])
    each = down * across
    data = path.read_bytes()
    if not tags.planes:
        return _plane(data, tags, range(each), tags.samples)[..., bands]
    planes = [_plane(data, tags, range(band * each, (band + 1) * each), 1) for band in bands]
    return np.concatenate(planes, axis=-1)


def _plane(data: bytes, tags: Tags, blocks: range, samples: int) -> Array:
    """(height, width, samples) of the strips or tiles with these numbers."""
    rows, columns = tags.block
    if blocks.stop > len(tags.offsets):
        raise ValueError(tr("truncated: strips or tiles are missing"))
    line = -(-columns * samples * tags.bits[0] // 8)
    heights = [rows] * len(blocks)
    if not tags.tiled:
        heights[-1] = tags.height - rows * (len(blocks) - 1)
    pieces = [_bytes_of(data, tags, block, height * line) for block, height in zip(blocks, heights, strict=True)]
    if tags.compression != 1:
        pieces = _unpacked(pieces, tags, heights, rows, line)
    across = -(-tags.width // columns)
    kind = "u1" if tags.bits[0] < 8 else f"{_DTYPES[tags.formats[0]]}{_size(tags.bits[0])}"
    out = np.zeros((tags.height, tags.width, samples), kind)
    for number, (piece, height) in enumerate(zip(pieces, heights, strict=True)):
        if piece is None:  # left out by the writer: nothing but zeros
            continue
        top, left = number // across * rows, number % across * columns
        values = _numbers(piece, tags, height, columns, samples, line)
        part = out[top : top + height, left : left + columns]
        part[:] = values[: part.shape[0], : part.shape[1]]
    return out


def _size(bits: int) -> int:
    """Bytes of the number that holds one of `bits` bits."""
    return next(size for size in (1, 2, 4, 8) if bits <= 8 * size)


def _bytes_of(data: bytes, tags: Tags, block: int, whole: int) -> bytes | None:
    start = tags.offsets[block]
    count = tags.counts[block] if block < len(tags.counts) else whole
    if start == 0 or count == 0:
        return None
    piece = data[start : start + count]
    if len(piece) < count or (tags.compression == 1 and len(piece) < whole):
        raise ValueError(tr("truncated: the numbers end before the picture does"))
    return piece.translate(_FLIPPED) if tags.reversed_bits and tags.compression == 1 else piece


def _unpacked(pieces: list[bytes | None], tags: Tags, heights: list[int], rows: int, line: int) -> list[bytes | None]:
    """Through libtiff, as lines of plain bytes one below the other: it then leaves byte order and predictor alone."""
    there = [number for number, piece in enumerate(pieces) if piece is not None]
    if not there:
        return pieces
    packed = [pieces[number] or b"" for number in there]
    total = sum(heights[number] for number in there)
    wrapped = _grey_file(packed, tags, total, rows, line)
    with quiet_terminal(), Image.open(io.BytesIO(wrapped), formats=("TIFF",)) as image:
        lines = np.asarray(image)
    out: list[bytes | None] = [None] * len(pieces)
    top = 0
    for number in there:
        out[number] = lines[top : top + heights[number]].tobytes()
        top += heights[number]
    return out


def _grey_file(packed: list[bytes], tags: Tags, height: int, rows: int, line: int) -> bytes:
    """A TIFF of 8-bit grey, `line` bytes wide, around strips as they are."""
    entries = [(256, line), (257, height), (258, 8), (259, tags.compression), (262, 1)]
    entries += [(266, 2 if tags.reversed_bits else 1), (273, 0), (277, 1), (278, rows), (279, 0)]
    start = 8 + 2 + 12 * len(entries) + 4
    lists = start, start + 4 * len(packed)
    at = start + 8 * len(packed)
    offsets = []
    for piece in packed:
        offsets.append(at)
        at += len(piece)
    if at >= 1 << 32:
        raise ValueError(tr("more than 4 GB of packed numbers"))
    single = {273: offsets[0], 279: len(packed[0])} if len(packed) == 1 else {273: lists[0], 279: lists[1]}
    table = b"".join(
        struct.pack("<HHII", tag, 4, len(packed) if tag in single else 1, single.get(tag, value))
        for tag, value in entries
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + struct.pack("<I", 0)
    numbers = struct.pack(f"<{len(packed)}I", *offsets) + struct.pack(f"<{len(packed)}I", *map(len, packed))
    return head + numbers + b"".join(packed)


def _numbers(piece: bytes, tags: Tags, rows: int, columns: int, samples: int, line: int) -> Array:
    """(rows, columns, samples) of one block's bytes."""
    lines = np.frombuffer(piece, np.uint8, rows * line).reshape(rows, line)
    bits, letter = tags.bits[0], _DTYPES[tags.formats[0]]
    if bits not in (8, 16, 32, 64):
        return _narrow(lines, bits, columns * samples).reshape(rows, columns, samples)
    size = bits // 8
    if tags.predictor == 3:
        whole = np.cumsum(lines.reshape(rows, -1, samples), axis=1, dtype=np.uint8).reshape(rows, size, -1)
        stored = np.ascontiguousarray(whole.transpose(0, 2, 1)).view(f">{letter}{size}")
        return stored.astype(f"{letter}{size}").reshape(rows, columns, samples)
    order = tags.order if size > 1 else "|"
    if tags.predictor == 2:
        steps = lines.view(f"{order}u{size}").astype(f"u{size}").reshape(rows, columns, samples)
        return np.cumsum(steps, axis=1, dtype=steps.dtype).view(f"{letter}{size}")
    return lines.view(f"{order}{letter}{size}").astype(f"{letter}{size}").reshape(rows, columns, samples)


def _narrow(lines: Array, bits: int, count: int) -> Array:
    """Numbers that share bytes: 12 bits and the like, the highest bit first."""
    kind = f"u{_size(bits)}"
    out = np.empty((len(lines), count), kind)
    weights = (1 << np.arange(bits - 1, -1, -1)).astype(kind)
    for row, line in enumerate(lines):  # row by row: a bit takes a byte meanwhile
        single = np.unpackbits(line, count=count * bits).reshape(count, bits)
        out[row] = single.astype(kind) @ weights
    return out
