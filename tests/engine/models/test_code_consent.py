"""What was agreed to is what runs: the file, what it imports beside it, from one path, from its source."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import Consent, ConsentNeeded, open_model
from explorer.engine.models.own_code import read_code

NET = "{}\nimport torch\ndef make_model():\n    return torch.nn.Linear(3, 2)\n"
Run = Callable[[], str]


@pytest.fixture
def ran(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What the code under test says it has run, since it was asked last."""
    canary = tmp_path_factory.mktemp("canary") / "ran"
    monkeypatch.setenv("CANARY", str(canary))

    def ask() -> str:
        said = canary.read_text() if canary.exists() else ""
        canary.unlink(missing_ok=True)
        return said

    return ask


def says(word: str) -> str:
    return f"import os\nwith open(os.environ['CANARY'], 'a') as f: f.write({word!r})\n"


def write(folder: Path, **files: str) -> Path:
    """Files by name, `/` for a folder; returns the model file."""
    for name, text in files.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "net.py"


def yes(path: Path) -> None:
    digest = Consent().needs_consent(path)
    if digest is not None:
        Consent().grant(path, digest)


def opens(path: Path) -> bool:
    """Whether it opens without a question."""
    try:
        open_model(ModelSpec(f"file:{path}"))
    except ConsentNeeded:
        return False
    return True


@pytest.mark.parametrize(
    ("imports", "neighbour"),
    [
        ("import helper", "helper"),
        ("from helper import *", "helper"),
        ("def f():\n    import helper\nf()", "helper"),
        ("import parts.helper", "parts/helper"),
        ("from parts import helper", "parts/helper"),
        ("import middle", "helper"),
        ("import package", "package/__init__"),
        ("import package", "package/inner"),
    ],
)
def test_a_neighbour_that_changes_needs_a_new_yes(tmp_path: Path, ran: Run, imports: str, neighbour: str) -> None:
    net = write(tmp_path, net=NET.format(imports), middle="import helper\n", **{"package/inner": ""})
    write(tmp_path, **{"package/__init__": "from . import inner\n"})
    file = tmp_path / f"{neighbour}.py"
    file.parent.mkdir(exist_ok=True)
    file.touch()
    yes(net)
    assert opens(net)
    file.write_text(file.read_text() + says("EVIL"))
    assert not opens(net)
    assert ran() == ""
    yes(net)
    assert opens(net)
    assert ran() == "EVIL"


def test_a_file_that_nobody_imports_changes_nothing(tmp_path: Path) -> None:
    net = write(tmp_path, net=NET.format(""), other="x = 1\n")
    yes(net)
    write(tmp_path, other="x = 2\n")
    assert opens(net)


@pytest.mark.parametrize(
    "imports",
    [
        "import importlib\nname = 'hel' + 'per'\nimportlib.import_module(name)",
        "__import__('helper')",
        "import importlib.util, pathlib\n"
        "spec = importlib.util.spec_from_file_location('h', pathlib.Path(__file__).with_name('helper.py'))\n"
        "spec.loader.exec_module(importlib.util.module_from_spec(spec))",
        "try:\n    __import__('helper')\nexcept ImportError:\n    pass",
    ],
)
def test_what_no_import_names_is_asked_about_too(tmp_path: Path, ran: Run, imports: str) -> None:
    net = write(tmp_path, net=NET.format(imports), helper=says("one"))
    yes(net)
    with pytest.raises(ConsentNeeded, match=r"net.py was stopped: it wants to run helper.py too"):
        open_model(ModelSpec(f"file:{net}"))
    assert ran() == ""
    yes(net)  # the question is about both now
    assert opens(net)
    assert ran() == "one"
    write(tmp_path, helper=says("two"))
    assert not opens(net)
    assert ran() == ""


