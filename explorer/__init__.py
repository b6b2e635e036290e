"""Feature Map Explorer: look inside neural networks while they run. The Python API is described in docs/api.md.

Importing this imports neither torch nor Qt; what is asked for is imported then. `__init__.pyi` says the types.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_API = {
    "Captured": "capturing",
    "Model": "opened_models",
    "Preprocess": "explorer.core.models",
    "ExplorerError": "explorer.core.errors",
    "ablate": "ablating",
    "attention": "attending",
    "capture": "capturing",
    "explain": "explaining",
    "index": "indexing",
    "maximise": "maximising",
    "mosaic": "mosaics",
    "open": "opened_models",
    "preprocess": "opened_models",
    "rank_channels": "ablating",
    "session": "saved_sessions",
    "show": "showing",
}
_PARTS = ("api", "app", "catalogue", "cli", "core", "engine", "methods", "resources", "testing", "ui")


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name in _PARTS:  # `from explorer import catalogue` asks here first
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    where = _API.get(name)
    if where is not None:
        return getattr(importlib.import_module(where if "." in where else f"explorer.api.{where}"), name)
    found = importlib.import_module("explorer.api.named_methods").named(name)
    if found is None:
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    return found


def __dir__() -> list[str]:
    methods = importlib.import_module("explorer.api.named_methods").names()
    return sorted({"__version__", *_API, *methods})
