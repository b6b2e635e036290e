"""From values to colours: the limits of a scale, and the table look-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from explorer.core.arrays import Array
from explorer.core.render import colormaps
from explorer.core.translation import msgid, tr

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint32]

# below this share of the largest value a negative one is rounding noise and does not make a layer "signed"
_NOISE = 1e-6
# 255 / span would leave float32
_NO_SPAN = 1e-35
# values worked on at a time, to stay in the processor's cache
_BLOCK = 1 << 16


class ScaleMode(StrEnum):
    PER_MAP = msgid("per map")
    PER_LAYER = msgid("per layer")
    FIXED = "fixed"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Values of the first and the last colour. `lo` and `hi` have one entry a map, or a single one for all.

    `signed`: lo == -hi and a diverging colour map is meant. `bad[c]` counts the non-finite values of map c.
    `covers`: no finite value lies outside."""

    lo: Floats
    hi: Floats
    signed: bool
    bad: NDArray[np.int64]
    covers: bool

    def of(self, channel: int) -> tuple[float, float]:
        at = channel if len(self.lo) > 1 else 0
        return float(self.lo[at]), float(self.hi[at])

    @property
    def bad_total(self) -> int:
        return int(self.bad.sum())


# smallest and largest finite value and number of non-finite ones of each map
Extremes = tuple[Floats, Floats, NDArray[np.int64]]


def limits(
    maps: Array,
    mode: ScaleMode,
    fixed: tuple[float, float] | None = None,
    percentile: float = 99.0,
    known: Extremes | None = None,
) -> Limits:
    """Limits of (C, H, W) maps. Non-finite values are left out and counted.

    Values >= 0 run from 0 up, so that the first colour always means zero; signed ones are symmetric about zero.
    PERCENTILE leaves out the extreme 100 - `percentile` per cent of the layer: at both ends for values >= 0, by size for
    signed ones. FIXED needs `fixed` (lo, hi), lo < hi, and raises ValueError without. `known`: what `extremes` says of the maps."""
    low, high, bad = extremes(maps) if known is None else known
    top = max(float(high.max(initial=0.0)), 0.0)
    bottom = min(float(low.min(initial=0.0)), 0.0)
    signed = bottom < -_NOISE * max(top, -bottom)
    if mode is ScaleMode.FIXED:
        if fixed is None or not fixed[0] < fixed[1]:
            raise ValueError(tr("a fixed scale needs lo < hi, not {fixed}", fixed=fixed))
        return Limits(np.array([float(fixed[0])]), np.array([float(fixed[1])]), fixed[0] < 0, bad, covers=False)
    if mode is ScaleMode.PERCENTILE:
        lo, hi = _percentiles(maps, percentile, signed, bool(bad.any()))
        return Limits(np.array([lo]), np.array([hi]), signed, bad, covers=False)
    if mode is ScaleMode.PER_LAYER:
        low, high = np.array([bottom]), np.array([top])
    size = np.maximum(-low, high) if signed else np.maximum(high, 0.0)
    return Limits(-size if signed else np.zeros_like(size), size, signed, bad, covers=bottom >= 0 or signed)


def extremes(maps: Array) -> Extremes:
    """Smallest and largest finite value and number of non-finite ones of each map; 0, 0 for a map without a finite value."""
    count = maps.shape[0]
    bad = np.zeros(count, np.int64)
    if maps.size == 0:
        return np.zeros(count), np.zeros(count), bad
    low = maps.min(axis=(1, 2)).astype(np.float64)
    high = maps.max(axis=(1, 2)).astype(np.float64)
    # min and max hand on NaN and infinities, so only the maps that show one are looked at twice
    for at in np.flatnonzero(~(np.isfinite(low) & np.isfinite(high))):
        finite = maps[at][np.isfinite(maps[at])]
        bad[at] = maps[at].size - finite.size
        low[at], high[at] = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    return low, high, bad


def _percentiles(maps: Array, percentile: float, signed: bool, bad: bool) -> tuple[float, float]:
    flat = maps[np.isfinite(maps)] if bad else maps.reshape(-1)
    if flat.size == 0:
        return 0.0, 0.0
    if signed:
        size = float(np.percentile(np.abs(flat), percentile))
        return -size, size
    lo, hi = np.percentile(flat, (100.0 - percentile, percentile))
    return float(lo), float(hi)


def to_index(maps: Array, scale: Limits) -> NDArray[np.uint8]:
    """(n, H, W) values -> entries of a 256-colour table.

    A map without extent (lo == hi) gets its middle entry when it is signed, its first one otherwise, so that a dead map
    looks like zero. Non-finite values get an arbitrary entry."""
    span = scale.hi - scale.lo
    wide = span > _NO_SPAN
    factor = np.divide(255.0, span, out=np.zeros_like(span), where=wide)
    # 0.5 for rounding, since the cast to uint8 cuts off
    offset = np.where(wide, -scale.lo * factor, 127.5 if scale.signed else 0.0) + 0.5
    kind = np.result_type(maps.dtype, np.float32)
    times, plus = (np.broadcast_to(v.astype(kind), len(maps))[:, None, None] for v in (factor, offset))
    clip = not scale.covers or bool(scale.bad.any())
    out = np.empty(maps.shape, np.uint8)
    step = max(_BLOCK // max(maps[0].size, 1), 1) if len(maps) else 1
    with np.errstate(invalid="ignore", over="ignore"):
        # block by block: fresh memory for a whole layer costs more page faults than the arithmetic takes
        for start in range(0, len(maps), step):
            block = slice(start, start + step)
            work = maps[block] * times[block]
            work += plus[block]
            if clip:
                np.clip(work, 0.0, 255.0, out=work)
            np.copyto(out[block], work, casting="unsafe")
    return out


def colorize(maps: Array, scale: Limits, colormap: str) -> Pixels:
    """(C, H, W) or (H, W) values -> uint32 0xffRRGGBB of the same shape; non-finite values magenta."""
    stack = maps if maps.ndim == 3 else maps[None]
    pixels = np.take(colormaps.packed(colormap), to_index(stack, scale))
    if scale.bad.any():
        pixels[~np.isfinite(stack)] = BAD
    return pixels if maps.ndim == 3 else pixels[0]


BAD = np.uint32(0xFF000000 | colormaps.BAD_COLOUR[0] << 16 | colormaps.BAD_COLOUR[1] << 8 | colormaps.BAD_COLOUR[2])


def rgb_of(pixels: Pixels) -> NDArray[np.uint8]:
    """(..., 3) uint8 of 0xffRRGGBB pixels: a copy, for files and for other programs."""
    return np.stack([(pixels >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)], axis=-1)


def pick(scale: Limits, one: int) -> Limits:
    """The limits of a single map, for its large view."""
    lo, hi = scale.of(one)
    return Limits(np.array([lo]), np.array([hi]), scale.signed, scale.bad[one : one + 1], scale.covers)
