"""A VGG-style chain: every map is made from the one before and from nothing else."""

from __future__ import annotations

from torch import Tensor, nn


def step(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())


class ChainNet(nn.Module):
    """(N, 3, 96, 96) -> (N, classes); nine 3 × 3 convolutions, four poolings."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            step(3, 24, 2),  # 48 px
            step(24, 24),
            nn.MaxPool2d(2),  # 24 px
            step(24, 48),
            step(48, 48),
            nn.MaxPool2d(2),  # 12 px
            step(48, 72),
            step(72, 72),
            nn.MaxPool2d(2),  # 6 px
            step(72, 96),
            step(96, 96),
            step(96, 96),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(96, classes)

    def features(self, x: Tensor) -> Tensor:
        """(N, 96): what the head sees."""
        features: Tensor = self.flatten(self.pool(self.layers(x)))
        return features

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(x))
        return scores
