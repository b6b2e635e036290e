from __future__ import annotations

import argparse
import os
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.models.weights.checkpoint import read_checkpoint, read_state_dict
from explorer.engine.models.weights.unwrap import WRAPPERS


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def saved(tmp_path: Path, held: Any, name: str = "w.pth", **how: Any) -> Path:
    torch.save(held, tmp_path / name, **how)
    return tmp_path / name


def failure(path: Path) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        read_state_dict(path)
    assert path.name in caught.value.what
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.safetensors", "w.PTH"])
def test_formats(tmp_path: Path, name: str) -> None:
    state = net().state_dict()
    if name.endswith("safetensors"):
        from safetensors.torch import save_file

        save_file(state, tmp_path / name)
    else:
        torch.save(state, tmp_path / name)
    assert same(read_state_dict(tmp_path / name), state)
    assert read_checkpoint(tmp_path / name).notes == ()


def test_the_format_before_zip(tmp_path: Path) -> None:
    state = net().state_dict()
    assert same(read_state_dict(saved(tmp_path, state, _use_new_zipfile_serialization=False)), state)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrappers(tmp_path: Path, wrapper: str) -> None:
    state = net().state_dict()
    read = read_checkpoint(saved(tmp_path, {"epoch": 3, "best": torch.tensor(0.5), wrapper: state, "note": "x"}))
    assert same(read.state, state)
    assert wrapper in read.notes[0]


def test_wrappers_in_wrappers_and_unknown_ones(tmp_path: Path) -> None:
    state = net().state_dict()
    assert same(read_state_dict(saved(tmp_path, {"model": {"state_dict": {"net": state}}})), state)
    optimizer = torch.optim.SGD(net().parameters(), lr=0.1, momentum=0.9).state_dict()
    assert same(read_state_dict(saved(tmp_path, {"student": state, "optimizer": optimizer})), state)


def test_averaged_weights_beside_plain_ones_are_mentioned(tmp_path: Path) -> None:
    plain, averaged = net().state_dict(), {key: value * 0 for key, value in net().state_dict().items()}
    read = read_checkpoint(saved(tmp_path, {"state_dict_ema": averaged, "state_dict": plain}))
    assert same(read.state, plain)
    assert any("state_dict_ema" in note and "not used" in note for note in read.notes)


def test_what_training_scripts_leave_beside_the_weights(tmp_path: Path) -> None:
    state = net().state_dict()
    extras = {"args": argparse.Namespace(lr=0.1), "loss": np.float64(0.5), "steps": np.arange(3), "history": [1, 2]}
    assert same(read_state_dict(saved(tmp_path, {"state_dict": state, **extras})), state)


def test_parameters_count_as_tensors(tmp_path: Path) -> None:
    held = dict(net().named_parameters())
    read = read_state_dict(saved(tmp_path, held))
    assert read.keys() == held.keys()
    assert not any(value.requires_grad for value in read.values())


def test_saved_on_a_graphics_card(tmp_path: Path) -> None:
    """The device is a word in the file; here it is changed in place, for there may be no such device."""
    path = saved(tmp_path, {"layer.weight": torch.arange(4.0)})
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    changed = tmp_path / "cuda.pth"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in parts.items():
            if name.endswith("data.pkl"):
                assert b"\x03\x00\x00\x00cpu" in content
                content = content.replace(b"\x03\x00\x00\x00cpu", b"\x06\x00\x00\x00cuda:0")
            archive.writestr(name, content)
    assert torch.equal(read_state_dict(changed)["layer.weight"], torch.arange(4.0))


class _Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("kind", ["zip", "legacy", "pickle"])
def test_pickles_never_execute(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    target, path = tmp_path / "made", tmp_path / "evil.pt"
    held = {"state_dict": {"w": torch.zeros(2)}, "x": _Hostile(target)}
    if kind == "pickle":
        path.write_bytes(pickle.dumps(held["x"]))
    else:
        torch.save(held, path, _use_new_zipfile_serialization=kind == "zip")
    error = failure(path)
    assert not target.exists()
    assert "mkdir" in error.why
    assert "could run code" in error.why
    pickle.loads(pickle.dumps(held["x"]))  # the test's own proof that the file was armed
    assert target.exists()


def test_a_whole_model(tmp_path: Path) -> None:
    error = failure(saved(tmp_path, net()))
    assert "whole model" in error.what
    assert "state_dict()" in error.todo


def test_torchscript(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(net().eval(), torch.zeros(1, 3, 3, 3)).save(str(tmp_path / "script.pt"))
    assert "TorchScript" in failure(tmp_path / "script.pt").what


@pytest.mark.parametrize("name", ["w.pth", "old.pth", "w.safetensors"])
@pytest.mark.parametrize("keep", [1, 7, 60, 200, 0.5, 0.99])
def test_truncated(tmp_path: Path, name: str, keep: float) -> None:
    from safetensors.torch import save_file

    state = {"a.weight": torch.randn(64, 64), "b.weight": torch.randn(8)}
    if name == "w.safetensors":
        save_file(state, tmp_path / name)
    else:
        torch.save(state, tmp_path / name, _use_new_zipfile_serialization=name == "w.pth")
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    error = failure(tmp_path / name)
    assert "damaged" in error.what
    assert "torch.load" not in str(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"hello, this is no weight file at all", "damaged"),
    ],
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_no_weights_at_all(tmp_path: Path, content: bytes, words: str, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    path.write_bytes(content)
    assert words in str(failure(path))


def test_missing_and_folder(tmp_path: Path) -> None:
    assert "no file" in failure(tmp_path / "none.pth").what
    assert "folder" in failure(tmp_path).what


@pytest.mark.parametrize("held", [[1, 2], {"epoch": 3, "loss": 0.5}, torch.zeros(3), {}, {1: torch.zeros(2)}])
def test_other_things(tmp_path: Path, held: Any) -> None:
    assert "no weights that can be recognised" in failure(saved(tmp_path, held)).what


def test_values_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    state = net().state_dict()
    state["0.weight"][0, 0, 0, :2] = float("nan")
    state["3.bias"][0] = float("inf")
    read = read_checkpoint(saved(tmp_path, state))
    assert read.notes == ("3 values in 2 of 9 weight tensors are not finite (0.weight, 3.bias).",)
    assert read.state["0.weight"].isnan().sum() == 2


def test_large_finite_values_are_finite(tmp_path: Path) -> None:
    state = {"w": torch.full((1000,), 6e4, dtype=torch.float16), "v": torch.full((9,), 3e38)}
    assert read_checkpoint(saved(tmp_path, state)).notes == ()
