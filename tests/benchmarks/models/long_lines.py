"""Eight layers of 512 channels over 16,000 samples: as long as a second of sound gets without a stride. Untrained."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PREPROCESS = {"input": "sound", "rate": 16000, "seconds": 1.0, "features": "none"}
CHANNELS, SAMPLES = 512, 16000


class LongLines(nn.Module):
    """(N, 1, T) -> (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, CHANNELS, 9, padding=4)
        layers: list[nn.Module] = []
        for width in (3, 5, 7):
            layers += [nn.Conv1d(CHANNELS, CHANNELS, width, padding=width // 2, groups=CHANNELS), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(CHANNELS, 4)

    def forward(self, sound: Tensor) -> Tensor:
        scores: Tensor = self.head(self.layers(self.first(sound)).mean(-1))
        return scores


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return LongLines().eval()
