"""What recipes with two renderings of every object share: how the second differs, and the loss that ties them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# The chance that the objects have taken other colours, or another material, meanwhile; the heat of the softmax.
COLOUR, MATERIAL, HEAT = 0.9, 0.4, 0.15


def projector(inside: int, hidden: int = 512, outside: int = 128) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inside, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, outside)
    )


def contrast(first: Tensor, second: Tensor, heat: float = HEAT) -> Tensor:
    """InfoNCE over (N, D) and (N, D): every view must find its other among 2 N - 1 (SimCLR, Chen et al. 2020)."""
    both = F.normalize(torch.cat([first, second]), dim=1)
    near = both @ both.T / heat
    near.fill_diagonal_(float("-inf"))
    count = len(first)
    partner = torch.arange(2 * count, device=near.device).roll(count)
    return F.cross_entropy(near, partner)
