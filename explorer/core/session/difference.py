"""Two columns in one picture: common limits, what is left when one is taken from the other, how alike they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.render.correlation import rank_correlation
from explorer.core.session.display import Display
from explorer.core.translation import tr

_HALF_A_STEP = 0.5 / 255
_REACH = 3.0  # standard deviations from the mean that colours tell apart


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """(C, H, W) maps of one model minus those of another; `rms` over all finite values, `share` of it that of the other's."""

    maps: Array
    limits: render.Limits
    rms: float
    share: float  # rms of the difference / rms of what was taken away; NaN where that is zero


def same_build(one: Capture, other: Capture) -> bool:
    """Whether two captures come from the same architecture at the same input size: the same taps, of the same shapes. One may
    have learnt other classes: what is as long as the output of both may differ in that."""
    if len(one.taps) != len(other.taps):
        return False
    pairs = list(zip(one.taps, other.taps, strict=True))
    return all(_build(a) == _build(b) or _classes(a, b, *pairs[-1]) for a, b in pairs)


def _build(tap: Tap) -> tuple[object, ...]:
    return tap.name, tap.type, tap.shape, tap.layout, tap.grid


def _classes(a: Tap, b: Tap, last: Tap, other: Tap) -> bool:
    """Whether two taps differ in the number of classes alone."""
    same = (a.name, a.type, a.layout, a.grid) == (b.name, b.type, b.layout, b.grid)
    return same and len(a.shape) == 2 and (a.shape, b.shape) == (last.shape, other.shape)


def difference(maps: Array, taken: Array, mode: render.ScaleMode) -> Difference:
    """`maps` - `taken`, both (C, H, W), in at least float32. Raises ValueError when the shapes differ."""
    if maps.shape != taken.shape:
        raise ValueError(
            tr("maps of shape {shape} and {shape2} have no difference", shape=maps.shape, shape2=taken.shape)
        )
    kind = np.result_type(maps.dtype, np.float32)
    left = maps.astype(kind) - taken.astype(kind)
    limits = _signed(render.limits(left, mode))
    rms, before = _rms(left), _rms(taken)
    return Difference(left, limits, rms, rms / before if before > 0 else float("nan"))


def taken(shown: Display, base: Display, mode: render.ScaleMode, colormap: str) -> tuple[Display, Difference]:
    """A layer with the same layer of another model taken away, ready to be drawn. Raises ValueError as `difference`."""
    found = difference(_stacked(shown), _stacked(base), mode)
    if shown.maps is not None:
        made = replace(
            shown, maps=found.maps, limits=found.limits, colormap=colormap, chosen_colours=False, prefix=None
        )
    elif shown.sequence is not None:
        made = replace(shown, sequence=found.maps[0], limits=found.limits, colormap=colormap, chosen_colours=False)
    else:
        made = replace(shown, vector=found.maps[:, 0, 0])
    return replace(made, of=shown), found


def _stacked(shown: Display) -> Array:
    if shown.maps is not None:
        return shown.maps
    return shown.sequence[None] if shown.sequence is not None else shown.plain[:, None, None]


def _rms(values: Array) -> float:
    finite = values[np.isfinite(values)].astype(np.float64)
    return float(np.sqrt(np.mean(finite**2))) if finite.size else float("nan")


def _signed(limits: render.Limits) -> render.Limits:
    """Symmetric about zero, also where every value happens to have one sign: zero is no difference."""
    size = np.maximum(np.abs(limits.lo), np.abs(limits.hi))
    return render.Limits(-size, size, True, limits.bad, limits.covers)


def standardised(shown: Display, colormap: str) -> Display:
    """A layer as z-scores, (value - mean) / standard deviation over all its finite values, in colours from -3 to 3.

    A vector stays as it is, and so does a layer whose values are all the same.
    """
    if shown.limits is None:
        return shown
    values, whole = _stacked(shown), shown.limits.bad_total == 0
    mean = float(np.mean(values if whole else values[np.isfinite(values)], dtype=np.float64))
    scores = values - mean
    known = scores if whole else scores[np.isfinite(values)]
    deviation = float(np.sqrt(np.mean(np.square(known), dtype=np.float64)))
    if not deviation > 0:  # nor where nothing is finite
        return shown
    scores /= deviation
    before = None if shown.prefix is None else (shown.prefix - mean) / deviation
    reach = np.array([_REACH])
    limits = render.Limits(-reach, reach, True, shown.limits.bad, covers=False)
    fresh = {"maps": scores} if shown.maps is not None else {"sequence": scores[0]}
    return replace(
        shown, **fresh, prefix=before, limits=limits, colormap=colormap, chosen_colours=False, unit="σ", of=shown
    )


def one_sign(each: Sequence[Display], mode: render.ScaleMode) -> list[render.Limits | None]:
    """Limits of one layer in several columns, all signed or none, so that all have one colour map. Values below zero count from half
    a step of the colours on: what is smaller looks like zero anyway. Without limits: None."""
    signs = {shown.limits.signed for shown in each if shown.limits is not None}
    if len(signs) < 2:
        return [shown.limits for shown in each]
    signed = any(_reaches_below(_stacked(shown)) for shown in each if shown.limits is not None and shown.limits.signed)
    return [_with_sign(shown, signed, mode) for shown in each]


def _reaches_below(values: Array) -> bool:
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    return -low > _HALF_A_STEP * max(high, -low)


def _with_sign(shown: Display, signed: bool, mode: render.ScaleMode) -> render.Limits | None:
    limits = shown.limits
    if limits is None or limits.signed == signed:
        return limits
    if signed:
        return _signed(limits)
    above = render.limits(np.maximum(_stacked(shown), 0), mode)
    return replace(above, bad=limits.bad, covers=False)


def together(each: Sequence[render.Limits]) -> list[render.Limits]:
    """The same limits for all: as wide as the widest, symmetric about zero as soon as one is."""
    if not each:
        return []
    lo = min(float(limits.lo.min(initial=0.0)) for limits in each)
    hi = max(float(limits.hi.max(initial=0.0)) for limits in each)
    signed, covers = any(limits.signed for limits in each), all(limits.covers for limits in each)
    if signed:
        lo, hi = -max(-lo, hi), max(-lo, hi)
    return [render.Limits(np.array([lo]), np.array([hi]), signed, limits.bad, covers) for limits in each]


def mass(maps: Array) -> Array:
    """(H, W) mean size of the (C, H, W) values at each cell, adding up to one; zero everywhere where they are zero."""
    sizes = np.abs(np.nan_to_num(maps.astype(np.float64), posinf=0.0, neginf=0.0)).mean(axis=0)
    total = sizes.sum()
    shares: Array = sizes / total if total > 0 else sizes
    return shares


def likeness(one: Array, other: Array, rows: Array, columns: Array) -> float:
    """Spearman's correlation of the masses of two layers, -1..1.

    `one` is (C, H, W); `rows` (H,) and `columns` (W,) name the row and column of `other` that stand over the same pixels as
    its own, -1 for none. NaN where fewer than three cells meet or one of the layers is the same everywhere.
    """
    down, across = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    if len(down) * len(across) < 3:
        return float("nan")
    return rank_correlation(mass(one)[np.ix_(down, across)], mass(other)[np.ix_(rows[down], columns[across])])
