"""The script that is given away computes the very values, whatever a module returns and in whatever precision."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sound_nets import mel_file, wave_file
from text_nets import text_file

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.wav_bytes import wav_bytes
from explorer.engine.export import as_python, values_file
from explorer.engine.inputs import open_input
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession

NET = """
from collections import namedtuple
from dataclasses import dataclass

import torch
from torch import nn

PREPROCESS = {"height": 12, "width": 10, "resize": 12}
Pair = namedtuple("Pair", ["maps", "rest"])

@dataclass
class Held:
    first: torch.Tensor
    others: dict

class Split(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)

    def forward(self, x):
        y = self.conv(x)
        return Pair(y[:, :2], Held(y[:, 2:4], {"by.name": y[:, 4:], 0: [y.mean((2, 3)), None]}))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.split = Split()
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        found = self.split(x)
        for _ in range(2):
            y = self.relu(found.maps - 0.1)
        return Pair(self.head(found.rest.others[0][0]), y)

def make_model():
    return Net()

def make_half():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(320, 3)).half()

def make_brain():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU()).bfloat16()

def make_double():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU()).double()
"""


def captured(folder: Path, factory: str) -> tuple[ModelCard, Capture]:
    (folder / "net.py").write_text(NET)
    pixels = np.random.default_rng(3).integers(0, 256, (14, 17, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    bench, job = ModelSession(50_000_000), Job(0, Lane.LOAD, "", lambda _event: None)
    card = bench.open(ModelSpec(f"file:{folder / 'net.py'}:{factory}"), job, trust_code=True).card
    return card, bench.capture(card.digest, open_input(InputRef("picture", str(folder / "a.png"))), job)


def computed(script: str) -> np.ndarray:
    """What the script finds; its model is seeded as the application's is."""
    held: dict[str, Any] = {"__name__": "script"}
    exec(script, held)
    values: np.ndarray = held["values"].numpy()
    return values


@pytest.mark.parametrize("factory", ["make_model", "make_half", "make_brain", "make_double"])
def test_every_tap_is_computed_again(tmp_path: Path, factory: str) -> None:
    card, capture = captured(tmp_path, factory)
    taps = [tap for tap in capture.taps if tap.observable]
    if factory == "make_model":
        keys = {"maps", "rest.first", "rest.others.by.name", "rest.others.0.0"}
        assert {tap.key for tap in taps if tap.path == "split"} == keys
        assert {tap.call for tap in taps if tap.path == "relu"} == {0, 1}
    else:
        name = {"make_half": "float16", "make_brain": "bfloat16", "make_double": "float64"}[factory]
        assert {tap.dtype for tap in taps} == {name}
    for tap in taps:
        script = as_python(card, capture, tap)
        assert "explorer" not in script.replace(str(tmp_path), "")
        found = computed(script)
        assert found.dtype == capture.values[tap.name].dtype
        np.testing.assert_allclose(found, capture.values[tap.name], rtol=1e-5, atol=1e-6)


def test_an_ordinary_script_says_no_more_than_it_must(tmp_path: Path) -> None:
    card, capture = captured(tmp_path, "make_model")
    script = as_python(card, capture, capture.tap("split.conv"))
    assert "leaves" not in script
    assert "precision" not in script
    assert len(script.splitlines()) < 40


@pytest.mark.parametrize(("given", "made"), [("sound", wave_file), ("sound", mel_file), ("text", text_file)])
def test_sounds_and_texts_are_computed_again_and_saved(tmp_path: Path, given: str, made: Callable[[Path], str]) -> None:
    bench, job = ModelSession(50_000_000), Job(0, Lane.LOAD, "", lambda _event: None)
    torch.manual_seed(0)
    card = bench.open(ModelSpec(made(tmp_path)), job, trust_code=True).card
    path = tmp_path / "a.wav"
    samples = np.random.default_rng(0).normal(0, 0.1, (2, 12000)).astype(np.float32)
    samples[0, 5] = 0.7654321
    data, _ = wav_bytes(samples, 16000)
    path.write_bytes(data.replace(samples[0, 5].tobytes(), np.float32(np.nan).tobytes()))
    ref = InputRef("sound", str(path)) if given == "sound" else InputRef("text", 'the movie was not "good"\n at all')
    capture = bench.capture(card.digest, open_input(ref), job)
    taps = [tap for tap in capture.taps if tap.observable]
    for tap in taps:
        script = as_python(card, capture, tap)
        assert "PIL" not in script
        torch.manual_seed(0)  # the file makes other weights every time
        np.testing.assert_allclose(computed(script), capture.values[tap.name], rtol=1e-5, atol=1e-6)
    told = json.loads(np.load(io.BytesIO(values_file(card, capture, [taps[0].name])))["manifest"].item())
    if given == "text":
        assert told["input"]["text"] == ref.path
    else:
        assert told["preprocess"]["rate"] == 8000
        assert told["input"]["notes"] == [
            "1 sample that is no number became 0",
            "mean of 2 channels",
            "16 kHz resampled to 8 kHz",
            "only the first 0.5 s of 0.75 s",
        ]


# on two CPUs starting torch and torchvision takes some seconds, so that one process runs them all
@pytest.mark.parametrize("models", [("torchvision:squeezenet1_1", "demo:shapes-cnn")])
def test_scripts_run_in_a_process_of_their_own(tmp_path: Path, models: tuple[str, ...]) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    bench, job = ModelSession(50_000_000), Job(0, Lane.LOAD, "", lambda _event: None)
    runs, wanted = [], []
    for at, model in enumerate(models):
        spec = ModelSpec(model, untrained=not model.startswith("demo:"), size=(64, 64))
        card = bench.open(spec, job).card
        capture = bench.capture(card.digest, open_input(InputRef("picture", str(tmp_path / "a.png"))), job)
        tap = [tap for tap in capture.taps if tap.observable and tap.name in capture.values][-1]
        script = tmp_path / f"{at}.py"
        script.write_text(
            f"{as_python(card, capture, tap)}\nnp.save({str(tmp_path / f'{at}.npy')!r}, values.numpy())\n"
        )
        runs.append(f"runpy.run_path({str(script)!r})")
        wanted.append(capture.values[tap.name])
    command = [sys.executable, "-c", f"import runpy\n{chr(10).join(runs)}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for at, values in enumerate(wanted):
        np.testing.assert_allclose(np.load(tmp_path / f"{at}.npy"), values, rtol=1e-4, atol=1e-5)
