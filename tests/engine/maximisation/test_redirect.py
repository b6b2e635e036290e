"""Redirected ReLUs: the same values, the same gradient unless all of it would be blocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.maximisation.redirect import Redirected

RELUS: dict[str, Callable[[Tensor], Tensor]] = {
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "torch.relu": torch.relu,
    "Tensor.relu": lambda x: x.relu(),
    "relu_": lambda x: x.relu_(),
    "nn.ReLU": nn.ReLU(),
    "nn.ReLU in place": nn.ReLU(inplace=True),
    "nn.ReLU6": nn.ReLU6(),
    "nn.ReLU6 in place": nn.ReLU6(inplace=True),
    "F.relu6": F.relu6,
    "hardtanh 0..2": lambda x: F.hardtanh(x, 0.0, 2.0),
    "hardtanh by name": lambda x: F.hardtanh(x, max_val=3.0, min_val=0.0, inplace=True),
}


def gradient(relu: Callable[[Tensor], Tensor], x: Tensor, loss: Tensor, redirected: bool) -> tuple[Tensor, Tensor]:
    leaf = x.clone().requires_grad_()
    if redirected:
        with Redirected():
            y = relu(leaf * 1)
            (y * loss).sum().backward()
    else:
        y = relu(leaf * 1)
        (y * loss).sum().backward()
    assert leaf.grad is not None
    return y.detach(), leaf.grad


@pytest.mark.parametrize("name", RELUS)
def test_values_and_open_gradients_are_those_of_torch(name: str) -> None:
    x = torch.tensor([[-2.0, -0.5, 0.5, 2.5, 7.0], [3.0, 1.0, -1.0, 0.0, 6.0]])
    loss = torch.tensor([[1.0, -1.0, 2.0, -3.0, 4.0], [1.0, -1.0, 2.0, -3.0, 4.0]])
    plain, redirected = (gradient(RELUS[name], x, loss, on) for on in (False, True))
    assert torch.equal(plain[0], redirected[0])
    assert torch.equal(plain[1], redirected[1])


@pytest.mark.parametrize("name", RELUS)
def test_where_all_is_blocked_what_raises_passes(name: str) -> None:
    x = torch.tensor([[-2.0, -0.5, -1.0], [1.0, -0.5, -1.0]])
    loss = torch.tensor([[1.0, -1.0, -2.0], [1.0, -1.0, -2.0]])
    _, found = gradient(RELUS[name], x, loss, True)
    # the first picture is silent: its negative gradients, which raise the value, pass; the second has one open place
    assert torch.equal(found, torch.tensor([[0.0, -1.0, -2.0], [1.0, 0.0, 0.0]]))


def test_other_clamps_are_left_alone() -> None:
    x = torch.tensor([[-2.0, -3.0]])
    for bounded in (F.hardtanh, nn.Hardtanh(-1.0, 1.0), lambda t: F.hardtanh(t, -1.0, 0.5)):
        assert torch.equal(gradient(bounded, x, torch.tensor([[-1.0, -1.0]]), True)[1], torch.zeros(1, 2))
