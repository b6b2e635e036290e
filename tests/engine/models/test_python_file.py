from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.system.paths import config_dir
from explorer.engine.models import Cancelled, Consent, ConsentNeeded, LoadedModel, open_model, python_file
from explorer.engine.models.factory import abandoned

GOOD = "from torch import nn\ndef make_model():\n    return nn.Linear(3, 2)\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(source: str | bytes, name: str = "net.py") -> Path:
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    return write


def load(path: Path, factory: str = "make_model", **how: Any) -> LoadedModel:
    return open_model(ModelSpec(f"file:{path}:{factory}", **how), trust_code=True)


def failure(path: Path, factory: str = "make_model") -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        load(path, factory)
    return caught.value


# --- consent


def test_nothing_runs_before_a_yes(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + GOOD)
    with pytest.raises(ConsentNeeded) as caught:
        open_model(ModelSpec(f"file:{path}"))
    assert not (tmp_path / "ran").exists()
    needed = caught.value
    assert (needed.path, needed.sha256) == (path, hashlib.sha256(path.read_bytes()).hexdigest())
    Consent().grant(needed.path, needed.sha256)
    assert isinstance(open_model(ModelSpec(f"file:{path}")).module, torch.nn.Linear)
    assert (tmp_path / "ran").exists()


