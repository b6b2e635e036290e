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
        yield from parts(value, f"{key}.{name}" if key else str(name))


def tensors_of(output: Any) -> dict[str, Tensor]:
    """Only the tensors, by key."""
    if isinstance(output, Tensor):
        return {"": output}
    return {key: value for key, value in parts(output) if isinstance(value, Tensor)}
