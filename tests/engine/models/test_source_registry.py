from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from torch import nn

from explorer.catalogue import MODELS
from explorer.core import registry
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.system import paths
from explorer.engine.models import (
    CatalogueEntry,
    LoadedModel,
    catalogue,
    extension_entries,
    open_model,
    source_registry,
    start_choice,
)
from explorer.engine.models.base import OpenRequest
from explorer.engine.models.torchvision_models import names


class Zoo:
    """An extension as somebody else would write it."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        return LoadedModel(nn.Identity(), ModelCard(spec, name, "zoo", WeightsInfo(True), Preprocess()))

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return (CatalogueEntry("zoo:cat", "Cat", "Zoo", None, True),)


def install(patch: pytest.MonkeyPatch, **points: str) -> None:
    module = types.ModuleType("fme_test_extension")
    module.Zoo, module.Nothing = Zoo, object  # type: ignore[attr-defined]
    patch.setitem(sys.modules, module.__name__, module)
    made = [EntryPoint(name, f"fme_test_extension:{value}", "explorer.models") for name, value in points.items()]
    patch.setattr(registry, "_installed", lambda _path: tuple(made))


def test_an_extension_opens_models(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, zoo="Zoo")
    assert open_model(ModelSpec("zoo:cat")).card.name == "cat"
    assert CatalogueEntry("zoo:cat", "Cat", "Zoo", None, True) in catalogue()


def test_broken_extensions_stay_as_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, missing="Missing", nothing="Nothing", demo="Zoo", zoo="Zoo")
    entries, failures = extension_entries()
    assert [entry.id for entry in entries] == ["zoo:cat"]
    texts = [failure.text for failure in failures]
    assert len(texts) == 3
    assert any("another one is called 'demo' already" in text for text in texts)
    assert any("no open and entries" in text for text in texts)
    assert any("AttributeError" in failure.text and "Traceback" in failure.details for failure in failures)
    with pytest.raises(ExplorerError, match="“missing” does not work"):
        open_model(ModelSpec("missing:x"))


def test_looking_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, zoo="Zoo")
    monkeypatch.setitem(sys.modules, "fme_test_extension", None)  # importing it would raise
    assert [entry.name for entry in source_registry.extensions()] == ["zoo"]


def test_every_built_in_source_is_there() -> None:
    for prefix in MODELS:
        assert callable(source_registry.source(prefix).open)


def test_the_menu(app_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    entries = {entry.id: entry for entry in catalogue()}
    assert [f"torchvision:{name}" in entries for name in names()] == [True] * len(names())
    assert not any(entry.ready for key, entry in entries.items() if key.startswith("torchvision:"))
    assert entries["demo:seeded"].ready
    folder = app_home.resolve() / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / "resnet34.pt").write_bytes(b"x")
    found = {entry.id: entry for entry in catalogue()}["torchvision:resnet34"]
    assert (found.weights, found.ready, found.group) == (folder / "resnet34.pt", True, "ResNet")


def test_what_the_application_starts_with(app_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    assert start_choice() == ModelSpec("demo:seeded")
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / "mobilenet_v2-7ebf99e0.pth").write_bytes(b"half a download")
    assert start_choice() == ModelSpec("demo:seeded")
    for name in ("vgg11", "resnet18"):
        (folder / f"{name}.pth").write_bytes(b"x")
        assert start_choice() == ModelSpec(f"torchvision:{name}")
