"""A window that compares small networks: one twice with other weights, one of another architecture and crop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attention_columns import NETS, choose

from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32, "fit": "stretch"}

def net():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True),
        nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
    )

def seeded(made, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in made.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.4)
    return made.eval()

def make_model():
    return seeded(net(), 1)

def make_other():
    return seeded(net(), 2)

class Broken(nn.Module):
    def forward(self, x):
        raise RuntimeError("layer seven is on strike")

def make_broken():
    return Broken()
"""
CROPPED = """
from torch import nn

PREPROCESS = {"height": 16, "width": 16, "resize": 32, "fit": "crop"}

def make_model():
    return nn.Sequential(
        nn.Conv2d(3, 4, 2, stride=2), nn.ReLU(), nn.Conv2d(4, 5, 2, stride=2), nn.GELU(), nn.Flatten(), nn.Linear(80, 3)
    )
"""
CAT = InputRef("sample", "cat")


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, ModelSpec]:
    """The networks by name."""
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "cropped.py").write_text(CROPPED)
    names = {"one": "net.py:make_model", "other": "net.py:make_other", "broken": "net.py:make_broken"}
    return {
        name: ModelSpec(f"file:{tmp_path}/{what}") for name, what in (names | {"crop": "cropped.py:make_model"}).items()
    }


@pytest.fixture
def compare(window: Callable[..., Any], specs: dict[str, ModelSpec]) -> Callable[..., Any]:
    """Opens a window that compares the networks of these names (`named` False: as if none were)."""

    def opened(*names: str, named: bool = True) -> Any:
        app = window()
        app.start(specs[names[0]], CAT)
        app.wait_capture()
        if named:
            app.compare.start(tuple(specs[name] for name in names))
        app.turn_to("compare")
        app.rest()
        return app

    return opened


@pytest.fixture
def attending(window: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens a window that compares the networks of these names; `shown` False: it shows their maps."""
    path = tmp_path / "nets.py"
    path.write_text(NETS)

    def opened(*names: str, shown: bool = True) -> Any:
        app = window(size=(1280, 900))
        specs = tuple(ModelSpec(f"file:{path}:make_{name}") for name in names)
        app.start(specs[0], CAT)
        app.wait_capture()
        app.compare.start(specs)
        app.turn_to("compare")
        app.rest()
        if shown:
            choose(app.compare.view, Shows.ATTENTION)
            app.rest()
        return app

    return opened
