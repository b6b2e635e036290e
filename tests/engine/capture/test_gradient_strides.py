from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.engine.attribution.effective_field import gradient
from explorer.engine.capture.forward import discover
from explorer.engine.capture.gradient_strides import gradients_in_order


class Stem(nn.Module):
    """A norm, then tokens: as before a transformer."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.conv, self.norm, self.act, self.last = nn.Conv2d(3, 8, 3, 2, 1), norm, nn.GELU(), nn.Identity()
        self.place = nn.Parameter(torch.randn(1, 36, 8))

    def forward(self, x: Tensor) -> Tensor:
        tokens: Tensor = self.last(self.norm(self.act(self.conv(x))).flatten(2).transpose(1, 2) + self.place)
        return tokens


def stem(norm: nn.Module) -> Stem:
    torch.manual_seed(0)
    net = Stem(norm).double().eval()
    if isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None:
        norm.running_mean.uniform_(-1, 1)
    return net


NORMS = [nn.BatchNorm2d(8), nn.InstanceNorm2d(8, affine=True), nn.BatchNorm2d(8, track_running_stats=False)]


def slope_by_differences(net: nn.Module, x: Tensor, weights: Tensor, way: Tensor) -> float:
    with torch.no_grad():
        there, back = ((net(x + step * way) * weights).sum() for step in (1e-6, -1e-6))
    return float(there - back) / 2e-6


@pytest.mark.parametrize("norm", NORMS, ids=["batch", "instance", "batch of its own"])
def test_the_gradient_is_that_of_finite_differences(norm: nn.Module) -> None:
    net, draw = stem(norm), torch.Generator().manual_seed(1)
    x, way = (torch.randn(1, 3, 12, 12, generator=draw, dtype=torch.float64) for _ in range(2))
    weights = torch.randn(1, 36, 8, generator=draw, dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    with gradients_in_order(net):
        (net(leaf) * weights).sum().backward()
    assert leaf.grad is not None
    assert float((leaf.grad * way).sum()) == pytest.approx(slope_by_differences(net, x, weights, way), rel=1e-6)
    assert not net.norm._forward_hooks


@pytest.mark.parametrize("norm", NORMS[:2], ids=["batch", "instance"])
def test_the_field_of_a_token_is_that_of_its_cell(norm: nn.Module) -> None:
    net, draw = stem(norm).float(), torch.Generator().manual_seed(1)
    x = torch.randn(1, 3, 12, 12, generator=draw)
    tap = next(tap for tap in discover(net, x).plan.taps if tap.name == "last")
    found = gradient(net, x, tap, (0, 7, 2))
    leaf = x.clone().requires_grad_()
    maps = net.norm(net.act(net.conv(leaf)))  # no transposed tensor on this way
    (expected,) = torch.autograd.grad(maps[0, 2, 1, 1], leaf)
    assert torch.allclose(found, expected, atol=1e-6)


class Between(nn.Module):
    """A norm of maps whose memory lies as `before` says, and whose gradient comes back as `after` says."""

    def __init__(self, norm: nn.Module, before: str, after: str) -> None:
        super().__init__()
        self.norm, self.before, self.after = norm, before, after
        self.place = nn.Parameter(torch.randn(1, 36, 8))

    def forward(self, x: Tensor) -> Tensor:
        maps = (x + self.place).transpose(1, 2).reshape(1, 8, 6, 6)
        if self.before != "tokens":
            maps = maps.contiguous(memory_format=FORMATS[self.before])
        out: Tensor = self.norm(maps)
        if self.after == "tokens":
            return out.flatten(2).transpose(1, 2) + self.place
        return out.contiguous(memory_format=FORMATS[self.after]) + torch.ones_like(out)


FORMATS = {"rows": torch.contiguous_format, "channels last": torch.channels_last}
ORDERS = ("tokens", *FORMATS)


@pytest.mark.parametrize("kind", [nn.BatchNorm2d, nn.InstanceNorm2d])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("before", ORDERS)
@pytest.mark.parametrize("after", ORDERS)
def test_whatever_the_order_in_memory(kind: type[nn.Module], training: bool, before: str, after: str) -> None:
    torch.manual_seed(0)
    net = Between(kind(8, affine=True), before, after).double().train(training)
    x, way = (torch.randn(1, 36, 8, dtype=torch.float64) for _ in range(2))
    leaf = x.clone().requires_grad_()
    with gradients_in_order(net):
        out = net(leaf)
        weights = torch.randn(out.shape, dtype=torch.float64)
        (out * weights).sum().backward()
    assert leaf.grad is not None
    assert float((leaf.grad * way).sum()) == pytest.approx(slope_by_differences(net, x, weights, way), rel=1e-5)
