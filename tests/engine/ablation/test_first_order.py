"""Gradient × activation of channels against captum, and against plain autograd for tokens before the grid."""

from __future__ import annotations

import pytest
import torch
from captum.attr import LayerGradientXActivation
from explained import picture, torchvision_net
from nets import TinyViT, seeded

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.ablation.first_order import gradient_times_activation
from explorer.engine.capture.forward import discover


@pytest.mark.parametrize(("name", "layer"), [("resnet18", "layer2.0"), ("squeezenet1_1", "features.6")])
def test_as_captum(name: str, layer: str) -> None:
    net, x = torchvision_net(name), picture(64)
    plan = discover(net, x).plan
    found = gradient_times_activation(net, x, Target("", 7), plan, layer)
    expected = LayerGradientXActivation(net, net.get_submodule(layer), multiply_by_inputs=True).attribute(x, 7)
    assert found == pytest.approx(expected[0].sum((1, 2)).detach().numpy(), rel=1e-4, abs=1e-6)


def test_tokens_before_the_grid_count() -> None:
    net = seeded(TinyViT()).eval()
    x = picture(32)
    plan = discover(net, x).plan
    tap = next(tap for tap in plan.taps if tap.prefix and tap.observable and tap.kind != "attention")
    held: list[torch.Tensor] = []
    handle = net.get_submodule(tap.path).register_forward_hook(lambda _m, _a, out: held.append(out))
    scores = net(x)
    handle.remove()
    (slope,) = torch.autograd.grad(scores[0, 1], held[0])
    found = gradient_times_activation(net, x, Target("", 1), plan, tap.name)
    assert found == pytest.approx((slope * held[0])[0].sum(0).detach().numpy(), rel=1e-4, abs=1e-6)


def test_a_layer_behind_the_target_is_refused() -> None:
    net, x = torchvision_net("squeezenet1_1"), picture(64)
    plan = discover(net, x).plan
    with pytest.raises(ExplorerError, match="does not come before"):
        gradient_times_activation(net, x, Target("features.3", 0), plan, "features.6")
