"""The tensors inside a module's output, with the keys that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """Equal up to 1e-5 of the largest value; NaN and infinities where the other has them.

    Of sparse and nested tensors the stored numbers and where they stand; of tensors without values (the meta device) only
    the shape and the type, for there is nothing else.
    """
    if (a.dtype, a.layout, a.is_meta, a.is_nested) != (b.dtype, b.layout, b.is_meta, b.is_nested):
        return False
    if a.is_nested:
        return _all_same(a.unbind(), b.unbind())
    if a.shape != b.shape:
        return False
    if a.is_meta:
        return True
    if str(a.layout) in _STORED:
        return _all_same(*(_STORED[str(each.layout)](each.detach()) for each in (a, b)))
    if a.is_complex():
        return same(*(torch.view_as_real(each.detach().resolve_conj()) for each in (a, b)))
    if torch.equal(a, b):
        return True
    if not a.is_floating_point():
        return False
    a, b = a.detach().cpu().double(), b.detach().cpu().double()
    finite = torch.isfinite(a)
    scale = float(a[finite].abs().max()) if bool(finite.any()) else 1.0
    return bool(torch.allclose(a, b, rtol=1e-5, atol=1e-5 * scale, equal_nan=True))


def shape_of(tensor: Tensor) -> tuple[Any, ...]:
    """Its shape; of a nested tensor those of its parts, for it has none that could be compared."""
    return tuple(map(shape_of, tensor.unbind())) if tensor.is_nested else tuple(tensor.shape)


def has_values(tensor: Tensor) -> bool:
    """Whether its numbers lie in a grid and have an order: it is not sparse, nested, complex or on the meta device."""
    plain = tensor.layout == torch.strided and not tensor.is_nested and not tensor.is_meta
    return plain and not tensor.is_complex() and tensor.numel() > 0


def _all_same(a: Sequence[Tensor], b: Sequence[Tensor]) -> bool:
    return len(a) == len(b) and all(map(same, a, b))


def _by_row(t: Tensor) -> tuple[Tensor, ...]:
    return t.crow_indices(), t.col_indices(), t.values()


def _by_column(t: Tensor) -> tuple[Tensor, ...]:
    return t.ccol_indices(), t.row_indices(), t.values()


def _by_place(t: Tensor) -> tuple[Tensor, ...]:
    t = t.coalesce()
    return t.indices(), t.values()


# not made dense: that may take any memory
_STORED: dict[str, Callable[[Tensor], tuple[Tensor, ...]]] = {
    "torch.sparse_coo": _by_place,
    "torch.sparse_csr": _by_row,
    "torch.sparse_bsr": _by_row,
    "torch.sparse_csc": _by_column,
    "torch.sparse_bsc": _by_column,
    "torch._mkldnn": lambda t: (t.to_dense(),),
}
