"""A window on a small network with everything that is studied: convolutions, normalisation, in-place ReLU, a linear layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.down = nn.Conv2d(6, 8, 3, stride=2)
        self.act = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = self.relu(self.norm(self.conv(x)))
        return self.fc(self.pool(self.act(self.down(x))).flatten(1))

class Smooth(Net):
    def __init__(self):
        super().__init__()
        self.relu = nn.GELU()
        self.act = nn.GELU()

class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 8, stride=8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        return self.fc(self.attention(x, x, x)[0].mean(1))

class Classing(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 8, stride=8)
        self.first = nn.Parameter(torch.zeros(1, 2, 8))
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.after = nn.Linear(8, 8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = torch.cat([self.first, self.patch(x).flatten(2).transpose(1, 2)], 1)
        y = self.norm(x)
        x = x + self.attention(y, y, y)[0]
        return self.fc(self.after(x)[:, 0])

class Cumulative(Net):
    def __init__(self):
        super().__init__()
        self.kept = nn.Identity()

    def forward(self, x):
        return super().forward(self.kept(x.cumsum(3)))

def made(net):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.4)
    return net

def make_model():
    return made(Net())

def make_smooth():
    return made(Smooth())

def make_attending():
    return made(Attending())

def make_classing():
    return made(Classing())

def make_cumulative():
    return made(Cumulative())
"""


@pytest.fixture
def open_net(window: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens one of the networks above in a window of its own."""
    path = tmp_path / "net.py"
    path.write_text(NET)

    def open_one(factory: str = "make_model", tap: str = "relu") -> Any:
        app = window()
        app.start(ModelSpec(f"file:{path}:{factory}"), InputRef("sample", "cat"))
        app.wait_capture()
        app.change(tap=tap, channel=2, cell=None)
        app.rest()
        return app

    return open_one


@pytest.fixture
def app(open_net: Callable[..., Any]) -> Any:
    return open_net()


@pytest.fixture
def module() -> Callable[[Any], Any]:
    """The network behind a window."""
    return lambda app: app.loaded.module
