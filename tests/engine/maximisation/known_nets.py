"""Networks with a known answer, and how a run is driven to its end."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.models.base import LoadedModel


def loaded(module: nn.Module, side: int = 24, channels: int = 3, name: str = "net", **pre: Any) -> LoadedModel:
    pre = {"mean": (0.4,) * channels, "std": (0.2,) * channels} | pre
    preprocess = Preprocess(side, side, "stretch", side, channels=channels, **pre)
    weights = WeightsInfo(trained=False, sha256=name, seed=0)
    return LoadedModel(module.eval(), ModelCard(ModelSpec(f"file:{name}"), name, "file", weights, preprocess))


def finish(work: Generator[Any, None, Any]) -> Any:
    """The returned value of a generator that is stepped to its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


class Small(nn.Module):
    """Two convolutions with an in-place ReLU that runs twice, and a head."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(channels, 6, 5, padding=2), nn.Conv2d(6, 8, 3, padding=1)
        self.relu, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.5)
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.second(self.relu(self.first(x))))
        return self.head(self.drop(self.pool(y).flatten(1)))


def small(channels: int = 3, side: int = 24) -> LoadedModel:
    torch.manual_seed(3)
    return loaded(Small(channels), side, channels, f"small{channels}")


def fingerprint(net: nn.Module) -> tuple[Any, ...]:
    """All that a method must leave as it was: hooks, flags, gradients, numbers, and the random generators of the process."""
    modules = [
        (
            len(m._forward_hooks),
            len(m._forward_pre_hooks),
            len(m._backward_hooks),
            m.training,
            getattr(m, "inplace", None),
        )
        for m in net.modules()
    ]
    parameters = [(p.requires_grad, p.grad is None, p.detach().numpy().tobytes()) for p in net.parameters()]
    buffers = [(b.requires_grad, b.grad_fn is None) for b in net.buffers()]
    chance = (torch.get_rng_state().numpy().tobytes(), str(np.random.get_state()), random.getstate())
    return modules, parameters, buffers, chance
