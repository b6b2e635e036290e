"""Whether two outputs are the same, of every kind of tensor that a model may return."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from explorer.engine.capture.outputs import same
from explorer.engine.capture.repeat_check import repeated

X = torch.rand(1, 3, 3, 3, generator=torch.Generator().manual_seed(1))
KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "floats": lambda t: t,
    "half": lambda t: t.half(),
    "float8": lambda t: t.to(torch.float8_e4m3fn),
    "whole": lambda t: (t * 100).long(),
    "coo": lambda t: t.to_sparse(),
    "csr": lambda t: t.to_sparse_csr(),
    "csc": lambda t: t.to_sparse_csc(),
    "bsr": lambda t: t.to_sparse_bsr((3, 3)),
    "bsc": lambda t: t.to_sparse_bsc((3, 3)),
    "onednn": lambda t: t.to_mkldnn(),
    "complex": lambda t: torch.complex(t, t.flip(0)),
    "nested": lambda t: torch.nested.nested_tensor([t, t[:2]]),
    "jagged": lambda t: torch.nested.nested_tensor([t, t[:2]], layout=torch.jagged),
    "quantised": lambda t: torch.quantize_per_tensor(t, 0.01, 0, torch.quint8),
}


class Returns(nn.Module):
    def __init__(self, how: Callable[[Tensor], Tensor], noise: bool = False) -> None:
        super().__init__()
        self.how, self.noise = how, noise

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"a": self.how(x[0, 0] + self.noise * torch.rand(3, 3)), "b": x * (1 + self.noise)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_the_same_and_what_is_not(kind: str) -> None:
    how, a = KINDS[kind], X[0, 0]
    assert same(how(a), how(a.clone()))
    assert not same(how(a), how(a + 0.5))
    if kind not in ("whole", "quantised", "half", "float8"):
        assert same(how(a), how(a * (1 + 1e-6)))  # another order of sums
    for other in KINDS:
        assert same(how(a), KINDS[other](a)) == (other == kind)
    assert not same(how(a), a.to("meta"))


def test_a_tensor_without_values_is_its_shape_and_type() -> None:
    a = torch.ones(2, 3, device="meta")
    assert same(a, torch.zeros(2, 3, device="meta"))
    assert not same(a, a[:1])
    assert not same(a, a.double())


def test_a_sparse_tensor_is_never_made_dense() -> None:
    a = torch.sparse_coo_tensor(torch.tensor([[1], [2]]), torch.ones(1), (1 << 30, 1 << 30), check_invariants=True)
    assert same(a, a.clone())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", [*KINDS.values(), lambda t: t.to("meta")], ids=[*KINDS, "meta"])
def test_every_output_is_watched_for_answers_that_differ(how: Callable[[Tensor], Tensor]) -> None:
    assert repeated(Returns(how), X, None).same
    found = repeated(Returns(how, noise=True), X, None)
    if how(X[0, 0]).is_meta:
        assert found.same  # nothing of it differs
    else:
        assert not found.same
        assert (found.cause, found.why) == ("random", "")
