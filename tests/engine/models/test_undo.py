"""What a person's file sets for everything that runs is put back, and said where its own model's values may hang on it."""

from __future__ import annotations

import builtins
import gc
import logging
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model
from explorer.engine.models.undo import undone

NET = "import torch\n{}\ndef make_model():\n    return torch.nn.Linear(3, 2)\n"


def notes_of(tmp_path: Path, body: str) -> str:
    path = tmp_path / "net.py"
    path.write_text(NET.format(body))
    return " ".join(open_model(ModelSpec(f"file:{path}"), trust_code=True).card.notes)


def _of_logging() -> tuple[object, ...]:
    return logging.root.level, list(logging.root.handlers), logging.root.manager.disable


SILENT: list[tuple[str, Callable[[], Any]]] = [
    ("import sys; sys.path.insert(0, '/nowhere/evil')", lambda: list(sys.path)),
    ("import sys; sys.path = ['/nowhere/evil']", lambda: (id(sys.path), list(sys.path))),
    ("import sys; sys.argv = ['x']", lambda: list(sys.argv)),
    ("import sys; sys.excepthook = None", lambda: sys.excepthook),
    ("import sys; sys.unraisablehook = print", lambda: sys.unraisablehook),
    ("import sys\nclass F:\n    def find_spec(self, *a): return None\nsys.meta_path.insert(0, F())", lambda: list(sys.meta_path)),
    ("import sys; sys.modules['json'] = None", lambda: sys.modules["json"]),
    ("import sys; del sys.modules['json']", lambda: sys.modules["json"]),
    ("import sys; sys.setrecursionlimit(5000)", sys.getrecursionlimit),
    ("import threading; threading.excepthook = print", lambda: threading.excepthook),
    ("import builtins; builtins.print = None; builtins.abc = 3", lambda: dict(vars(builtins))),
    ("import os; os.environ['OMP_NUM_THREADS'] = '77'; os.environ['NEW'] = 'x'; del os.environ['PATH']", lambda: dict(os.environ)),
    ("import os; os.chdir('/')", os.getcwd),
    ("import warnings; warnings.simplefilter('ignore')", lambda: list(warnings.filters)),
    ("import warnings; warnings.showwarning = None", lambda: warnings.showwarning),
    ("import logging; logging.basicConfig(level=0, force=True); logging.disable(50)", lambda: _of_logging()),
    ("import random; random.seed(3)", random.getstate),
    ("import numpy; numpy.random.seed(3)", lambda: np.random.get_state()[1].tolist()),
    ("torch.manual_seed(3)", lambda: torch.random.get_rng_state().tolist()),
    ("import gc; gc.disable()", gc.isenabled),
    ("torch.set_grad_enabled(False)", torch.is_grad_enabled),
    ("torch.set_default_device('meta')\nimport torch as t\nt.set_default_device('cpu')", lambda: torch.get_default_device()),
    ("torch.autograd.set_detect_anomaly(True)", torch.is_anomaly_enabled),
    ("torch.set_warn_always(True)", torch.is_warn_always_enabled),
]  # fmt: skip


@pytest.mark.parametrize(("body", "read"), SILENT, ids=[body[:50] for body, _ in SILENT])
def test_what_is_put_back(tmp_path: Path, body: str, read: Callable[[], Any]) -> None:
    before = read()
    notes_of(tmp_path, body)
    assert read() == before


SAID: list[tuple[str, str, Callable[[], Any]]] = [
    ("torch.set_default_dtype(torch.float64)", "the default dtype", torch.get_default_dtype),
    (
        "torch.use_deterministic_algorithms(True)",
        "deterministic algorithms",
        torch.are_deterministic_algorithms_enabled,
    ),
    ("torch.backends.cudnn.benchmark = True", "torch.backends.cudnn.benchmark", lambda: torch.backends.cudnn.benchmark),
    ("torch.set_float32_matmul_precision('medium')", "precision of float32", torch.get_float32_matmul_precision),
    ("torch.nn.Conv2d.forward = lambda self, x: x * 0 + 666", "torch.nn.Conv2d.forward", lambda: nn.Conv2d.forward),
    ("torch.nn.Linear.forward = torch.nn.Conv2d.forward", "torch.nn.Linear.forward", lambda: nn.Linear.forward),
    ("torch.relu = torch.sigmoid", "torch.relu", lambda: torch.relu),
    ("torch.nn.functional.relu = None", "torch.nn.functional.relu", lambda: nn.functional.relu),
    ("torch.Tensor.mine = lambda self: 1", "torch.Tensor.mine", lambda: hasattr(torch.Tensor, "mine")),
    ("del torch.nn.ReLU.forward", "torch.nn.ReLU.forward", lambda: nn.ReLU.forward),
    (
        "torch.nn.modules.module.register_module_forward_hook(lambda m, a, b: b * 0)",
        "hooks of every module",
        lambda: len(nn.modules.module._global_forward_hooks),
    ),
]


@pytest.mark.parametrize(("body", "name", "read"), SAID, ids=[name for _, name, _ in SAID])
def test_what_is_put_back_and_said(tmp_path: Path, body: str, name: str, read: Callable[[], Any]) -> None:
    before = read()
    said = notes_of(tmp_path, body)
    assert read() == before
    assert name in said
    assert "undone" in said


def test_it_is_put_back_after_an_error_too(tmp_path: Path) -> None:
    before = nn.Conv2d.forward, list(sys.path)
    with pytest.raises(ExplorerError, match="on purpose"):
        notes_of(
            tmp_path, "torch.nn.Conv2d.forward = None\nimport sys; sys.path.clear()\nraise ValueError('on purpose')"
        )
    assert (nn.Conv2d.forward, list(sys.path)) == before


def test_a_file_that_changes_nothing_says_nothing(tmp_path: Path) -> None:
    assert "undone" not in notes_of(tmp_path, "import torch.fx, numpy, json")


def test_what_a_library_does_to_torch_stays(tmp_path: Path) -> None:
    """An import of an installed package is not the person's doing."""
    with undone(tmp_path) as changes:
        import torch._dynamo  # noqa: F401 - wraps torch.manual_seed
    assert changes.names == []


def test_handlers_of_signals_cannot_be_set_and_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="signal only works in main thread"):
        notes_of(tmp_path, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
