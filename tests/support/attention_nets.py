"""Small networks whose attention is known: planted, or kept by the network itself in the way that it computes it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GRID, PREFIX = (3, 4), 2  # of Planted: a class token and a register before the patches
COUNT = PREFIX + GRID[0] * GRID[1]


def planted_weights() -> Tensor:
    """(3, 14, 14) float64: heads that look at the left neighbour, at the register, and at everything alike.

    The first column and the prefix tokens have no left neighbour and look at themselves.
    """
    left = torch.arange(COUNT)
    for token in range(PREFIX, COUNT):
        left[token] -= int((token - PREFIX) % GRID[1] > 0)
    register = torch.full((COUNT,), 1)
    hot = torch.stack([F.one_hot(left, COUNT), F.one_hot(register, COUNT)]).double()
    return torch.cat([hot, torch.full((1, COUNT, COUNT), 1 / COUNT, dtype=torch.float64)])


class PlantedAttention(nn.Module):
    """q and k are written down so that the softmax gives `planted_weights`; the result is added at `gain`."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        eye = torch.eye(COUNT)
        hot = planted_weights()[:2].float()
        self.register_buffer("wq", torch.stack([hot[0], hot[1], torch.zeros(COUNT, COUNT)]) * 800)
        self.register_buffer("wk", torch.stack([eye, eye, eye]))
        self.gain = gain

    def forward(self, x: Tensor) -> Tensor:
        where = x[..., :COUNT].unsqueeze(1).expand(-1, 3, -1, -1)  # one-hot
        v = x.unsqueeze(1).expand(-1, 3, -1, -1)
        mixed = F.scaled_dot_product_attention(where @ self.wq, where @ self.wk, v).mean(1)
        return x + self.gain * torch.cat([torch.zeros_like(mixed[..., :COUNT]), mixed[..., COUNT:]], -1)


class Planted(nn.Module):
    """(N, 3, 12, 16) -> (N, 5). Each token knows its number, and nothing that is added makes it forget."""

    def __init__(self, depth: int = 2, gain: float = 1.0) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, COUNT + 3, 4, 4, bias=False)
        with torch.no_grad():
            self.embed.weight[:COUNT] = 0
        self.register_buffer("number", F.pad(torch.eye(COUNT), (0, 3)))
        self.blocks = nn.Sequential(*(PlantedAttention(gain) for _ in range(depth)))
        self.head = nn.Linear(COUNT + 3, 5)

    def forward(self, x: Tensor) -> Tensor:
        patches = self.embed(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([patches.new_zeros(len(x), PREFIX, COUNT + 3), patches], 1) + self.number
        return self.head(self.blocks(tokens)[:, 0])


class Written(nn.Module):
    """Attention written out in one of several ways; `kept` are the weights (heads, queries, keys) that met the values."""

    WAYS = ("matmul", "einsum", "turned", "flat", "bias", "mask", "talking", "convolved", "values first", "windows")

    def __init__(self, way: str, width: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.way, self.heads = way, heads
        self.embed = nn.Conv2d(3, width, 4, 4)
        self.qkv = nn.Linear(width, 3 * width)
        self.bias = nn.Parameter(torch.randn(heads, 12, 12))
        self.before, self.after = nn.Linear(heads, heads), nn.Linear(heads, heads)
        self.mix = nn.Conv2d(heads, heads, 1)
        self.kept = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        q, k, v = self.qkv(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        return getattr(self, "_" + self.way.replace(" ", "_"))(q, k, v).mean((0, 1, 2))[None]

    def keep(self, weights: Tensor) -> Tensor:
        self.kept = weights.detach().clone().reshape(-1, *weights.shape[-2:])
        return weights

    def _matmul(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return self.keep((q * 0.5 @ k.transpose(-2, -1)).softmax(-1)) @ v

    def _einsum(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        weights = self.keep((torch.einsum("bhid,bhjd->bhij", q, k) / 2).softmax(dim=-1))
        return torch.einsum("bhij,bhjd->bhid", weights, v)

    def _turned(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Heads last, and the keys before the queries."""
        scores = torch.einsum("bhid,bhjd->bjih", q, k)
        weights = scores.softmax(1)
        self.keep(weights.permute(0, 3, 2, 1))
        return torch.einsum("bjih,bhjd->bhid", weights, v)

    def _flat(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = (t.flatten(0, 1) for t in (q, k, v))
        return torch.bmm(self.keep(F.softmax(torch.baddbmm(self.bias, q, k.mT), -1)), v)[None]

    def _bias(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Written to in place."""
        scores = q @ k.mT
        scores *= 0.3
        scores += self.bias[None]
        return self.keep(F.dropout(scores.softmax(-1), 0.5, False)) @ v

    def _mask(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        allowed = torch.ones(12, 12, dtype=torch.bool).tril()
        return self.keep((q @ k.mT).masked_fill(~allowed, float("-inf")).softmax(-1)) @ v

    def _talking(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        scores = self.before((q @ k.mT).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return self.keep(self.after(scores.softmax(-1).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)) @ v

    def _convolved(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return self.keep(self.mix(q @ k.mT).softmax(-1)) @ v

    def _values_first(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        weights = self.keep((q @ k.mT).softmax(-1))
        return (v.mT @ weights.mT).mT

    def _windows(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Two windows of six tokens, a mask for each of them."""
        q, k, v = (t.unflatten(2, (2, 6)).transpose(1, 2).flatten(0, 1) for t in (q, k, v))
        scores = (q @ k.mT).view(1, 2, self.heads, 6, 6)
        masks = torch.arange(72.0).view(2, 6, 6).sin()
        scores = (scores + masks.unsqueeze(1).unsqueeze(0)).view(2, self.heads, 6, 6)
        return self.keep(scores.softmax(-1)) @ v
