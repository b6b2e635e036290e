"""Pictures to test with: frequencies and directions, colours, letters, textured shapes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sample_art.canvas import SIZE, Canvas, Plane, lerp, rgb


def gratings() -> Canvas:
    """A zone plate in the middle, gratings of eight directions around it, edges and bars of growing frequency below."""
    c = Canvas((0.5, 0.5, 0.5))
    middle = (SIZE / 2, 158.0)
    r = np.hypot(c.x - middle[0], c.y - middle[1])
    plate = 0.5 + 0.5 * np.cos(np.pi * r**2 / (2 * 84 * 1.15))
    c.paint(r - 84, plate[..., None] * np.ones(3))
    for k in range(8):
        angle = k * np.pi / 8
        x, y = middle[0] + 131 * np.cos(2 * angle) * 1.14, middle[1] + 121 * np.sin(2 * angle)
        u = (c.x - x) * np.cos(angle) + (c.y - y) * np.sin(angle)
        wave = 0.5 + 0.5 * np.sin(2 * np.pi * u / (5 + k % 4 * 2.5))
        c.paint(c.circle(x, y, 27), wave[..., None] * np.ones(3))
    _bars(c, 314.0)
    return c


def _bars(c: Canvas, top: float) -> None:
    for k, period in enumerate((32, 24, 16, 12, 8, 6, 4, 2)):
        x = 12 + k * 45
        stripes = (np.floor((c.x - x) / (period / 2)) % 2)[..., None] * np.ones(3)
        c.paint(c.box(x + 22.5, top + 15, 22.5, 15), stripes)
        checks = ((np.floor((c.x - x) / (period / 2)) + np.floor((c.y - top) / (period / 2))) % 2)[..., None]
        c.paint(c.box(x + 22.5, top + 46, 22.5, 12), checks * np.ones(3))


def hue(angle: Plane) -> Plane:
    """(H, W, 3): pure hues; angle in turns."""
    return np.clip(np.abs((angle[..., None] * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)


def colours() -> Canvas:
    """A colour wheel between patches of named colours and a grey ramp."""
    c = Canvas(rgb("f2efe9"))
    dx, dy = c.x - SIZE / 2, c.y - 162
    r, angle = np.hypot(dx, dy), np.arctan2(dy, dx) / (2 * np.pi)
    c.shadow(r - 124, 0.25, 26)
    c.paint(r - 124, lerp((1, 1, 1), hue(angle), r / 106))
    for k in range(12):
        turn = 2 * np.pi * k / 12
        x, y = SIZE / 2 + 148 * np.cos(turn), 162 + 148 * np.sin(turn)
        colour = hue(np.full((1, 1), k / 12))[0, 0]
        c.paint(c.circle(x, y, 10), colour * 0.72 + 0.06)
    patches = "735244 c29682 627a9d 576c43 8580b1 67bdaa d67e2c 505ba6 c15a63 5e3c6c 9dbc40 e0a32e".split()
    for k, patch in enumerate(patches):
        c.paint(c.box(31 + k * 29.3, 340, 12.5, 12.5, corner=3), rgb(patch))
    ramp = np.floor((c.x - 18) / 29.1).clip(0, 11) / 11
    c.paint(c.box(SIZE / 2, 367, 174, 8, corner=3), ramp[..., None] * np.ones(3))
    return c


# Strokes on a grid of 4 × 6; those of more than five points are bows, and are rounded.
_GLYPHS: dict[str, list[list[tuple[float, float]]]] = {
    "E": [[(4, 0), (0, 0), (0, 6), (4, 6)], [(0, 3), (3.2, 3)]],
    "F": [[(4, 0), (0, 0), (0, 6)], [(0, 3), (3.2, 3)]],
    "P": [[(0, 0), (0, 6)], [(0, 0), (2.4, 0), (3.6, 0.3), (4, 1.6), (3.6, 2.9), (2.4, 3.2), (0, 3.2)]],
    "T": [[(0, 0), (4, 0)], [(2, 0), (2, 6)]],
    "O": [
        [(2, 0), (0.9, 0), (0, 1.2), (0, 4.8), (0.9, 6), (2, 6)],
        [(2, 0), (3.1, 0), (4, 1.2), (4, 4.8), (3.1, 6), (2, 6)],
    ],
    "Z": [[(0, 0), (4, 0), (0, 6), (4, 6)]],
    "L": [[(0, 0), (0, 6), (4, 6)]],
    "D": [[(0, 0), (0, 6)], [(0, 0), (2.0, 0), (3.5, 0.5), (4, 2.2), (4, 3.8), (3.5, 5.5), (2.0, 6), (0, 6)]],
    "C": [[(3.8, 1.2), (3.3, 0), (2, 0), (0.9, 0), (0, 1.2), (0, 4.8), (0.9, 6), (2, 6), (3.3, 6), (3.8, 4.8)]],
}


def _rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Corners cut twice (Chaikin); the ends stay."""
    for _ in range(2):
        cut = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            cut += [(0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1), (0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1)]
        points = [*cut, points[-1]]
    return points


