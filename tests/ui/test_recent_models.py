"""Models that were open lately, with the file of weights that a person gave; another file for the same architecture."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from explorer.core.models import ModelSpec
from explorer.ui.dialogs import parts
from explorer.ui.opening import Opening
from explorer.ui.recent_models import model_remembered, remembered_as


@pytest.mark.parametrize(
    "spec",
    [
        ModelSpec("torchvision:resnet18", "/a b/mine.pth"),
        ModelSpec("file:/x/net.py:make", "C:\\w\\mine.pth"),
        ModelSpec("demo:shapes-cnn"),
    ],
)
def test_a_line_is_the_model_again(spec: ModelSpec) -> None:
    assert model_remembered(remembered_as(spec)) == spec


def test_a_library_network_without_a_file_is_untrained() -> None:
    assert model_remembered("torchvision:resnet18") == ModelSpec("torchvision:resnet18", untrained=True)


def test_the_same_architecture_with_other_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.ui.opening.SessionFiles", lambda *_: SimpleNamespace(open=None))
    opening = Opening(cast("Any", SimpleNamespace(window=None)))
    taken: list[ModelSpec] = []
    now = ModelSpec("file:/x/net.py:make", untrained=True, seed=4, output="head")
    monkeypatch.setattr(parts, "choose_file", lambda *_given: "/x/second.pth")
    opening.other_weights(now, taken.append)
    assert taken == [ModelSpec("file:/x/net.py:make", "/x/second.pth", output="head")]
    monkeypatch.setattr(parts, "choose_file", lambda *_given: "")
    opening.other_weights(now, taken.append)
    assert len(taken) == 1
    assert opening.why_no_weights(ModelSpec("demo:shapes-cnn"))
    assert not opening.why_no_weights(now)
