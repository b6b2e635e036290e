"""An animated test scene, so that live streaming can be seen where there is neither camera nor video.

Each frame depends on its index alone: textured shapes that roll, turn and swing over a background that moves.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import freeze

SIZE = (360, 480)
FPS = 30.0
_SIDES = (32, 2160)


def scene_frame(index: int, size: tuple[int, int] = SIZE) -> Picture:
    """Frame `index` (any whole number) of the scene: (height, width, 3) uint8, the same pixels every time.

    Raises ExplorerError for a side below 32 or above 2160 pixels.
    """
    height, width = size
    if not (_SIDES[0] <= min(size) and max(size) <= _SIDES[1]):
        raise ExplorerError(
            tr("The test scene cannot be {width}×{height} pixels.", width=width, height=height),
            tr("Its sides are {sides} to {sides2} pixels.", sides=_SIDES[0], sides2=_SIDES[1]),
        )
    pixels = _background(index, height, width)
    unit = min(height, width)
    _wheel(pixels, index, unit)
    _tile(pixels, index, unit)
    _lens(pixels, index, unit)
    ref = InputRef("scene", "" if size == SIZE else f"{width}x{height}", index)
    return freeze(pixels, ref, f"test scene, frame {index}")


def scene_from_ref(ref: InputRef) -> Picture:
    """The frame that a reference of kind "scene" names."""
    if not ref.path:
        return scene_frame(ref.frame)
    width, _, height = ref.path.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise ExplorerError(
            tr("There is no test scene of size “{path}”.", path=ref.path), todo=tr("Open the test scene again.")
        )
    return scene_frame(ref.frame, (int(height), int(width)))


def _background(index: int, height: int, width: int) -> Array:
    """Hills drift past at two speeds; the upper layer is the sky."""
    sky, ground = _layers(height, width)
    pixels = np.empty((height, width, 3), np.uint8)
    horizon = sky.shape[0]
    _scrolled(pixels[:horizon], sky, index)
    _scrolled(pixels[horizon:], ground, index * 3)
    return pixels


def _scrolled(target: Array, layer: Array, shift: int) -> None:
    """The layer's two ends meet, so a shift is two copies."""
    width = layer.shape[1]
    start = shift % width
    target[:, : width - start] = layer[:, start:]
    target[:, width - start :] = layer[:, :start]


@lru_cache(maxsize=2)
def _layers(height: int, width: int) -> tuple[Array, Array]:
    """Sky and ground, uint8, periodic from left to right."""
    horizon = round(height * 0.62)
    clouds = np.clip(_noise(1, height, width)[:horizon, :, None] * 2.2 - 0.9, 0, 1)
    fade = np.linspace(0, 1, horizon)[:, None, None]
    sky = np.array([64, 120, 200]) * (1 - fade) + np.array([214, 226, 236]) * fade
    sky = sky * (1 - clouds) + 250 * clouds
    # a whole number of tiles goes round, so that the seam does not show
    tiles = 2 * max(1, round(width / height * 4))
    columns = np.floor(np.arange(width) * tiles / width)
    depth = 1 / np.linspace(0.35, 1.0, height - horizon)
    rows = np.floor(depth * 7)
    checks = ((columns[None] + rows[:, None]) % 2)[..., None]
    grain = 0.75 + 0.5 * _noise(2, height, width)[horizon:, :, None]
    ground = (np.array([96, 140, 84]) * checks + np.array([196, 178, 120]) * (1 - checks)) * grain
    return np.rint(sky).astype(np.uint8), np.rint(np.clip(ground, 0, 255)).astype(np.uint8)


def _noise(seed: int, height: int, width: int) -> Array:
    """Seeded 1/f noise in 0..1, periodic."""
    white = np.random.default_rng(seed).standard_normal((height, width))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(white) / frequency**1.3, s=(height, width))
    low, high = np.quantile(field, [0.01, 0.99])
    clipped: Array = np.clip((field - low) / (high - low), 0, 1)
    return clipped


def _wheel(pixels: Array, index: int, unit: int) -> None:
    """A striped wheel rolls to and fro on the ground."""
    height, width = pixels.shape[:2]
    radius = unit * 0.17
    travel = width - 2.4 * radius
    x = width / 2 - travel / 2 * np.cos(index * 0.035)
    window = _Window(pixels, height * 0.74 - 0.4 * radius, x, radius)
    turn = x / radius
    angle = np.arctan2(window.v, window.u) - np.float32(turn)
    stripes = np.sin(8 * angle) * 8 + 0.5
    distance = np.hypot(window.u, window.v)
    window.paint(distance - radius, stripes, (236, 72, 60), (255, 240, 214))
    window.paint(np.abs(distance - radius * 0.93) - radius * 0.06, stripes * 0, (44, 32, 52), (44, 32, 52))


def _tile(pixels: Array, index: int, unit: int) -> None:
    """A chequered square turns while it swings."""
    height, width = pixels.shape[:2]
    half = unit * 0.12
    y, x = height * (0.28 + 0.08 * np.sin(index * 0.06)), width * (0.72 + 0.12 * np.sin(index * 0.043))
    window = _Window(pixels, y, x, half * 1.5)
    angle = np.float32(index * 0.05)
    u = window.u * np.cos(angle) + window.v * np.sin(angle)
    v = window.v * np.cos(angle) - window.u * np.sin(angle)
    wave = np.float32(np.pi * 2.5 / half)
    checks = np.sin(u * wave) * np.sin(v * wave) * 8 + 0.5
    window.paint(np.maximum(np.abs(u), np.abs(v)) - half, checks, (36, 52, 110), (250, 214, 92))


def _lens(pixels: Array, index: int, unit: int) -> None:
    """A disc of waves that turn and run outwards."""
    height, width = pixels.shape[:2]
    radius = unit * 0.14
    y, x = height * (0.30 + 0.10 * np.sin(index * 0.051 + 1)), width * (0.26 + 0.10 * np.cos(index * 0.037))
    window = _Window(pixels, y, x, radius)
    distance = np.hypot(window.u, window.v)
    angle = np.arctan2(window.v, window.u)
    waves = np.sin(distance * np.float32(28 / radius) + 3 * angle - np.float32(index * 0.3)) * 1.5 + 0.5
    window.paint(distance - radius, waves, (18, 96, 102), (206, 246, 240))


class _Window:
    """The part of a picture around (y, x), with coordinates u (right) and v (down) about that point, float32."""

    def __init__(self, pixels: Array, y: float, x: float, reach: float) -> None:
        height, width = pixels.shape[:2]
        top, left = max(0, int(y - reach) - 1), max(0, int(x - reach) - 1)
        bottom, right = min(height, int(y + reach) + 2), min(width, int(x + reach) + 2)
        self.part = pixels[top:bottom, left:right]
        rows = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y)
        columns = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x)
        self.v, self.u = np.broadcast_arrays(rows[:, None], columns[None])

    def paint(self, distance: Array, mix: Array, dark: tuple[int, ...], light: tuple[int, ...]) -> None:
        """Inside a distance field (smooth edge), a mixture of two colours; `mix` is cut to 0..1."""
        cover = np.clip(0.5 - distance, 0, 1)[..., None].astype(np.float32)
        low, high = np.array(dark, np.float32), np.array(light, np.float32)
        colour = low + (high - low) * np.clip(mix, 0, 1)[..., None].astype(np.float32)
        self.part[:] = self.part + (colour - self.part) * cover + np.float32(0.5)
