"""The tensors inside a module's output, with the keys that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
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


def same_output(a: Any, b: Any) -> bool:
    """Whether two outputs of a model are the same up to the order of sums: 1e-5 of the largest value."""
    first, second = tensors_of(a), tensors_of(b)
    if first.keys() != second.keys():
        return False
    return all(same(first[key], second[key]) for key in first)


def same(a: Tensor, b: Tensor) -> bool:
    """Equal up to 1e-5 of the largest value; NaN and infinities where the other has them."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if torch.equal(a, b):
        return True
    if not a.is_floating_point():
        return False
    a, b = a.detach().cpu().double(), b.detach().cpu().double()
    finite = torch.isfinite(a)
    scale = float(a[finite].abs().max()) if bool(finite.any()) else 1.0
    return bool(torch.allclose(a, b, rtol=1e-5, atol=1e-5 * scale, equal_nan=True))
