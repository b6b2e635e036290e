"""Import torchvision quickly, and also where its compiled extension cannot load.

A torchvision wheel built for another torch (CUDA wheel beside a CPU torch, or a frozen build without the libraries) fails on
import with "operator torchvision::nms does not exist". Declaring the two schemas is all that most models and transforms need; what
detection needs besides is in `torchvision_operators`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import torch

from explorer.engine.models import torchvision_operators

_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_DECLARED = ("nms", "qnms")
# How a script of its own imports it, in any environment.
PLAIN_IMPORT = f"""
try:
    import torchvision
except RuntimeError:  # its compiled operators do not fit this torch; models that classify need none of them
    import sys

    declared = torch.library.Library("torchvision", "FRAGMENT")
    for name in {_DECLARED}:
        declared.define(name + "{_BOXES}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    import torchvision
""".strip().splitlines()
_STAND_INS = ("torch._dynamo", "torch._dynamo.utils")
_lock = RLock()
_declared: list[torch.library.Library] = []  # kept for good: a Library takes its operators along when it is collected


def import_torchvision() -> ModuleType:
    """torchvision, imported at the first call. Raises ImportError when it is not installed."""
    with _lock:
        if "torchvision" not in sys.modules:
            prepare()
            with _without_dynamo():
                importlib.import_module("torchvision")
            complete()
        return sys.modules["torchvision"]


def prepare() -> None:
    """Makes `import torchvision` work for whoever imports it next, such as a person's model file."""
    with _lock:
        if "torchvision" not in sys.modules and not load_extension():
            _declare_operators()


def complete() -> None:
    """After somebody has imported torchvision: where its extension is missing, its detection models run all the same."""
    if _declared:
        torchvision_operators.let_run()


def load_extension() -> bool:
    """Load torchvision's real operators if they are there and fit this torch; whether they did."""
    path = extension_path()
    if path is None:
        return False
    try:
        torch.ops.load_library(str(path))  # type: ignore[no-untyped-call]
    except OSError:
        return False
    return True


def extension_path() -> Path | None:
    """The compiled extension, found without importing torchvision."""
    spec = importlib.util.find_spec("torchvision")
    roots = (spec.submodule_search_locations or []) if spec else []
    files = (Path(root, "_C" + suffix) for root in roots for suffix in (".so", ".pyd", ".dylib"))
    return next((path for path in files if path.exists()), None)


def _declare_operators() -> None:
    if _declared:
        return
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in _DECLARED:
        library.define(name + _BOXES)  # type: ignore[no-untyped-call]
    torchvision_operators.implement(library)
    _declared.append(library)


class _StandIn(ModuleType):
    """Stands where torch._dynamo.utils would; the first real use imports the real one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def later(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(self.__name__), name)(*args, **kwargs)

        return later


@contextmanager
def _without_dynamo() -> Iterator[None]:
    # torchvision.ops.roi_align names one function of torch._dynamo.utils at import; the real module costs 1.5 s and 100 MB.
    if "torch._dynamo" in sys.modules:
        yield
        return
    modules = {name: _StandIn(name) for name in _STAND_INS}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in modules.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
