"""A Python file is read, and never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.ui.dialogs.factories import Reading, read_factories


def read(folder: Path, source: str | bytes) -> Reading:
    file = folder / "net.py"
    file.write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_factories(str(file))


def test_functions_that_need_no_argument_are_found_the_usual_one_first(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
def small(width=3, *, depth=2, **more): ...
def needs(width): ...
def needs_keyword(*, width): ...
def _own(): ...
async def later(): ...
def make_model(): ...
try:
    import fast
except ImportError:
    def fallback(): ...
if True:
    def inside_if(): ...
class Outer:
    def method(self): ...
""",
    )
    assert found == Reading(("make_model", "small", "fallback", "inside_if"))


def test_classes_of_modules_are_found_when_they_can_be_made_without_arguments(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
class Net(nn.Module):
    def __init__(self, width=3): ...
class Plain(Module): ...
class Wants(nn.Module):
    def __init__(self, width): ...
class NoModule: ...
""",
    )
    assert found.names == ("Net", "Plain")


def test_nothing_in_the_file_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    found = read(tmp_path, f"open({str(marker)!r}, 'w')\nraise SystemExit\ndef make_model(): ...")
    assert found.names == ("make_model",)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"def f(:\n", "line 1"),
        (b"x = 1\n\n  y = 2\n", "line 3"),
        (b"\x00\x01\x02", "not"),
        (b"\xff\xfe\xfa = 1", "not valid Python"),
        (b"(" * 5000, "not"),
        (b"#" * 2_000_001, "too large"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, source: bytes, says: str) -> None:
    found = read(tmp_path, source)
    assert found.names == ()
    assert says in found.problem
    assert found.problem.endswith(".")


def test_warnings_of_the_persons_code_stay_inside(tmp_path: Path) -> None:
    # an invalid escape warns while it is parsed, and warnings are errors here
    assert read(tmp_path, "p = '\\d'\ndef make_model(): ...").names == ("make_model",)


def test_a_missing_file_is_named() -> None:
    assert "nowhere.py" in read_factories("nowhere.py").problem
