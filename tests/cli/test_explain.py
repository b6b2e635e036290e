"""The command explain, against plain torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from explorer.cli import run
from explorer.core.attribution import METHODS as METHOD_NAMES
from explorer.core.attribution import misfit
from explorer.core.system.paths import resources

CAT = str(resources() / "samples" / "cat.png")
NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
LABELS = ["day", "night", "dusk"]

def make_model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))
"""


@pytest.fixture
def net(tmp_path: Path) -> list[str]:
    path = tmp_path / "my net.py"
    path.write_text(NET)
    return [f"file:{path}:make_model", "--trust-code", "--input", CAT]


def own() -> tuple[nn.Module, Tensor]:
    from explorer.core.inputs import InputRef
    from explorer.core.models import Preprocess
    from explorer.engine.inputs import open_input
    from explorer.engine.inputs.preprocess import to_tensor

    space: dict[str, Any] = {}
    exec(NET, space)
    x = to_tensor(open_input(InputRef("picture", CAT)), Preprocess(32, 32, resize=32))
    return space["make_model"]().eval(), x


def test_the_table_of_methods_is_the_engines() -> None:
    from explorer.engine.attribution.attribution_methods import METHODS

    assert tuple(METHODS) == tuple(METHOD_NAMES)


@pytest.mark.parametrize("method", [name for name in METHOD_NAMES if not misfit(name, sound=False)])
def test_values_and_picture(method: str, net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--samples", "3", "--steps", "4", "--window", "8", "--stride", "8"]
    for suffix in ("npz", "png"):
        out = tmp_path / f"map.{suffix}"
        argv = ["explain", *net, "--class", "1", "--method", method, *quick, "--out", str(out)]
        assert run([*argv, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["target"] == {"class": 1, "label": "night"}
    with np.load(tmp_path / "map.npz") as stored:
        assert stored["attribution"].dtype == np.float32
        assert stored["attribution"].shape == (1 if method in ("grad-cam", "occlusion") else 3, 32, 32)
        assert ("cam" in stored) == method.endswith("grad-cam")
        manifest = json.loads(str(stored["manifest"]))
        assert told["sum"] == pytest.approx(float(stored["attribution"].sum(dtype=np.float64)))
    assert len(manifest["weights"]["sha256"]) == 64
    assert manifest["explanation"]["method"] == method
    assert ("relus" in told) == (method in ("guided-backprop", "deconvnet", "guided-grad-cam"))
    with Image.open(tmp_path / "map.png") as picture, Image.open(CAT) as original:
        assert picture.width / picture.height == pytest.approx(original.width / original.height, rel=0.01)
        assert json.loads(picture.info["Description"])["explanation"]["value"] == told["value"]


def test_the_gradient_of_a_class_and_of_a_cell(net: list[str], tmp_path: Path) -> None:
    model, x = own()
    leaf = x.clone().requires_grad_()
    conv = model[0](leaf)
    logit = model[4](conv.relu().mean((2, 3)))[0, 2]
    chosen = {"class": logit, "cell": conv[0, 3, 5, 7], "channel": conv.relu()[0, 3].mean()}
    options = {
        "class": ["--class", "2"],
        "cell": ["--tap", "0", "--channel", "3", "--cell", "5,7"],
        "channel": ["--tap", "1", "--channel", "3"],
    }
    for name, value in chosen.items():
        (expected,) = torch.autograd.grad(value, leaf, retain_graph=True)
        out = tmp_path / f"{name}.npz"
        assert run(["explain", *net, *options[name], "--method", "gradient", "--out", str(out)]) == 0
        with np.load(out) as stored:
            assert np.allclose(stored["attribution"], expected[0], atol=1e-5 * float(expected.abs().max()))
            assert json.loads(str(stored["manifest"]))["explanation"]["value"] == pytest.approx(value.item(), rel=1e-5)


def test_black_is_black_of_the_preprocessing(net: list[str], tmp_path: Path) -> None:
    model, x = own()
    out = tmp_path / "map.npz"
    argv = [
        "explain",
        *net,
        "--class",
        "0",
        "--method",
        "integrated-gradients",
        "--baseline",
        "black",
        "--out",
        str(out),
    ]
    assert run(argv) == 0
    black = (torch.zeros(3) - torch.tensor((0.485, 0.456, 0.406))) / torch.tensor((0.229, 0.224, 0.225))
    with torch.no_grad():
        ground = model(black.view(1, 3, 1, 1).expand_as(x))[0, 0].item()
    with np.load(out) as stored:
        told = json.loads(str(stored["manifest"]))["explanation"]
        assert told["baseline_value"] == pytest.approx(ground, rel=1e-5)
        gap = float(stored["attribution"].sum(dtype=np.float64)) - (told["value"] - ground)
        assert told["completeness_gap"] == pytest.approx(gap, abs=1e-4)


def test_checks(net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["explain", *net, "--class", "1", "--method", "gradient", "--check", "--out", str(tmp_path / "map.png")]
    assert run([*argv, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sanity"]["randomised"] == ["4"]
    assert len(told["deletion"]["scores"]) == len(told["insertion"]["shares"]) == 33
    assert run(argv) == 0
    assert "area under deletion" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "gradient"], "--class"),
        (["--class", "1", "--tap", "0", "--channel", "1", "--method", "gradient"], "either"),
        (["--class", "1", "--cell", "1,1", "--method", "gradient"], "--tap"),
        (["--tap", "0", "--method", "gradient"], "--channel"),
        (["--tap", "0", "--channel", "1", "--cell", "x", "--method", "gradient"], "Write it as in 3,5"),
        (["--tap", "0", "--channel", "1", "--cell", "99,0", "--method", "gradient"], "no cell"),
        (["--tap", "9", "--channel", "1", "--method", "gradient"], "no tap named 9"),
        (["--tap", "0", "--channel", "5", "--method", "gradient"], "no channel 5"),
        (["--class", "3", "--method", "gradient"], "classes 0 to 2"),
        (["--class", "-1", "--method", "gradient"], "classes 0 to 2"),
        (["--class", "1", "--method", "magic"], "magic"),
        (["--class", "1", "--method", "occlusion", "--window", "99"], "does not fit"),
        (["--class", "1", "--method", "grad-cam", "--layer", "3"], "no map"),
        (["--class", "1", "--method", "smoothgrad", "--samples", "0"], "at least 1"),
    ],
)
def test_what_fails_says_so_in_one_line(
    options: list[str], said: str, net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "map.npz"
    try:
        code = run(["explain", *net, *options, "--out", str(out)])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    assert code == 1
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert not out.exists()


def test_mobilenet_looks_at_the_coffee(shared_data: Path, tmp_path: Path) -> None:
    weights = shared_data / "weights" / "mobilenet_v2-imagenet" / "mobilenet_v2.safetensors"
    picture, out = shared_data / "photos" / "coffee.png", tmp_path / "map.npz"
    argv = ["explain", "mobilenet_v2", "--weights", str(weights), "--input", str(picture), "--class", "967"]
    assert run([*argv, "--method", "grad-cam", "--out", str(out)]) == 0
    with np.load(out) as stored:
        row, column = np.unravel_index(stored["attribution"][0].argmax(), (224, 224))
    assert 60 < row < 110  # in the cup
    assert 85 < column < 135


@pytest.mark.parametrize(
    ("model", "method", "more", "shape"),
    [
        ("sounds-wave-cnn", "integrated-gradients", ["--baseline", "silence", "--steps", "4"], (1, 1, 16000)),
        ("sounds-wave-cnn", "time-occlusion", ["--window-ms", "250", "--stride-ms", "250"], (1, 1, 16000)),
        ("sounds-mel-cnn", "grad-cam", [], (1, 64, 101)),
        (
            "sounds-mel-cnn",
            "time-occlusion",
            ["--window-ms", "250", "--stride-ms", "250", "--band-hz", "4000"],
            (1, 64, 101),
        ),
    ],
)
def test_a_sound_is_explained(
    model: str, method: str, more: list[str], shape: tuple[int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["explain", f"demo:{model}", "--input", "sample:sound-kick", "--class", "7", "--method", method, *more]
    assert run([*argv, "--out", str(tmp_path / "a.npz"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    with np.load(tmp_path / "a.npz") as file:
        assert file["attribution"].shape == shape
        assert json.loads(str(file["manifest"]))["input"]["rate"] == 16000
    assert told["settings"]["sound"]["ms"] in (1 / 16, 10)
    assert run([*argv, "--out", str(tmp_path / "a.png")]) == 0
    with Image.open(tmp_path / "a.png") as drawn:
        assert drawn.size == (1280, 384)
