"""The weights of modules that were saved as a whole are read without making anything; held against torch's own state dict."""

from __future__ import annotations

import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.engine.extract_weights import extract
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.unwrap import WholeModelError


def _net(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A model of a class in a package that is gone afterwards, as that of YOLO is on most computers."""
    package = types.ModuleType("yolo_like")

    class DetectionModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.SiLU())
            self.again = self.stem[0]
            self.register_buffer("anchors", torch.rand(3, 2))
            self.register_buffer("cache", torch.rand(5), persistent=False)
            self.names = {0: "cat"}

    DetectionModel.__module__, DetectionModel.__qualname__ = "yolo_like", "DetectionModel"
    package.DetectionModel = DetectionModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "yolo_like", package)
    torch.manual_seed(0)
    return DetectionModel()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("key", ["", "model"])
def test_all_tensors_and_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool, key: str) -> None:
    net = _net(monkeypatch)
    held = {key: net, "ema": None, "epoch": 3, "train_args": {"lr": 0.1}} if key else net
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is no source to keep
        torch.save(held, tmp_path / "yolo.pt", _use_new_zipfile_serialization=zipped)
    monkeypatch.delitem(sys.modules, "yolo_like")
    with pytest.raises(WholeModelError, match="DetectionModel"):
        read_checkpoint(tmp_path / "yolo.pt")
    found = extract(tmp_path / "yolo.pt")
    assert found.file == str(tmp_path / "yolo.safetensors")
    state = read_checkpoint(Path(found.file)).state
    assert state.keys() == net.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in net.state_dict().items())
    kinds = {path: kind.rpartition(".")[2] for path, kind in found.tree}
    assert kinds == {path: type(m).__name__ for path, m in net.named_modules(remove_duplicate=False)}
    assert "yolo_like" not in sys.modules


def test_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(_net(monkeypatch), tmp_path / "yolo.pt")
    (tmp_path / "yolo.safetensors").write_bytes(b"mine")
    with pytest.raises(ExplorerError, match="not replaced"):
        extract(tmp_path / "yolo.pt")
    assert (tmp_path / "yolo.safetensors").read_bytes() == b"mine"


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch ran",)


def test_a_file_that_would_run_code_is_refused_and_runs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"model": nn.Linear(2, 2), "more": _Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ExplorerError, match="could run code"):
        extract(tmp_path / "evil.pt")
    assert {path.name for path in tmp_path.iterdir()} == {"evil.pt"}


def test_torchscript_is_never_read(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.rand(1, 2)), tmp_path / "script.pt")
    with pytest.raises(ExplorerError, match="TorchScript"):
        extract(tmp_path / "script.pt")


def test_lightning_with_objects_in_its_settings_opens_as_a_state_dict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = _net(monkeypatch)
    held = {
        "state_dict": net.stem.state_dict(prefix="net."),
        "hyper_parameters": {"model": net, "loss": nn.CrossEntropyLoss()},
        "pytorch-lightning_version": "2.6",
    }
    torch.save(held, tmp_path / "last.ckpt")
    found = read_checkpoint(tmp_path / "last.ckpt")
    assert list(found.state) == [f"net.{name}" for name in net.stem.state_dict()]
    assert any("Python objects, which were not made" in note for note in found.notes)
    made = extract(tmp_path / "last.ckpt")
    assert not made.tree
    assert read_checkpoint(Path(made.file)).state.keys() == found.state.keys()


def test_what_safetensors_cannot_hold_is_named(tmp_path: Path) -> None:
    net = nn.Linear(2, 2)
    net.register_buffer("mask", torch.eye(3).to_sparse())
    net.register_buffer("phase", torch.ones(2, dtype=torch.complex128))
    net.register_buffer("\ud800", torch.ones(2))
    torch.save(net, tmp_path / "net.pt")
    made = extract(tmp_path / "net.pt")
    assert made.tensors == 2
    assert any("mask, phase" in note for note in made.notes)


@pytest.mark.parametrize("name", ["", "/"])
def test_a_path_without_a_name_is_a_folder(name: str) -> None:
    with pytest.raises(ExplorerError, match="folder"):
        extract(Path(name))


class _Shell(nn.Module):
    pass


def test_modules_in_many_places_are_not_counted_without_end(tmp_path: Path) -> None:
    inner: nn.Module = _Shell()
    for _ in range(40):
        outer = _Shell()
        outer._modules = dict.fromkeys((f"m{n}" for n in range(500)), inner)  # type: ignore[assignment]
        inner = outer
    torch.save(inner, tmp_path / "net.pt")
    with pytest.raises(ExplorerError, match="nested without end"):
        extract(tmp_path / "net.pt")


def test_a_long_name_in_every_module_is_refused(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(2, 2))
    net._modules["a" * 2_000] = nn.Linear(2, 2)
    torch.save(net, tmp_path / "net.pt")
    with pytest.raises(ExplorerError, match="characters"):
        extract(tmp_path / "net.pt")
