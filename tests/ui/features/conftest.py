"""A window on a small network whose layers plain torch computes too."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.inputs.preprocess import to_tensor

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 40, "fit": "crop"}

def seeded(made, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in made.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.4)
    return made.eval()

def net():
    return nn.Sequential(
        nn.Conv2d(3, 6, 4, stride=4), nn.ReLU(inplace=True), nn.Conv2d(6, 8, 2, stride=2), nn.GELU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
    )

def make_model():
    return seeded(net(), 1)

def make_other():
    return seeded(net(), 2)

class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 10, 8, stride=8)
        self.cls = nn.Parameter(torch.zeros(1, 1, 10))
        self.block = nn.TransformerEncoderLayer(10, 2, 16, batch_first=True, norm_first=True)
        self.head = nn.Linear(10, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = self.block(torch.cat([self.cls.expand(len(x), -1, -1), x], 1))
        return self.head(x[:, 0])

def make_tokens():
    return seeded(Tokens(), 3)
"""
CAT = InputRef("sample", "cat")


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, ModelSpec]:
    """The networks by name."""
    path = tmp_path / "net.py"
    path.write_text(NET)
    return {name: ModelSpec(f"file:{path}:make_{name}") for name in ("model", "other", "tokens")}


@pytest.fixture
def opened(window: Callable[..., Any], specs: dict[str, ModelSpec]) -> Callable[..., Any]:
    """Opens a window on the networks of these names: one in Explore, several in Compare."""

    def open_window(*names: str) -> Any:
        app = window()
        app.start(specs[names[0]], CAT)
        app.wait_capture()
        if len(names) > 1:
            app.compare.start(tuple(specs[name] for name in names))
            app.turn_to("compare")
        app.rest()
        return app

    return open_window


@pytest.fixture
def plainly(specs: dict[str, ModelSpec]) -> Callable[..., np.ndarray]:
    """(cells, channels) of a layer of the sequential networks, computed by plain torch from a picture."""

    def compute(name: str, layer: int, picture: Any, pre: Any) -> np.ndarray:
        path, _, factory = specs[name].id.removeprefix("file:").rpartition(":")
        net = runpy.run_path(path)[factory]()
        with torch.no_grad():
            maps = net[: layer + 1](to_tensor(picture, pre))[0].numpy()
        return maps.reshape(len(maps), -1).T.astype(np.float64)

    return compute
