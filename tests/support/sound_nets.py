"""Small networks of sounds, and files that make them."""

from __future__ import annotations

from pathlib import Path

_WAVE = """
import torch
from torch import nn
PREPROCESS = {"input": "sound", "rate": 8000, "seconds": 0.5}
TRAINED = True
def make_model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(1, 8, 40, 4, 20), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(8, 6, 5, 1, 2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3),
    )
"""
_MELS = """
import torch
from torch import nn
PREPROCESS = {"input": "sound", "rate": 8000, "seconds": 0.5, "features": {"mels": 32, "n_fft": 256, "hop": 80, "mean": -40, "std": 20}}
TRAINED = True
def make_model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 6, 3, 1, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3),
    )
"""


def wave_file(folder: Path) -> str:
    """The id of a network over samples."""
    return _written(folder / "wave.py", _WAVE)


def mel_file(folder: Path) -> str:
    """The id of a network over a log-mel spectrogram of 32 mels."""
    return _written(folder / "mels.py", _MELS)


def _written(path: Path, source: str) -> str:
    path.write_text(source)
    return f"file:{path}:make_model"
