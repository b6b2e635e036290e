"""A small transformer over words: a class token first, learnt positions, pre-norm blocks; padding is never looked at."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.models.demo.vit import EncoderBlock

PAD = 0


class TextTransformer(nn.Module):
    """(N, tokens) of numbers -> (N, classes); as many tokens as `length` at most."""

    def __init__(
        self, classes: int = 3, words: int = 150, length: int = 26, width: int = 64, depth: int = 2, heads: int = 4
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.zeros(1, length, width))
        self.blocks = nn.ModuleList(EncoderBlock(width, heads) for _ in range(depth))
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
