"""A one-dimensional CNN over the samples of a sound themselves; its first layer is a bank of 32 filters of 10 ms."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FIRST = 160  # samples of a kernel of the first layer


def stage(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(inside, outside, 5, 1, 2, bias=False), nn.BatchNorm1d(outside), nn.ReLU(), nn.MaxPool1d(2)
    )


class WaveCnn(nn.Module):
    """(N, 1, 16000) -> (N, classes). The kernels of the first layer begin under a Hann window: they fade at both ends."""

    def __init__(self, classes: int = 12) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, 32, FIRST, 8, FIRST // 2, bias=False)  # every 0.5 ms
        self.norm = nn.BatchNorm1d(32)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool1d(4)  # every 2 ms
        self.features = nn.Sequential(stage(32, 64), stage(64, 96), stage(96, 96))  # 4, 8, 16 ms
        self.average = nn.AdaptiveAvgPool1d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(96, classes)
        with torch.no_grad():
            self.first.weight.mul_(torch.hann_window(FIRST))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.norm(self.first(x))))
        scores: Tensor = self.head(self.flatten(self.average(self.features(x))))
        return scores
