from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.weights import file_store


def hashed(folder: Path, content: bytes, stem: str = "net") -> Path:
    """A file whose name carries the beginning of its sha256, as official ones do."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    path.write_bytes(content)
    return path


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of FME_WEIGHTS, and nothing else that is looked into."""
    both = tmp_path / "first", tmp_path / "second"
    monkeypatch.setattr(file_store.locate, "weight_dirs", lambda: both)
    monkeypatch.setattr(file_store.locate, "torch_cache", lambda: tmp_path / "torch")
    monkeypatch.setattr(file_store, "download_dir", lambda: both[0])
    return both


def test_models_are_known_by_their_official_and_their_plain_names() -> None:
    assert file_store.model_of("resnet18.safetensors") == "resnet18"
    for name, files in OFFICIAL.items():
        assert all(file_store.model_of(file) == name for file in files)
    assert file_store.model_of("mine.pth") == ""


def test_files_are_listed_in_the_order_they_are_looked_for(folders: tuple[Path, Path]) -> None:
    first, second = folders
    for folder in folders:
        folder.mkdir()
        (folder / "resnet18.pth").write_bytes(b"1")
    (second / "mine.pth").write_bytes(b"22")
    (second / "notes.txt").write_bytes(b"333")
    rows = [(file.path, file.nbytes, file.model, file.shadowed) for file in file_store.kept()]
    assert rows == [
        (first / "resnet18.pth", 1, "resnet18", False),
        (second / "mine.pth", 2, "", False),
        (second / "resnet18.pth", 1, "resnet18", True),
    ]


def test_the_first_one_listed_is_the_one_that_is_opened(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        folder.mkdir()
        (folder / "resnet18.pth").write_bytes(b"1")
    found = file_store.locate.find("resnet18")
    assert found is not None
    assert found.path == file_store.kept()[0].path


def test_a_good_file_is_copied_once(folders: tuple[Path, Path], tmp_path: Path) -> None:
    source = hashed(tmp_path / "stick", b"weights")
    target = file_store.add(source)
    assert target == folders[0] / source.name
    assert target.read_bytes() == b"weights"
    changed = target.stat().st_mtime_ns
    assert file_store.add(source) == target
    assert target.stat().st_mtime_ns == changed
    assert [path.name for path in folders[0].iterdir()] == [source.name]


def test_a_damaged_file_is_not_taken_in(folders: tuple[Path, Path], tmp_path: Path) -> None:
    source = hashed(tmp_path / "stick", b"weights")
    source.write_bytes(b"weighty")
    with pytest.raises(ExplorerError, match="checksum"):
        file_store.add(source)
    assert not folders[0].exists()


def test_another_file_of_the_same_name_is_kept(folders: tuple[Path, Path], tmp_path: Path) -> None:
    source = tmp_path / "mine.pth"
    source.write_bytes(b"new")
    folders[0].mkdir()
    (folders[0] / "mine.pth").write_bytes(b"old")
    with pytest.raises(ExplorerError, match=r"Another mine\.pth"):
        file_store.add(source)
    assert (folders[0] / "mine.pth").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["picture.png", "none.pth"])
def test_what_is_no_weight_file_is_refused(folders: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    if name == "picture.png":
        source.write_bytes(b"x")
    with pytest.raises(ExplorerError):
        file_store.add(source)
    assert not folders[0].exists()


def test_a_copy_that_fails_leaves_nothing(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "mine.pth"
    source.write_bytes(b"new")

    def fail(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_store.shutil, "copyfile", fail)
    with pytest.raises(ExplorerError, match="No space left"):
        file_store.add(source)
    assert list(folders[0].iterdir()) == []
