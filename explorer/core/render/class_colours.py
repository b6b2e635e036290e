"""Colours of classes in maps and of boxes: of one number always the same, neighbours far apart."""

from __future__ import annotations

import colorsys
from functools import lru_cache

import numpy as np

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.model_output import BACKGROUND, NO_CLASS, ClassArea, ClassMap

_GOLDEN = 0.6180339887498949  # of a turn of hue from one class to the next
_NOT_FINITE = (255, 0, 255)  # magenta, as in maps


@lru_cache(maxsize=4096)
def class_colour(index: int) -> tuple[int, int, int]:
    """(red, green, blue), 0..255."""
    hue, ring = (0.02 + index * _GOLDEN) % 1.0, index % 3
    red, green, blue = colorsys.hsv_to_rgb(hue, (0.85, 0.6, 1.0)[ring], (1.0, 1.0, 0.75)[ring])
    return round(red * 255), round(green * 255), round(blue * 255)


def is_background(area: ClassArea) -> bool:
    """Whether it is the first class and is called so: what is no object."""
    return area.index == 0 and area.label.lower() in BACKGROUND


def painted_classes(shown: ClassMap, only: int | None = None) -> Array:
    """(h, w, 4) uint8 to lie over the picture; the background of a model that has one is left clear, and so is everything but `only`
    where a class is given."""
    table = np.zeros((NO_CLASS + 1, 4), np.uint8)
    table[: shown.classes, :3] = [class_colour(index) for index in range(shown.classes)]
    table[: shown.classes, 3] = 255
    if only is not None:
        table[: shown.classes, 3] = 0
        table[only, 3] = 255
    elif any(map(is_background, shown.areas)):
        table[0, 3] = 0
    table[NO_CLASS] = (*_NOT_FINITE, 255)
    return table[shown.cells]


def cells_on_picture(shown: ClassMap, size: tuple[int, int]) -> Array:
    """(h, w) uint16: the cells whose middle lies on a picture of `size` (height, width), without those of padding."""
    rows, columns = shown.cells.shape
    inside = shown.box.cut(Box(0.0, 0.0, float(size[0]), float(size[1])))
    down = _span(inside.y0, inside.y1, shown.box.y0, shown.box.y1, rows)
    across = _span(inside.x0, inside.x1, shown.box.x0, shown.box.x1, columns)
    return shown.cells[down, across]


def _span(start: float, end: float, first: float, last: float, count: int) -> slice:
    middles = first + (np.arange(count) + 0.5) * (last - first) / count
    seen = np.flatnonzero((middles >= start) & (middles < end))
    return slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, 0)
