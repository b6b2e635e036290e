"""The command measure: what it runs is the whole forward, every layer and every step, and it takes turns when asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer.cli import run
from explorer.cli.measure import WAYS, bare_forward, capture_again
from explorer.engine.capture.forward import discover

FILE = """
import torch
def make():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(4, 5, 3))
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(FILE)
    return f"file:{path}:make"


def started(*given: str, asked: str = "") -> list[dict[str, list[float]]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "explorer", "measure", *given]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment, timeout=100)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_round_for_each_line_that_is_asked(model: str) -> None:
    ready, *rounds = started(model, "--trust-code", "--turns", asked="\n\n")
    assert ready == {"ready": True}
    assert len(rounds) == 2
    for found in rounds:
        assert set(found) == set(WAYS)
        assert all(seconds > 0 for way in WAYS for seconds in found[way])
        assert len(found["scrub"]) == 2  # three layers


def test_what_is_timed_gives_the_models_own_values() -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.LazyLinear(2)
    ).eval()
    x, other = torch.rand(2, 1, 3, 8, 8)
    with torch.inference_mode():
        expected = net(x)
    assert torch.equal(bare_forward(net, x)(), expected)
    again = capture_again(net, discover(net, x).plan)
    for given in (x, other, x, other, x, other, x):  # through hooks, then through the recording
        found = again(given)
        by_hand = given
        with torch.inference_mode():
            for name, module in net.named_children():
                by_hand = module(by_hand)
                assert torch.equal(found[name], by_hand), name


@pytest.mark.parametrize(("given", "words"), [(["--rounds", "0"], "nothing to measure"), ([], "--trust-code")])
def test_what_cannot_be_measured_is_said(
    model: str, given: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["measure", model, *given]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said
