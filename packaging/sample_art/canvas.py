"""A picture to paint on, and signed distances (px, negative inside) to paint with.

No drawing library: its edges change from release to release, and the committed pictures must be redrawn bit by bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]
Colour = Sequence[float] | Plane
SIZE = 384


def rgb(text: str) -> tuple[float, float, float]:
    """A colour from "rrggbb"."""
    return int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255


def lerp(low: Colour, high: Colour, amount: Plane) -> Plane:
    """(H, W, 3): from one colour to another by an amount of 0..1 for each pixel."""
    weight = np.clip(amount, 0, 1)[..., None]
    return np.asarray(low) * (1 - weight) + np.asarray(high) * weight


class Canvas:
    """`rgb` is (size, size, 3) in 0..1; `x` and `y` are the pixels' centres."""

    def __init__(self, background: Colour, size: int = SIZE) -> None:
        self.y, self.x = np.mgrid[0:size, 0:size].astype(np.float64) + 0.5
        self.rgb = np.empty((size, size, 3))
        self.rgb[:] = np.asarray(background)

    def paint(self, distance: Plane, colour: Colour, opacity: float | Plane = 1.0, soft: float = 1.0) -> None:
        """Cover what is inside a distance field; the edge is `soft` pixels wide."""
        cover = (np.clip(0.5 - distance / soft, 0, 1) * opacity)[..., None]
        self.rgb = self.rgb * (1 - cover) + np.asarray(colour) * cover

    def shadow(self, distance: Plane, opacity: float = 0.35, soft: float = 14.0) -> None:
        """Darken around a shape."""
        self.paint(distance, (0.05, 0.05, 0.12), opacity, soft)

    def circle(self, x: float, y: float, radius: float) -> Plane:
        return np.hypot(self.x - x, self.y - y) - radius

    def ellipse(self, x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> Plane:
        u, v = self.local(x, y, degrees)
        scaled = np.hypot(u / rx, v / ry)
        slope = np.hypot(u / rx**2, v / ry**2) / np.maximum(scaled, 1e-9)
        return (scaled - 1) / np.maximum(slope, 1e-9)

    def box(self, x: float, y: float, half_w: float, half_h: float, degrees: float = 0.0, corner: float = 0.0) -> Plane:
        u, v = self.local(x, y, degrees)
        du, dv = np.abs(u) - half_w + corner, np.abs(v) - half_h + corner
        outside = np.hypot(np.maximum(du, 0), np.maximum(dv, 0))
        return outside + np.minimum(np.maximum(du, dv), 0) - corner

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float) -> Plane:
        """A stroke with round ends."""
        dx, dy = x1 - x0, y1 - y0
        along = ((self.x - x0) * dx + (self.y - y0) * dy) / max(dx * dx + dy * dy, 1e-12)
        along = np.clip(along, 0, 1)
        return np.hypot(self.x - x0 - along * dx, self.y - y0 - along * dy) - width / 2

    def polyline(self, points: Sequence[tuple[float, float]], width: float) -> Plane:
        pairs = pairwise(points)
        return np.minimum.reduce([self.line(*start, *end, width) for start, end in pairs])

    def polygon(self, points: Sequence[tuple[float, float]]) -> Plane:
        """Any simple polygon: distance to its outline, negative where a ray crosses it an odd number of times."""
        inside = np.zeros(self.x.shape, bool)
        closed = [*points, points[0]]
        for (x0, y0), (x1, y1) in pairwise(closed):
            if y0 != y1:
                crossing = x0 + (self.y - y0) * (x1 - x0) / (y1 - y0)
                inside ^= ((y0 > self.y) != (y1 > self.y)) & (self.x < crossing)
        return np.where(inside, -1, 1) * self.polyline(closed, 0.0)

    def local(self, x: float, y: float, degrees: float = 0.0) -> tuple[Plane, Plane]:
        """Coordinates about (x, y), turned."""
        angle = np.deg2rad(degrees)
        dx, dy = self.x - x, self.y - y
        return dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)

    def pixels(self) -> NDArray[np.uint8]:
        return np.rint(np.clip(self.rgb, 0, 1) * 255).astype(np.uint8)


def noise(seed: int, power: float = 1.0, size: int = SIZE, stretch: float = 1.0) -> Plane:
    """Seeded noise whose amplitude falls as 1 / frequency^power, spread over 0..1; `stretch` > 1 draws it out sideways."""
    white = np.random.default_rng(seed).standard_normal((size, size))
    fy, fx = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size) * stretch, indexing="ij")
    frequency = np.hypot(fy, fx)
    frequency[0, 0] = np.inf
    field = np.real(np.fft.ifft2(np.fft.fft2(white) / frequency**power))
    low, high = np.quantile(field, [0.005, 0.995])
    return np.clip((field - low) / (high - low), 0, 1)
