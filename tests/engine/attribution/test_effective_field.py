"""Receptive fields against the gradient, and the effective field against plain autograd."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from nets import InPlace, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import extent, index_of
from explorer.core.geometry.receptive_field import seen_by
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.attribution.effective_field import effective_field, gradient
from explorer.engine.capture.forward import discover
from explorer.engine.jobs.cancel import CancelledError


def zoo(name: str) -> nn.Module:
    from explorer.engine.models.torchvision_compat import import_torchvision

    torch.manual_seed(0)
    extra: dict[str, Any] = {"init_weights": False} if name == "googlenet" else {}
    model: nn.Module = import_torchvision().models.get_model(name, weights=None, **extra)
    return model.eval()


class Mirrors(nn.Module):
    """Padding that reflects, repeats and wraps, in a convolution and before one; a way down and up again."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 4, 5, padding=2, padding_mode="reflect")
        self.pad, self.b = nn.ReflectionPad2d(3), nn.Conv2d(4, 4, 3, stride=2)
        self.c = nn.Conv2d(4, 4, 3, 2, padding=1, padding_mode="replicate")
        self.far, self.d = nn.ReplicationPad2d((0, 4, 4, 0)), nn.Conv2d(4, 4, 2, dilation=2)
        self.up = nn.ConvTranspose2d(4, 4, 3, 2, 1, 1)
        self.round = nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")

    def forward(self, x: Tensor) -> Tensor:
        y = self.c(torch.tanh(self.b(self.pad(self.a(x)))))
        return self.round(self.up(self.d(self.far(y + torch.sigmoid(y)))))


def outside(net: nn.Module, size: int, most: int) -> tuple[list[str], int]:
    """Taps with a gradient outside the box of a cell; and the number of cells looked at."""
    x = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(1))
    taps = [t for t in discover(net, x.clone()).plan.taps if t.observable and t.grid and t.receptive]
    rng, wrong, count = random.Random(0), [], 0
    for tap in taps if len(taps) <= most else rng.sample(taps, most):
        h, w = extent(tap)
        for cell in {(0, 0), (rng.randrange(h), rng.randrange(w)), (h - 1, w - 1)}:
            box = seen_by(tap, cell, (size, size)).clipped
            slope = gradient(net, x, tap, index_of(tap, rng.randrange(tap.channels), cell)).abs().sum((0, 1))
            slope[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = 0
            wrong += [tap.name] if bool(slope.any()) else []
            count += 1
    return wrong, count


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "densenet121", "googlenet", "shufflenet_v2_x0_5"])
def test_no_pixel_outside_the_box_has_a_gradient(name: str) -> None:
    wrong, count = outside(zoo(name), 64, 25)
    assert wrong == []
    assert count >= 50


@pytest.mark.parametrize("make", [Mirrors, InPlace, TinyViT])
def test_mirrored_padding_and_odd_networks(make: type[nn.Module]) -> None:
    wrong, count = outside(seeded(make()).eval(), 24, 99)
    assert wrong == []
    assert count


def test_mirrored_padding_of_a_convolution_costs_nothing_and_wrapping_sees_all() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), nn.Conv2d(4, 4, 3, 2, padding=1, padding_mode="circular")
    )
    taps = {t.name: t for t in discover(net, torch.rand(1, 3, 12, 12)).plan.taps}
    first, second = taps["0"], taps["1"]
    assert (first.receptive.size_y, first.receptive.start_y, first.receptive.whole) == (3, -1, False)
    assert seen_by(second, (0, 0), (12, 12)).clipped == Box(0, 0, 12, 12)
    padded = nn.Sequential(nn.ReflectionPad2d(2), nn.Conv2d(3, 4, 3))
    loose = next(t for t in discover(padded, torch.rand(1, 3, 12, 12)).plan.taps if t.name == "1").receptive
    assert not loose.exact
    assert loose.size_y > 3


def test_clipping_and_padding() -> None:
    net = seeded(InPlace())
    tap = next(t for t in discover(net, torch.rand(1, 3, 8, 8)).plan.taps if t.name == "conv2")
    seen = seen_by(tap, (0, 7), (8, 8))
    assert seen.unclipped == Box(-2, 5, 3, 10)
    assert seen.clipped == Box(0, 5, 3, 8)
    assert seen.padding == (2, 0, 0, 2)
    assert seen.exact
    with pytest.raises(ExplorerError, match="cell 8,0"):
        seen_by(tap, (8, 0), (8, 8))
    vector = next(t for t in discover(net, torch.rand(1, 3, 8, 8)).plan.taps if t.name == "fc")
    with pytest.raises(ExplorerError, match="no receptive field"):
        seen_by(vector, (0, 0), (8, 8))


@pytest.mark.parametrize("name", ["bn1", "relu", "relu_1"])
def test_the_effective_field_is_the_mean_gradient(name: str) -> None:
    net = seeded(InPlace()).eval()
    xs = [torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(s)) for s in range(3)]
    plan = discover(net, xs[0]).plan
    tap = next(t for t in plan.taps if t.name == name)
    total = 0
    for x in xs:
        x = x.clone().requires_grad_()
        outs: list[Tensor] = []
        handle = net.get_submodule(tap.path).register_forward_hook(
            lambda _m, _a, out, outs=outs: outs.append(out.clone())
        )
        net(x)
        handle.remove()
        (slope,) = torch.autograd.grad(outs[tap.call][0, 2, 4, 4], x)
        total = total + slope.abs()[0].sum(0)
    partial = list(effective_field(net, plan, name, 2, (4, 4), xs))
    assert [p.count for p in partial] == [1, 2, 3]
    assert np.allclose(partial[-1].heat, (total / 3).numpy(), atol=1e-6)


def test_what_has_no_gradient_says_so() -> None:
    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.keep = nn.Conv2d(3, 2, 1), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return self.keep((self.conv(x) * 10).long())

    net, x = seeded(Whole()), torch.rand(1, 3, 8, 8)
    with pytest.raises(ExplorerError, match="no gradient"):
        next(effective_field(net, discover(net, x).plan, "keep", 0, (0, 0), [x]))


@pytest.mark.parametrize("how", ["ok", "raises", "cancelled"])
@pytest.mark.parametrize("method", ["arithmetic", "field"])
def test_the_model_is_left_as_it_was_found(method: str, how: str) -> None:
    net = seeded(InPlace()).train()
    net.bn2.eval()
    for p in net.conv1.parameters():
        p.requires_grad = False
    x = torch.rand(1, 3, 8, 8)
    plan = discover(net, x).plan

    def state() -> Any:
        hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in net.modules())
        flags = [(m.training, getattr(m, "inplace", None)) for m in net.modules()]
        wants = [(p.requires_grad, p.grad) for p in net.parameters()]
        values = [t.sum().item() for t in net.state_dict().values()]
        return hooks, flags, wants, values, torch.is_grad_enabled(), torch.get_rng_state().tolist(), x.requires_grad

    before = state()
    steps = [0]

    def cancelled() -> bool:
        steps[0] += 1
        return how == "cancelled" and steps[0] > 3

    given = torch.rand(1, 4, 8, 8) if how == "raises" else x
    before = state()

    def work() -> None:
        if method == "arithmetic":
            explain_cell(net, given, plan, "relu_1", 1, (2, 2), cancelled)
        else:
            next(effective_field(net, plan, "relu_1", 1, (2, 2), [given], cancelled))

    if how == "ok":
        work()
    else:
        with pytest.raises(ExplorerError if how == "raises" else CancelledError):
            work()
    assert state() == before
