"""A small transformer over words: a class token first, learnt positions, pre-norm blocks; padding is never looked at."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAD = 0


class MaskedAttention(nn.Module):
    """q, k and v are layers of their own, so that each can be looked at. `seen` (N, 1, 1, T) is False where nobody looks."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        q, k, v = (part(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (self.q, self.k, self.v))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out


class TextBlock(nn.Module):
    def __init__(self, width: int, heads: int, expand: int = 4) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = MaskedAttention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.grow = nn.Linear(width, expand * width)
        self.gelu = nn.GELU()
        self.shrink = nn.Linear(expand * width, width)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x), seen)
        out: Tensor = x + self.shrink(self.gelu(self.grow(self.norm2(x))))
        return out


class TextTransformer(nn.Module):
    """(N, tokens) of numbers -> (N, classes); as many tokens as `length` at most."""

    def __init__(
        self, classes: int = 3, words: int = 150, length: int = 26, width: int = 64, depth: int = 2, heads: int = 4
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.zeros(1, length, width))
        self.blocks = nn.ModuleList(TextBlock(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        for token in (self.first, self.position):
            nn.init.trunc_normal_(token, std=0.1)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()

    def forward(self, ids: Tensor) -> Tensor:
        words = self.embedding(ids) + self.position[:, : ids.shape[1]]
        x = torch.cat([self.first.expand(len(ids), -1, -1), words], 1)
        seen = F.pad(ids != PAD, (1, 0), value=True)[:, None, None, :]
        for block in self.blocks:
            x = block(x, seen)
        scores: Tensor = self.head(self.norm(x)[:, 0])
        return scores
