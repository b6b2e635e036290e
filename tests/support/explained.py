"""Short ways to explain in tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.attribution import METHODS, Attribution, AttributionSettings, misfit
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.forward import discover
from explorer.engine.models.torchvision_compat import import_torchvision

CLASS = Target("", 1)
OF_PICTURES = tuple(name for name in METHODS if not misfit(name, sound=False))


def picture(size: int = 12, seed: int = 1, channels: int = 3) -> Tensor:
    return torch.rand(1, channels, size, size, generator=torch.Generator().manual_seed(seed))


def torchvision_net(name: str) -> nn.Module:
    """An untrained network of torchvision whose batch statistics are no identity."""
    torch.manual_seed(0)
    extra: dict[str, Any] = {"init_weights": False} if name == "googlenet" else {}
    net: nn.Module = import_torchvision().models.get_model(name, weights=None, **extra)
    generator = torch.Generator().manual_seed(0)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.copy_(torch.randn(m.num_features, generator=generator) * 0.1)
            m.running_var.copy_(torch.rand(m.num_features, generator=generator) * 0.5 + 0.2)
    return net.eval()


def explained(name: str, net: nn.Module, x: Tensor, target: Target = CLASS, **choices: Any) -> Attribution:
    """`sound`: the grid of a sound's tensor."""
    sound = choices.get("sound")
    plan = discover(net, x.clone(), turned=sound is not None and sound.layout == "NTC").plan
    return finished(explain(name, net, x, target, plan, AttributionSettings(**choices)))


def assert_close(got: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Largest difference relative to the largest value."""
    got, expected = (np.asarray(a.detach() if isinstance(a, Tensor) else a, np.float64) for a in (got, expected))
    assert got.shape == expected.shape
    size = np.abs(expected).max()
    assert size > 0, "the oracle is 0 everywhere: nothing is compared"
    assert np.abs(got - expected).max() <= tolerance * size
