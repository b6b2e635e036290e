"""A CNN over words: every filter looks for a short run of them, and only its best answer counts (Kim 2014)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PAD = 0
WIDTHS = (2, 3, 4, 5)


class TextCnn(nn.Module):
    """(N, tokens) of numbers -> (N, classes). Padding is embedded as zeros, so a filter answers it with its bias."""

    def __init__(self, classes: int = 3, words: int = 150, filters: int = 12, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PAD)
        self.filters = nn.ModuleDict(
            {
                f"width{size}": nn.Sequential(nn.Conv1d(width, filters, size), nn.ReLU(), nn.AdaptiveMaxPool1d(1))
                for size in WIDTHS
            }
        )
        self.flatten = nn.Flatten()
        self.head = nn.Linear(filters * len(WIDTHS), classes)

    def features(self, ids: Tensor) -> Tensor:
        """(N, filters of all widths): what the head sees, the best answer of each filter."""
        x = self.embedding(ids).transpose(1, 2)
        best: Tensor = self.flatten(torch.cat([branch(x) for branch in self.filters.values()], 1))
        return best

    def forward(self, ids: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(ids))
        return scores
