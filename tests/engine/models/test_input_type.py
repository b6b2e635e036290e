"""Networks of several floating-point types take their picture in the type in which plain torch runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from explorer.core.models import ModelSpec
from explorer.core.target import Target
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import capture, discover
from explorer.engine.models import open_model

FILE = """
import torch
from torch import nn

PREPROCESS = {"height": 16, "width": 16, "resize": 16}


class Net(nn.Module):
    def __init__(self, dtype):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.conv, self.norm = nn.Conv2d(3, 8, 3), nn.LayerNorm(8)
        self.fc = nn.Linear(8, 4)
        self.conv.to(dtype), self.fc.to(dtype)

    def forward(self, x):
        y = self.norm(self.conv(x).mean((2, 3)).to(self.norm.weight.dtype))
        return self.fc((y * self.scale).to(self.fc.weight.dtype))


class Casts(Net):
    def forward(self, x):
        assert x.dtype == torch.float32
        return super().forward(x.to(self.conv.weight.dtype))


def half(): return Net(torch.float16)
def brain(): return Net(torch.bfloat16)
def double(): return Net(torch.float64)
def casts(): return Casts(torch.bfloat16)
def all_half(): return Net(torch.float16).half()
def plain(): return Net(torch.float32)
"""
CASES = {
    "half": torch.float16,
    "brain": torch.bfloat16,
    "double": torch.float64,
    "casts": torch.float32,
    "all_half": torch.float16,
    "plain": torch.float32,
}


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[str], nn.Module]:
    (tmp_path / "net.py").write_text(FILE)
    return lambda name: open_model(ModelSpec(f"file:{tmp_path / 'net.py'}:{name}"), trust_code=True).module


@pytest.mark.parametrize("name", CASES)
def test_the_type_in_which_a_network_runs_is_found(opened: Callable[[str], nn.Module], name: str) -> None:
    net = opened(name)
    assert input_dtype(net) == CASES[name]
    x = torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)).to(input_dtype(net))
    with torch.no_grad():
        expected: Tensor = net(x)
    seen = discover(net, x.clone())
    assert torch.equal(capture(net, x.clone(), seen.plan).output, expected)
    assert {tap.dtype for tap in seen.plan.taps if tap.path == "conv"} == {str(net.conv.weight.dtype).split(".")[1]}
    found = finished(explain("gradient", net, x, Target("", 0), seen.plan))
    assert found.values.any()
