"""Gradient × activation of channels against captum, and against plain autograd for tokens before the grid."""

from __future__ import annotations

import pytest
import torch
from captum.attr import LayerGradientXActivation
from explained import picture, torchvision_net
from nets import TinyViT, seeded

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.target import Target
from explorer.engine.ablation.first_order import gradient_times_activation
from explorer.engine.capture.forward import discover
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models import open_model


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


@pytest.mark.parametrize("layer", ["embedding", "blocks.0.norm1"])
def test_of_a_text_gradients_begin_at_its_embeddings(layer: str) -> None:
    net = open_model(ModelSpec("demo:sentences-transformer")).module
    x = torch.tensor([[5, 9, 3, 7] + [0] * 28])[:, : net.position.shape[1]]  # type: ignore[index, union-attr]
    plan = discover(net, x).plan
    held: list[torch.Tensor] = []
    handle = net.get_submodule(layer).register_forward_hook(lambda _m, _a, out: held.append(out))
    scores = net(x)
    handle.remove()
    (slope,) = torch.autograd.grad(scores[0, 1], held[0])
    flags = [p.requires_grad for p in net.parameters()]
    found = gradient_times_activation(net, x, Target("", 1), plan, layer)
    assert found == pytest.approx((slope * held[0])[0].sum(0).detach().numpy(), rel=1e-4, abs=1e-6)
    assert [p.requires_grad for p in net.parameters()] == flags
    assert not any(m._forward_hooks for m in net.modules())


def test_no_hook_stays_behind_a_cancelled_or_a_failed_forward_of_a_text() -> None:
    net = open_model(ModelSpec("demo:sentences-transformer")).module
    x = torch.ones(1, 8, dtype=torch.long)
    plan = discover(net, x).plan
    with pytest.raises(CancelledError):
        gradient_times_activation(net, x, Target("", 1), plan, "embedding", lambda: True)
    assert not any(m._forward_hooks for m in net.modules())
    with pytest.raises(ExplorerError):
        gradient_times_activation(net, x + 10**6, Target("", 1), plan, "blocks.0.norm1")
    assert not any(m._forward_hooks for m in net.modules())
