"""Models of several inputs from a person's file: every value against the module called by hand with all of its inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.cli import run
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session, from_json, to_json
from explorer.engine.export import manifest
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel, open_model
from explorer.engine.studies import Studies

HEAD = """
import torch
from torch import nn

PREPROCESS = {"height": 8, "width": 8, "resize": 8}
LABELS = ["a", "b", "c"]
TRAINED = True


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.fc = nn.Conv2d(4, 5, 3), nn.Linear(5, 3)

    def both(self, image, mask, gain):
        return self.fc(self.conv(torch.cat([image, mask], 1)).relu().mean((2, 3)) * gain)

"""
TAIL = """

def make_model():
    return Net()


MASK = torch.arange(64.0).reshape(1, 1, 8, 8) / 64
"""
BODIES = {
    "tuple": """
    def forward(self, image, mask, gain):
        return self.both(image, mask, gain)
EXAMPLES
def example_inputs():
    return torch.zeros(1, 3, 8, 8), MASK, 2.0
""",
    "by name": """
    def forward(self, mask, gain=1.0, image=None):
        return self.both(image, mask, gain)
EXAMPLES
INPUT = "image"

def example_inputs():
    return {"mask": MASK, "gain": 2.0, "image": None}
""",
    "dict": """
    def forward(self, batch):
        return self.both(batch["image"], batch["mask"], batch["gain"])
EXAMPLES
def example_inputs():
    return {"image": torch.zeros(1, 3, 8, 8), "mask": MASK, "gain": 2.0}
""",
}
MASK = torch.arange(64.0).reshape(1, 1, 8, 8) / 64


def opened(folder: Path, body: str, *chosen: tuple[str, str]) -> LoadedModel:
    path = folder / "net.py"
    path.write_text(HEAD + body.replace("EXAMPLES", TAIL))
    return open_model(ModelSpec(f"file:{path}:make_model", arguments=chosen), trust_code=True)


def picture() -> Any:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return picture_from_array(pixels, InputRef("clipboard"), "noise")


def job() -> Job:
    return Job(0, Lane.FORWARD, "", lambda _event: None)


def by_hand(loaded: LoadedModel, mask: torch.Tensor = MASK, gain: float = 2.0) -> torch.Tensor:
    net, x = loaded.module, input_tensor(picture(), loaded.card.preprocess)
    with torch.no_grad():
        return net.both(x, mask, gain)[0]  # type: ignore[operator]


@pytest.mark.parametrize("body", BODIES)
def test_every_forward_has_all_inputs(body: str, tmp_path: Path) -> None:
    loaded, bench = opened(tmp_path, BODIES[body]), ModelSession(10_000_000)
    capture = bench.capture(bench.adopt(loaded).card.digest, picture(), job())
    scores = [guess.logit for guess in sorted(capture.prediction, key=lambda g: g.index)]
    assert scores == pytest.approx(by_hand(loaded).tolist(), abs=1e-6)
    assert [(each.name, each.kind, each.chosen) for each in loaded.card.given] == [
        ("mask", "tensor", False),
        ("gain", "number", False),
    ]
    conv = capture.tap("conv")
    assert conv.grid == (6, 6)
    assert conv.receptive is not None
    assert (conv.receptive.size_y, conv.receptive.whole) == (3, False)  # the mask is a constant
    assert manifest(loaded.card, capture, ())["arguments"]["gain"] == "2.0"
    studies = Studies(bench)
    x = torch.rand(3, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():  # a batch, as occlusion sends it
        together = loaded.module(x)
        assert torch.allclose(together, torch.cat([loaded.module(one[None]) for one in x]), atol=1e-6)
    assert studies.base_of(capture, job()).output is not None


@pytest.mark.parametrize("body", BODIES)
def test_what_a_person_sets_is_what_runs(body: str, tmp_path: Path) -> None:
    chosen = (("gain", "-0.5"), ("mask", "0.25"))
    loaded = opened(tmp_path, BODIES[body], *chosen)
    x = input_tensor(picture(), loaded.card.preprocess)
    with torch.no_grad():
        found = loaded.module(x)[0]
    assert torch.allclose(found, by_hand(loaded, torch.full((1, 1, 8, 8), 0.25), -0.5), atol=1e-6)
    assert [each.text for each in loaded.card.given if each.name == "gain"] == ["-0.5"]
    assert loaded.card.digest != opened(tmp_path, BODIES[body]).card.digest


def test_a_tensor_comes_from_a_file_of_numpy(tmp_path: Path) -> None:
    mask = np.random.default_rng(2).random((1, 1, 8, 8))
    np.save(tmp_path / "mask.npy", mask)
    loaded = opened(tmp_path, BODIES["tuple"], ("mask", str(tmp_path / "mask.npy")))
    with torch.no_grad():
        found = loaded.module(input_tensor(picture(), loaded.card.preprocess))[0]
    assert torch.allclose(found, by_hand(loaded, torch.from_numpy(mask).float()), atol=1e-6)


def test_two_pictures(tmp_path: Path) -> None:
    """The second one is a file beside the model's, prepared as the opened one is."""
    body = """
    def forward(self, left, right):
        return self.both(left - right, right[:, :1], 1.0)
EXAMPLES
def example_inputs():
    return {"left": None, "right": "right.png"}
"""
    second = np.random.default_rng(3).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(second).save(tmp_path / "right.png")
    loaded = opened(tmp_path, body)
    x = input_tensor(picture(), loaded.card.preprocess)
    other = input_tensor(picture_from_array(second, InputRef("clipboard"), "second"), loaded.card.preprocess)
    with torch.no_grad():
        assert torch.allclose(loaded.module(x), loaded.module.both(x - other, other[:, :1], 1.0), atol=1e-6)  # type: ignore[operator]
    assert [(each.kind, each.text) for each in loaded.card.given] == [("picture", str(tmp_path / "right.png"))]


