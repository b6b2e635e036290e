"""What is written beside instead of over: the same values, fewer copies, and only where nobody else looks."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.engine.capture.rewrite_inplace import beside


def recorded(function: Any) -> Any:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the recorder grows old
        return torch.jit.trace(function, torch.rand(1, 4, 6, 6), check_trace=False)


def kinds(function: Any) -> Counter[str]:
    return Counter(node.kind() for node in function.graph.nodes())


def same(before: Any, after: Any) -> bool:
    x = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return all(torch.equal(a, b) for a, b in zip(before(x.clone()), after(x.clone()), strict=True))


def chain(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    y = x * 2
    kept = y.detach().clone()
    z = F.relu_(y)
    also = z.clone()
    return kept, also, z.mul_(3.0)


def test_a_copied_value_is_no_longer_overwritten_nor_copied() -> None:
    before = recorded(chain)
    after = beside(before)
    assert kinds(before)["aten::clone"] == 2
    assert (kinds(after)["aten::relu"], kinds(after)["aten::relu_"]) == (1, 0)
    assert kinds(after)["aten::clone"] == 1, "the copy of what a ReLU in place hands on is not looked through"
    assert same(before, after)


def test_what_something_else_looks_at_stays_as_it_was() -> None:
    def viewed(x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * 2
        view = y.flatten(1)
        kept = y.clone()
        F.relu_(y)
        return kept, view + 0

    before = recorded(viewed)
    after = beside(before)
    assert kinds(after)["aten::relu_"] == 1
    assert same(before, after)


def test_the_input_is_never_taken_for_a_value_of_its_own() -> None:
    def over_input(x: Tensor) -> tuple[Tensor, Tensor]:
        kept = x.clone()
        return kept, F.relu_(x)

    before = recorded(over_input)
    assert kinds(beside(before))["aten::relu_"] == 1
    assert same(before, beside(before))
