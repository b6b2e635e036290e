"""Tokens before the grid on the command line, by their names, against plain torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.cli import run
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.system.paths import resources
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor

CAT = str(resources() / "samples" / "cat.png")
NET = """
import torch
from torch import nn

PREPROCESS = {"height": 16, "width": 16, "resize": 16}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, stride=4)
        self.first = nn.Parameter(torch.randn(1, 2, 8))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.after = nn.Linear(8, 8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = torch.cat([self.first, self.patch(x).flatten(2).transpose(1, 2)], 1)
        x = x + self.attention(x, x, x)[0]
        return self.fc(self.after(x)[:, 0])

def make_model():
    torch.manual_seed(1)
    return Net()
"""
TOKENS = [("CLS", 0), ("reg1", 1)]
asked = pytest.mark.parametrize(("name", "token"), TOKENS)


@pytest.fixture
def net(tmp_path: Path) -> list[str]:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return [f"file:{path}:make_model", "--trust-code"]


def after(x: torch.Tensor) -> torch.Tensor:
    """What the layer `after` returns for a tensor."""
    space: dict[str, Any] = {}
    exec(NET, space)
    model, found = space["make_model"]().eval(), []
    model.after.register_forward_hook(lambda _m, _a, out: found.append(out))
    model(x)
    return found[0]


def cat() -> torch.Tensor:
    return to_tensor(open_input(InputRef("picture", CAT)), Preprocess(16, 16, resize=16))


@asked
def test_the_arithmetic_of_a_token(net: list[str], capsys: pytest.CaptureFixture[str], name: str, token: int) -> None:
    place = ["--input", CAT, "--tap", "after", "--channel", "3", "--cell", name]
    assert run(["arithmetic", *net, *place, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cell"] == [-1, token]
    assert told["value"] == pytest.approx(float(after(cat())[0, token, 3].detach()), rel=1e-5)


@asked
def test_the_gradient_of_a_token(net: list[str], tmp_path: Path, name: str, token: int) -> None:
    out = tmp_path / "map.npz"
    place = ["--input", CAT, "--tap", "after", "--channel", "3", "--cell", name, "--method", "gradient"]
    assert run(["explain", *net, *place, "--out", str(out)]) == 0
    x = cat().requires_grad_(True)
    (wanted,) = torch.autograd.grad(after(x)[0, token, 3], x)
    with np.load(out) as told:
        values = next(told[key] for key in told.files if told[key].shape == (3, 16, 16))
    assert np.allclose(values, wanted[0].numpy(), rtol=1e-4, atol=1e-6)


@asked
def test_a_picture_is_made_for_a_token(
    net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, token: int
) -> None:
    out = tmp_path / "out.png"
    place = ["--tap", "after", "--channel", "3", "--cell", name, "--steps", "24"]
    assert run(["maximise", *net, *place, "--out", str(out)]) == 0
    assert f"channel 3 of after at {name.upper()}: " in capsys.readouterr().out
    with Image.open(out) as picture:
        assert json.loads(picture.text["Description"])["objective"]["cell"] == [-1, token]
        pixels = np.asarray(picture.convert("RGB"))
    ref = InputRef("picture", str(out))
    made = float(after(to_tensor(open_input(ref), Preprocess(16, 16, resize=16)))[0, token, 3].detach())
    grey = torch.full_like(cat(), 0.0)
    assert pixels.shape == (16, 16, 3)
    assert made > float(after(grey)[0, token, 3].detach())


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["maximise", "--tap", "after", "--channel", "3", "--cell", "REG2", "--out", "a.png"], "no token REG2"),
        (["maximise", "--tap", "patch", "--channel", "3", "--cell", "CLS", "--out", "a.png"], "no token CLS"),
        (["maximise", "--tap", "after", "--channel", "3", "--cell", "REG0", "--out", "a.png"], "is not a cell"),
        (["receptive-field", "--tap", "patch", "--cell", "CLS"], "no cell"),
    ],
)
def test_tokens_that_are_not_there(
    net: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([command[0], *net, *command[1:]]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
