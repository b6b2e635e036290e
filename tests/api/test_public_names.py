"""`import explorer`: what it offers, what it imports, and that its types are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import explorer
from explorer.api import method_runs

ROOT = Path(__file__).resolve().parents[2]
PROMISED = (
    "open", "capture", "preprocess", "mosaic", "explain", "ablate", "maximise", "health", "attention", "cka", "probe", "index",
    "show", "session",
)  # fmt: skip


def test_what_is_promised_is_there() -> None:
    assert set(PROMISED) <= set(dir(explorer))
    for name in dir(explorer):
        assert getattr(explorer, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = explorer.nothing  # type: ignore[attr-defined]


def test_importing_it_imports_neither_torch_nor_qt() -> None:
    code = "import sys, explorer; dir(explorer); explorer.health.__doc__; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert {"torch", "PySide6", "torchvision", "pyqtgraph"} & set(done.stdout.split()) == set()


def test_the_stub_is_what_the_catalogue_gives() -> None:
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        from api_stub import stub
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    assert (ROOT / "explorer" / "__init__.pyi").read_text(encoding="utf-8") == stub(), "run packaging/api_stub.py"
    assert (ROOT / "explorer" / "py.typed").is_file()


def test_every_public_function_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [name for name in dir(explorer) if name != "__version__" and f"`{name}" not in page] == []


def test_a_method_result_tells_its_numbers() -> None:
    found = explorer.network_health("demo:seeded", "sample:cat")
    assert isinstance(found, method_runs.MethodResult)
    assert found.to_dict()
    assert "<pre>" in found._repr_html_()
    assert str(found) == found.spec.write(found.value)
