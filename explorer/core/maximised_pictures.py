"""Maximised pictures as they are looked at: side by side, small, and beside what natural pictures do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.core.arrays import Array

_THUMB = 64  # px of the longer side at most
_GAP = 2  # px between pictures


@dataclass(frozen=True, slots=True, eq=False)
class LayerPictures:
    """Small pictures of those channels of a tap that are kept."""

    tap: str
    pictures: Mapping[int, Array]  # {channel: (h, w, 3) uint8}


@dataclass(frozen=True, slots=True, eq=False)
class Natural:
    """The largest mean activation (over the cells) of every channel of a tap, over pictures that nobody made for it."""

    model: str  # ModelCard.digest
    tap: str
    best: Array  # (C,) float32
    which: Array  # (C,) int: place in `names`
    names: tuple[str, ...]  # of the pictures seen so far
    total: int

    @property
    def fraction(self) -> float:
        return len(self.names) / self.total if self.total else 1.0


def tiles(pictures: Array) -> list[Array]:
    """(N, H, W, C) uint8 -> (H, W, 3) each; of other channels than 1 and 3 every one is a grey picture of its own."""
    if pictures.shape[-1] in (1, 3):
        return [_rgb(picture) for picture in pictures]
    return [_rgb(picture[..., c : c + 1]) for picture in pictures for c in range(picture.shape[-1])]


def sheet(pictures: Array) -> Array:
    """(N, H, W, C) uint8 -> (H, W', 3): all tiles in a row, white between them."""
    shown = tiles(pictures)
    gap = np.full((shown[0].shape[0], _GAP, 3), 255, np.uint8)
    parts = [part for tile in shown for part in (gap, tile)]
    return np.concatenate(parts[1:], axis=1)


def thumb(picture: Array) -> Array:
    """(H, W, C) uint8 -> (h, w, 3), at most 64 px a side, each pixel the mean of a block; of other channels than 1 and 3
    the mean."""
    whole = picture if picture.shape[-1] in (1, 3) else picture.mean(-1, keepdims=True)
    factor = -(-max(whole.shape[:2]) // _THUMB)
    height, width = max(whole.shape[0] // factor, 1), max(whole.shape[1] // factor, 1)
    down, across = min(factor, whole.shape[0]), min(factor, whole.shape[1])
    strips = whole[: height * down, : width * across].reshape(height, down, -1).sum(1, dtype=np.float64)
    blocks = strips.reshape(height, width, across, -1).sum(2)  # one axis after the other: many times as fast as both
    return _rgb(np.rint(blocks / (down * across)).astype(np.uint8))


def _rgb(picture: Array) -> Array:
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))
