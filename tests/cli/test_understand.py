"""arithmetic, ablate, health and receptive-field on the command line, against plain torch."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.cli import run
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.system.paths import resources
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor

SAMPLES = resources() / "samples"
CAT = str(SAMPLES / "cat.png")
NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
LABELS = ["day", "night", "dusk"]

def make_model():
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.BatchNorm2d(5), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3)
    )
"""


@pytest.fixture
def net(tmp_path: Path) -> list[str]:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return [f"file:{path}:make_model", "--trust-code"]


def own() -> tuple[torch.nn.Module, torch.Tensor]:
    space: dict[str, object] = {}
    exec(NET, space)
    x = to_tensor(open_input(InputRef("picture", CAT)), Preprocess(32, 32, resize=32))
    return space["make_model"]().eval(), x


def test_arithmetic_adds_up(net: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--input", CAT, "--tap", "0", "--channel", "2", "--cell", "0,7"]
    assert run(["arithmetic", *net, *asked, "--terms", "99", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    model, x = own()
    with torch.no_grad():
        true = float(model[0](x)[0, 2, 0, 7])
        normed = float(model[1](model[0](x))[0, 2, 0, 7])
    assert told["value"] == pytest.approx(true, rel=1e-6)
    assert told["sum"] + told["bias"] == pytest.approx(true, rel=1e-4)
    assert sum(t["product"] for t in told["terms"]) + told["rest"] == pytest.approx(told["sum"], rel=1e-9)
    assert len(told["terms"]) == told["number_of_terms"] == 27
    assert sum(t["padding"] for t in told["terms"]) == 9
    sizes = [abs(t["product"]) for t in told["terms"]]
    assert sizes == sorted(sizes, reverse=True)
    assert abs(told["difference"]) <= 1e-4 * abs(true)
    assert [s["operation"] for s in told["following"]] == ["batch_norm", "relu"]
    assert told["following"][0]["stored"] == pytest.approx(normed, rel=1e-6)
    assert told["agrees"]


ATTENDING = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.attend = nn.Conv2d(3, 8, 8, 8), nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        return self.attend(x, x, x)[0].mean(1)

def make_model():
    torch.manual_seed(1)
    return Net()
"""


def test_arithmetic_of_attention_names_heads_and_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.py").write_text(ATTENDING)
    asked = [f"file:{tmp_path / 'net.py'}:make_model", "--trust-code", "--input", CAT]
    asked += ["--tap", "attend[0]", "--channel", "3", "--cell", "1,2", "--terms", "99"]
    assert run(["arithmetic", *asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agrees"]
    assert told["number_of_terms"] == len(told["terms"]) == 32
    assert {(t["head"], t["token"]) for t in told["terms"]} == {
        (head, f"({y}, {x})") for head in (0, 1) for y in range(4) for x in range(4)
    }
    assert sum(t["weight"] for t in told["terms"]) == pytest.approx(2)
    assert sum(h["sum"] for h in told["by_head"]) + told["bias"] == pytest.approx(told["value"], rel=1e-4)
    assert run(["arithmetic", *asked]) == 0
    assert capsys.readouterr().out.split()[:2] == ["head", "token"]


def test_arithmetic_as_a_table(net: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--input", CAT, "--tap", "2", "--channel", "2", "--cell", "3,7", "--terms", "4"]
    assert run(["arithmetic", *net, *asked]) == 0
    out = capsys.readouterr().out
    assert "23 terms" in out
    assert "relu: max(0, x)" in out


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_ablate_is_a_plain_forward_with_a_hook(net: list[str], mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ablate", *net, "--input", CAT, "--tap", "2", "--channel", "1,3", "--with", mode, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    model, x = own()

    def hook(_m: object, _a: object, out: torch.Tensor) -> torch.Tensor:
        out = out.clone()
        out[:, [1, 3]] = 0 if mode == "zero" else out[:, [1, 3]].mean((2, 3), keepdim=True)
        return out

    with torch.no_grad():
        before = model(x)[0].softmax(0)
        model[2].register_forward_hook(hook)
        after = model(x)[0].softmax(0)
    assert {row["label"] for row in told["classes"]} == {"day", "night", "dusk"}
    for row in told["classes"]:
        assert row["before"] == pytest.approx(float(before[row["index"]]), abs=1e-6)
        assert row["after"] == pytest.approx(float(after[row["index"]]), abs=1e-6)
        assert row["difference"] == pytest.approx(row["after"] - row["before"], abs=1e-12)
        assert row["points"] == pytest.approx(100 * row["difference"], abs=1e-9)
    assert told["resumed"]


def test_health_of_a_folder(net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = sorted(SAMPLES.glob("*.png"))[:5]
    for picture in pictures:
        shutil.copy(picture, tmp_path)
    asked = ["health", *net, "--inputs", str(tmp_path), "--tap", "2"]
    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["inputs"] == len(pictures)
    assert [row["channel"] for row in told["rows"]] == [0, 1, 2, 3, 4]
    assert run([*asked, "--csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(row["mean"]) for row in table] == pytest.approx([row["mean"] for row in told["rows"]])
    assert np.array(told["histogram"]["counts"]).sum() == 5 * told["cells"]
    assert run(asked) == 0
    assert "effective rank" in capsys.readouterr().out


def test_receptive_field_boxes(net: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receptive-field", *net, "--tap", "0", "--cell", "0,31", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unclipped"] == {"top": -1, "left": 30, "bottom": 2, "right": 33}
    assert told["clipped"] == {"top": 0, "left": 30, "bottom": 2, "right": 32}
    assert told["padding"] == {"top": 1, "left": 0, "bottom": 0, "right": 1}
    assert told["exact"]
    assert run(["receptive-field", *net, "--tap", "3", "--cell", "0,0"]) == 0
    assert "0 to 32" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["arithmetic", "--input", CAT, "--tap", "9", "--channel", "0", "--cell", "0,0"], "named 9"),
        (["arithmetic", "--input", CAT, "--tap", "0", "--channel", "5", "--cell", "0,0"], "channel 5"),
        (["arithmetic", "--input", CAT, "--tap", "0", "--channel", "x", "--cell", "0,0"], "'x'"),
        (["arithmetic", "--input", CAT, "--tap", "0", "--channel", "0", "--cell", "0"], "'0' is not a cell"),
        (["arithmetic", "--input", CAT, "--tap", "0", "--channel", "0", "--cell", "0,99"], "cell 0,99"),
        (["ablate", "--input", CAT, "--tap", "0", "--channel", "0,9"], "channel 9"),
        (["ablate", "--input", CAT, "--tap", "0", "--channel", ""], "channel"),
        (["ablate", "--input", "no.png", "--tap", "0", "--channel", "0"], "no.png"),
        (["health", "--inputs", "nowhere", "--tap", "0"], "nowhere"),
        (["health", "--inputs", str(SAMPLES), "--tap", "9"], "named 9"),
        (["receptive-field", "--tap", "5", "--cell", "0,0"], "no receptive field"),
    ],
)
def test_what_fails_says_so_in_one_line(
    net: list[str], command: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command[0], *net, *command[1:]]) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_picture_that_comes_along_is_named_as_everywhere(net: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for picture in (CAT, "sample:cat"):
        assert run(["ablate", *net, "--input", picture, "--tap", "2", "--channel", "1", "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["classes"])
    assert told[0] == told[1]
