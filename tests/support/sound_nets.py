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
_LAID = """
import torch
from torch import nn
PREPROCESS = {"input": "sound", "rate": 8000, "seconds": 0.5, "layout": "%s",
              "features": {"mels": 32, "n_fft": 256, "hop": 80, "mean": -40, "std": 20}}
TRAINED = True
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, (5, 3), (4, 2))
        self.last = nn.Linear(4, 3)
    def forward(self, x):
        if x.dim() == 3:
            x = x.unsqueeze(1).transpose(2, 3)
        return self.last(self.conv(x).relu().mean((2, 3)))
def make_model():
    torch.manual_seed(0)
    return Net()
"""


def wave_file(folder: Path) -> str:
    """The id of a network over samples."""
    return _written(folder / "wave.py", _WAVE)


def mel_file(folder: Path) -> str:
    """The id of a network over a log-mel spectrogram of 32 mels."""
    return _written(folder / "mels.py", _MELS)


def laid_files(folder: Path) -> dict[str, str]:
    """One network over a spectrogram by its layout: bands before time (NCHW), or time before bands (NTC)."""
    return {layout: _written(folder / f"{layout.lower()}.py", _LAID % layout) for layout in ("NCHW", "NTC")}


def _written(path: Path, source: str) -> str:
    path.write_text(source)
    return f"file:{path}:make_model"
