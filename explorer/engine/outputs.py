"""The tensors inside a module's output, with the keys that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor


def parts(output: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """(key, value) of every leaf of a tensor, tuple, list, mapping or dataclass; the key of a bare tensor is ''.

    Values that are no tensors come too, so that they can be named as not observable.
    """
    taken: set[str] = set()
    for name, value in _leaves(output, key):
        while name in taken:  # {"a.b": …, "a": {"b": …}} has two of one name
            name += "_"
        taken.add(name)
        yield name, value


def _leaves(output: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(output, Mapping):
        items: Any = output.items()
    elif isinstance(output, (tuple, list)):
        names = getattr(output, "_fields", None) or range(len(output))
        items = zip(names, output, strict=True)
    elif is_dataclass(output) and not isinstance(output, type):
        items = ((f.name, getattr(output, f.name)) for f in fields(output))
    else:
        yield key, output
        return
    for name, value in items:
        yield from _leaves(value, f"{key}.{name}" if key else str(name))


def tensors_of(output: Any) -> dict[str, Tensor]:
    """Only the tensors, by key."""
    if isinstance(output, Tensor):
        return {"": output}
    return {key: value for key, value in parts(output) if isinstance(value, Tensor)}
