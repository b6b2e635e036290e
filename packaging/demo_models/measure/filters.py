"""How selective the filters of a first layer are, and how selective filters of pure chance would be.

For a filter w (3, k, k), with P the power of its Fourier transform (zero-padded to 32 × 32, summed over the channels):

- oriented:  |sum P e^(2 i angle)| / sum P: 0 for a round filter, 1 for a grating;
- coloured:  the part of its energy that is left when each pixel's mean over the channels is taken away;
- tuned:     1 - entropy of P over rings of frequency / the highest entropy: 1 if only one frequency passes; 0 where the
             lowest ring is the strongest, for a mere blur is nothing to look at.

A filter counts as selective if one of the three exceeds what 99 % of filters of independent normal numbers reach.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

GRID, RINGS, CHANCE, QUANTILE = 32, 8, 4096, 0.99
INDICES = ("oriented", "coloured", "tuned")


def indices(weight: Tensor) -> Tensor:
    """(M, 3): oriented, coloured, tuned of filters (M, 3, k, k)."""
    power = torch.fft.fft2(weight, s=(GRID, GRID)).abs().square().sum(1)
    line = torch.fft.fftfreq(GRID)
    fy, fx = torch.meshgrid(line, line, indexing="ij")
    angle, radius = torch.atan2(fy, fx), torch.hypot(fx, fy)
    total = power.sum((1, 2)).clamp_min(1e-12)
    cosine, sine = ((power * wave(2 * angle)).sum((1, 2)) for wave in (torch.cos, torch.sin))
    ring = (radius / (0.5 / RINGS)).long().clamp_max(RINGS - 1)
    # The mean of a ring, not its sum: outer rings are larger.
    sums = torch.zeros(len(weight), RINGS).index_add_(1, ring.reshape(-1), power.flatten(1))
    means = sums / torch.bincount(ring.reshape(-1), minlength=RINGS)
    share = means / means.sum(1, keepdim=True).clamp_min(1e-12)
    tuned = 1 + (share * (share + 1e-12).log()).sum(1) / math.log(RINGS)
    tuned = torch.where(share.argmax(1) == 0, 0.0, tuned)
    grey = weight.mean(1, keepdim=True)
    coloured = (weight - grey).square().sum((1, 2, 3)) / weight.square().sum((1, 2, 3)).clamp_min(1e-12)
    return torch.stack([torch.hypot(cosine, sine) / total, coloured, tuned], 1)


def selectivity(weight: Tensor) -> dict[str, float]:
    """Percent of filters above chance: any index, and each by itself."""
    weight = weight.detach().float().cpu()
    chance = torch.randn(CHANCE, *weight.shape[1:], generator=torch.Generator().manual_seed(0))
    above = indices(weight) > indices(chance).quantile(QUANTILE, dim=0)
    found = {"selective": 100 * float(above.any(1).float().mean())}
    found |= {name: 100 * float(above[:, number].float().mean()) for number, name in enumerate(INDICES)}
    return {name: round(value, 1) for name, value in found.items()}
