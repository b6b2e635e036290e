"""Pictures of things: a house, mountains, a cat, balls on a floor."""

from __future__ import annotations

import numpy as np

from sample_art.canvas import SIZE, Canvas, Plane, lerp, noise, rgb


def house() -> Canvas:
    """House, sun, tree and fence under a summer sky."""
    c = Canvas(rgb("8ec5f0"))
    c.rgb = lerp(rgb("5fa8e6"), rgb("d9effb"), c.y / 250)
    c.rgb = lerp(c.rgb, (1, 1, 1), (noise(6, 1.6, stretch=2.4) - 0.5) * 2.4 * np.clip(1.2 - c.y / 190, 0, 1))
    sun = np.hypot(c.x - 316, c.y - 62)
    rays = 0.5 + 0.5 * np.cos(12 * np.arctan2(c.y - 62, c.x - 316))
    c.rgb = lerp(c.rgb, rgb("fff3b0"), np.exp(-(((sun - 30) / 30).clip(0) ** 2)) * (0.35 + 0.5 * rays))
    c.paint(sun - 30, lerp(rgb("fff6c2"), rgb("ffc933"), sun / 30))
    hills = 246 + 14 * np.sin(c.x / 58 + 1) + 6 * np.sin(c.x / 23)
    c.paint(hills - c.y, lerp(rgb("9ccf7a"), rgb("6dab56"), (c.y - 235) / 60))
    blades = noise(9, 0.55, stretch=0.4)
    c.paint(282 - c.y, lerp(lerp(rgb("5f9f45"), rgb("3c7a33"), (c.y - 282) / 100), rgb("a8d86a"), (blades - 0.5) * 0.8))
    _path(c)
    _tree(c)
    _walls(c)
    _fence(c)
    return c


def _path(c: Canvas) -> None:
    middle, half = 174 + (c.y - 300) * 0.35, 13 + (c.y - 300) * 0.34
    c.paint(np.maximum(np.abs(c.x - middle) - half, 299 - c.y), rgb("d9c39a"))


def _walls(c: Canvas) -> None:
    wall = c.box(176, 238, 88, 62)
    c.shadow(c.box(182, 246, 90, 60), 0.25, 16)
    rows = np.floor(c.y / 9)
    joint = np.minimum(c.y % 9, (c.x + rows % 2 * 10) % 20) < 1.3
    c.paint(wall, lerp(rgb("c9694b"), rgb("e9cdb6"), joint * 0.85))
    c.rgb = lerp(c.rgb, rgb("3a1f2a"), np.clip(0.5 - wall, 0, 1) * np.clip((196 - c.y) / 26, 0, 1) * 0.45)
    roof = c.polygon([(176, 92), (286, 184), (66, 184)])
    tiles = np.hypot((c.x + np.floor(c.y / 11) % 2 * 8) % 16 - 8, c.y % 11 - 1) / 11
    c.paint(c.box(238, 122, 12, 30), rgb("7d3b35"))
    c.paint(c.box(238, 92, 15, 4), rgb("5b2a27"))
    c.paint(roof, lerp(rgb("6a3b4e"), rgb("43233a"), tiles))
    c.paint(np.abs(roof) - 1.5, rgb("351c2d"))
    for x in (122, 230):
        _window(c, x, 228)
    c.paint(c.box(176, 264, 20, 36, corner=3), rgb("f3ead8"))
    c.paint(c.box(176, 266, 16, 34, corner=2), lerp(rgb("2f6b73"), rgb("3f8a92"), np.sin(c.x * 1.2)))
    c.paint(c.circle(187, 268, 2.4), rgb("f2d36b"))
    c.paint(np.maximum(np.abs(c.circle(176, 158, 12)) - 2, 0 * c.x - 1), rgb("f3ead8"))
    c.paint(c.circle(176, 158, 11), rgb("a9d3ea"))


def _window(c: Canvas, x: float, y: float) -> None:
    c.paint(c.box(x, y, 23, 23, corner=2), rgb("f3ead8"))
    c.paint(c.box(x, y, 19, 19), lerp(rgb("bfe3f5"), rgb("5f93b8"), (c.x - x + c.y - y) / 40 + 0.4))
    c.paint(np.minimum(c.box(x, y, 1.6, 19), c.box(x, y, 19, 1.6)), rgb("f3ead8"))
    c.paint(c.box(x, y + 25, 26, 3), rgb("e2d5bd"))


