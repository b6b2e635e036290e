"""Which output the commands read, what its numbers are, and what they say of random weights and of answers that differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from explorer.cli import run
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}
TRAINED = True

class Net(nn.Module):
    def __init__(self, last=None):
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.fc, self.last = nn.Conv2d(3, 8, 3), nn.Linear(8, 3), last

    def forward(self, x):
        features = self.conv(x).relu().mean((2, 3))
        logits = self.fc(features)
        return {"features": features, "logits": logits} if self.last is None else self.last(logits)

def softmax():
    return Net(nn.Softmax(1))

def several():
    return Net(nn.Sigmoid())

def one():
    return Net(lambda z: z[:, :1])

class Hidden(Net):
    hidden = None

    def forward(self, x):
        y = self.conv(x)
        self.hidden = torch.tanh(y if self.hidden is None else y + self.hidden)
        return self.fc(self.hidden.mean((2, 3))) * 10

class Noisy(Net):
    def forward(self, x):
        return self.fc(nn.functional.dropout(self.conv(x), 0.5).mean((2, 3))) * 10
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(NET)
    ramp = [(x * 8, y * 8, (x + y) * 4) for y in range(32) for x in range(32)]
    picture = Image.new("RGB", (32, 32))
    picture.putdata(ramp)
    picture.save(tmp_path / "in.png")
    return f"file:{path}:"


def asked(net: str, factory: str, tmp_path: Path) -> list[str]:
    return [f"{net}{factory}", "--trust-code", "--input", str(tmp_path / "in.png")]


def own(tmp_path: Path, factory: str) -> tuple[torch.nn.Module, torch.Tensor]:
    space: dict[str, object] = {}
    exec(NET, space)
    x = to_tensor(open_input(InputRef("picture", str(tmp_path / "in.png"))), Preprocess(32, 32, resize=32))
    return space[factory]().eval(), x  # type: ignore[operator]


def said(command: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert run([*command, "--json"]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_predict_reads_the_logits_of_a_dict_or_the_output_it_is_told(net: str, tmp_path: Path, capsys) -> None:
    command = ["predict", *asked(net, "Net", tmp_path)]
    model, x = own(tmp_path, "Net")
    with torch.no_grad():
        out = model(x)
    for extra, name in (([], "logits"), (["--output", "features"], "features")):
        told = said([*command, *extra], capsys)
        assert told["class_vector"]["output"] == name
        true = out[name][0].softmax(0)
        assert {row["index"]: row["probability"] for row in told["prediction"]} == pytest.approx(
            {int(i): float(true[i]) for i in true.topk(min(5, len(true))).indices}, abs=1e-5
        )
    assert run([*command, "--output", "nope"]) == 1
    assert "no output named nope. It returns features, logits." in capsys.readouterr().err


@pytest.mark.parametrize(("factory", "words"), [("softmax", "sum to 1"), ("several", "independent, 0 to 1 each")])
def test_probabilities_are_not_made_probabilities_once_more(factory, words, net, tmp_path, capsys) -> None:
    model, x = own(tmp_path, factory)
    with torch.no_grad():
        true = model(x)[0]
    command = ["predict", *asked(net, factory, tmp_path)]
    told = said(command, capsys)
    assert words in told["class_vector"]["read_as"]
    assert told["class_vector"]["quantity"] == "probability"
    assert {row["index"]: row["probability"] for row in told["prediction"]} == pytest.approx(
        {i: float(v) for i, v in enumerate(true)}, abs=1e-6
    )
    assert all(row["logit"] is None for row in told["prediction"])
    again = said([*command, "--probabilities", "softmax"], capsys)
    assert again["prediction"][0]["probability"] == pytest.approx(float(true.softmax(0).max()), abs=1e-6)
    assert run(command) == 0
    assert "shown as they are" in capsys.readouterr().out


def test_one_logit_is_a_class_in_every_command(net, tmp_path, capsys) -> None:
    model, x = own(tmp_path, "one")
    with torch.no_grad():
        true = float(model(x).sigmoid())
    assert said(["predict", *asked(net, "one", tmp_path)], capsys)["prediction"][0]["probability"] == pytest.approx(
        true
    )
    told = said(["ablate", *asked(net, "one", tmp_path), "--tap", "conv", "--channel", "1"], capsys)
    assert told["classes"][0]["before"] == pytest.approx(true)
    out = str(tmp_path / "map.npz")
    explained = ["explain", *asked(net, "one", tmp_path), "--class", "0", "--method", "occlusion", "--out", out]
    assert said(explained, capsys)["class_vector"]["quantity"] == "logit"
    grown = ["maximise", asked(net, "one", tmp_path)[0], "--trust-code", "--class", "0", "--steps", "2"]
    assert run([*grown, "--out", str(tmp_path / "made.png")]) == 0


def test_explain_and_ablate_take_the_output_they_are_told(net, tmp_path, capsys) -> None:
    out = str(tmp_path / "map.npz")
    command = ["explain", *asked(net, "Net", tmp_path), "--class", "1", "--method", "gradient", "--out", out]
    model, x = own(tmp_path, "Net")
    with torch.no_grad():
        true = model(x)
    for name in ("logits", "features"):
        told = said([*command, "--output", name], capsys)
        assert told["value"] == pytest.approx(float(true[name][0, 1]), abs=1e-6)
    ablated = ["ablate", *asked(net, "Net", tmp_path), "--tap", "conv", "--channel", "0", "--output", "features"]
    assert said(ablated, capsys)["class_vector"]["output"] == "features"


def test_answers_that_differ_are_said_by_every_command(net, tmp_path, capsys) -> None:
    for factory, words in (("Hidden", "keeps a state from one forward"), ("Noisy", "draws random numbers")):
        given = asked(net, factory, tmp_path)
        assert run(["predict", *given]) == 0
        shown = capsys.readouterr().out
        assert words in shown
        assert "±" in shown
        told = said(["ablate", *given, "--tap", "conv", "--channel", "0"], capsys)
        assert words in told["warnings"][0]
        assert all(row["repeatability_points"] > 0 for row in told["classes"])
        assert run(["arithmetic", *given, "--tap", "conv", "--channel", "0", "--cell", "3,3"]) == 0
        assert words in capsys.readouterr().out
        out = ["--method", "gradient", "--out", str(tmp_path / "map.npz")]
        assert words in said(["explain", *given, "--class", "0", *out], capsys)["notes"][0]
    steps = ["--class", "0", "--method", "integrated-gradients", "--out", str(tmp_path / "map.npz")]
    assert run(["explain", *asked(net, "Hidden", tmp_path), *steps]) == 1
    assert "depend on the inputs before" in capsys.readouterr().err


def test_random_weights_are_said_wherever_a_result_is_shown(tmp_path, capsys) -> None:
    sample = tmp_path / "in.png"
    Image.new("RGB", (64, 64), (200, 90, 30)).save(sample)
    model, words = ["demo:seeded", "--input", str(sample)], "untrained, seed 0: this"
    tap = said(["layers", "demo:seeded"], capsys)["taps"][0]["name"]
    out = ["--out", str(tmp_path / "out.npz")]
    explained = ["explain", *model, "--tap", tap, "--channel", "0", "--method", "gradient", *out]
    assert any(words in note and "says nothing" in note for note in said(explained, capsys)["notes"])
    assert run(explained) == 0
    assert f"{words} map says nothing" in capsys.readouterr().out
    folder = tmp_path / "many"
    folder.mkdir()
    Image.new("RGB", (64, 64), (20, 190, 130)).save(folder / "a.png")
    assert words in said(["health", "demo:seeded", "--inputs", str(folder), "--tap", tap], capsys)["warnings"][0]
    assert run(["pca", *model, "--tap", tap, *out]) == 0
    assert words in capsys.readouterr().out
