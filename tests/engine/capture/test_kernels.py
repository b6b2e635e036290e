"""The kernels that are shown are those that a forward multiplies with."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from nets import seeded
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune

from explorer.core.models import Preprocess
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.kernels import kernels_of

PRE = Preprocess(9, 9)


class Standardised(nn.Conv2d):
    """As in timm's ResNetV2: its own forward makes the weights."""

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


class Masked(nn.Conv2d):
    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        mask = torch.ones_like(weight)
        mask[:, :, 1:] = 0
        return super()._conv_forward(x, weight * mask, bias)


class Dynamic(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * x.mean(), self.bias, self.stride, self.padding)


class Half(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight / 2 + 1


def _old_weight_norm(conv: nn.Conv2d) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.utils.weight_norm(conv)


def _hooked(conv: nn.Conv2d) -> nn.Module:
    """Equalised learning rate, as in GANs: a hook of one's own."""
    raw = nn.Parameter(conv.weight.detach().clone())
    del conv._parameters["weight"]
    conv.register_parameter("raw", raw)
    conv.weight = raw.data
    conv.register_forward_pre_hook(lambda m, _: setattr(m, "weight", m.raw * 0.25))
    return conv


def _parametrized(conv: nn.Conv2d) -> nn.Module:
    parametrize.register_parametrization(conv, "weight", Half())
    parametrize.register_parametrization(conv, "bias", Half())
    return conv


def _own(kind: type[nn.Conv2d]) -> Callable[[nn.Conv2d], nn.Module]:
    return lambda conv: kind(conv.in_channels, conv.out_channels, conv.kernel_size, padding=1)


KINDS: dict[str, Callable[[Any], nn.Module]] = {
    "plain": lambda conv: conv,
    "weight_norm_old": _old_weight_norm,
    "spectral_norm_old": nn.utils.spectral_norm,
    "weight_norm": parametrizations.weight_norm,
    "spectral_norm": parametrizations.spectral_norm,
    "orthogonal": lambda conv: parametrizations.orthogonal(conv),
    "pruned": lambda conv: prune.l1_unstructured(conv, "weight", 0.5),
    "hooked": _hooked,
    "parametrized": _parametrized,
    "standardised": _own(Standardised),
    "masked": _own(Masked),
}


def network(kind: Callable[[Any], nn.Module], transposed: bool = False) -> nn.Sequential:
    conv = nn.ConvTranspose2d(3, 8, 3, padding=1) if transposed else nn.Conv2d(3, 8, 3, padding=1)
    torch.manual_seed(0)
    net = nn.Sequential(kind(conv), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))
    state = {name: t.clone() for name, t in seeded(net).state_dict().items()}
    net.load_state_dict(state)
    return net.eval()


def used(net: nn.Module) -> list[Tensor]:
    """By plain torch: what went into the convolution, wherever it was made."""
    found: list[Tensor] = []

    class Look(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if getattr(func, "__name__", "") in ("conv2d", "conv_transpose2d"):
                found.append(args[1].detach().clone())
            return func(*args, **(kwargs or {}))

    with torch.no_grad(), Look():
        net(torch.rand(1, 3, 9, 9))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_kernels_are_those_of_a_forward(name: str) -> None:
    net = network(KINDS[name])
    before = {key: t.clone() for key, t in net.state_dict().items()}
    shown = kernels_of(net, PRE)
    assert {key: torch.equal(t, before[key]) for key, t in net.state_dict().items()} == dict.fromkeys(before, True)
    assert np.array_equal(shown["0"].weight, used(net)[0].numpy())
    assert not shown["0"].weight.flags.writeable
    assert shown["0"].bias is not None
    assert np.array_equal(shown["4"].weight, net[4].weight.detach().numpy())


def test_a_transposed_convolution_behind_a_hook() -> None:
    net = network(nn.utils.spectral_norm, transposed=True)
    assert np.array_equal(kernels_of(net, PRE)["0"].weight, used(net)[0].transpose(0, 1).numpy())


def test_weights_that_follow_the_picture_are_no_kernel() -> None:
    assert list(kernels_of(network(_own(Dynamic)), PRE)) == ["4"]


def test_a_model_that_takes_no_such_picture_shows_no_stale_kernels() -> None:
    net = nn.Sequential(nn.utils.spectral_norm(nn.Linear(5, 4)), nn.Linear(4, 2)).eval()
    assert list(kernels_of(net, PRE)) == ["1"]


def test_a_plain_model_is_not_run() -> None:
    class Never(nn.Conv2d):
        pass

    net = nn.Sequential(Never(3, 4, 3), nn.Linear(5, 5))
    net.forward = lambda _: pytest.fail("it was run")  # type: ignore[method-assign]
    assert list(kernels_of(net, PRE)) == ["0", "1"]


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "parametrized", "weight_norm_old", "pruned"])
def test_what_makes_weights_is_no_layer(name: str) -> None:
    net = network(KINDS[name])
    x = torch.rand(1, 3, 9, 9)
    seen = discover(net, x.clone())
    assert [tap.name for tap in seen.plan.taps] == ["0", "1", "2", "3", "4", "output"]
    again = capture(net, x.clone(), seen.plan)
    with torch.no_grad():
        assert torch.equal(again.tensors["0"], net[0](x))