def test_what_was_agreed_to_outlives_the_process(tmp_path: Path, ran: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.models import code_consent

    net = write(tmp_path, net=NET.format("__import__('helper')"), helper=says("one"))
    yes(net)
    assert not opens(net)
    yes(net)
    monkeypatch.setattr(code_consent, "_wanted", type(code_consent._wanted)(set))  # as at the next start
    assert opens(net)
    write(tmp_path, helper=says("two"))
    assert not opens(net)


def test_files_of_another_folder_are_asked_about(tmp_path: Path, ran: Run) -> None:
    imports = "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'lib'))\nimport far"
    net = write(tmp_path / "nets", net=NET.format(imports))
    write(tmp_path / "lib", far=says("far"))
    yes(net)
    assert not opens(net)
    assert ran() == ""
    yes(net)
    assert opens(net)
    assert ran() == "far"


def test_a_link_is_the_file_it_leads_to(tmp_path: Path, ran: Run) -> None:
    """Its neighbours are those of that file, not those beside the link."""
    net = write(tmp_path / "a", net=NET.format("import helper"), helper=says("good"))
    write(tmp_path / "b", helper=says("EVIL"))
    (tmp_path / "b" / "net.py").symlink_to(net)
    yes(net)
    assert opens(tmp_path / "b" / "net.py")
    assert ran() == "good"


def test_a_link_that_leads_elsewhere_now_needs_a_new_yes(tmp_path: Path, ran: Run) -> None:
    write(tmp_path, good=NET.format(""), evil=NET.format(says("EVIL")))
    link = tmp_path / "net.py"
    link.symlink_to("good.py")
    yes(link)
    link.unlink()
    link.symlink_to("evil.py")
    assert not opens(link)
    assert ran() == ""


@pytest.mark.parametrize("copied", [os.link, lambda one, two: two.write_bytes(one.read_bytes())])
def test_the_same_content_elsewhere_needs_its_own_yes(tmp_path: Path, ran: Run, copied: Callable[..., object]) -> None:
    net = write(tmp_path / "a", net=NET.format(""))
    yes(net)
    (tmp_path / "b").mkdir()
    copied(net, tmp_path / "b" / "net.py")
    assert not opens(tmp_path / "b" / "net.py")


def test_a_compiled_file_beside_it_is_not_looked_at(tmp_path: Path, ran: Run) -> None:
    net = write(tmp_path, net=NET.format("import helper"), helper=says("good"), bad=says("EVIL"))
    cached = Path(importlib.util.cache_from_source(str(tmp_path / "helper.py")))
    cached.parent.mkdir()
    py_compile.compile(
        str(tmp_path / "bad.py"), str(cached), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    yes(net)
    assert opens(net)
    assert ran() == "good"


@pytest.mark.parametrize("trusted", [False, True])
def test_a_compiled_file_without_its_source_does_not_run(tmp_path: Path, ran: Run, trusted: bool) -> None:
    net = write(tmp_path, net=NET.format("import helper"), bad=says("EVIL"))
    py_compile.compile(str(tmp_path / "bad.py"), str(tmp_path / "helper.pyc"))
    yes(net)
    with pytest.raises(ExplorerError, match=r"helper.pyc has no source beside it"):
        open_model(ModelSpec(f"file:{net}"), trust_code=trusted)
    assert ran() == ""


def test_an_archive_is_not_run(tmp_path: Path, ran: Run) -> None:
    imports = "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).with_name('x.zip')))\nimport helper"
    net = write(tmp_path, net=NET.format(imports))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("helper.py", says("EVIL"))
    yes(net)
    with pytest.raises(ExplorerError, match=r"x.zip is an archive"):
        open_model(ModelSpec(f"file:{net}"))
    assert ran() == ""


def test_the_bytes_that_were_agreed_to_run_whatever_the_disk_says(tmp_path: Path, ran: Run) -> None:
    """A file may be exchanged after it was looked at: here by the model file itself, as late as can be."""
    swap = (
        "import pathlib\npathlib.Path(__file__).with_name('helper.py').write_text(\"open('/x', 'w')\")\nimport helper"
    )
    net = write(tmp_path, net=NET.format(swap), helper=says("good"))
    yes(net)
    assert opens(net)
    assert ran() == "good"


def test_a_link_that_is_turned_round_all_the_time(tmp_path: Path, ran: Run) -> None:
    write(tmp_path, good=NET.format("import helper"), evil=NET.format(says("EVIL")), helper="")
    link, stop = tmp_path / "net.py", threading.Event()
    link.symlink_to("good.py")
    yes(link)

    def turn() -> None:
        for number in range(10**6):
            if stop.is_set():
                return
            (tmp_path / "new").symlink_to(("good.py", "evil.py")[number % 2])
            os.replace(tmp_path / "new", link)

    turning = threading.Thread(target=turn)
    turning.start()
    try:
        answers = {opens(link) for _ in range(40)}
    finally:
        stop.set()
        turning.join()
    assert True in answers
    assert ran() == ""


def test_own_modules_of_the_same_name_in_two_folders(tmp_path: Path, ran: Run) -> None:
    first = write(tmp_path / "a", net=NET.format("import helper"), helper=says("a"))
    second = write(tmp_path / "b", net=NET.format("import helper"), helper=says("b"))
    for net in (first, second):
        yes(net)
        assert opens(net)
    assert ran() == "ab"
    assert "helper" not in sys.modules


def test_installed_packages_are_not_asked_about(tmp_path: Path) -> None:
    net = write(tmp_path, net=NET.format("import numpy, PIL.Image, json"))
    assert read_code(net).neighbours == ()
    yes(net)
    assert opens(net)


def test_a_yes_of_the_first_version_holds_for_a_file_that_imports_nothing(tmp_path: Path) -> None:
    import json

    alone = write(tmp_path / "a", net=NET.format(""))
    more = write(tmp_path / "b", net=NET.format("import helper"), helper="")
    store = Consent().file
    store.parent.mkdir(parents=True)
    held = [[str(path), read_code(alone).digest if path == alone else "0" * 64] for path in (alone, more)]
    store.write_text(json.dumps({"version": 1, "granted": held}))
    assert opens(alone)
    assert not opens(more)


@pytest.mark.parametrize(
    "source",
    ["x=" + "not " * 100_000 + "1\n", "(" * 5000, "\0", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")],
)
def test_a_source_that_cannot_be_read_names_no_imports(tmp_path: Path, source: str) -> None:
    path = tmp_path / "net.py"
    path.write_text(source)
    assert read_code(path).neighbours == ()
    with pytest.raises(ExplorerError, match=r"not valid Python|could not be run"):
        open_model(ModelSpec(f"file:{path}"), trust_code=True)
