"""Files that are not what they should be: pictures, weights, sessions, consent."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.session.session import Session, from_json, to_json
from explorer.engine import export
from explorer.engine.inputs import open_input
from explorer.engine.models import Consent, open_model
from explorer.engine.models.code_consent import read_source
from explorer.engine.models.module_state import seeded, state_digest
from explorer.engine.models.weights.checkpoint import not_finite, read_checkpoint
from explorer.engine.models.weights.load_state import load_into

GOOD = Session(ModelSpec("demo:seeded", preprocess=Preprocess()), InputRef("sample", "cat"), "stem", 2, (1, 2))


def refused(act: Any) -> ExplorerError:
    with pytest.raises(ExplorerError) as raised:
        act()
    assert raised.value.what
    return raised.value


# --- what is no file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on systems with named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for act in (
        lambda: open_input(InputRef("picture", str(pipe))),
        lambda: open_input(InputRef("video", str(pipe))),
        lambda: read_checkpoint(pipe),
        lambda: read_source(pipe),
    ):
        assert "not a file" in refused(act).what


def test_a_name_with_a_nul_is_refused() -> None:
    refused(lambda: open_input(InputRef("picture", "a\0b.png")))


# --- weights


def test_numbers_that_a_model_cannot_hold_are_refused(tmp_path: Path) -> None:
    torch.save({"layer.weight": torch.zeros(2, 2, device="meta")}, tmp_path / "meta.pth")
    error = refused(lambda: read_checkpoint(tmp_path / "meta.pth"))
    assert "layer.weight" in error.why
    assert error.todo
    # a model may have complex parameters; into real ones they cannot go, nor the codes of a quantised file
    for dtype, word in ((torch.complex64, "complex"), (torch.int8, "whole numbers")):
        state = {"weight": torch.zeros(2, 2, dtype=dtype), "bias": torch.zeros(2)}
        error = refused(lambda state=state: load_into(torch.nn.Linear(2, 2), state, "w.pth", "net"))
        assert word in error.why
        assert error.todo


def test_a_pickle_without_end_is_not_followed_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02" + b"N0" * 5_000 + b"cos\nsystem\n.")
    assert "os.system" in refused(lambda: read_checkpoint(bomb)).why
    monkeypatch.setattr("explorer.engine.models.weights.machine.STEPS", 1_000)
    assert "1,000 instructions" in refused(lambda: read_checkpoint(bomb)).why


def test_states_with_more_than_plain_tensors_have_a_digest() -> None:
    class Odd(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("sparse", torch.eye(3).to_sparse())
            self.register_buffer("nan", torch.full((2,), float("nan")))

        def get_extra_state(self) -> object:
            return (torch.float32, "words")

        def set_extra_state(self, _state: object) -> None: ...

    assert len(state_digest(Odd())) == 64
    (note,) = not_finite(Odd().state_dict())
    assert note.startswith("2 values in 1 of ")


def test_a_seed_beyond_64_bits_is_refused() -> None:
    refused(lambda: seeded(torch.nn.Identity, 10**30))


# --- Python files


def test_a_file_changes_nothing_for_other_models(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import os, torch\nfrom torch import nn\nos.chdir(os.path.dirname(__file__))\n"
        "def make_model():\n    torch.set_default_dtype(torch.float64)\n    return nn.Linear(2, 2)\n"
    )
    folder = os.getcwd()
    loaded = open_model(ModelSpec(f"file:{file}"), trust_code=True)
    assert loaded.module.weight.dtype == torch.float64
    assert torch.get_default_dtype() == torch.float32
    assert os.getcwd() == folder


@pytest.mark.parametrize(
    "body", ["def train(self): return self", "def parameters(self, recurse=True): raise KeyError('x')"]
)
def test_a_class_that_breaks_the_simplest_questions(tmp_path: Path, body: str) -> None:
    file = tmp_path / "net.py"
    file.write_text(f"from torch import nn\nclass Net(nn.Module):\n    {body}\ndef make_model(): return Net()\n")
    error = refused(lambda: open_model(ModelSpec(f"file:{file}"), trust_code=True))
    assert error.why


def test_a_yes_that_cannot_be_written_down_holds_until_the_end(tmp_path: Path) -> None:
    in_the_way = tmp_path / "config"
    in_the_way.write_text("")
    store, file = Consent(in_the_way / "consent.json"), tmp_path / "net.py"
    error = refused(lambda: store.grant(file, "ab"))
    assert "asked again" in error.todo
    assert store.granted(file, "ab")
    assert not store.granted(file, "cd")
    assert not Consent(tmp_path / "other.json").granted(file, "ab")


# --- sessions


def test_a_session_of_a_newer_version_opens_as_far_as_it_is_understood() -> None:
    data = json.loads(to_json(GOOD))
    newer = {**data, "format": 9, "surprise": 1}
    for part in ("model", "input"):
        newer[part] = {**newer[part], "surprise": 1}
    newer["model"]["preprocess"] = {**data["model"]["preprocess"], "surprise": 1}
    assert from_json(json.dumps(newer)) == GOOD


@pytest.mark.parametrize("text", ["", "null", "5", "[1]", "[" * 100_000, '{"model": "x"}', '{"input": 3}'])
def test_what_is_no_session_is_refused(text: str) -> None:
    error = refused(lambda: from_json(text))
    assert error.why
    assert error.todo


WRONG = {
    "tap": [5],
    "channel": ["x", -7, 10**30, True, 1.5],
    "cell": [[1], ["a", "b"], [-1, -1], 3],
    "sort": ["zzz"],
    "scale": ["zzz", None],
    "fixed": [[1], ["a", 2], None, [0, "NaN"]],
    "percentile": [500, "x", None, 0],
    "colormap": ["evil", None],
    "blocks": ["yes"],
    "input": [
        {"kind": "foo"},
        {"kind": "sample", "path": 7},
        {"kind": "picture", "path": "a\0b"},
        {"kind": "video", "frame": "x"},
    ],
    "model": [
        {"id": 5},
        {"id": "x", "seed": "y"},
        {"id": "x", "preprocess": {"height": -5}},
        {"id": "x", "preprocess": {"width": 10**9}},
        {"id": "x", "preprocess": {"mean": "abc"}},
        {"id": "x", "preprocess": {"fit": "shrink"}},
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_session_with_a_wrong_value_is_refused(name: str, value: object) -> None:
    data = {**json.loads(to_json(GOOD)), name: value}
    refused(lambda: from_json(json.dumps(data)))


# --- writing


def test_a_name_as_long_as_the_disk_allows_can_be_saved(tmp_path: Path) -> None:
    target = tmp_path / ("y" * 251 + ".npz")
    export.write(target, b"all of it")
    assert target.read_bytes() == b"all of it"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "maps.npz"
    target.write_bytes(b"old")
    full = OSError(28, "No space left on device")

    class Full:
        def __init__(self, handle: int, _mode: str) -> None:
            os.close(handle)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, _data: bytes) -> None:
            raise full

    monkeypatch.setattr(os, "fdopen", Full)
    assert "full" in refused(lambda: export.write(target, b"new")).why
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_empty_picture_is_not_written() -> None:
    refused(lambda: export.png(np.zeros((0, 5, 3), np.uint8)))


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems whose file names are bytes")
def test_a_picture_whose_name_is_no_text_opens(tmp_path: Path) -> None:
    from PIL import Image

    path = os.fsencode(tmp_path) + b"/bad\xff<b>100%s.png"
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(os.fsdecode(path))
    assert open_input(InputRef("picture", os.fsdecode(path))).size == (4, 5)
