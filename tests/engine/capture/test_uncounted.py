"""Writes that torch does not count, or that only some pictures bring about: a capture keeps the values of the hook's moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from nets import seeded
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.replay import record


def _if_large(write: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
    def maybe(y: Tensor) -> None:
        if y.max() > 1.0:
            write(y)

    return maybe


def _numpy(y: Tensor) -> None:
    array = y.numpy()
    np.minimum(array, 0.6, out=array)


def _dlpack(y: Tensor) -> None:
    other = torch.from_dlpack(y)
    other.clamp_(max=0.6)


def _set_data(y: Tensor) -> None:
    y.data = y.clamp(max=0.6)


def _set(y: Tensor) -> None:
    y.set_(y.clamp(max=0.6))


def _swap(y: Tensor) -> None:
    torch.utils.swap_tensors(y, y.clamp(max=0.6))


def _storage(y: Tensor) -> None:
    torch.empty(0).set_(y.untyped_storage(), 0, y.shape, y.stride()).clamp_(max=0.6)


# each lowers what is above 0.6, of which a flat picture has nothing
WRITES: dict[str, Callable[[Tensor], Any]] = {
    "data": lambda y: y.data.clamp_(max=0.6),
    "data_out": lambda y: torch.clamp(y, max=0.6, out=y.data),
    "out": lambda y: torch.clamp(y, max=0.6, out=y),
    "foreach": lambda y: torch._foreach_clamp_max_([y], 0.6),
    "foreach_data": lambda y: torch._foreach_clamp_max_([y.data], 0.6),
    "numpy": _numpy,
    "numpy_of_detached": lambda y: _numpy(y.detach()),
    "asarray": lambda y: np.minimum(np.asarray(y), 0.6, out=np.asarray(y)),
    "dlpack": _dlpack,
    "set_data": _set_data,
    "set": _set,
    "storage": _storage,
    "view_data": lambda y: y[:, 1:].data.clamp_(max=0.6),
    "part": lambda y: y.data.__setitem__(y > 0.6, 0.6),
}
WRITES |= {
    f"{name}_if_large": _if_large(WRITES[name])
    for name in ("data", "out", "numpy", "set_data", "set", "foreach", "storage")
}
WRITES["swap_if_large"] = _if_large(_swap)


class Writes(nn.Module):
    def __init__(self, write: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.write, self.a, self.same, self.b = write, nn.Conv2d(3, 8, 3, padding=1), nn.Identity(), nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.same(self.a(x))
        self.write(y)
        return self.b(y)


def pictures() -> tuple[Tensor, Tensor]:
    """One whose values nothing is done to, and one whose values are changed."""
    generator = torch.Generator().manual_seed(1)
    return torch.full((1, 3, 9, 9), 0.01), torch.rand(1, 3, 9, 9, generator=generator) * 4 - 1


def plain(net: nn.Module, x: Tensor) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    handles = [
        m.register_forward_hook(lambda _m, _a, out, path=path: found.__setitem__(path or "output", out.clone()))
        for path, m in net.named_modules()
    ]
    with torch.no_grad():
        net(x.clone())
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("name", WRITES)
def test_values_are_those_of_the_moment_when_the_layer_returned(name: str) -> None:
    net = seeded(Writes(WRITES[name])).eval()
    with torch.no_grad():
        net.a.bias.clamp_(max=0.3)
    flat, other = pictures()
    seen = discover(net, flat.clone())
    assert float(seen.tensors["a"].max()) < 0.6
    again = capture(net, other.clone(), seen.plan)
    expected = plain(net, other)
    assert float(expected["a"].max()) > 0.6
    for tap, value in expected.items():
        assert torch.equal(again.tensors[tap], value), tap
    few = capture(net, other.clone(), again.plan, ("a", "same"), early=False)
    assert torch.equal(few.tensors["a"], expected["a"])


@pytest.mark.parametrize("name", ["data", "out", "foreach", "view_data"])
def test_recordings_too(name: str) -> None:
    net = seeded(Writes(WRITES[name])).eval()
    flat, other = pictures()
    plan = discover(net, flat.clone()).plan
    names = tuple(tap.name for tap in plan.taps if tap.observable)
    recording = record(net, flat, plan, names)
    if recording is not None:
        expected, found = plain(net, other), recording(other.clone()).tensors
        assert all(torch.equal(found[tap], value) for tap, value in expected.items())


class Keeps(nn.Module):
    """Writes every result into memory of its own, and hands out that or a view of it."""

    def __init__(self, view: bool) -> None:
        super().__init__()
        self.view, self.memory = view, None

    def forward(self, x: Tensor) -> Tensor:
        if self.memory is None:
            self.memory = torch.empty(2, *x.shape[1:])
        found = self.memory[:1]
        torch.mul(x, 2, out=found)
        return found if self.view else self.memory


@pytest.mark.parametrize("view", [True, False])
def test_memory_that_a_layer_keeps_for_itself_is_copied(view: bool) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), Keeps(view), nn.Conv2d(4, 2, 1))
    flat, other = pictures()
    plan = discover(net, flat.clone()).plan
    first = capture(net, flat.clone(), plan)
    before = {name: tensor.clone() for name, tensor in first.tensors.items()}
    capture(net, other.clone(), first.plan)
    for name, value in before.items():
        assert torch.equal(first.tensors[name].nan_to_num(), value.nan_to_num()), name


def test_what_is_only_looked_at_is_not_copied() -> None:
    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            self.b.weight.data.abs()
            return self.b(self.a(x).relu())

    taps: tuple[Tap, ...] = discover(seeded(Looks()), pictures()[0]).plan.taps
    copied = discover(seeded(Looks()), pictures()[0]).plan.copy
    assert [(t.path, t.call) in copied for t in taps if t.path == "a"] == [False]