def test_the_size_of_an_example_is_that_of_the_input(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text((HEAD + BODIES["dict"].replace("EXAMPLES", TAIL)).replace("PREPROCESS", "NOTHING"))
    assert (open_model(ModelSpec(f"file:{path}"), trust_code=True).card.preprocess.says.split()[3:6]) == ["8", "×", "8"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (("gain", "much"), r"gain cannot be 'much'.*a number"),
        (("mask", "[1, 2]"), r"mask cannot be.*1×1×8×8 values"),
        (("mask", "nowhere.npy"), r"mask cannot be"),
        (("depth", "1"), r"no argument depth.*mask, gain"),
    ],
)
def test_what_cannot_be_is_told(chosen: tuple[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=words):
        opened(tmp_path, BODIES["tuple"], chosen)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("'right.png'", "It gives a str"),
        ("()", "It gives a tuple"),
        ("{'image': torch.zeros(1, 3, 8, 8), 'mask': object()}", "mask.*object"),
        ("(1.0, 2.0, 3.0)", "tensor that the opened input"),
        ("{'image': None, 'depth': 1.0}", "no “depth”"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_examples_that_cannot_be_used(given: str, words: str, tmp_path: Path) -> None:
    body = BODIES["tuple"].replace("torch.zeros(1, 3, 8, 8), MASK, 2.0", given)
    with pytest.raises(ExplorerError, match=words):
        opened(tmp_path, body)


def test_models_of_one_input_take_no_arguments() -> None:
    with pytest.raises(ExplorerError, match=r"no argument gain.*opened input alone"):
        open_model(ModelSpec("demo:seeded", arguments=(("gain", "1"),)))


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loaded = opened(tmp_path, BODIES["dict"])
    Image.fromarray(picture().pixels).save(tmp_path / "noise.png")
    line = ["predict", loaded.card.spec.id, "--trust-code", "--input", str(tmp_path / "noise.png"), "--json"]
    assert run([*line, "--argument", "gain=3", "--argument", "mask=0.5"]) == 0
    told = json.loads(capsys.readouterr().out)
    true = by_hand(loaded, torch.full((1, 1, 8, 8), 0.5), 3.0)
    assert {each["index"]: each["logit"] for each in told["prediction"]} == pytest.approx(
        dict(enumerate(true.tolist())), abs=1e-5
    )
    assert told["model"]["arguments"]["gain"] == "3.0"
    assert run([*line, "--argument", "gain"]) == 1
    assert "NAME" not in capsys.readouterr().out


def test_they_come_back_from_a_session() -> None:
    session = Session(ModelSpec("file:net.py", arguments=(("gain", "3"), ("mask", "[[1, 2]]"))))
    assert from_json(to_json(session)).model == session.model
