"""Digits of 8 × 8 pixels, enlarged: a task that a network of drawn shapes has nothing to add to."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.engine.data_sets.world.dice import Dice

NAMES = tuple("0123456789")
_GLYPHS = (
    "111101101101111 010110010010111 111001111100111 111001011001111 101101111001001 "
    "111100111001111 111100111101111 111001010010010 111101111101111 111101111001111"
).split()
_SMALL, _SIDE = 8, 96


def digits(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """(pictures (N, 3, 96, 96) in 0..1, digit of each): turned, sheared, shifted and stretched a little, light on dark."""
    dice = Dice(seed)
    which = dice.integers(len(NAMES), count)
    glyphs = torch.tensor([[float(dot) for dot in glyph] for glyph in _GLYPHS]).reshape(-1, 1, 5, 3)
    large = F.pad(F.interpolate(glyphs, (40, 24)), (20, 20, 12, 12))[which]  # (N, 1, 64, 64)
    turn, shear = dice.uniform(-0.15, 0.15, count), dice.uniform(-0.2, 0.2, count)
    wide, high = (1 / dice.uniform(0.9, 1.15, count) for _ in range(2))
    across, down = dice.uniform(-0.07, 0.07, count), dice.uniform(-0.07, 0.07, count)
    cos, sin = torch.cos(turn), torch.sin(turn)
    way = torch.stack([cos * wide, (shear - sin) * wide, across, sin * high, cos * high, down], 1).reshape(-1, 2, 3)
    seen = F.grid_sample(large, F.affine_grid(way, list(large.shape), align_corners=False), align_corners=False)
    small = F.adaptive_avg_pool2d(seen, _SMALL) * dice.uniform(0.7, 1.0, count, 1, 1, 1)
    noisy = (small + 0.08 * dice.white(*small.shape)).clamp(0, 1)
    drawn = F.interpolate(noisy, (_SIDE, _SIDE), mode="bilinear", align_corners=False)
    return drawn.expand(-1, 3, -1, -1), which
