"""Real activations without a network: responses of a bank of Gabor filters to a picture, pooled level by level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def picture(size: int = 256) -> NDArray[np.uint8]:
    """(size, 4/3 size, 3) uint8: discs, stripes and a gradient, drawn."""
    y, x = np.mgrid[0:size, 0 : size * 4 // 3].astype(np.float32) / size
    red = 0.5 + 0.5 * np.sin(40 * (x + 0.3 * y)) * (x > 0.7)
    green = ((x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06) * 0.8 + 0.2 * y
    blue = 0.7 * y + 0.3 * (np.hypot(x - 0.9, y - 0.3) < 0.15)
    return (np.clip(np.stack([red, green, blue], axis=-1), 0, 1) * 255).astype(np.uint8)


def bank(count: int, side: int) -> Floats:
    """(count, side, side) zero-mean filters over orientations and two frequencies."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) - (side - 1) / 2
    out = []
    for at in range(count):
        angle, phase = np.pi * at / count * 2, (np.pi / 2) * (at % 2)
        wave = np.cos(2 * np.pi * (0.16 + 0.1 * (at % 3)) * (x * np.cos(angle) + y * np.sin(angle)) + phase)
        kernel = wave * np.exp(-(x**2 + y**2) / (0.32 * side) ** 2)
        out.append(kernel - kernel.mean())
    return np.stack(out).astype(np.float32)


def responses(grey: Floats, filters: Floats, step: int) -> Floats:
    """(C, H, W) valid correlation of a grey picture, every `step` pixels."""
    side = filters.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(grey, (side, side))[::step, ::step]
    return np.einsum("ijkl,ckl->cij", windows, filters, optimize=True)


def grey_of(pixels: NDArray[np.uint8], size: int = 224) -> Floats:
    """The middle square of a picture in about size x size pixels, -1..1."""
    edge = min(pixels.shape[:2])
    top, left = (pixels.shape[0] - edge) // 2, (pixels.shape[1] - edge) // 2
    step = max(edge // size, 1)
    square = pixels[top : top + edge : step, left : left + edge : step].mean(axis=2)
    return (square / 127.5 - 1).astype(np.float32)
