"""One-dimensional and three-dimensional layers on the command line: channels are channels in whatever is asked."""

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
LINE = """
import torch
from torch import nn

PREPROCESS = {"height": HEIGHT, "width": 32, "resize": 32, "fit": "stretch"}

def make_model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Flatten(2), nn.Conv1d(3, 8, 9, padding=4), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(4), nn.Conv1d(8, 16, 3),
        nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 4)
    )
"""
CLIP = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.act, self.last, self.fc = nn.Conv3d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv3d(6, 5, 3, padding=1), nn.Linear(5, 4)

    def forward(self, x):
        clip = torch.stack([x.roll(2 * n, -1) for n in range(4)], 2)
        return self.fc(self.last(self.act(self.first(clip))).mean((2, 3, 4)))

def make_model():
    return Clip()
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, list[str]]:
    texts = {"line": LINE.replace("HEIGHT", "1"), "rows": LINE.replace("HEIGHT", "32"), "clip": CLIP}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    return {name: [f"file:{tmp_path / name}.py:make_model", "--trust-code"] for name in texts}


def told(capsys: pytest.CaptureFixture[str], *asked: str) -> Any:
    assert run([*asked, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as opened:
        return opened.size


def model(text: str, height: int = 32) -> tuple[torch.nn.Module, torch.Tensor]:
    space: dict[str, Any] = {}
    exec(text.replace("HEIGHT", str(height)), space)
    fit = "stretch" if text is LINE else "crop"
    pre = Preprocess(height, 32, fit, 32)
    return space["make_model"]().eval(), to_tensor(open_input(InputRef("picture", CAT)), pre)


@pytest.mark.parametrize("name", ["line", "rows"])
def test_every_layer_over_a_line_is_a_sequence(
    files: dict[str, list[str]], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["name"]: row for row in told(capsys, "layers", *files[name])["taps"]}
    assert [rows[str(i)]["layout"] for i in range(8)] == ["NCT"] * 8
    assert rows["3"]["grid"] == ([1, 32] if name == "line" else None)
    assert rows["6"]["receptive_field"] == ([1, 20] if name == "line" else None)


def test_a_field_in_samples_and_why_there_is_none(
    files: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "receptive-field", *files["line"], "--tap", "6", "--cell", "0,2")
    assert (found["unclipped"]["left"], found["unclipped"]["right"], found["exact"]) == (4, 24, True)
    assert run(["receptive-field", *files["rows"], "--tap", "0", "--cell", "0,2"]) != 0
    assert "one row after the other" in capsys.readouterr().err


def test_a_channel_beyond_the_layer_is_refused_and_another_is_taken_away(
    files: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ablate", *files["rows"], "--input", CAT, "--tap", "3", "--channel", "700"]) != 0
    assert "no channel 700" in capsys.readouterr().err
    done = told(capsys, "ablate", *files["rows"], "--input", CAT, "--tap", "3", "--channel", "3")
    net, x = model(LINE)
    net[3].register_forward_hook(lambda _m, _a, out: out * (torch.arange(8) != 3).view(1, 8, 1))
    with torch.no_grad():
        after = net(x).softmax(1)[0]
    assert done["classes"]
    for row in done["classes"]:
        assert row["after"] == pytest.approx(float(after[row["index"]]), abs=1e-5)


def test_the_picture_of_an_activation_is_that_of_the_convolution_before_it(
    files: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "maps.png"
    sizes = []
    for tap in ("1", "3"):
        assert run(["maps", *files["rows"], "--input", CAT, "--tap", tap, "--out", str(out)]) == 0
        sizes.append(size_of(out))
    assert sizes[0] == sizes[1]
    capsys.readouterr()


def test_channels_of_slices_are_shown_explained_and_refused_by_name(
    files: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = next(row for row in told(capsys, "layers", *files["clip"])["taps"] if row["name"] == "last")
    assert (row["layout"], row["grid"]) == ("NCDHW", [64, 64])
    out = tmp_path / "out" / "maps.png"
    out.parent.mkdir()
    assert run(["maps", *files["clip"], "--input", CAT, "--tap", "last", "--out", str(out)]) == 0
    assert min(size_of(out)) > 64
    Image.new("RGB", (40, 40), "olive").save(tmp_path / "only.png")
    found = told(capsys, "health", *files["clip"], "--tap", "last", "--input", str(tmp_path))
    assert found["channels"] == 5
    cam = ["explain", "--method", "grad-cam", "--class", "1", "--layer", "act", "--out", str(tmp_path / "e.png")]
    for command in (["pca", "--tap", "last", "--out", str(tmp_path / "p.png")], cam):
        assert run([command[0], *files["clip"], "--input", CAT, *command[1:]]) != 0
        assert "slices" in capsys.readouterr().err
    net, x = model(CLIP)
    seen: list[torch.Tensor] = []
    net.last.register_forward_hook(lambda _m, _a, o: seen.append(o))
    with torch.no_grad():
        net(x)
    npz = tmp_path / "maps.npz"
    assert run(["maps", *files["clip"], "--input", CAT, "--tap", "last", "--out", str(npz)]) == 0
    assert np.allclose(np.load(npz)["last"], seen[0][0].numpy(), atol=1e-6)