def _tree(c: Canvas) -> None:
    c.shadow(c.ellipse(326, 306, 52, 9), 0.4, 10)
    bark = np.sin(c.x * 1.1 + 2 * np.sin(c.y / 9))
    trunk = np.minimum(c.polygon([(318, 200), (334, 200), (340, 306), (311, 306)]), c.line(326, 246, 352, 208, 8))
    c.paint(trunk, lerp(rgb("5b3d28"), rgb("8a6142"), bark * 0.5 + 0.5))
    leaves = noise(17, 0.9)
    for x, y, r in ((326, 168, 40), (296, 196, 29), (356, 194, 28), (340, 222, 22), (310, 224, 20)):
        blob = c.circle(x, y, r) + (leaves - 0.5) * 16
        light = (leaves - 0.5) * 1.5 + 0.5 - ((c.x - x) * 0.5 + (c.y - y)) / (2.2 * r)
        c.paint(blob, lerp(rgb("24592b"), rgb("9acb4f"), light), soft=1.6)


def _fence(c: Canvas) -> None:
    for x in [*range(14, 130, 23), *range(300, 390, 23)]:
        picket = c.polygon([(x - 6, 318), (x, 309), (x + 6, 318), (x + 6, 362), (x - 6, 362)])
        c.shadow(np.roll(picket, (3, 3), (0, 1)), 0.3, 6)
        c.paint(picket, lerp(rgb("ffffff"), rgb("d7dde2"), (c.x - x + 6) / 12))
    for y in (327, 349):
        rail = np.minimum(c.box(60, y, 66, 3), c.box(350, y, 60, 3))
        c.paint(rail, rgb("eef1f3"))


def mountains() -> Canvas:
    """Clouds, five ridges and a lake at dusk, all from 1/f noise."""
    c = Canvas((0, 0, 0))
    c.rgb = lerp(lerp(rgb("273a6b"), rgb("e98a6d"), c.y / 170), rgb("fbd9a0"), (c.y - 110) / 130)
    clouds = noise(22, 1.6, stretch=3.0)
    c.rgb = lerp(c.rgb, rgb("ffe6cf"), np.clip((clouds - 0.45) * 1.9, 0, 0.85) * np.clip(1.3 - c.y / 220, 0, 1))
    sun = np.hypot(c.x - 258, c.y - 150)
    c.rgb = lerp(c.rgb, rgb("fff0c4"), np.exp(-((sun / 62) ** 2)) * 0.8)
    c.paint(sun - 21, rgb("fff8dd"))
    tints = ("a97f93", "7c6488", "54507c", "363f66", "1d2947")
    for k, tint in enumerate(tints):
        ridge = noise(40 + k, 2.1)[7] - 0.5 + 0.10 * (noise(50 + k, 1.3)[7] - 0.5)
        edge = 176 + 23 * k + ridge * (150 - 21 * k)
        below = c.y - edge
        snow = np.clip(1 - below / (26 - 5 * k), 0, 1) * np.clip((noise(60 + k, 1.0) - 0.42) * 4, 0, 1)
        base = lerp(rgb(tint), np.asarray(rgb(tint)) * 0.8 + 0.08, below / 120)
        c.paint(-below, lerp(base, rgb("f7dfd6"), snow * (0.75 - 0.18 * k)))
    return _lake(c, 288)


def _lake(c: Canvas, shore: int) -> Canvas:
    """The upper part again, upside down, darker, and shaken by ripples that grow towards us."""
    depth = (c.y - shore).clip(0)
    ripple = noise(77, 0.9, stretch=7.0) - 0.5
    rows = np.clip(shore - 1 - depth * 1.7 + ripple * (4 + depth * 0.45), 0, shore - 1).astype(int)
    columns = np.clip(c.x + ripple * 6, 0, SIZE - 1).astype(int)
    mirrored = c.rgb[rows, columns] * np.array([0.72, 0.76, 0.86]) + np.array([0.0, 0.015, 0.05])
    c.paint(shore - c.y, lerp(mirrored, rgb("ffe3bd"), (ripple - 0.22) * 1.6))
    return c


