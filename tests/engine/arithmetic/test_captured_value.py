"""The number that arithmetic is compared with is the captured tensor's, whatever the functions said on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from nets import seeded
from torch import Tensor, nn

from explorer.core.geometry.cells import index_of
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.capture.forward import discover


def _clamped(y: Tensor) -> Tensor:
    y.data.clamp_(max=0.1)
    return y


def _from_numpy(y: Tensor) -> Tensor:
    y.detach().numpy()[:] *= 2
    return y


def _assigned(y: Tensor) -> Tensor:
    y[:, :, 1:3] = 4.0
    return y


PLUS = torch.arange(4 * 6 * 6.0).view(1, 4, 6, 6) / 100 - 0.5
MOVES: dict[str, Callable[[Tensor], Tensor]] = {
    "repeat": lambda y: y.repeat(1, 1, 1, 1),
    "tile": lambda y: torch.tile(y, (1, 1, 2, 1)),
    "repeat_interleave": lambda y: y.repeat_interleave(2, 1),
    "new_zeros": lambda y: y.new_zeros(y.shape).copy_(y),
    "broadcast": lambda y: torch.zeros(1, 4, 12, 6).view(1, 4, 2, 6, 6).copy_(y[:, :, None]).flatten(2, 3),
    "constant": lambda y: PLUS.repeat(1, 1, 1, 1),
    # of as many channels as the module was given: a constant of another shape says of no dimension what it is
    "constant_part": lambda y: PLUS[:, [2, 1, 0, 3]].flip(2),
    "padding": lambda y: nn.functional.pad(y, (1, 1, 1, 1), value=0.25),
    "roll": lambda y: y.roll((1, 2), (2, 3)),
    "clamped": _clamped,
    "from_numpy": _from_numpy,
}


class Moved(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function, self.conv, self.seen = function, nn.Conv2d(3, 4, 3, padding=1), Apply(function)

    def forward(self, x: Tensor) -> Tensor:
        return self.seen(self.conv(x))


class Apply(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, y: Tensor) -> Tensor:
        return self.function(y)


@pytest.mark.parametrize("name", MOVES)
def test_the_value_is_the_captured_one(name: str) -> None:
    net = seeded(Moved(MOVES[name])).eval()
    x = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(3))
    seen = discover(net, x.clone())
    tap = next(t for t in seen.plan.taps if t.name == "seen")
    for channel, cell in ((0, (0, 0)), (2, (1, 3)), (1, (5, 5))):
        found = explain_cell(net, x.clone(), seen.plan, "seen", channel, cell)
        true = float(seen.tensors["seen"][index_of(tap, channel, cell)])
        assert found.value == true
        assert found.difference == found.computed - true
        assert found.agrees == (abs(found.computed - true) <= 1e-4 * abs(true))
        assert found.agrees or found.why
    if name not in ("clamped", "from_numpy"):  # nobody sees those writes
        assert found.agrees


class Swapped(nn.Module):
    """What is shown is the input, in another order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Apply(lambda x: x[:, [2, 1, 0]].flip(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.seen(x)


def test_a_value_of_the_input_that_was_moved() -> None:
    net, x = Swapped(), torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(3))
    plan = discover(net, x.clone()).plan
    found = explain_cell(net, x.clone(), plan, "seen", 0, (1, 1))
    assert (found.value, found.computed, found.before) == (float(x[0, 2, 1, 4]), float(x[0, 2, 1, 4]), "the input")
