"""The headless commands, in this process and in one of their own, against plain torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import demo_shelf
import numpy as np
import pytest
import torch
from PIL import Image

from explorer.cli import run
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
def net(tmp_path: Path) -> str:
    path = tmp_path / "my net.py"
    path.write_text(NET)
    return f"file:{path}:make_model"


def own_forward() -> tuple[torch.Tensor, torch.Tensor]:
    """(output of the convolution before the in-place ReLU, logits) by plain torch and torchvision's transforms."""
    from explorer.engine.models.torchvision_compat import import_torchvision

    import_torchvision()
    from torchvision.transforms import functional as tf

    space: dict[str, Any] = {}
    exec(NET, space)
    model = space["make_model"]().eval()
    picture = Image.open(CAT).convert("RGB")
    x = tf.normalize(
        tf.to_tensor(tf.center_crop(tf.resize(picture, 32), 32)), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    )
    with torch.no_grad():
        return model[0](x[None])[0], model(x[None])[0]


def test_layers_as_json(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", net, "--trust-code", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    taps = {tap["name"]: tap for tap in told["taps"]}
    assert [tap["name"] for tap in told["taps"] if tap["observable"]] == ["0", "1", "2", "3", "4", "output"]
    assert taps["0"]["shape"] == [1, 5, 30, 30]
    assert (taps["0"]["parameters"], taps["0"]["macs"]) == (5 * 27 + 5, 5 * 27 * 900)
    assert taps["0"]["receptive_field"] == [3, 3]
    assert taps["4"]["layout"] == "NC"
    assert taps["0"]["bytes"] == 4 * 5 * 900


def test_layers_at_another_size(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", net, "--trust-code", "--size", "48", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == [1, 3, 48, 48]


def test_layers_at_an_oblong_size(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", net, "--trust-code", "--size", "48x64", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == [1, 3, 48, 64]


@pytest.mark.parametrize("size", ["0", "48x", "1x2x3", "axb", "-3", "99999"])
def test_what_is_no_size(net: str, capsys: pytest.CaptureFixture[str], size: str) -> None:
    assert run(["layers", net, "--trust-code", f"--size={size}"]) == 1
    assert "is not an input size" in capsys.readouterr().err


def test_transform_input_is_a_switch(net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Seen at the first layer: untrained, the network's signal dies out, and its logits are the biases of the last one."""
    command = ["maps", "torchvision:googlenet", "--untrained", "--input", CAT, "--tap", "conv1.conv"]
    maps = []
    for number, switch in enumerate((["--transform-input", "on"], ["--transform-input", "off"], [])):
        out = tmp_path / f"{number}.npz"
        assert run([*command, "--out", str(out), *switch]) == 0
        with np.load(out) as stored:
            maps.append(stored["conv1.conv"])
    on, off, default = maps
    assert np.array_equal(default, off)
    assert np.abs(on - off).max() > 0.1 * np.abs(off).max()
    capsys.readouterr()
    assert run(["predict", net, "--trust-code", "--input", CAT, "--transform-input", "on"]) == 1
    assert "has no transform_input" in capsys.readouterr().err


def test_layers_as_a_table_names_what_cannot_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "torchvision:resnet18", "--untrained", "--size", "64"]) == 0
    out = capsys.readouterr().out
    assert "layer1.0.relu_1" in out
    assert "no: the result of the function add inside layer1.0" in out


def test_predict_is_the_softmax_of_plain_torch(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", net, "--trust-code", "--input", CAT, "--top", "3", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["prediction"]
    _, logits = own_forward()
    expected = logits.softmax(0)
    assert [row["index"] for row in rows] == expected.argsort(descending=True).tolist()
    assert rows[0]["probability"] == pytest.approx(float(expected.max()), abs=1e-5)
    assert rows[0]["label"] in ("day", "night", "dusk")


def test_a_demo_model_names_what_a_sample_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = demo_shelf.resources_in(tmp_path, monkeypatch)
    plain = demo_shelf.put(models, "shapes-cnn")
    path = resources() / "samples" / "gallery" / "world-01-disc-rings.png"
    x = (torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None] / 255 - 0.45) / 0.25
    with torch.no_grad():
        expected = plain(x).softmax(1)[0]
    assert run(["predict", "demo:shapes-cnn", "--input", "sample:world-01-disc-rings", "--top", "10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model"]["facts"]["licence"] == "Apache-2.0"
    for row in told["prediction"]:
        assert row["label"] == demo_shelf.LABELS[row["index"]]
        assert row["probability"] == pytest.approx(float(expected[row["index"]]), abs=1e-5)
    demo_shelf.put(models, "shapes-ssl-cnn", head_trained=False, labels=[])
    assert run(["predict", "demo:shapes-ssl-cnn", "--input", "sample:cat"]) == 0
    assert "(last layer never trained: the prediction means nothing)" in capsys.readouterr().out


def test_maps_are_the_true_values(net: str, tmp_path: Path) -> None:
    out = tmp_path / "maps.npz"
    assert run(["maps", net, "--trust-code", "--input", CAT, "--tap", "0", "--tap", "1", "--out", str(out)]) == 0
    conv, _ = own_forward()
    with np.load(out) as stored:
        assert stored["0"].dtype == np.float32
        assert np.allclose(stored["0"], conv.numpy(), atol=1e-5)
        assert stored["0"].min() < 0
        assert np.allclose(stored["1"], conv.relu().numpy(), atol=1e-5)
        manifest = json.loads(str(stored["manifest"]))
    assert set(manifest["taps"]) == {"0", "1"}
    assert len(manifest["weights"]["sha256"]) == 64


def test_maps_as_a_picture(net: str, tmp_path: Path) -> None:
    out = tmp_path / "maps.png"
    assert run(["maps", net, "--trust-code", "--input", CAT, "--tap", "0", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert min(picture.size) > 300
        assert "manifest" not in picture.info
        assert json.loads(picture.info["Description"])["taps"]["0"]["type"] == "Conv2d"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["predict", "torchvision:resnet18", "--input", CAT], "untrained"),
        (["predict", "torchvision:resnet1", "--untrained", "--input", CAT], "resnet1"),
        (["predict", "torchvision:squeezenet1_1", "--untrained", "--input", "nowhere.png"], "nowhere.png"),
        (
            [
                "maps",
                "torchvision:squeezenet1_1",
                "--untrained",
                "--input",
                CAT,
                "--tap",
                "features.99",
                "--out",
                "x.npz",
            ],
            "features.99",
        ),
        (
            [
                "maps",
                "torchvision:squeezenet1_1",
                "--untrained",
                "--input",
                CAT,
                "--tap",
                "features.0",
                "--out",
                "x.txt",
            ],
            ".npz",
        ),
        (["layers", "torchvision:squeezenet1_1", "--untrained", "--size", "big"], "big"),
        (["predict"], "MODEL"),
    ],
)
def test_what_fails_says_so_in_one_line(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = run(argv)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    assert code == 1
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_python_file_is_not_run_without_a_yes(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", net]) == 1
    assert "--trust-code" in capsys.readouterr().err


def test_screenshot_and_smoke_test_in_a_process_of_their_own(tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    argv = [
        "screenshot",
        "--model",
        "demo:seeded",
        "--input",
        CAT,
        "--tap",
        "relu",
        "--size",
        "1000x700",
        "--theme",
        "light",
        "--out",
        str(out),
    ]
    done = subprocess.run([sys.executable, "-m", "explorer", *argv], capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(out) as picture:
        assert picture.size == (1000, 700)
        assert len(picture.convert("RGB").resize((100, 70)).getcolors(7000) or []) > 500
    smoke = subprocess.run(
        [sys.executable, "-m", "explorer", "smoke-test"], capture_output=True, text=True, timeout=240
    )
    assert (smoke.returncode, smoke.stderr) == (0, "")
    assert smoke.stdout.rstrip().endswith("smoke test passed")


def test_mobilenet_sees_a_cat(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = shared_data / "weights" / "mobilenet_v2-imagenet" / "mobilenet_v2.safetensors"
    picture = shared_data / "photos" / "chelsea.png"
    assert run(["predict", "mobilenet_v2", "--weights", str(weights), "--input", str(picture), "--json"]) == 0
    best = json.loads(capsys.readouterr().out)["prediction"][0]
    assert best["label"] == "Egyptian cat"
    assert best["probability"] == pytest.approx(0.74, abs=0.02)
