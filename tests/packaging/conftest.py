"""The set-up scripts are no package: they are loaded from their folder, fresh for every test."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"
NAMES = ("python_version", "system_libraries", "torch_build", "setup_env", "start")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """script("setup_env") is that module of packaging/."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in NAMES:
        sys.modules.pop(name, None)
    yield importlib.import_module
    for name in NAMES:
        sys.modules.pop(name, None)
