"""Seeded chance. Small numbers are always drawn on the CPU, so that a seed means the same objects on every device."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Dice:
    """Two generators from one seed: one for parameters (CPU), one for fields of noise (on the device)."""

    def __init__(self, seed: int | torch.Generator, device: str | torch.device = "cpu") -> None:
        self.device = torch.device(device)
        if isinstance(seed, torch.Generator):
            self.small = seed
        else:
            self.small = torch.Generator().manual_seed(seed)
        self.large = self.small
        if self.device.type != "cpu":
            start = int(torch.randint(0, 2**31 - 1, (1,), generator=self.small))
            self.large = torch.Generator(self.device).manual_seed(start)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return (torch.rand(shape, generator=self.small) * (high - low) + low).to(self.device)

    def log_uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return self.uniform(math.log(low), math.log(high), *shape).exp()

    def angle(self, *shape: int) -> Tensor:
        return self.uniform(0, 2 * math.pi, *shape)

    def integers(self, below: int, *shape: int) -> Tensor:
        return torch.randint(0, below, shape, generator=self.small).to(self.device)

    def chance(self, probability: float, *shape: int) -> Tensor:
        return self.uniform(0, 1, *shape) < probability

    def white(self, *shape: int) -> Tensor:
        """Normal noise, drawn where it is used."""
        return torch.randn(shape, generator=self.large, device=self.device)
