"""Heads that share keys and values, in every way in which people write it: found, placed and proved like any other."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.attention import AttentionKind
from explorer.engine.attention.record import find, record

HEADS, WIDTH = 8, 4


class Shared(nn.Module):
    """Eight heads of queries, and `shared` of keys and values."""

    def __init__(self, way: str, shared: int) -> None:
        super().__init__()
        self.way, self.shared = way, shared
        self.patch, self.q, self.out = nn.Conv2d(3, 32, 8, 8), nn.Linear(32, 32), nn.Linear(32, 4)
        self.kv = nn.Linear(32, 2 * shared * WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        t = self.patch(x).flatten(2).transpose(1, 2)
        b, n, _ = t.shape
        q = self.q(t).view(b, n, HEADS, WIDTH).transpose(1, 2)
        k, v = self.kv(t).view(b, n, 2, self.shared, WIDTH).permute(2, 0, 3, 1, 4)
        mixed: Tensor = WAYS[self.way](q, k, v)
        result: Tensor = self.out(mixed.reshape(b, HEADS, n, WIDTH).transpose(1, 2).reshape(b, n, 32).mean(1))
        return result


def plain(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return (q @ k.mT / 2).softmax(-1) @ v


def _grouped(q: Tensor, k: Tensor) -> Tensor:
    return q.view(q.shape[0], k.shape[1], -1, *q.shape[2:])


def _einsum(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    weights = (torch.einsum("bkgid,bkjd->bkgij", _grouped(q, k), k) / 2).softmax(-1)
    return torch.einsum("bkgij,bkjd->bkgid", weights, v)


def _one_einsum(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    weights = (torch.einsum("bhid,bjd->bhij", q, k[:, 0]) / 2).softmax(-1)
    return torch.einsum("bhij,bjd->bhid", weights, v[:, 0])


def _baddbmm(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    n, group = q.shape[2], HEADS // k.shape[1]
    q, k, v = q.flatten(0, 1), *(t.repeat_interleave(group, 1).flatten(0, 1) for t in (k, v))
    scores = torch.baddbmm(torch.empty(HEADS, n, n), q, k.mT, beta=0, alpha=0.5)
    return torch.bmm(scores.softmax(-1), v)


def _again(how: object) -> object:
    return lambda q, k, v: plain(q, *(how(t, HEADS // t.shape[1]) for t in (k, v)))  # type: ignore[operator]


WAYS = {
    "repeat_interleave": _again(lambda t, g: t.repeat_interleave(g, 1)),
    "torch.repeat_interleave": _again(lambda t, g: torch.repeat_interleave(t, repeats=g, dim=1)),
    "expand": _again(lambda t, g: t[:, :, None].expand(-1, -1, g, -1, -1).flatten(1, 2)),
    "repeat": _again(lambda t, g: t.repeat(1, g, 1, 1)),
    "stack": _again(lambda t, g: torch.stack([t] * g, 2).flatten(1, 2)),
    "cat": _again(lambda t, g: torch.cat([t] * g, 1)),
    "index": _again(lambda t, g: t[:, torch.arange(HEADS) // g]),
    "tile": _again(lambda t, g: torch.tile(t, (1, g, 1, 1))),
    "broadcast": lambda q, k, v: plain(_grouped(q, k), k[:, :, None], v[:, :, None]),
    "einsum": _einsum,
    "baddbmm": _baddbmm,
    "enable_gqa": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, enable_gqa=True),
    "one, broadcast": plain,
    "one, fused": F.scaled_dot_product_attention,
    "one, einsum": _one_einsum,
}


@pytest.mark.parametrize("way", WAYS)
def test_shared_keys(way: str) -> None:
    torch.manual_seed(0)
    net = Shared(way, 1 if way.startswith("one") else 2).eval()
    x = torch.randn(1, 3, 32, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = net(x)
    found = find(net, x, values=True)
    assert torch.equal(found.output, expected)
    (call,) = found.calls
    assert (call.kind, call.heads, call.windows, call.reason) == (AttentionKind.TOKENS, HEADS, 1, "")
    assert call.queries.grid == call.keys.grid == (4, 3)
    one = found.of(call.name)
    assert one.result is not None
    torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-6)
    rows = record(net, x, found.calls).of(call.name).rows(torch.arange(12))
    torch.testing.assert_close(rows.sum(-1), torch.ones(1, HEADS, 12))


class Relative(nn.Module):
    """Positions in rows and columns that depend on the queries, added in place behind a class token (Li and others 2022, MViT v2)."""

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self.whole, self.patch, self.qkv = whole, nn.Conv2d(3, 16, 8, 8), nn.Linear(16, 48)
        self.rows, self.columns = nn.Parameter(torch.randn(4, 4, 8)), nn.Parameter(torch.randn(3, 3, 8))
        self.token = nn.Parameter(torch.randn(1, 1, 16))

    def forward(self, x: Tensor) -> Tensor:
        t = self.patch(x).flatten(2).transpose(1, 2)
        t = t if self.whole else torch.cat([self.token, t], 1)
        q, k, v = self.qkv(t).view(1, -1, 3, 2, 8).permute(2, 0, 3, 1, 4)
        first = 0 if self.whole else 1
        places = q[:, :, first:].reshape(1, 2, 4, 3, 8)
        rows = torch.einsum("byhwc,hkc->byhwk", places, self.rows * 1)
        columns = torch.einsum("byhwc,wkc->byhwk", places, self.columns * 1)
        scores = q @ k.mT / 8**0.5
        if self.whole:
            scores = (scores.view(1, 2, 4, 3, 4, 3) + rows[..., None] + columns[..., None, :]).view(1, 2, 12, 12)
        else:
            part = scores[:, :, 1:, 1:].view(1, -1, 4, 3, 4, 3) + rows.unsqueeze(-1) + columns.unsqueeze(-2)
            scores[:, :, 1:, 1:] = part.view(1, -1, 12, 12)
        result: Tensor = scores.softmax(-1) @ v + q
        return result


@pytest.mark.parametrize("whole", [True, False])
def test_positions_of_rows_and_columns(whole: bool) -> None:
    torch.manual_seed(0)
    net = Relative(whole).eval()
    x = torch.randn(1, 3, 32, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        net(x)
    found = find(net, x, values=True)
    (call,) = found.calls
    assert (call.kind, call.reason, call.queries.grid) == (AttentionKind.TOKENS, "", (4, 3))
    one = found.of(call.name)
    assert one.result is not None
    torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-6)
    some = torch.tensor([5, 0, 11])
    torch.testing.assert_close(one.rows(some), one.rows(torch.arange(call.queries.count))[..., some, :])
