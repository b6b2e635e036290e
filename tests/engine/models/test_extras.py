from __future__ import annotations

import sys

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import catalogue, extras, open_model


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where neither package is installed."""
    for package in ("timm", "transformers"):
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)


@pytest.mark.parametrize(("name", "extra"), [("timm:resnet18", "timm"), ("hf:facebook/dinov2-small", "hf")])
def test_what_is_not_installed_says_how_it_comes(monkeypatch: pytest.MonkeyPatch, name: str, extra: str) -> None:
    without(monkeypatch)
    with pytest.raises(ExplorerError, match="is not installed") as caught:
        open_model(ModelSpec(name, untrained=True))
    assert caught.value.todo == f"pip install feature-map-explorer[{extra}]"
    (line,) = (entry for entry in catalogue() if entry.id.startswith(f"{extra}:"))
    assert line.lacks == caught.value.todo
    assert not line.ready


def test_a_packaged_application_says_that_it_is_without(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "Packaged applications" in extras.TIMM.way


def test_a_package_that_does_not_fit_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_package: str) -> None:
        raise RuntimeError("compiled for another torch\nmore")

    monkeypatch.setattr(extras, "find_spec", lambda name: object())
    monkeypatch.setattr(extras, "_imported", broken)
    with pytest.raises(ExplorerError, match="RuntimeError: compiled for another torch") as caught:
        extras.load(extras.HF)
    assert "pip install" in caught.value.todo


def test_every_optional_package_has_a_source() -> None:
    from explorer.catalogue import MODELS

    assert extras.EXTRAS.keys() <= MODELS.keys()