def letters() -> Canvas:
    """An eye chart: the same strokes in six sizes."""
    c = Canvas(rgb("f7f2e4"))
    c.paint(c.box(SIZE / 2, SIZE / 2, 186, 186, corner=10), rgb("fffdf6"))
    y = 28.0
    for row, height in zip(("E", "FP", "TOZ", "LPED", "PECFD", "EDFCZP"), (72, 52, 38, 29, 22, 16), strict=True):
        width, gap = height * 0.66, height * 0.62
        x = SIZE / 2 - (len(row) * width + (len(row) - 1) * gap) / 2
        for letter in row:
            for stroke in _GLYPHS[letter]:
                bow = _rounded(stroke) if len(stroke) > 5 else stroke
                points = [(x + px / 4 * width, y + py / 6 * height) for px, py in bow]
                c.paint(c.polyline(points, height * 0.19), rgb("1d2430"))
            x += width + gap
        y += height * 1.12 + 11
        if len(row) in (2, 5):
            c.paint(c.box(SIZE / 2, y, 130, 2.2), rgb("c8443f" if len(row) == 2 else "3d9a5f"))
            y += 13
    return c


def shapes() -> Canvas:
    """Nine shapes, each with a texture of its own."""
    c = Canvas(rgb("e8e4da"))
    c.rgb = lerp(rgb("f3efe4"), rgb("cfd8dc"), c.y / SIZE)
    dots = 3.6 - np.hypot((c.x + 3) % 14 - 7, c.y % 14 - 7)
    bricks = np.minimum((c.y % 13) - 1.5, ((c.x + (np.floor(c.y / 13) % 2) * 13) % 26) - 1.5)
    checks = (np.floor(c.x / 11) + np.floor(c.y / 11)) % 2
    waves = np.sin((c.y + 4 * np.sin(c.x / 7)) / 2.6)
    rings = np.sin(np.hypot(c.x - 322, c.y - 192) / 2.1)
    cross = np.maximum(np.cos((c.x + c.y) / 3.0), np.cos((c.x - c.y) / 3.0))
    star = [(62 + r * np.sin(k * np.pi / 5), 322 - r * np.cos(k * np.pi / 5)) for k, r in enumerate([54.0, 23.0] * 5)]
    hexagon = [(192 + 50 * np.cos(k * np.pi / 3), 192 + 50 * np.sin(k * np.pi / 3)) for k in range(6)]
    heart = np.minimum(
        np.minimum(c.circle(174, 308, 26), c.circle(212, 308, 26)), c.box(193, 327, 26.5, 26.5, degrees=45)
    )
    items = [
        (c.circle(62, 62, 48), "24527a", "f2c14e", np.sin((c.x + c.y) / 4.2)),
        (c.box(192, 62, 46, 46, 0, 6), "b23a48", "fbe8d3", checks - 0.5),
        (c.polygon([(322, 14), (374, 106), (270, 106)]), "2f6f4f", "e9f5db", dots),
        (c.box(62, 192, 50, 40, 0, 4), "d8c3ad", "a4452c", bricks),
        (c.polygon(hexagon), "5b3e8c", "d9c8f3", waves),
        (np.abs(c.circle(322, 192, 38)) - 14, "0b7a75", "d7f5f0", rings),
        (c.polygon(star), "f08a24", "fff1d0", cross - 0.45),
        (heart, "d1495b", "ffd9e0", np.sin(c.x / 2.4)),
        (c.box(322, 322, 36, 36, 45, 4), "1f2a44", "9cc5ff", np.sin(c.y / 4.0)),
    ]
    for distance, dark, light, texture in items:
        c.shadow(_moved(distance, 6, 5), 0.30, 12)
        c.paint(distance, lerp(rgb(dark), rgb(light), texture + 0.5))
        c.paint(np.abs(distance + 1.2) - 1.4, rgb("22252b"), 0.85)
    return c


def _moved(distance: Plane, down: int, right: int) -> Plane:
    return np.roll(distance, (down, right), (0, 1))
