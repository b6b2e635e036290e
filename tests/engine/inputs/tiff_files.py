"""A small writer of TIFFs by the text of TIFF 6.0 and BigTIFF, for kinds that Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

_FORMATS = {"u": 1, "i": 2, "f": 3}


def write_tiff(
    path: Path,
    pixels: np.ndarray,
    photometric: int,
    *,
    extras: tuple[int, ...] = (),
    planes: bool = False,
    order: str = "<",
    deflate: bool = False,
    predictor: int = 1,
    tile: tuple[int, int] = (),  # type: ignore[assignment]
    rows: int = 10,
    big: bool = False,
    more: tuple[tuple[int, str, tuple[int, ...]], ...] = (),
    pages: int = 1,
) -> Path:
    """`pixels` (H, W, bands). `more`: further tags as (number, struct letter, values), which replace those made here."""
    height, width, bands = pixels.shape
    block = tile or (rows, width)
    parts = [pixels[..., [band]] for band in range(bands)] if planes else [pixels]
    blocks = [_packed(piece, order, deflate, predictor) for part in parts for piece in _cut(part, block, bool(tile))]
    size = pixels.dtype.itemsize
    tags: dict[int, tuple[str, tuple[int, ...]]] = {
        256: ("I", (width,)),
        257: ("I", (height,)),
        258: ("H", (8 * size,) * bands),
        259: ("H", (8 if deflate else 1,)),
        262: ("H", (photometric,)),
        277: ("H", (bands,)),
        284: ("H", (2 if planes else 1,)),
        317: ("H", (predictor,)),
        339: ("H", (_FORMATS[pixels.dtype.kind],) * bands),
    }
    tags |= {338: ("H", extras)} if extras else {}
    tags |= {322: ("I", block[1:]), 323: ("I", block[:1])} if tile else {278: ("I", (rows,))}
    tags |= {number: (letter, values) for number, letter, values in more}
    path.write_bytes(_file(tags, blocks, bool(tile), order, big, pages))
    return path


def _cut(part: np.ndarray, block: tuple[int, int], tiled: bool) -> list[np.ndarray]:
    height, width, _ = part.shape
    pieces = []
    for top in range(0, height, block[0]):
        for left in range(0, width, block[1]):
            piece = part[top : top + block[0], left : left + block[1]]
            if tiled:
                piece = np.pad(piece, ((0, block[0] - piece.shape[0]), (0, block[1] - piece.shape[1]), (0, 0)))
            pieces.append(piece)
    return pieces


def _packed(piece: np.ndarray, order: str, deflate: bool, predictor: int) -> bytes:
    size = piece.dtype.itemsize
    if predictor == 2:
        whole = piece.view(f"u{size}")
        piece = np.concatenate([whole[:, :1], np.diff(whole, axis=1)], axis=1)
    data = piece.astype(piece.dtype.newbyteorder(order)).tobytes()
    if predictor == 3:
        rows, columns, bands = piece.shape
        split = np.frombuffer(piece.astype(piece.dtype.newbyteorder(">")).tobytes(), np.uint8)
        split = split.reshape(rows, columns * bands, size).transpose(0, 2, 1).reshape(rows, -1, bands)
        data = np.concatenate([split[:, :1], np.diff(split, axis=1)], axis=1).tobytes()
    return zlib.compress(data) if deflate else data


def _file(
    tags: dict[int, tuple[str, tuple[int, ...]]], blocks: list[bytes], tiled: bool, order: str, big: bool, pages: int
) -> bytes:
    out = bytearray(16)
    offsets = []
    for block in blocks:
        offsets.append(len(out))
        out += block
    first, second = (324, 325) if tiled else (273, 279)
    tags = {first: ("I", tuple(offsets)), second: ("I", tuple(map(len, blocks))), **tags}
    word, inline = ("Q", 8) if big else ("I", 4)
    link = None
    for _ in range(pages):
        entries = b""
        for number, (letter, values) in sorted(tags.items()):
            data = struct.pack(f"{order}{len(values)}{letter}", *values)
            if len(data) > inline:
                out += data
                data = struct.pack(order + word, len(out) - len(data))
            kind = {"B": 1, "H": 3, "I": 4}[letter]
            entries += struct.pack(f"{order}HH{word}", number, kind, len(values)) + data.ljust(inline, b"\0")
        out += b"\0" * (len(out) % 2)
        here = struct.pack(order + word, len(out))
        if link is None:
            magic = struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
            out[: 2 + len(magic) + len(here)] = (b"II" if order == "<" else b"MM") + magic + here
        else:
            out[link : link + len(here)] = here
        out += struct.pack(order + ("Q" if big else "H"), len(tags)) + entries
        link = len(out)
        out += bytes(len(here))
    return bytes(out)
