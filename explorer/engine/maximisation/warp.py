"""Random moves of the picture between the steps: only what survives them grows (Olah et al. 2017).

Jitter, scale and rotation are one affine map and one resampling. What they do at a step depends on the seed and the step
alone, so that a run that was interrupted goes on as it would have.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.maximisation import MaximiseSettings

_JITTER = 12  # the picture's side over the largest shift
_SCALES = (0.85, 1.15)
_DEGREES = 15.0


def warped(pictures: Tensor, settings: MaximiseSettings, step: int) -> Tensor:
    """(N, C, H, W) moved, each picture in its own way; beyond the edge it is mirrored. The same tensor when all is off."""
    if not (settings.jitter or settings.scale or settings.rotate):
        return pictures
    matrices = _matrices(len(pictures), pictures.shape[-2], pictures.shape[-1], settings, step)
    theta = torch.from_numpy(matrices).to(pictures.device)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _matrices(count: int, height: int, width: int, settings: MaximiseSettings, step: int) -> Array:
    """(N, 2, 3) float32 from -1..1 of the result to -1..1 of the picture."""
    # each is drawn whether used or not: switching one off must leave the others' moves as they were
    draws = np.random.default_rng([settings.seed, step, 1]).uniform(-1, 1, (count, 4))
    made = np.empty((count, 2, 3), np.float32)
    for i, (down, right, size, turn) in enumerate(draws):
        scale = _SCALES[0] + (_SCALES[1] - _SCALES[0]) * (size + 1) / 2 if settings.scale else 1.0
        angle = math.radians(_DEGREES * turn) if settings.rotate else 0.0
        y = round(down * height / _JITTER) * 2 / height if settings.jitter else 0.0
        x = round(right * width / _JITTER) * 2 / width if settings.jitter else 0.0
        cos, sin, shape = math.cos(angle) / scale, math.sin(angle) / scale, height / width
        made[i] = [[cos, -sin * shape, x], [sin / shape, cos, y]]
    return made
