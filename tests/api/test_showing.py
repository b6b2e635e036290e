"""Handing a module of a running program to another process, and the window on it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from driver import windows
from nets import InPlace, seeded
from torch import nn

import explorer
from explorer.api import showing
from explorer.api.opened_models import opened
from explorer.api.showing import hand_over
from explorer.cli import parser
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.models import handed_over

X = torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def received() -> Iterator[nn.Module]:
    """A module that this process was handed, with a tensor."""
    import pickle

    net = seeded(InPlace())
    loaded, _ = opened(net, X)
    handed_over.receive(handed_over.packed(loaded.module, loaded.card, pickle), X[0].numpy(), "InPlace")
    yield net
    handed_over.receive(b"", None, "")


@pytest.fixture
def window(qapp: Any) -> Iterator[Callable[..., Any]]:
    with windows() as made:
        yield made


@pytest.mark.slow
def test_another_process_computes_the_same_output() -> None:
    net = seeded(InPlace())
    loaded, given = opened(net, X)
    arguments = ["predict", "live:InPlace", "--input", "tensor:InPlace", "--json"]
    process = hand_over(loaded, given.exact, arguments, subprocess.PIPE)
    told = json.loads(process.communicate(timeout=120)[0])
    assert process.returncode == 0
    with torch.no_grad():
        expected = net.eval()(X)[0]
    found = {row["index"]: row["logit"] for row in told["prediction"]}
    assert [found[n] for n in range(5)] == pytest.approx(expected.tolist(), rel=1e-5)


def test_the_window_shows_its_values(received: nn.Module, window: Callable[..., Any]) -> None:
    app = window()
    app.start(ModelSpec("live:InPlace"), InputRef("tensor", "InPlace"))
    app.wait_capture()
    with torch.no_grad():
        expected = received.eval().conv1(X)[0]
    np.testing.assert_array_equal(app.capture.values["conv1"], expected.numpy())
    assert "a tensor; drawn from" in app.capture.picture.notes[0]


def test_its_session_is_not_kept() -> None:
    from explorer.core.session.session import Session
    from explorer.ui.keeper import lasting

    before = Session(model=ModelSpec("demo:seeded"), input=InputRef("sample", "cat"))
    assert lasting(Session(model=ModelSpec("live:Net"), input=InputRef("sample", "cat")), before) is before


def test_what_is_gone_says_so() -> None:
    with pytest.raises(ExplorerError, match=r"Call explorer\.show again"):
        explorer.open("live:Net")
    with pytest.raises(ExplorerError, match=r"Call explorer\.show again"):
        explorer.preprocess("demo:seeded", "tensor:Net")


def test_what_cannot_be_handed_over_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    class Local(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    with pytest.raises(ExplorerError, match="cannot be handed to another process"):
        explorer.show(Local(), X)
    Local.__module__ = "__main__"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExplorerError, match="install cloudpickle"):
        explorer.show(Local(), X)
    with pytest.raises(ExplorerError, match="Give the name of a file"):
        explorer.show("demo:seeded", np.zeros((8, 8, 3), np.uint8))


def test_a_model_is_shown_as_it_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(showing, "window", given.append)
    opened_so = explorer.open("demo:seeded", untrained=True, seed=3, size=(40, 48), probabilities="softmax")
    explorer.show(opened_so, "sample:cat")
    asked = parser.window().parse_args(given[0])
    assert (asked.model, asked.untrained, asked.seed, asked.size) == ("demo:seeded", True, 3, "40x48")
    assert (asked.probabilities, asked.input) == ("softmax", "sample:cat")
