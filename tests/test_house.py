"""Rules that hold for the whole house: who imports what, what ships, what no file may say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
QT = ("PySide6", "shiboken6", "pyqtgraph")
LATE = ("ray", "torchvision", "timm", "transformers", "av", "safetensors", "scipy", "sklearn", "matplotlib")

IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1].split(","):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), name + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print("\\n".join(sys.modules))
"""


def modules_after_importing(packages: str) -> set[str]:
    """Top-level names in sys.modules after a fresh interpreter imported every module of these packages."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, packages]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    names = set(done.stdout.split())
    assert set(packages.split(",")) <= names
    return {name.partition(".")[0] for name in names}


def test_core_imports_neither_torch_nor_qt() -> None:
    found = modules_after_importing("explorer.core")
    assert found & {*QT, *LATE, "torch", "PIL", "platformdirs"} == set()


def test_engine_imports_no_qt_and_nothing_heavy() -> None:
    found = modules_after_importing("explorer.engine")
    assert "torch" in found
    assert found & {*QT, *LATE} == set()


def test_user_interface_imports_no_torch() -> None:
    assert "PySide6" in (found := modules_after_importing("explorer.ui"))
    assert found & {*LATE, "torch"} == set()


def test_nothing_at_all_imports_torchvision_by_itself() -> None:
    assert modules_after_importing("explorer") & set(LATE) == set()


def test_core_and_engine_tests_can_be_collected_without_qt(tmp_path: Path) -> None:
    """Nobody needs Qt to work on core and engine: their tests are found where it cannot be imported."""
    block = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {QT!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Block())
"""
    (tmp_path / "sitecustomize.py").write_text(block)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-p", "no:pytest-qt", "-p", "no:cacheprovider", "--collect-only", "-q"]
    done = subprocess.run(
        [*command, "tests/core", "tests/engine"], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files_of_the_project() -> list[Path]:
    """Everything that is or would be committed; without git (an unpacked archive) everything in the known folders."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
        names = done.stdout.split("\0") if done.returncode == 0 else []
    except OSError:
        names = []
    if any(names):
        return [path for name in names if name and (path := ROOT / name).is_file()]
    folders = ("explorer", "tests", "packaging", "docs", "resources")
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]


# Written in pieces, for this file is searched too.
MACHINE_PATHS = re.compile(
    r"(?<![\w./-])/(?:" + "|".join(("work", "tmp", "root", "opt", r"home/[a-z]\w*", r"Users/[A-Za-z]\w*")) + r")/[\w.-]"
    r"|[A-Za-z]:\\+Users\\+[A-Za-z]"
)


def test_the_search_for_machine_paths_finds_them() -> None:
    slash = "/"
    for path in ("work/x", "tmp/a", "home/anna/x", "root/.cache"):
        assert MACHINE_PATHS.search(f'open("{slash}{path}")'), path
    for harmless in ("network/a", "see docs/work/x", "../tmp/x", "https://a.b/home/c"):
        assert not MACHINE_PATHS.search(harmless), harmless


def test_no_file_names_a_machines_paths() -> None:
    found = []
    for path in files_of_the_project():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINE_PATHS.finditer(text)]
    assert found == []


BEHIND_THE_WINDOW = re.compile(r"\.controller\b|\bapp\.window\b")


def test_only_the_driver_reaches_behind_the_window() -> None:
    """Tests, fuzzing and measurements act through tests/support/driver, so that a rebuilt window changes no test."""
    here, driver = Path(__file__), ROOT / "tests" / "support" / "driver"
    others = [path for path in (ROOT / "tests").rglob("*.py") if path != here and driver not in path.parents]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in others
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if BEHIND_THE_WINDOW.search(line)
    ]
    assert found == []


@pytest.mark.slow
def test_layouts_are_nested_in_one_way() -> None:
    """`nest` forgets what PySide would remember of a filled layout; an empty one in a grid has nothing to remember."""
    found = [
        path for path in (ROOT / "explorer").rglob("*.py") if re.search(r"(?<!grid)\.addLayout\(", path.read_text())
    ]
    assert [path.name for path in found] == ["nesting.py"]


def _built_pages() -> list[str]:
    built = ROOT / "build" / "docs"
    return [path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()]


def test_the_wheel_holds_the_package_and_its_resources_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    known = {path.relative_to(ROOT).as_posix() for path in files_of_the_project()}
    shipped = {name for name in names if ".dist-info/" not in name}
    assert {name for name in known if name.startswith("explorer/")} <= shipped
    resources = {f"explorer/{name}" for name in known if name.startswith("resources/")}
    assert resources
    pages = {f"explorer/resources/docs/{path}" for path in _built_pages()}  # of a checkout that has built them
    assert {name for name in shipped if name.startswith("explorer/resources/")} == resources | pages
    assert all(name.startswith("explorer/") for name in shipped)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    # The installed package finds its own copy, not the checkout's.
    code = "from explorer.core.system import paths; print(paths.resources())"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert Path(said.stdout.strip()) == tmp_path / "installed" / "explorer" / "resources"


def test_mypy_passes_over_no_module() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        overrides = tomllib.load(file)["tool"]["mypy"]["overrides"]
    assert [each["module"] for each in overrides if each.get("ignore_errors")] == []


def test_a_checkout_finds_its_resources() -> None:
    from explorer.core.system import paths

    assert paths.resources() == ROOT / "resources"
    assert paths.resources().is_dir()


def test_this_pyside_keeps_references_to_true() -> None:
    """PySide6 6.12.0 loses one on every emitted bool; on CPython 3.11 and older the process aborts when none is left."""
    from PySide6.QtCore import QObject, Signal

    class Source(QObject):
        said = Signal(bool)

    heard: list[bool] = []
    source = Source()
    source.said.connect(heard.append)
    before = sys.getrefcount(True)
    for _ in range(5000):
        source.said.emit(True)
    assert len(heard) == 5000
    assert all(heard)
    heard.clear()
    # Immortal since 3.12, where both are the same large number.
    assert sys.getrefcount(True) >= before - 50
