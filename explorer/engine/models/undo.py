"""What a person's file sets for everything that runs is put back after it: every other model would suffer from it.

What is kept by thread (grad mode, default device, autocast, numpy's error state) needs none of this: a file runs in a thread of
its own. Handlers of signals cannot be set there.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explorer.core.translation import tr
from explorer.engine.models.process_settings import settings


@dataclass(slots=True)
class Undone:
    """Names of what the file had changed and that its model now runs without."""

    names: list[str] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.names:
            return ()
        told = ", ".join(self.names[:6]) + (tr(" and more") if len(self.names) > 6 else "")
        return (
            tr(
                "The file changed {told} for all models: that was undone, and this model runs without it too.",
                told=told,
            ),
        )


@contextlib.contextmanager
def undone(folder: Path) -> Iterator[Undone]:
    """Puts back at the end what was changed within. `folder`: that of the file."""
    before = [(setting, _quiet(setting.read)) for setting in settings()]
    patched, modules, changes = _parts_of_torch(), set(sys.modules), Undone()
    try:
        yield changes
    finally:
        for setting, value in before:
            if not _same(_quiet(setting.read), value) and value is not _UNREAD:
                with contextlib.suppress(Exception):
                    setting.write(value)
                changes.names += [setting.name] if setting.name else []
        changes.names += _put_back(patched, modules, folder)


class _Unread:
    """A setting that this version of torch or this system does not tell."""


_UNREAD = _Unread()


def _quiet(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception:  # noqa: BLE001 - older torch, mixed ways to say it, a folder that is gone
        return _UNREAD


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one is other or one == other)
    except Exception:  # noqa: BLE001 - compared by the person's own code
        return False


# --- torch itself, as code

_Parts = dict[str, tuple[Any, dict[str, Any]]]


def _parts_of_torch() -> _Parts:
    """Classes and modules whose functions every model calls, with what they hold."""
    kinds = {f"torch.nn.{name}": kind for name, kind in vars(nn).items() if isinstance(kind, type)}
    named = {
        "torch": torch,
        "torch.nn.functional": nn.functional,
        "torch.nn.init": nn.init,
        "torch.Tensor": torch.Tensor,
    }
    return {name: (part, dict(vars(part))) for name, part in (named | kinds).items()}


def _put_back(parts: _Parts, modules: set[str], folder: Path) -> list[str]:
    """Undoes what was put in the place of something, or added by the file itself; names of it. What a library that was
    imported meanwhile does to torch stays."""
    fresh = set(sys.modules) - modules
    names: dict[str, None] = {}
    for where, (part, before) in parts.items():
        for key, value in dict(vars(part)).items():
            if value is before.get(key, _UNREAD) or key.startswith("__"):
                continue
            by_torch = getattr(value, "__module__", None) in fresh or getattr(value, "__wrapped__", None) is before.get(
                key
            )
            if _from_file(value, folder) or (key in before and not by_torch):
                with contextlib.suppress(AttributeError, TypeError):
                    setattr(part, key, before[key]) if key in before else delattr(part, key)
                    names[f"{where}.{key}"] = None
        for key in before.keys() - vars(part).keys():
            setattr(part, key, before[key])
            names[f"{where}.{key}"] = None
    return list(names)


def _from_file(value: Any, folder: Path) -> bool:
    """Whether a function was written in the person's folder."""
    value = getattr(value, "__func__", value)
    code = getattr(value, "__code__", None)
    return isinstance(code, types.CodeType) and folder in Path(code.co_filename).parents
