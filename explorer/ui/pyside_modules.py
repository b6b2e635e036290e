"""What PySide asks of every module that is imported, asked more cheaply.

PySide searches the source of each imported module for its own name, to know whose calls it must switch when somebody uses
`from __feature__ import ...`. It does so by `inspect.getsource`, which decodes and splits every file and keeps its lines: a tenth
of the import of torch. Here the bytes of the file are searched: the same answer.
"""

from __future__ import annotations

import importlib
from types import ModuleType

_NAME = b"PySide6"


def search_bytes() -> None:
    """From now on PySide searches the bytes of sources. Needs PySide6 to be imported; where it has no such search nothing happens."""
    try:
        feature = importlib.import_module("shibokensupport.feature")
    except ImportError:
        return
    if hasattr(feature, "_mod_uses_pyside"):
        vars(feature)["_mod_uses_pyside"] = names_pyside


def names_pyside(module: ModuleType) -> bool:
    """Whether the source of a module names PySide6; False for what has no source file."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return False
    try:
        with open(file, "rb") as source:
            return _NAME in source.read()
    except OSError:
        return False
