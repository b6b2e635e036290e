"""The spectra of all filters as a picture, without a window."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from explorer.core.arrays import Array
from explorer.core.render.colormaps import packed
from explorer.core.render.scale import rgb_of

_LEFT, _RIGHT, _TOP, _BETWEEN, _BOTTOM = 70, 110, 40, 60, 50  # px round the two plots
_WIDE, _HIGH, _CURVE = 960, 460, 180  # px of the spectra, and of the curve beneath
_LOWEST = -40.0  # dB: the darkest colour
_INK, _GRID, _LINE = (40, 40, 40), (225, 225, 225), (31, 95, 168)
_COLOURS = "viridis"


def drawn(title: str, hertz: Array, decibels: Array, order: Sequence[int], cumulative: Array) -> bytes:
    """PNG: a row a filter in this order, in dB against its own largest; beneath, the cumulative response.

    hertz, cumulative: (F,); decibels: (filters, F)."""
    size = _LEFT + _WIDE + _RIGHT, _TOP + _HIGH + _BETWEEN + _CURVE + _BOTTOM
    image = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    image.paste(Image.fromarray(_spectra(decibels[list(order)])), (_LEFT, _TOP))
    pen.text((_LEFT, _TOP - 12), title, _INK, font, "lm")
    filters = len(order)
    for row in range(0, filters, max(1, -(-filters * 16 // _HIGH))):
        y = _TOP + _HIGH * (row + 0.5) / filters
        pen.text((_LEFT - 8, y), str(order[row]), _INK, font, "rm")
    _title_upright(image, "channel", _TOP + _HIGH // 2, font)
    _scale(image, pen, font)
    top = _TOP + _HIGH + _BETWEEN
    pen.text((_LEFT, top - 12), "cumulative response: sum of all filters, 1 at its largest", _INK, font, "lm")
    for share in (0.0, 0.5, 1.0):
        y = top + _CURVE * (1 - share)
        pen.line((_LEFT, y, _LEFT + _WIDE, y), _GRID)
        pen.text((_LEFT - 8, y), f"{share:g}", _INK, font, "rm")
    half = float(hertz[-1])
    for tick in _ticks(half):
        x = _LEFT + _WIDE * tick / half
        for foot in (_TOP + _HIGH, top + _CURVE):
            pen.line((x, foot, x, foot + 5), _INK)
            pen.text((x, foot + 8), f"{tick:,.0f}", _INK, font, "mt")
    for foot in (_TOP + _HIGH, top + _CURVE):
        pen.text((_LEFT + _WIDE + 34, foot + 8), "Hz", _INK, font, "lt")
    places = zip(hertz.tolist(), cumulative.tolist(), strict=True)
    pen.line([(_LEFT + _WIDE * at / half, top + _CURVE * (1 - share)) for at, share in places], _LINE, 2)
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def _spectra(rows: Array) -> Array:
    """(high, wide, 3) uint8; of the frequencies under a pixel the loudest, so that no peak is lost."""
    starts = np.arange(_WIDE) * rows.shape[1] // _WIDE
    columns = np.maximum.reduceat(rows, starts, axis=1)
    table = packed(_COLOURS)
    shares = (columns.clip(_LOWEST, 0.0) - _LOWEST) / -_LOWEST
    colours = table[np.rint(shares * (len(table) - 1)).astype(int)]
    return np.ascontiguousarray(rgb_of(colours[np.arange(_HIGH) * len(rows) // _HIGH]))


def _scale(image: Image.Image, pen: ImageDraw.ImageDraw, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> None:
    """What the colours stand for."""
    table, x = packed(_COLOURS), _LEFT + _WIDE + 20
    column = table[::-1][np.arange(_HIGH) * len(table) // _HIGH]
    image.paste(Image.fromarray(np.ascontiguousarray(rgb_of(np.repeat(column[:, None], 16, 1)))), (x, _TOP))
    for decibels in (0.0, _LOWEST / 2, _LOWEST):
        pen.text((x + 22, _TOP + _HIGH * decibels / _LOWEST), f"{decibels:g} dB", _INK, font, "lm")


def _title_upright(
    image: Image.Image, words: str, middle: int, font: ImageFont.ImageFont | ImageFont.FreeTypeFont
) -> None:
    label = Image.new("RGB", (80, 18), "white")
    ImageDraw.Draw(label).text((40, 9), words, _INK, font, "mm")
    image.paste(label.rotate(90, expand=True), (6, middle - 40))


def _ticks(half: float) -> list[float]:
    """At most nine round frequencies from 0 to half the rate."""
    step = next(step for step in (50, 100, 250, 500, 1000, 2000, 5000, 10_000, 50_000) if half / step <= 8)
    return [float(hertz) for hertz in range(0, int(half) + 1, step)]
