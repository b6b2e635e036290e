"""A CNN over a log-mel spectrogram, which it makes itself: the sound goes in as it is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def mel_matrix(rate: int, bins: int, mels: int) -> Tensor:
    """(mels, bins): triangles of equal width on the HTK mel scale from 0 Hz to half the rate, each with a peak of 1."""
    highest = 2595 * math.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (torch.linspace(0, highest, mels + 2, dtype=torch.float64) / 2595) - 1)
    at = torch.linspace(0, rate / 2, bins, dtype=torch.float64)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rises, falls = (at - low) / (middle - low), (high - at) / (high - middle)
    return torch.minimum(rises, falls).clamp_min(0).float()


class MelFront(nn.Module):
    """(N, 1, samples) -> (N, 1, mels, frames): ln(mel power + 1e-6); frame t stands at t · hop samples, zeros lie outside."""

    window: Tensor
    matrix: Tensor

    def __init__(self, rate: int = 16_000, n_fft: int = 400, hop: int = 160, mels: int = 64) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        # They follow from the numbers above, and are no weights.
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.register_buffer("matrix", mel_matrix(rate, n_fft // 2 + 1, mels), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        waves = torch.stft(
            x.squeeze(1), self.n_fft, self.hop, window=self.window, pad_mode="constant", return_complex=True
        )
        mel = self.matrix @ (waves.real.square() + waves.imag.square())
        return torch.log(mel + 1e-6).unsqueeze(1)


def unit(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())


class MelCnn(nn.Module):
    """(N, 1, 16000) -> (N, classes); four 3 × 3 convolutions over 64 mels × 101 frames, three poolings."""

    def __init__(self, classes: int = 12) -> None:
        super().__init__()
        self.front = MelFront()
        self.level = nn.BatchNorm2d(1)
        self.features = nn.Sequential(
            unit(1, 16),
            nn.MaxPool2d(2),  # 32 × 50
            unit(16, 32),
            nn.MaxPool2d(2),  # 16 × 25
            unit(32, 64),
            nn.MaxPool2d(2),  # 8 × 12
            unit(64, 96),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(96, classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.flatten(self.pool(self.features(self.level(self.front(x))))))
        return scores
