"""Ctrl+C in a command: the work ends where it may, the reason is one line."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.cli import run
from explorer.cli.engine import Engine
from explorer.core.system.paths import resources

CAT = str(resources() / "samples" / "cat.png")
NET = """
import signal
from torch import nn

PREPROCESS = {"height": 20, "width": 20, "resize": 20, "fit": "stretch"}
LEFT = [%d]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 2, 3), nn.Conv2d(2, 2, 3)

    def forward(self, x):
        LEFT[0] -= 1
        if LEFT[0] == 0:
            signal.raise_signal(signal.SIGINT)
        return self.second(self.first(x))

def make_model():
    return Net()
"""


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """As in a terminal: a shell makes what it runs in the background deaf to Ctrl+C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_cancels_the_job_the_second_ends_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Engine() as engine:
        signal.raise_signal(signal.SIGINT)
        assert engine.job.cancelled()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("forwards", "command"),
    [
        (1, ["layers"]),
        (1, ["predict", "--input", CAT]),
        (
            3,
            ["explain", "--input", CAT, "--tap", "first", "--channel", "1", "--method", "smoothgrad", "--out", "a.npz"],
        ),
        (8, ["maximise", "--tap", "first", "--channel", "1", "--out", "a.png"]),
        (5, ["health", "--tap", "first", "--inputs", str(resources() / "samples")]),
    ],
    ids=lambda part: part[0] if isinstance(part, list) else "",
)
def test_a_command_ends_with_one_line_and_writes_nothing(
    forwards: int, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET % forwards)
    argv = [str(tmp_path / part) if part.startswith("a.") else part for part in command[1:]]
    assert run([command[0], f"file:{path}:make_model", "--trust-code", *argv]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Interrupted.\n")
    assert [each for each in tmp_path.iterdir() if each.name.startswith("a.")] == []