def test_a_yes_is_for_one_content_at_one_place(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    digest = Consent().needs_consent(path)
    assert digest is not None
    Consent().grant(path, digest)
    assert Consent().needs_consent(path) is None
    assert Consent().needs_consent(write(GOOD, "other.py")) == digest
    write(GOOD + "# changed\n")
    assert Consent().needs_consent(path) not in (None, digest)
    with pytest.raises(ConsentNeeded):
        open_model(ModelSpec(f"file:{path}"))


def test_a_new_yes_ends_the_old_one(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    for digest in ("a" * 64, "b" * 64):
        Consent().grant(path, digest)
    assert not Consent().granted(path, "a" * 64)
    assert Consent().granted(path, "b" * 64)


@pytest.mark.parametrize("content", ["", "[]", '{"granted": 3}', '{"granted": [["x"]]}', "\0"])
def test_a_damaged_store_means_no(write: Callable[..., Path], content: str) -> None:
    path = write(GOOD)
    config_dir().mkdir(parents=True)
    (config_dir() / "consent.json").write_text(content)
    digest = Consent().needs_consent(path)
    assert digest is not None
    Consent().grant(path, digest)
    assert Consent().needs_consent(path) is None


def test_a_store_that_cannot_be_written(write: Callable[..., Path]) -> None:
    config_dir().parent.mkdir(exist_ok=True)
    config_dir().write_text("a file in the place of the folder")
    with pytest.raises(ExplorerError, match="could not be saved"):
        Consent().grant(write(GOOD), "a" * 64)


def test_what_was_consented_to_is_what_runs(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(GOOD)
    granted = Consent.granted

    def granted_then_swapped(self: Consent, *args: Any) -> bool:
        answer = granted(self, *args)
        path.write_text("raise SystemExit('the other content ran')")
        return answer

    Consent().grant(path, hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(python_file.Consent, "granted", granted_then_swapped)
    assert isinstance(open_model(ModelSpec(f"file:{path}")).module, torch.nn.Linear)


# --- what a file may say


def test_a_module_and_nothing_more(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    card = load(path).card
    assert (card.name, card.source, card.parameters) == ("net", "file", 8)
    assert card.spec.id == f"file:{path}:make_model"
    assert card.weights.label == "weights as its file made them"
    assert any("PREPROCESS" in note for note in card.notes)
    assert any("TRAINED" in note for note in card.notes)


def test_everything_said(write: Callable[..., Path]) -> None:
    path = write(
        "from torch import nn\n"
        "PREPROCESS = {'height': 64, 'width': 48, 'mean': [0.5], 'std': [0.5], 'channels': 1, 'fit': 'letterbox'}\n"
        "LABELS = ['cat', 'dog']\n"
        "def make_model():\n"
        "    return nn.Linear(3, 2), {'name': 'My net', 'trained': True}\n"
    )
    card = load(path).card
    assert card.preprocess == Preprocess(64, 48, "letterbox", mean=(0.5,), std=(0.5,), channels=1)
    assert (card.labels, card.name, card.weights.trained, card.notes) == (("cat", "dog"), "My net", True, ())


def test_the_factory_knows_better_than_the_file(write: Callable[..., Path]) -> None:
    path = write("LABELS = ['a']\nfrom torch import nn\ndef make_model(): return nn.Identity(), {'labels': ['b']}\n")
    assert load(path).card.labels == ("b",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{'size': 3}", "“size”"),
        ("{'height': 0}", "“height” cannot be 0"),
        ("{'height': True}", "“height” cannot be True"),
        ("{'fit': 'squeeze'}", "“fit” cannot be 'squeeze'"),
        ("{'std': (1, 0, 1)}", "“std”"),
        ("{'channels': 1}", "1 channels need as many values"),
        ("7", "PREPROCESS is a int"),
    ],
)
def test_preprocessing_that_makes_no_sense(write: Callable[..., Path], given: str, words: str) -> None:
    error = failure(write(f"{GOOD}PREPROCESS = {given}\n"))
    assert words in error.why
    assert "interpolation" in error.todo


def test_weights_are_loaded_into_it(write: Callable[..., Path], tmp_path: Path) -> None:
    given = torch.nn.Linear(3, 2).state_dict()
    torch.save({"state_dict": given}, tmp_path / "w.pth")
    (tmp_path / "w.labels.json").write_text('{"0": ["n1", "cat"], "1": ["n2", "dog"]}')
    loaded = load(write(GOOD), weights=str(tmp_path / "w.pth"))
    assert torch.equal(loaded.module.weight, given["weight"])
    assert loaded.card.weights.trained
    assert loaded.card.labels == ("cat", "dog")
    torch.save(torch.nn.Linear(4, 2).state_dict(), tmp_path / "w.pth")
    with pytest.raises(ExplorerError, match=r"w.pth do not fit the model of net.py.*\(2, 4\) in the file, \(2, 3\)"):
        load(write(GOOD), weights=str(tmp_path / "w.pth"))


def test_seeded_and_digests(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    a, b, c = (load(path, untrained=True, seed=seed).card for seed in (3, 3, 4))
    assert a.digest == b.digest != c.digest
    assert a.weights.label == "untrained, seed 3"
    write(GOOD.replace("return nn", "return 1 and nn"))
    assert load(path, untrained=True, seed=3).card.digest != a.digest  # same values, other code


def test_neighbours_and_their_edits(write: Callable[..., Path], tmp_path: Path) -> None:
    write("WIDTH = 5\n", "my_parts.py")
    path = write("import my_parts\nfrom torch import nn\ndef make_model(): return nn.Linear(my_parts.WIDTH, 1)\n")
    first = load(path)
    assert first.module.in_features == 5
    assert str(tmp_path) not in sys.path
    assert "my_parts" not in sys.modules
    write("WIDTH = 66\n", "my_parts.py")
    second = load(path)
    assert second.module.in_features == 66
    assert second.card.code != first.card.code


def test_dataclasses_and_other_encodings(write: Callable[..., Path]) -> None:
    source = (
        "# -*- coding: latin-1 -*-\n"
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from torch import nn\n"
        "@dataclass\n"
        "class Size:\n"
        "    width: int = 3\n"
        "NAME = 'Größe'\n"
        "def make_model(): return nn.Linear(Size().width, 1)\n"
    )
    assert load(write(source.encode("latin-1"))).card.name == "Größe"


def test_models_of_one_file_are_told_apart(write: Callable[..., Path]) -> None:
    path = write("from torch import nn\ndef make_model(): return nn.Linear(1, 1)\nsmall = make_model\n")
    assert [load(path, factory).card.name for factory in ("make_model", "small")] == ["net", "net.small"]


# --- what can go wrong


def test_prints_are_kept_and_not_shown(write: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        "import sys\nprint('hello')\n" + GOOD.replace("    return", "    print('there', file=sys.stderr)\n    return")
    )
    card = load(path).card
    assert "The file printed: hello\nthere" in card.notes
    assert capsys.readouterr() == ("", "")
    print("afterwards")
    assert capsys.readouterr().out == "afterwards\n"


def test_a_factory_that_raises(write: Callable[..., Path]) -> None:
    error = failure(write("def make_model():\n    print('so far')\n    raise ValueError('no good')\n"))
    assert "net.py could not be run" in error.what
    assert error.why == "ValueError: no good (line 3). It printed: so far"
    assert "Traceback" in error.__notes__[0]
    assert error.__cause__ is None


@pytest.mark.parametrize("source", ["import sys\nsys.exit(3)", "raise KeyboardInterrupt", "import no_such_module_here"])
def test_files_that_stop_half_way(write: Callable[..., Path], source: str) -> None:
    error = failure(write(source))
    assert "could not be run" in error.what
    assert "(line " in error.why


def test_syntax_errors_name_the_line(write: Callable[..., Path]) -> None:
    assert failure(write("x = 1\ndef f(:\n")).why.startswith("Line 2: ")
    assert "not valid Python" in failure(write(b"\xff\xfe\x00")).what


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "NoneType"),
        ("return nn.Linear", "a class: call it"),
        ("return 3, {}", "int"),
        ("return nn.Linear(2, 1), 4", "tuple"),
    ],
)
def test_what_is_no_module(write: Callable[..., Path], body: str, words: str) -> None:
    error = failure(write(f"from torch import nn\ndef make_model():\n    {body}\n"))
    assert "returns no model" in error.what
    assert words in error.why


@pytest.mark.parametrize("made", ["nn.LazyLinear(2)", "nn.Linear(2, 2, device='meta')"])
def test_parameters_without_values(write: Callable[..., Path], made: str) -> None:
    assert "not complete" in failure(write(f"from torch import nn\ndef make_model(): return {made}\n")).what


def test_a_factory_that_is_not_there(write: Callable[..., Path]) -> None:
    path = write(GOOD.replace("make_model", "build") + "class Net(nn.Module): ...\ncount = 3\n")
    error = failure(path)
    assert "has no function “make_model”" in error.what
    assert "build, Net" in error.todo
    assert f"file:{path}:build" in error.todo
    assert "cannot be called" in failure(path, "count").what
    assert "has no function" in failure(write("x = 1")).what


def test_a_factory_that_hangs_is_left_behind(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    gate, waiting = threading.Event(), threading.Event()
    monkeypatch.setattr(sys, "_test_gate", gate, raising=False)
    monkeypatch.setattr(sys, "_test_waiting", waiting, raising=False)
    path = write("import sys\ndef make_model():\n    sys._test_waiting.set()\n    sys._test_gate.wait()\n")
    try:
        with pytest.raises(Cancelled, match="did not finish and is ignored"):
            open_model(ModelSpec(f"file:{path}"), trust_code=True, cancelled=waiting.is_set)
        assert abandoned() == 1
    finally:
        gate.set()
    for thread in threading.enumerate():
        if thread.name == "factory":
            thread.join(10)
    assert abandoned() == 0


def test_a_file_may_not_change_where_it_says_it_is(write: Callable[..., Path]) -> None:
    path = write("__file__ = 3\n" + GOOD)
    load(path)
    assert all(isinstance(getattr(m, "__file__", None), str | None) for m in list(sys.modules.values()))
