"""Maps over the model's input as pictures over the original one, or over the picture of a sound."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer.core.any_input import Input, as_picture
from explorer.core.arrays import Array
from explorer.core.models import AnyPreprocess
from explorer.core.render import colormaps, overlay
from explorer.core.render.waveform import waveform
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound

_SIDE = 512  # px of the longer side: as many as the view has, and quickly drawn
_LEVELS = 4096  # of a map's values: no level is seen
_GREY = (0.299, 0.587, 0.114)


class Overlays:
    """Draws maps over a picture as `heat.overlay` does, within a few milliseconds: many come over the same picture, whose
    grey and darkened ground is kept."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._ground: Array = np.zeros((0, 0), np.uint32)

    def draw(
        self, values: Array, picture: Input, pre: AnyPreprocess, signed: bool, percentile: float, strength: float
    ) -> Array:
        """(h, w) uint32 0xffRRGGBB: a (C, H, W) map over the model's input, drawn over the whole picture or sound."""
        cells = overlay.heat(values, signed, percentile).values
        if isinstance(picture, Sound) and isinstance(pre, SoundPreprocess):
            size = seen_of(picture).shape[:2]
            drawn, seen = overlay.on_sound(cells, picture.size, pre, size)
        else:
            height, width = picture.size
            scale = _SIDE / max(height, width)
            size = max(1, round(height * scale)), max(1, round(width * scale))
            drawn, seen = overlay.on_picture(cells, picture.size, pre, size)
        self._lay(picture, pre, size, seen)
        colours, lets = _table(signed, round(strength, 3))
        at = np.rint((drawn + 1) * (_LEVELS / 2) if signed else drawn * _LEVELS).astype(np.uint16)
        at[~seen] = _LEVELS // 2 if signed else 0
        grey = (self._ground * lets[at]) >> 8
        shown: Array = colours[at] + grey * np.uint32(0x010101)
        return shown

    def _lay(self, picture: Input, pre: AnyPreprocess, size: tuple[int, int], seen: Array) -> None:
        key = picture.digest, picture.size, pre, size
        if key != self._key:
            shown = seen_of(picture) if isinstance(picture, Sound) else as_picture(picture).shown
            grey = _thinned(shown, size)
            self._key, self._ground = key, (np.where(seen, 0.8, 0.4) * grey).astype(np.uint32)


def seen_of(sound: Sound) -> Array:
    """(h, w, 3) uint8: the sound as it stands in the panel of inputs."""
    return waveform(sound) if sound.seen is None else sound.seen


@lru_cache(maxsize=8)
def _table(signed: bool, strength: float) -> tuple[Array, Array]:
    """For every level of a map: its colour by its share as 0xffRRGGBB, and what it lets through of the ground, 0..256."""
    value = np.linspace(-1.0, 1.0, _LEVELS + 1) if signed else np.linspace(0.0, 1.0, _LEVELS + 1)
    position = (value + 1) / 2 if signed else value
    colours = colormaps.table("blue-black-amber" if signed else "inferno")[np.rint(position * 255).astype(np.uint8)]
    share = strength * (np.sqrt(np.abs(value)) if signed else value)  # as in `heat.overlay`
    red, green, blue = (colours * share[:, None]).astype(np.uint32).T
    return np.uint32(0xFF000000) | red << 16 | green << 8 | blue, (256 * (1 - share)).astype(np.uint32)


def _thinned(pixels: Array, size: tuple[int, int]) -> Array:
    """(h, w) float 0..255: the grey of a picture, of at most four pixels for one where it shrinks, however many there are."""
    some = _places(_places(pixels, 2 * size[0], 0), 2 * size[1], 1)
    parts = (1.0,) if some.shape[2] == 1 else _GREY
    grey: Array = sum((some[..., at] * np.float32(part) for at, part in enumerate(parts)), np.zeros(1, np.float32))
    across = _halved(grey, size[0])
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    means: Array = _halved(across.T, size[1]).T * (255 / top)
    return means


def _places(array: Array, most: int, axis: int) -> Array:
    """So many rows or columns at most, evenly over those there are."""
    have = array.shape[axis]
    return array if have <= most else np.take(array, np.arange(most) * have // most, axis)


def _halved(array: Array, rows: int) -> Array:
    """So many rows: means of two where there are twice as many, else the nearest one."""
    if len(array) == 2 * rows:
        means: Array = (array[::2] + array[1::2]) / 2
        return means
    return array[np.arange(rows) * len(array) // rows]
