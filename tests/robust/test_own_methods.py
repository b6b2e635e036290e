"""Models whose own methods raise or lie, of any kind: said in words, and the same window opens the next model."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError, Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.inputs import open_input
from explorer.engine.jobs.runner import Job, Lane, failure_of
from explorer.engine.model_session import ModelSession
from explorer.engine.models import open_model
from explorer.engine.models.labels import labels_beside

HEAD = """
from torch import nn
class Sly(Exception):
    def __str__(self): raise ZeroDivisionError
    __repr__ = __str__
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.drop = nn.Conv2d(3, 4, 3), nn.Dropout(0.5)
    def forward(self, x): return self.drop(self.conv(x)).mean((2, 3))
    {}
def make_model(): return N()
"""


def tried(tmp_path: Path, body: str) -> Failure | None:
    """What is said when such a model is opened and run."""
    file = tmp_path / "net.py"
    file.write_text(HEAD.format(body))
    job = Job(1, Lane.LOAD, "", lambda _event: None)
    try:
        bench = ModelSession()
        card = bench.open(ModelSpec(f"file:{file}"), job, trust_code=True).card
        bench.capture(card.digest, open_input(InputRef("sample", "cat")), job)
    except BaseException as error:  # noqa: BLE001 - as the worker does
        return failure_of(error)
    return None


RAISED = ["KeyboardInterrupt", "SystemExit(3)", "GeneratorExit", "StopIteration", "Sly()", "MemoryError", "1/0"]


@pytest.mark.parametrize("raised", RAISED)
@pytest.mark.parametrize(
    "method", ["forward(self, x)", "to(self, *a, **k)", "parameters(self, recurse=True)", "eval(self)"]
)
def test_whatever_a_method_raises_is_said_as_the_models_own(tmp_path: Path, method: str, raised: str) -> None:
    said = tried(tmp_path, f"def {method}: {raised if raised == '1/0' else 'raise ' + raised}")
    assert said is not None
    assert "Internal error of the application" not in said.what
    name = "ZeroDivisionError" if raised == "1/0" else raised.partition("(")[0]
    assert name in said.text or (raised == "MemoryError" and "not enough memory" in said.what)


@pytest.mark.parametrize(
    "method", ["__str__(self)", "__repr__(self)", "__len__(self)", "__bool__(self)", "__eq__(self, o)"]
)
def test_what_the_application_has_no_need_of_may_raise(tmp_path: Path, method: str) -> None:
    said = tried(tmp_path, f"def {method}: raise Sly()\n    __hash__ = nn.Module.__hash__")
    assert said is None or "Internal error of the application" not in said.what


def test_a_train_that_does_nothing_still_leaves_no_dropout(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(HEAD.format("def train(self, mode=True): return None"))
    module = open_model(ModelSpec(f"file:{file}"), trust_code=True).module
    assert module is not None
    assert not any(each.training for each in module.modules())
    assert tried(tmp_path, "def train(self, mode=True): return None") is None


def test_an_error_without_a_message_that_can_be_read() -> None:
    class Sly(Exception):
        def __str__(self) -> str:
            raise SystemExit

    assert told(Sly()) == "Sly: its message cannot be read (SystemExit)"
    assert told(ValueError()) == "ValueError"
    assert len(told(ValueError("x" * 10**6))) < 3000


@pytest.mark.parametrize("text", ["[" * 1000, "[" * 100_000, '{"a":' * 100_000, "9" * 9000, '{"a": NaN}'])
def test_labels_that_are_nested_without_end_are_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "w.labels.json").write_text(text)
    labels, notes = labels_beside(tmp_path / "w.pth")
    assert labels == ()
    assert "was not used" in notes[0]


@pytest.mark.parametrize(
    "body", ["sys.stdout = None; sys.stderr = None", "import io; sys.stdout = sys.stderr = io.StringIO()"]
)
def test_where_others_print_is_not_the_files_to_say(tmp_path: Path, body: str) -> None:
    import sys

    before = sys.stdout, sys.stderr
    file = tmp_path / "net.py"
    file.write_text(f"import sys\n{body}\n" + HEAD.format("pass"))
    open_model(ModelSpec(f"file:{file}"), trust_code=True)
    assert (sys.stdout, sys.stderr) == before


def test_a_preprocessing_that_fits_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("PREPROCESS = {'height': 10**6, 'width': 10**6}\n" + HEAD.format("pass"))
    with pytest.raises(ExplorerError, match="would not fit in memory"):
        open_model(ModelSpec(f"file:{file}"), trust_code=True)
