"""Perceptually uniform colour maps as 256-entry tables: sequential for values >= 0, diverging about zero for signed ones.

The sequential maps are piecewise-linear fits (off by at most 2 of 255) to the CC0 tables that matplotlib publishes. The
two diverging maps run through OKLab with the same lightness on both sides, so that +x and -x look equally strong.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from explorer.core.arrays import Array

Table = NDArray[np.uint8]

# position:colour; positions are where the published curve bends
_ANCHORS = {
    "magma": (
        "0:000004 4:020109 12:06051a 27:160f3b 37:241253 48:36106b 54:400f74 62:4e117b 79:681c81 105:912b81 125:b2357b "
        "149:d8456c 160:e75263 165:ec5860 172:f2645c 182:f8765c 192:fc8961 206:fea36f 216:feb67c 235:fed89a 255:fcfdbf"
    ),
    "inferno": (
        "0:000004 2:010106 9:040314 19:0e092b 26:180c3c 40:2f0a5b 51:420a68 64:57106e 83:751b6e 105:982766 122:b3325a "
        "146:d44842 153:dd513a 172:ef6c23 181:f57b17 194:fa9207 201:fc9f07 209:fcae12 217:fbbe23 225:f8cd37 233:f4dd4f "
        "244:f1f179 248:f3f68a 255:fcffa4"
    ),
    "viridis": (
        "0:440154 13:481467 30:472a7a 42:443983 58:3e4c8a 81:32648e 125:218e8d 141:1e9d89 153:22a884 162:2ab07f "
        "174:3bbb75 188:56c667 193:60ca60 201:73d056 215:95d840 233:c5e021 240:d8e219 246:e7e419 251:f4e61e 255:fde725"
    ),
    "cividis": (
        "0:00204d 19:002e6e 30:00356e 31:01366e 34:0f386e 39:1d3b6d 46:2a406c 60:3d4a6b 89:5a5f6d 131:807e79 "
        "148:908b79 169:a59c76 197:c3b46d 216:d8c563 230:e8d259 247:fbe248 251:ffe642 255:ffea46"
    ),
    "grey": "0:000000 255:ffffff",
}
# equally spaced from -1 to +1, zero in the middle
_DIVERGING = {
    "blue-white-red": (
        "28457e 315a99 3970b5 4087d2 539fe5 71b7f1 98cef6 c5e2f7 f5f5f5 f9d5c4 f9b498 f29474 e37658 ce5c46 b14a3e "
        "953935 79282b"
    ),
    "blue-black-amber": (
        "8adeff 67c0e9 44a2d3 1c85bd 0067a0 084b7d 103256 0e1b2d 070707 2c130d 521f0c 773003 994700 b56417 cc853e "
        "e2a661 f8c884"
    ),
}

SEQUENTIAL: tuple[str, ...] = tuple(_ANCHORS)
DIVERGING: tuple[str, ...] = tuple(_DIVERGING)
BAD_COLOUR = (255, 0, 255)  # magenta is in none of the maps: it can only mean "not a finite number"


def diverging_for(dark: bool) -> str:
    """The diverging map whose zero recedes into the theme's background."""
    return "blue-black-amber" if dark else "blue-white-red"


@cache
def table(name: str) -> Table:
    """(256, 3) uint8, read-only. KeyError for a name that is in neither SEQUENTIAL nor DIVERGING."""
    if name in _ANCHORS:
        pairs = [anchor.split(":") for anchor in _ANCHORS[name].split()]
        at, colours = np.array([float(p) for p, _ in pairs]), [c for _, c in pairs]
    elif name in _DIVERGING:
        colours = _DIVERGING[name].split()
        at = np.linspace(0.0, 255.0, len(colours))
    else:
        raise KeyError(f"there is no colour map {name!r}; there are {', '.join(SEQUENTIAL + DIVERGING)}")
    rgb = np.array([list(bytes.fromhex(c)) for c in colours], dtype=float)
    columns = [np.interp(np.arange(256.0), at, rgb[:, channel]) for channel in range(3)]
    out: Table = np.rint(np.stack(columns, axis=1)).astype(np.uint8)
    out.flags.writeable = False
    return out


@cache
def packed(name: str) -> NDArray[np.uint32]:
    """(256,) uint32 0xffRRGGBB, read-only: what 32-bit pictures are made of."""
    out = pack(table(name))
    out.flags.writeable = False
    return out


def pack(rgb: Table) -> NDArray[np.uint32]:
    """(..., 3) uint8 -> (...) uint32 0xffRRGGBB."""
    wide = rgb.astype(np.uint32)
    out: NDArray[np.uint32] = (wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2] | np.uint32(0xFF000000)).astype(
        np.uint32
    )
    return out


_UNKNOWN = 128  # grey of what has no value


def looked_up(table: Array, shares: Array, known: Array) -> Array:
    """The same through a table of 256 colours."""
    grey = np.full((1, 3), _UNKNOWN, np.uint8)
    places = np.where(known, np.rint(np.clip(shares, 0, 1) * 255), len(table)).astype(np.intp)
    found: Array = np.concatenate([table, grey]).take(places, axis=0)
    return found
