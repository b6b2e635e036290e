"""A small residual network for 96 px pictures: 15 convolutions in a stem and three stages."""

from __future__ import annotations

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions and a way past them."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outside)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outside)
        self.skip = nn.Sequential()
        if stride != 1 or inside != outside:
            self.skip = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        out: Tensor = self.relu2(y + self.skip(x))
        return out


class ResidualNet(nn.Module):
    """(N, 3, 96, 96) -> (N, classes). Maps: 48 px after the stem, 24, 12 and 6 px in the stages."""

    def __init__(self, classes: int = 10, widths: tuple[int, int, int] = (32, 64, 96), stem: int = 32) -> None:
        super().__init__()
        # 7 × 7: large enough for its filters to be looked at.
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, 7, 2, 3, bias=False), nn.BatchNorm2d(stem), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        stages, inside = [], stem
        for number, width in enumerate(widths):
            stages.append(
                nn.Sequential(ResidualBlock(inside, width, 1 if number == 0 else 2), ResidualBlock(width, width, 1))
            )
            inside = width
        self.stage1, self.stage2, self.stage3 = stages
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(inside, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, x: Tensor) -> Tensor:
        """(N, widths[-1]): what the head sees."""
        features: Tensor = self.flatten(self.pool(self.stage3(self.stage2(self.stage1(self.stem(x))))))
        return features

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(x))
        return scores
