"""The curve over the layers as a picture, without a window."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from explorer.core.probe import ALL_LAYERS, PIXELS, UNTRAINED, Point, Probe

_SIZE, _LEFT, _TOP, _RIGHT, _BOTTOM = (1280, 720), 70, 40, 30, 170
_INK, _GRID = (40, 40, 40), (225, 225, 225)
_COLOURS = ((31, 95, 168), (196, 88, 20), (46, 125, 50), (120, 60, 150), (150, 110, 20), (90, 90, 90))
_TWIN, _PIXELS = (140, 140, 140), (185, 150, 60)


class _Plot:
    def __init__(self, taps: Sequence[str]) -> None:
        self.image = Image.new("RGB", _SIZE, "white")
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        self.font = ImageFont.load_default(14)
        self.places = {tap: number for number, tap in enumerate(taps)}

    def x(self, tap: str) -> float:
        width = _SIZE[0] - _LEFT - _RIGHT
        return _LEFT + width * (self.places[tap] + 0.5) / max(1, len(self.places))

    def y(self, share: float) -> float:
        return _TOP + (_SIZE[1] - _TOP - _BOTTOM) * (1 - share)

    def axes(self) -> None:
        for percent in range(0, 101, 20):
            y = self.y(percent / 100)
            self.pen.line((_LEFT, y, _SIZE[0] - _RIGHT, y), _GRID)
            self.pen.text((_LEFT - 8, y), f"{percent} %", _INK, self.font, "rm")
        step = max(1, len(self.places) * 16 // (_SIZE[0] - _LEFT - _RIGHT) + 1)
        for name, number in self.places.items():
            if number % step == 0 or name == ALL_LAYERS:
                self._upright(name, self.x(name))

    def _upright(self, name: str, x: float) -> None:
        label = Image.new("RGB", (_BOTTOM - 10, 18), "white")
        ImageDraw.Draw(label).text((_BOTTOM - 12, 9), name[-22:], _INK, self.font, "rm")
        self.image.paste(label.rotate(90, expand=True), (int(x) - 9, _SIZE[1] - _BOTTOM + 6))

    def curve(self, points: Sequence[Point], colour: tuple[int, int, int]) -> None:
        places = [(self.x(p.tap), p) for p in points if p.tap in self.places]
        joined = [(x, p) for x, p in places if p.tap != ALL_LAYERS]
        if len(joined) > 1:
            band = [(x, self.y(p.high)) for x, p in joined] + [(x, self.y(p.low)) for x, p in reversed(joined)]
            self.pen.polygon(band, (*colour, 45))
            self.pen.line([(x, self.y(p.accuracy)) for x, p in joined], colour, 2)
        for x, p in places:
            y = self.y(p.accuracy)
            self.pen.ellipse((x - 3, y - 3, x + 3, y + 3), colour)

    def level(self, point: Point, colour: tuple[int, int, int]) -> None:
        y = self.y(point.accuracy)
        for x in range(_LEFT, _SIZE[0] - _RIGHT, 12):
            self.pen.line((x, y, x + 6, y), colour, 2)

    def key(self, entries: Sequence[tuple[str, tuple[int, int, int]]]) -> None:
        x = float(_LEFT)
        for words, colour in entries:
            self.pen.rectangle((x, 14, x + 14, 26), colour)
            self.pen.text((x + 20, 20), words, _INK, self.font, "lm")
            x += 44 + self.font.getlength(words)


def drawn(result: Probe) -> bytes:
    """PNG: a curve with its interval for each number of pictures a class, the untrained twin, pixels as a dashed line."""
    curve = result.curve
    last = [ALL_LAYERS] if any(point.tap == ALL_LAYERS for point in curve) else []
    plot = _Plot([*result.taps, *last])
    plot.axes()
    sizes = list(dict.fromkeys(point.per_class for point in curve))
    entries = []
    for number, size in enumerate(sizes):
        twin = [point for point in result.baselines if point.baseline == UNTRAINED and point.per_class == size]
        flat = [point for point in result.baselines if point.baseline == PIXELS and point.per_class == size]
        plot.curve(twin, _TWIN)
        if flat:
            plot.level(flat[0], _PIXELS)
        colour = _COLOURS[number % len(_COLOURS)]
        plot.curve([point for point in curve if point.per_class == size], colour)
        entries.append((f"{size} pictures a class" if size else "all pictures", colour))
    known = {point.baseline for point in result.baselines}
    entries += [
        (words, c) for name, words, c in ((UNTRAINED, "untrained", _TWIN), (PIXELS, "pixels", _PIXELS)) if name in known
    ]
    plot.key(entries)
    made = io.BytesIO()
    plot.image.save(made, "PNG")
    return made.getvalue()
