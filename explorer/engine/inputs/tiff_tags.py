"""What a TIFF file says of its first picture: the tags of TIFF 6.0 and BigTIFF that decide what its numbers mean."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from explorer.core.translation import ntr, tr

_TYPES = {1: "B", 2: "c", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 11: "f", 12: "d", 16: "Q", 17: "q", 18: "Q"}
_MOST_VALUES = 4_000_000  # of one tag: offsets of a picture of 100 MP in strips of one row are far fewer
_MOST_TAGS = 4096
# tag numbers of TIFF 6.0
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_STRIPS, _ORIENTATION, _SAMPLES, _ROWS, _COUNTS, _PLANAR = 273, 274, 277, 278, 279, 284
_PREDICTOR, _PALETTE, _TILE_W, _TILE_H, _TILES, _TILE_COUNTS = 317, 320, 322, 323, 324, 325
_INK_SET, _EXTRAS, _FORMAT = 332, 338, 339

COMPRESSIONS = {
    1: "none",
    2: "CCITT",
    3: "CCITT",
    4: "CCITT",
    5: "LZW",
    6: tr("old JPEG"),
    7: "JPEG",
    8: tr("Deflate"),
    32773: "PackBits",
    32946: tr("Deflate"),
    33003: tr("JPEG 2000"),
    33005: tr("JPEG 2000"),
    34712: tr("JPEG 2000"),
    34887: "LERC",
    34892: tr("lossy JPEG"),
    34925: "LZMA",
    50000: tr("Zstandard"),
    50001: "WebP",
    50002: tr("JPEG XL"),
}
COLOURS = {
    0: "grey",
    1: "grey",
    2: "RGB",
    3: "palette",
    4: "mask",
    5: "CMYK",
    6: "YCbCr",
    8: tr("CIE Lab"),
    9: tr("ICC Lab"),
    10: tr("ITU Lab"),
    32803: tr("colour filter array"),
    32844: "LogL",
    32845: "LogLuv",
    34892: tr("linear raw"),
}
_NUMBERS = {1: "unsigned", 2: "signed", 3: "float", 4: "untyped", 5: "complex", 6: "complex"}


@dataclass(frozen=True, slots=True)
class Tags:
    """The first picture of a file. Sizes in pixels; `offsets` and `counts` in bytes, of strips or of tiles."""

    order: str  # "<" or ">", of every number in the file
    height: int
    width: int
    bits: tuple[int, ...]  # of one sample, one a band
    formats: tuple[int, ...]  # 1 unsigned, 2 signed, 3 float, one a band
    photometric: int
    extras: tuple[int, ...]  # of the bands behind the colours: 0 no meaning, 1 premultiplied alpha, 2 alpha
    planes: bool  # every band for itself
    compression: int
    predictor: int
    reversed_bits: bool
    block: tuple[int, int]  # rows and columns of a strip or tile
    tiled: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    palette: tuple[int, ...]
    ink_set: int
    orientation: int
    more: bool  # the file has further pictures
    big: bool  # BigTIFF

    @property
    def samples(self) -> int:
        return len(self.bits)

    @property
    def words(self) -> str:
        """Colours, bands and numbers, as in "RGB of 4 bands, 16-bit unsigned, LZW"."""
        bits = "/".join(map(str, dict.fromkeys(self.bits)))
        numbers = "/".join(dict.fromkeys(_NUMBERS.get(kind, tr("format {kind}", kind=kind)) for kind in self.formats))
        colours = COLOURS.get(self.photometric, tr("colours of kind {photometric}", photometric=self.photometric))
        packed = COMPRESSIONS.get(self.compression, tr("compression {compression}", compression=self.compression))
        bands = ntr(" of {samples} band", " of {samples} bands", self.samples, samples=self.samples)
        return f"{colours}{bands}, {bits}-bit {numbers}, {(tr('not compressed') if packed == 'none' else packed)}"


def read_tags(path: Path) -> Tags | None:
    """None for what is no TIFF, or one whose first directory cannot be read."""
    try:
        with path.open("rb") as stream:
            return _tags(stream)
    except (struct.error, ValueError, KeyError, IndexError, OSError, OverflowError):
        return None


def _tags(stream: BinaryIO) -> Tags | None:
    head = stream.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        return None
    (magic,) = struct.unpack(order + "H", head[2:4])
    if magic not in (42, 43):
        return None
    big = magic == 43
    (at,) = struct.unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])
    found, more = _directory(stream, order, big, at)
    return _made(found, order, more, big)


def _directory(stream: BinaryIO, order: str, big: bool, at: int) -> tuple[dict[int, tuple[int, ...]], bool]:
    """({tag: values}, whether another directory follows). Tags of other types than whole numbers are left out."""
    count_kind, entry, inline, offset = ("Q", 20, 8, "Q") if big else ("H", 12, 4, "I")
    stream.seek(at)
    head = struct.calcsize(order + count_kind)
    (count,) = struct.unpack(order + count_kind, stream.read(head))
    if count > _MOST_TAGS:
        raise ValueError(tr("too many tags"))
    table = stream.read(count * entry)
    following = stream.read(struct.calcsize(order + offset))
    found: dict[int, tuple[int, ...]] = {}
    for start in range(0, count * entry, entry):
        tag, kind, number = struct.unpack(order + ("HHQ" if big else "HHI"), table[start : start + entry - inline])
        letter = _TYPES.get(kind, "")
        if letter in "cfd" or number > _MOST_VALUES:
            continue
        size = number * struct.calcsize(order + letter)
        data = table[start + entry - inline : start + entry]
        if size > inline:
            stream.seek(struct.unpack(order + offset, data)[0])
            data = stream.read(size)
        found[tag] = struct.unpack(f"{order}{number}{letter}", data[:size])
    more = len(following) == struct.calcsize(order + offset) and any(following)
    return found, more


def _made(found: dict[int, tuple[int, ...]], order: str, more: bool, big: bool) -> Tags | None:
    height, width = found[_HEIGHT][0], found[_WIDTH][0]
    samples = _one(found, _SAMPLES, 1)
    if not (height > 0 and width > 0 and 0 < samples <= _MOST_TAGS):
        return None
    tiled = _TILES in found
    offsets = found.get(_TILES if tiled else _STRIPS, ())
    if tiled:
        block = found[_TILE_H][0], found[_TILE_W][0]
    else:
        block = min(_one(found, _ROWS, height) or height, height), width
    if not offsets or min(block) < 1:
        return None
    counts = found.get(_TILE_COUNTS if tiled else _COUNTS, ())
    usual = 2 if samples >= 3 else 1  # where the file does not say what its colours are
    return Tags(
        order=order,
        height=height,
        width=width,
        bits=_each(found.get(_BITS, (1,)), samples),
        formats=_each(found.get(_FORMAT, (1,)), samples),
        photometric=_one(found, _PHOTOMETRIC, usual),
        extras=found.get(_EXTRAS, ()),
        planes=_one(found, _PLANAR, 1) == 2 and samples > 1,
        compression=_one(found, _COMPRESSION, 1),
        predictor=_one(found, _PREDICTOR, 1),
        reversed_bits=_one(found, _FILL_ORDER, 1) == 2,
        block=block,
        tiled=tiled,
        offsets=offsets,
        counts=counts,
        palette=found.get(_PALETTE, ()),
        ink_set=_one(found, _INK_SET, 1),
        orientation=_one(found, _ORIENTATION, 1),
        more=more,
        big=big,
    )


def _one(found: dict[int, tuple[int, ...]], tag: int, usual: int) -> int:
    return found[tag][0] if found.get(tag) else usual


def _each(values: tuple[int, ...], samples: int) -> tuple[int, ...]:
    """One value a band; files write one for all, too."""
    return tuple(values[min(number, len(values) - 1)] for number in range(samples))