def cat() -> Canvas:
    """The face of a tabby cat."""
    c = Canvas(rgb("7fb7a6"))
    far = np.hypot(c.x - 192, c.y - 190)
    c.rgb = lerp(rgb("a9d8c6"), rgb("3f7f78"), far / 270)
    fur = noise(31, 0.75)
    head = c.ellipse(192, 212, 124, 106) + (fur - 0.5) * 7
    c.shadow(c.ellipse(192, 224, 130, 110), 0.35, 40)
    for side in (-1, 1):
        _ear(c, side, fur)
    coat = lerp(rgb("c9853f"), rgb("eab468"), fur * 1.1 - (c.y - 212) / 500)
    c.paint(head, coat, soft=2)
    _stripes(c, head, fur)
    for side in (-1, 1):
        c.paint(c.ellipse(192 + side * 33, 262, 43, 33), lerp(rgb("fff4e0"), rgb("e9cda6"), fur * 0.7), soft=10)
        _eye(c, 192 + side * 52, 196, side)
    c.paint(c.ellipse(192, 296, 26, 14), rgb("f6e3c6"), soft=8)
    _nose(c)
    return c


def _ear(c: Canvas, side: int, fur: Plane) -> None:
    outer = c.polygon([(192 + side * 34, 122), (192 + side * 98, 42), (192 + side * 106, 172)]) - 7
    inner = c.polygon([(192 + side * 56, 120), (192 + side * 94, 70), (192 + side * 98, 146)]) - 4
    c.paint(outer + (fur - 0.5) * 6, lerp(rgb("a9662d"), rgb("d99a50"), fur), soft=2)
    c.paint(inner + (fur - 0.5) * 8, lerp(rgb("e8a79a"), rgb("f6cdbb"), fur), soft=4)


def _stripes(c: Canvas, head: Plane, fur: Plane) -> None:
    dark = lerp(rgb("5f3415"), rgb("8a5122"), fur)
    strokes = [c.polyline([(192 + dx, 110), (192 + dx * 0.8, 142), (192 + dx * 0.55, 164)], 11) for dx in (-40, 0, 40)]
    for side in (-1, 1):
        for k in range(3):
            start = (192 + side * 128, 200 + k * 27)
            bend = (192 + side * 106, 208 + k * 23)
            strokes.append(c.polyline([start, bend, (192 + side * (92 + 2 * k), 222 + k * 19)], 9 - k))
    marks = np.minimum.reduce(strokes) + (fur - 0.5) * 7
    c.paint(np.maximum(marks, head + 1), dark, 0.9, soft=3)


def _eye(c: Canvas, x: float, y: float, side: int) -> None:
    lid = np.maximum(c.circle(x, y + 13, 34), c.circle(x, y - 13, 34))
    c.paint(lid - 4, rgb("3a2010"), soft=2)
    r = np.hypot(c.x - x, c.y - y)
    streaks = 0.5 + 0.5 * np.sin(26 * np.arctan2(c.y - y, c.x - x))
    c.paint(lid, lerp(lerp(rgb("e6f07a"), rgb("4f9b3f"), r / 26), rgb("2e6a34"), streaks * 0.35))
    c.paint(c.ellipse(x - side * 2, y, 7, 20), rgb("10140f"))
    c.paint(c.circle(x - 7, y - 8, 5), (1, 1, 1), 0.95)
    c.paint(c.circle(x + 6, y + 9, 2.6), (1, 1, 1), 0.6)


def _nose(c: Canvas) -> None:
    nose = c.polygon([(176, 236), (208, 236), (192, 253)]) - 5
    c.paint(nose, lerp(rgb("f2a79f"), rgb("b95f62"), (c.y - 232) / 26))
    mouth = [(192, 258), (192, 270), (182, 279), (168, 279), (158, 271)]
    c.paint(c.polyline(mouth, 3.4), rgb("4a2a1a"))
    c.paint(c.polyline([(384 - x, y) for x, y in mouth], 3.4), rgb("4a2a1a"))
    for side in (-1, 1):
        for k in range(4):
            c.paint(c.circle(192 + side * (32 + k % 2 * 16), 254 + k * 7, 1.8), rgb("6a4630"))
            start = (192 + side * 44, 254 + k * 7)
            bend = (192 + side * 108, 238 + k * 15)
            c.paint(c.polyline([start, bend, (192 + side * 168, 236 + k * 22)], 1.7), (1, 1, 1), 0.9)


