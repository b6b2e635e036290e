"""A small vision transformer: a token for every 8 px, a class token, pre-norm blocks.

The tokens come from six 3 × 3 convolutions, two for each halving, instead of one 8 × 8 projection, since a transformer this
small learns far faster from edges than from pixels (Xiao and others: Early convolutions help transformers see better, 2021).
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def stem(width: int, patch: int) -> nn.Sequential:
    """(N, 3, H, W) -> (N, width, H / patch, W / patch), `patch` a power of two: two convolutions for each halving."""
    steps = patch.bit_length() - 1
    widths = [3, *(width >> (steps - 1 - number) for number in range(steps))]
    layers: list[nn.Module] = []
    for number, (inside, outside) in enumerate(pairwise(widths)):
        layers += [nn.BatchNorm2d(inside), nn.ReLU()] if number else []
        layers += [nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
        layers += [nn.Conv2d(outside, outside, 3, 1, 1, bias=number == steps - 1)]
    return nn.Sequential(*layers)


class Attention(nn.Module):
    """q, k and v are layers of their own, so that each can be looked at. `seen`: which tokens may be attended to; None: all."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, seen: Tensor | None = None) -> Tensor:
        q, k, v = (part(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (self.q, self.k, self.v))
        masked = seen is not None
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=seen) if masked else self.mix(q, k, v)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """softmax(q k' / √d) v; while learning in its plain form, whose gradient is much the faster one in bfloat16."""
        if not self.training:
            return F.scaled_dot_product_attention(q, k, v)
        weights = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)
        mixed: Tensor = weights.softmax(-1).to(v.dtype) @ v
        return mixed


class EncoderBlock(nn.Module):
    def __init__(self, width: int, heads: int, expand: int = 4) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.grow = nn.Linear(width, expand * width)
        self.gelu = nn.GELU()
        self.shrink = nn.Linear(expand * width, width)

    def forward(self, x: Tensor, seen: Tensor | None = None) -> Tensor:
        x = x + self.attention(self.norm1(x), seen)
        out: Tensor = x + self.shrink(self.gelu(self.grow(self.norm2(x))))
        return out


class VisionTransformer(nn.Module):
    """(N, 3, 96, 96) -> (N, classes). 12 × 12 patch tokens after one class token and `registers` empty ones."""

    def __init__(
        self,
        classes: int = 10,
        width: int = 96,
        depth: int = 6,
        heads: int = 3,
        registers: int = 0,
        patch: int = 8,
        size: int = 96,
    ) -> None:
        super().__init__()
        self.prefix = 1 + registers
        self.size, self.grid = size, size // patch
        self.patches = stem(width, patch)
        self.first = nn.Parameter(torch.zeros(1, self.prefix, width))
        self.position = nn.Parameter(torch.zeros(1, self.grid**2, width))
        self.blocks = nn.Sequential(*(EncoderBlock(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        for token in (self.first, self.position):
            nn.init.trunc_normal_(token, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02 if module is self.head else width**-0.5 / 2)
                nn.init.zeros_(module.bias)

    def tokens(self, x: Tensor) -> Tensor:
        """(N, prefix + patches, width): the normalised tokens after the last block."""
        patches = self.patches(x).flatten(2).transpose(1, 2) + self.position
        x = torch.cat([self.first.expand(len(x), -1, -1), patches], 1)
        tokens: Tensor = self.norm(self.blocks(x))
        return tokens

    def features(self, x: Tensor) -> Tensor:
        """(N, width): the class token, which is what the head sees."""
        return self.tokens(x)[:, 0]

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(x))
        return scores
