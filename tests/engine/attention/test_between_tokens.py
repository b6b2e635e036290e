"""All weights between tokens, against softmax by hand: whole, masked, reduced."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from attention_nets import Planted, planted_weights
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.attention.between_tokens import weight_steps
from explorer.engine.attention.record import RecordedAttention, find
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.steps import ended
from explorer.engine.models.demo.text_transformer import TextTransformer

PAD = 0


class Masked(nn.Module):
    """(1, tokens) numbers -> scores; padding is masked, fused as torch has it."""

    def __init__(self, causal: bool = False) -> None:
        super().__init__()
        self.embed, self.q, self.k = nn.Embedding(9, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.causal = causal

    def heads(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.embed(ids)
        return tuple(part.unflatten(-1, (2, 4)).transpose(1, 2) for part in (self.q(x), self.k(x), x))  # type: ignore[return-value]

    def forward(self, ids: Tensor) -> Tensor:
        q, k, v = self.heads(ids)
        mask = None if self.causal else (ids != PAD)[:, None, None]
        return F.scaled_dot_product_attention(q, k, v, mask, is_causal=self.causal).mean((1, 2))


IDS = torch.tensor([[3, 1, 4, 1, 5, 8, 2, 6, 0, 0, 0]])


def recorded(net: nn.Module, x: Tensor) -> RecordedAttention:
    found = find(net.eval(), x)
    return found.of(found.calls[0].name)


def by_hand(net: Masked) -> Tensor:
    q, k, _ = net.heads(IDS)
    scores = (q @ k.mT / 2).masked_fill((IDS == PAD)[:, None, None], -torch.inf)
    return scores.softmax(-1)[0].detach()


def test_the_weights_are_those_of_softmax_and_masked_keys_are_named() -> None:
    torch.manual_seed(2)
    net = Masked()
    found = ended(weight_steps(recorded(net, IDS), 64))
    assert found.whole
    assert found.weights == pytest.approx(by_hand(net).numpy(), abs=1e-6)
    assert found.weights.sum(-1) == pytest.approx(1, abs=1e-6)
    assert found.unseen.tolist() == [False] * 8 + [True] * 3
    assert not found.empty.any()
    assert found.received == pytest.approx(by_hand(net).mean(1).numpy(), abs=1e-6)


def test_a_causal_mask_leaves_the_upper_triangle_at_zero() -> None:
    torch.manual_seed(2)
    found = ended(weight_steps(recorded(Masked(causal=True), IDS), 64))
    assert not np.triu(found.weights, 1).any()
    assert not found.unseen.any()


def test_a_reduced_matrix_keeps_every_peak() -> None:
    torch.manual_seed(2)
    net = Masked()
    found = ended(weight_steps(recorded(net, IDS), 4))
    expected = F.max_pool2d(by_hand(net), 3, ceil_mode=True).numpy()
    assert (found.steps, found.weights.shape) == ((3, 3), (2, 4, 4))
    assert not found.whole
    assert found.weights == pytest.approx(expected, abs=1e-6)


def test_rows_that_come_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    record = find(Planted().eval(), torch.randn(1, 3, 12, 16)).of("blocks.0")
    monkeypatch.setattr("explorer.engine.attention.between_tokens._CHUNK", 1)
    found = ended(weight_steps(record, 100))
    assert found.weights == pytest.approx(planted_weights().numpy(), abs=1e-6)


def test_it_can_be_stopped() -> None:
    record = recorded(Masked(), IDS)
    with pytest.raises(CancelledError):
        ended(weight_steps(record, 64, lambda: True))


def test_windows_have_no_matrix_of_all_tokens() -> None:
    from dataclasses import replace

    record = recorded(Masked(), IDS)
    windows = replace(record.call, leads=((2, True),))
    with pytest.raises(ExplorerError, match="no matrix of all tokens"):
        ended(weight_steps(replace(record, call=windows), 64))


def test_a_head_is_found_by_its_values_and_one_that_nobody_returns_is_refused() -> None:
    from explorer.engine.attention.head_channels import candidates, head_channels
    from explorer.engine.capture.forward import capture, discover

    torch.manual_seed(2)
    net = TextTransformer(words=9, length=11, width=16, depth=1, heads=4).eval()
    found, plan = find(net, IDS, values=True), discover(net, IDS).plan
    record = found.of(found.calls[0].name)
    names = candidates(record, plan.taps)
    values = {name: t.numpy() for name, t in capture(net, IDS, plan, names).tensors.items()}
    assert head_channels(record, 3, values, plan.taps) == ("blocks.0.attention.v", (12, 13, 14, 15))
    only = {name: array for name, array in values.items() if not name.endswith(".v")}
    with pytest.raises(ExplorerError, match="cannot be ablated"):
        head_channels(record, 3, only, plan.taps)
    with pytest.raises(ExplorerError, match="no head 4"):
        head_channels(record, 4, values, plan.taps)