_BALLS = (((-1.15, 0.8, 4.6), 0.8, "d8433b"), ((0.75, 1.0, 5.4), 1.0, "3f7fd1"), ((0.15, 0.45, 3.1), 0.45, "f0b429"))
_LIGHT = np.array([-0.45, 0.75, -0.48]) / np.linalg.norm([-0.45, 0.75, -0.48])
Rays = tuple[Plane, Plane]


def balls() -> Canvas:
    """Three shiny balls on a chequered floor, by tracing one ray for each of four points of a pixel, and reflections."""
    c = Canvas((0, 0, 0))
    total = np.zeros_like(c.rgb)
    for dy, dx in ((-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)):
        ray = np.stack([(c.x + dx - 192) / 300, (190 - c.y - dy) / 300 - 0.14, np.ones_like(c.x)], axis=-1)
        ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
        start = np.broadcast_to(np.array([0.0, 1.35, -0.6]), ray.shape)
        total += _trace(start, ray, bounces=2)
    c.rgb = total / 4
    return c


def _trace(start: Plane, ray: Plane, bounces: int) -> Plane:
    distance, which = _nearest(start, ray)
    point = start + ray * distance[..., None]
    seen = lerp(rgb("eaf4fb"), rgb("5b9bd5"), ray[..., 1] * 1.6)
    floor = which == 0
    seen[floor] = _floor(point[floor])
    for k, (centre, radius, tint) in enumerate(_BALLS, start=1):
        hit = which == k
        normal = (point[hit] - np.array(centre)) / radius
        seen[hit] = _lit(point[hit], normal, ray[hit], np.asarray(rgb(tint)))
        if bounces and hit.any():
            cosine = np.sum(ray[hit] * normal, axis=-1, keepdims=True)
            away = ray[hit] - 2 * cosine * normal
            share = 0.10 + 0.75 * (1 - np.abs(cosine)) ** 4
            seen[hit] = seen[hit] * (1 - share) + share * _trace(point[hit] + normal * 1e-4, away, bounces - 1)
    return seen


def _nearest(start: Plane, ray: Plane) -> tuple[Plane, Plane]:
    """Distance along each ray, and what is there: -1 sky, 0 floor, k the k-th ball."""
    down = np.where(ray[..., 1] < -1e-6, -start[..., 1] / np.minimum(ray[..., 1], -1e-6), np.inf)
    distance = np.where(down < 60, down, np.inf)
    which = np.where(np.isfinite(distance), 0, -1)
    for k, (centre, radius, _) in enumerate(_BALLS, start=1):
        offset = start - np.array(centre)
        b = np.sum(offset * ray, axis=-1)
        inner = b**2 - np.sum(offset**2, axis=-1) + radius**2
        at = -b - np.sqrt(np.maximum(inner, 0))
        closer = (inner > 0) & (at > 1e-3) & (at < distance)
        distance, which = np.where(closer, at, distance), np.where(closer, k, which)
    return np.where(np.isfinite(distance), distance, 0.0), which


def _shade(point: Plane) -> Plane:
    """1 in the light, 0.35 where a ball is in the way."""
    light = np.broadcast_to(_LIGHT, point.shape)
    return np.where(_nearest(point + light * 1e-3, light)[1] > 0, 0.35, 1.0)[..., None]


def _floor(point: Plane) -> Plane:
    checks = (np.floor(point[..., 0] * 1.6) + np.floor(point[..., 2] * 1.6)) % 2
    tiles = lerp(rgb("f3ede0"), rgb("3b4a5a"), checks)
    haze = 1 - np.exp(-point[..., 2].clip(0) / 14)
    return lerp(tiles * _shade(point), rgb("eaf4fb"), haze)


def _lit(point: Plane, normal: Plane, ray: Plane, tint: Plane) -> Plane:
    shade = _shade(point)
    diffuse = np.clip(np.sum(normal * _LIGHT, axis=-1, keepdims=True), 0, 1) * shade
    half = _LIGHT - ray
    half = half / np.linalg.norm(half, axis=-1, keepdims=True)
    gloss = np.clip(np.sum(normal * half, axis=-1, keepdims=True), 0, 1) ** 70 * (shade > 0.5)
    return tint * (0.24 + 0.16 * normal[..., 1:2] + 0.75 * diffuse) + 0.8 * gloss
