"""Cells that see only what comes before them, against what gradients reach through the embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from line_reach import reached_steps
from torch import Tensor, nn

from explorer.engine.capture.forward import discover

IDS = torch.arange(1, 10)[None]
COUNT = IDS.shape[1]


class Line(nn.Module):
    """Embeddings, something that mixes tokens, and a last layer that does not."""

    def __init__(self, mix: Callable[[Tensor, Tensor], Tensor], layer: nn.Module | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.mix, self.layer, self.last = nn.Embedding(12, 8), mix, layer, nn.Linear(8, 8)

    def forward(self, ids: Tensor) -> Tensor:
        answer: Tensor = self.last(self.mix(self.embed(ids), ids))
        return answer


def heads(x: Tensor) -> Tensor:
    return x.unflatten(-1, (2, 4)).transpose(1, 2)


def attended(x: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
    h = heads(x)
    return F.scaled_dot_product_attention(h, h, h, mask, is_causal=causal).transpose(1, 2).flatten(2)


LOWER = torch.ones(COUNT, COUNT, dtype=torch.bool).tril()
HIDDEN = ~LOWER
ADDED = torch.zeros(COUNT, COUNT).masked_fill(~LOWER, float("-inf"))
LEAST = torch.zeros(COUNT, COUNT).masked_fill(~LOWER, torch.finfo(torch.float32).min)


def twice(x: Tensor, _: Tensor) -> Tensor:
    return attended(x + attended(x, causal=True), LOWER)


def wider(x: Tensor, _: Tensor) -> Tensor:
    """A token more on either side of each, after causal attention."""
    return F.conv1d(attended(x, causal=True).transpose(1, 2), torch.ones(8, 8, 3), padding=1).transpose(1, 2)


def recurrent(net: nn.Module, x: Tensor) -> Tensor:
    answer: Tensor = net(x)[0]
    return answer[..., :8]


def module_attention(bias: bool = False) -> nn.Module:
    return nn.MultiheadAttention(8, 2, batch_first=True, add_bias_kv=bias)


CAUSAL: dict[str, Callable[[], Line]] = {
    "flag": lambda: Line(lambda x, _: attended(x, causal=True)),
    "booleans": lambda: Line(lambda x, _: attended(x, LOWER)),
    "minus infinity": lambda: Line(lambda x, _: attended(x, ADDED)),
    "least number": lambda: Line(lambda x, _: attended(x, LEAST[None, None])),
    "of the shape": lambda: Line(lambda x, ids: attended(x, torch.ones_like(ids).bool()[:, None].expand(-1, COUNT, -1).tril())),
    "twice": lambda: Line(twice),
    "wider": lambda: Line(wider),
    "window": lambda: Line(lambda x, _: attended(x, LOWER & ~LOWER.tril(-3))),
}  # fmt: skip


def found_of(net: Line) -> list[Any]:
    net.eval()
    taps = discover(net, IDS).plan.taps
    return list(reached_steps(net, IDS, [tap for tap in taps if tap.name == "last"], net.embed))


@pytest.mark.parametrize("name", CAUSAL)
def test_causal_attention_sees_up_to_itself(name: str) -> None:
    found = found_of(CAUSAL[name]())
    assert len(found) == COUNT
    assert all(each.tap.receptive.causal and each.inside and not each.exact for each in found)
    if name != "window":  # which is narrower than what is said
        assert [each.told for each in found] == [each.steps for each in found]
    assert found[0].told == (0, 2 if name == "wider" else 1)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize("both", [False, True])
def test_recurrent_layers_see_up_to_themselves_or_all(kind: Any, both: bool) -> None:
    net = kind(8, 8, 2, batch_first=True, bidirectional=both)
    found = found_of(Line(lambda x, _: recurrent(net, x), net))
    assert [each.told for each in found] == [(0, COUNT if both else at + 1) for at in range(COUNT)]
    assert all(each.inside for each in found)
    assert both or [each.told for each in found] == [each.steps for each in found]


@pytest.mark.parametrize("masked", [False, True])
def test_the_attention_module(masked: bool) -> None:
    net = module_attention()
    mask = HIDDEN if masked else None
    found = found_of(Line(lambda x, _: net(x, x, x, attn_mask=mask, need_weights=False)[0], net))
    assert [each.told for each in found] == [(0, at + 1 if masked else COUNT) for at in range(COUNT)]
    assert [each.told for each in found] == [each.steps for each in found]


def summary(x: Tensor, _: Tensor) -> Tensor:
    """A token in front that stands for all."""
    more = torch.cat([x.mean(1, keepdim=True), x], 1)
    return attended(more, causal=True)[:, 1:]


def of_values(x: Tensor, ids: Tensor) -> Tensor:
    """Causal for this text alone."""
    return attended(x, LOWER | (ids[:, None] > 50))


def from_nowhere(x: Tensor, _: Tensor) -> Tensor:
    """A mask that nobody saw being made."""
    return attended(x, torch.from_numpy(np.tril(np.ones((COUNT, COUNT), bool))))


def backwards(x: Tensor, _: Tensor) -> Tensor:
    return attended(x.flip(1), causal=True).flip(1)


def keys_moved(x: Tensor, _: Tensor) -> Tensor:
    h = heads(x)
    return F.scaled_dot_product_attention(h, h.roll(-1, -2), h.roll(-1, -2), is_causal=True).transpose(1, 2).flatten(2)


def queries_moved(x: Tensor, _: Tensor) -> Tensor:
    """Hidden keys may not see themselves, and rows without a key see all."""
    return attended(x, LEAST.masked_fill(torch.eye(COUNT).bool(), torch.finfo(torch.float32).min))


def whole_before(x: Tensor, _: Tensor) -> Tensor:
    return attended(attended(x), causal=True)


def only_padding_hidden(x: Tensor, _: Tensor) -> Tensor:
    """As of a text of one word: its padding is hidden, and the next text has other padding."""
    return attended(x, (torch.arange(COUNT) < 1).expand(COUNT, COUNT))


def by_hand(x: Tensor, _: Tensor) -> Tensor:
    """Causal, but in steps that are not followed."""
    scores = (x @ x.transpose(1, 2)).masked_fill(~LOWER, float("-inf"))
    return scores.softmax(-1) @ x


@pytest.mark.parametrize(
    "mix",
    [
        summary,
        of_values,
        from_nowhere,
        backwards,
        keys_moved,
        queries_moved,
        whole_before,
        only_padding_hidden,
        by_hand,
    ],
)
def test_what_is_not_proved_sees_all(mix: Callable[[Tensor, Tensor], Tensor]) -> None:
    found = found_of(Line(mix))
    assert len(found) == COUNT
    assert all(each.told == (0, COUNT) and each.inside for each in found)


def test_keys_of_their_own_are_not_followed() -> None:
    net = module_attention(bias=True)
    found = found_of(Line(lambda x, _: net(x, x, x, attn_mask=HIDDEN, need_weights=False)[0], net))
    assert all(each.told == (0, COUNT) and each.inside for each in found)
