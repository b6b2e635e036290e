"""Attributions as pictures: one number a pixel, a scale that outliers do not spoil, drawn over the original picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.core.arrays import Array
from explorer.core.geometry.affine import input_affine
from explorer.core.models import AnyPreprocess
from explorer.core.render import colormaps
from explorer.core.sound_preprocess import SoundPreprocess

_LARGEST = 1600  # pixels of the longer side of an overlay
_SMALLEST = 896


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A map ready to be coloured: (H, W) in -1..1 when signed, else 0..1; `top` is the value that 1 stands for."""

    values: Array
    signed: bool
    top: float
    bad: int = 0  # non-finite values, drawn as 0


def combine(values: Array, signed: bool) -> Array:
    """(C, H, W) -> (H, W): the sum over channels, or the largest absolute value of them."""
    combined: Array = values.sum(0) if signed else np.abs(values).max(0)
    return combined


def heat(values: Array, signed: bool, percentile: float = 99.0) -> Heat:
    """A (C, H, W) attribution as one map. What lies beyond the `percentile` of the absolute values is cut off.

    A map whose percentile is 0 but which is not 0 everywhere (a single pixel) is scaled by its largest value.
    """
    flat = combine(values, signed).astype(np.float64)
    finite = np.isfinite(flat)
    bad = int(flat.size - np.count_nonzero(finite))
    flat = np.where(finite, flat, 0.0)
    size = np.abs(flat)
    top = float(np.percentile(size, percentile)) if flat.size else 0.0
    top = top or float(size.max(initial=0.0))
    scaled = np.clip(flat / top, -1.0 if signed else 0.0, 1.0) if top > 0 else np.zeros_like(flat)
    return Heat(scaled.astype(np.float32), signed, top, bad)


def on_picture(values: Array, size: tuple[int, int], pre: AnyPreprocess, out: tuple[int, int]) -> tuple[Array, Array]:
    """A (H, W) map over the model's input, drawn over the original picture of `size` (height, width) at `out` pixels.

    Returns (values, seen), both (h, w): bilinear between the centres of input pixels; `seen` is False where the model's input
    does not reach (cropped away), and values are 0 there.
    """
    affine = input_affine(size, pre)
    rows = (np.arange(out[0]) + 0.5) * (size[0] / out[0]) * affine.scale_y + affine.offset_y
    columns = (np.arange(out[1]) + 0.5) * (size[1] / out[1]) * affine.scale_x + affine.offset_x
    seen = ((rows >= 0) & (rows < values.shape[0]))[:, None] & ((columns >= 0) & (columns < values.shape[1]))
    drawn = _between(_between(values, rows).T, columns).T
    return np.where(seen, drawn, 0.0).astype(np.float32), seen


def on_sound(values: Array, size: tuple[int, int], pre: SoundPreprocess, out: tuple[int, int]) -> tuple[Array, Array]:
    """A (bands, T) map over the tensor of a sound of `size` (1, milliseconds), drawn over its whole length at `out` pixels.

    Returns (values, seen) as `on_picture`. A column of pixels has the value of largest magnitude of its places, so that no peak
    is lost; the rows of a spectrogram are its bands, lowest on top as in the maps.
    """
    affine, count = input_affine(size, pre), values.shape[1]
    edges = np.floor(np.arange(out[1] + 1) * (size[1] / out[1]) * affine.scale_x + affine.offset_x)
    middles = (np.arange(out[1]) + 0.5) * (size[1] / out[1]) * affine.scale_x + affine.offset_x
    starts = edges[:-1].clip(0, count - 1).astype(np.int64)
    part = values[:, : int(np.clip(edges[-1], starts[-1] + 1, count))]
    low, high = np.minimum.reduceat(part, starts, axis=1), np.maximum.reduceat(part, starts, axis=1)
    rows = np.arange(out[0]) * len(values) // out[0]
    seen = np.broadcast_to((middles >= 0) & (middles < count), out)
    return np.where(seen, np.where(-low > high, low, high)[rows], 0.0).astype(np.float32), seen


def _between(values: Array, at: Array) -> Array:
    """Rows of (n, m) at pixel-edge coordinates; the outermost ones go on to the edge."""
    place = np.clip(at - 0.5, 0, len(values) - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    share = (place - low).astype(values.dtype)[:, None]
    mixed: Array = values[low] * (1 - share) + values[high] * share
    return mixed


def view_size(size: tuple[int, int], pre: AnyPreprocess) -> tuple[int, int]:
    """(height, width) of an overlay: at least one pixel for each of the input tensor's, the longer side 896 to 1600 where it can."""
    affine = input_affine(size, pre)
    longer = max(size)
    wanted = longer * max(1.0, affine.scale_y, affine.scale_x)
    scale = min(max(wanted, _SMALLEST), _LARGEST) / longer
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def as_rgb(pixels: Array, out: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture's pixels (H, W, 1 or 3; uint8, uint16, or float 0..1) as (h, w, 3) uint8 of size `out`: means of the pixels that
    fall on one, the nearest one where it grows."""
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    small = _resized(np.moveaxis(_resized(pixels, out[0]), 1, 0), out[1])
    small = np.moveaxis(small, 0, 1) * (255.0 / top)
    colour: NDArray[np.uint8] = np.broadcast_to(np.rint(small), (*out, 3)).astype(np.uint8)
    return colour


def _resized(array: Array, rows: int) -> Array:
    count = len(array)
    if rows >= count:
        grown: Array = array[np.arange(rows) * count // rows]
        return grown
    edges = np.arange(rows + 1) * count // rows
    sums = np.add.reduceat(array, edges[:-1], axis=0, dtype=np.float64)
    means: Array = sums / np.diff(edges).reshape(-1, *[1] * (array.ndim - 1))
    return means


def overlay(
    picture: NDArray[np.uint8], values: Array, seen: Array, signed: bool, strength: float = 0.8
) -> NDArray[np.uint8]:
    """(h, w, 3): the picture, grey and darkened, with the map's colours on it, the more opaque the larger the value.

    `values` (h, w) in -1..1 (signed: blue speaks against the target, amber for it) or 0..1; where not `seen` (cut away before the
    model) the picture is darker still.
    """
    grey = picture @ np.array([0.299, 0.587, 0.114])
    ground = (np.where(seen, 0.8, 0.4) * grey)[..., None]
    position = (np.clip(values, -1, 1) + 1) / 2 if signed else np.clip(values, 0, 1)
    colours = colormaps.table("blue-black-amber" if signed else "inferno")[np.rint(position * 255).astype(np.uint8)]
    size = np.clip(np.abs(values), 0, 1)
    # signed maps are mostly thin: the square root, so that a quarter of the largest is still seen
    share = (strength * (np.sqrt(size) if signed else size) * seen)[..., None]
    drawn: NDArray[np.uint8] = np.rint(ground * (1 - share) + colours * share).astype(np.uint8)
    return drawn
