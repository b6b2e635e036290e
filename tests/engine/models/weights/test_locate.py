from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import torch

from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.weights import locate


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FME_WEIGHTS", str(tmp_path))
    return tmp_path.resolve()


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """An official file of resnet18 whose name and content agree."""
    content = b"official bytes"
    file = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setitem(OFFICIAL, "resnet18", (file,))
    return file, content


def test_nothing_there(folder: Path) -> None:
    result = locate.search("resnet18")
    assert result.found is None
    assert result.looked[0] == folder
    assert result.looked[-1] == locate.torch_cache()


def test_plain_names_come_before_official_ones(folder: Path, official: tuple[str, bytes]) -> None:
    file, content = official
    order = ["resnet18.safetensors", "resnet18.pth", "resnet18.pt", file]
    for name in order:
        (folder / name).write_bytes(content)
    for name in order:
        found = locate.find("resnet18")
        assert found is not None
        assert found.path == folder / name
        found.path.unlink()
    assert locate.find("resnet18") is None


def test_an_earlier_folder_wins(folder: Path, tmp_path: Path, app_home: Path, official: tuple[str, bytes]) -> None:
    later = app_home / "data" / "weights"
    later.mkdir(parents=True)
    (later / "resnet18.safetensors").write_bytes(b"x")
    (folder / official[0]).write_bytes(official[1])
    found = locate.find("resnet18")
    assert found is not None
    assert found.path.parent == folder


def test_torch_cache_is_last(app_home: Path, official: tuple[str, bytes]) -> None:
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    assert locate.torch_cache() == cache
    cache.mkdir(parents=True)
    (cache / official[0]).write_bytes(official[1])
    (cache / "resnet18.pth").write_bytes(b"of somebody else")
    assert locate.find("resnet18") == locate.LocatedWeights(cache / official[0], locate.TORCH_CACHE)


def test_the_cache_is_found_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    with_torch = locate.torch_cache()
    monkeypatch.delitem(locate.sys.modules, "torch")
    assert locate.torch_cache() == with_torch
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert locate.torch_cache() == Path("/somewhere/torch/hub/checkpoints")


def test_a_damaged_official_file_is_passed_over_and_said(folder: Path, official: tuple[str, bytes]) -> None:
    (folder / official[0]).write_bytes(official[1][:-1])
    (folder / "resnet18.pt").write_bytes(b"")
    result = locate.search("resnet18")
    assert result.found is None
    assert [("checksum" in text, "empty" in text) for text in result.rejected] == [(False, True), (True, False)]
    quick = locate.search("resnet18", verify=False).found
    assert quick is not None
    assert quick.path == folder / "resnet18.pt"


def test_hash_in_name() -> None:
    assert locate.hash_in_name("mnasnet0.5_top1_67.823-3ffadce67e.pth") == "3ffadce67e"
    assert locate.hash_in_name("resnet50.pth") == locate.hash_in_name("my-net.pth") == ""


def test_a_checksum_is_taken_again_when_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "w"
    for content in (b"one", b"three"):
        file.write_bytes(content)
        assert locate.sha256_of(file) == hashlib.sha256(content).hexdigest()
    file.write_bytes(b"seven")
    os.utime(file, ns=(1, 1))
    assert locate.sha256_of(file) == hashlib.sha256(b"seven").hexdigest()
