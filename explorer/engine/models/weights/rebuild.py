"""From the calls in a pickle to planned tensors. Each function that makes tensors has its own rule here, and no other is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.weights.dtypes import NUMPY, QUANTISED, STORAGES, TORCH
from explorer.engine.models.weights.inert import Blob, Broken, Name, PickledCall, Stored
from explorer.engine.models.weights.mapped import numbers, of_buffer
from explorer.engine.models.weights.plan import TensorPlan, number, reach, sizes, unknown

DEPTH = 8  # of calls within calls


class Shelf(Protocol):
    """The memory beside a pickle."""

    def nbytes(self, key: str) -> int:
        """How much there is under a key. Raises Broken when there is none."""

    def numbers(self, key: str, dtype: torch.dtype, start: int, count: int) -> Tensor:
        """(count,) numbers from byte `start` on. Raises Broken, TooMuch."""


@dataclass(frozen=True, slots=True)
class StoragePart:
    """A part of the memory under a key of a `Shelf`."""

    key: str
    kind: str  # "Float", or "Untyped"
    start: int  # bytes
    nbytes: int


def plan_of(value: Any, shelf: Shelf, depth: int = DEPTH) -> TensorPlan | None:
    """The tensor that a call would make; None when it would make something else. Raises Broken where its numbers are wrong."""
    if not isinstance(value, PickledCall) or not depth:
        return None
    path = value.path
    rule = _RULES.get(path.rpartition(".")[2]) if path.startswith(_MODULES) else None
    if rule is None or not isinstance(value.args, tuple):
        return None
    try:
        return rule(value, shelf, depth - 1)
    except (IndexError, ValueError, TypeError):  # fewer arguments than there must be
        raise Broken(tr("a tensor is described in an unknown way")) from None


# ---- memory


def _storage(value: Any, shelf: Shelf) -> StoragePart:
    key = value.key if isinstance(value, Stored) else None
    if not isinstance(key, tuple) or len(key) not in (5, 6) or key[0] not in ("storage", b"storage"):
        raise Broken(tr("a tensor has no memory"))
    _, kind, name, _, count, *view = key
    if not isinstance(kind, Name) or not kind.path.startswith("torch.") or not kind.path.endswith("Storage"):
        raise Broken(tr("a tensor has memory of an unknown kind"))
    word = kind.path.rpartition(".")[2].removesuffix("Storage")
    size = 1 if word == "Untyped" else _known(STORAGES, word).itemsize
    nbytes, start, there = number(count) * size, 0, shelf.nbytes(str(name))
    if view and view[0] is not None:  # the oldest files: a part of another's memory
        _, first, count = view[0]
        start, nbytes = number(first) * size, number(count) * size
    if start + nbytes > there:
        raise Broken(tr("a tensor reaches beyond the numbers that are there"))
    return StoragePart(str(name), word, start, nbytes)


def _known(table: dict[str, torch.dtype], word: Any) -> torch.dtype:
    if not isinstance(word, str) or word not in table:
        raise Broken(tr("its numbers are of the kind {word}, which is not read", word=str(word)[:40]))
    return table[word]


def view_plan(storage: StoragePart, dtype: torch.dtype, args: tuple[Any, ...], shelf: Shelf) -> TensorPlan:
    """`args`: offset in elements, shape, strides. Raises Broken."""
    offset, shape, strides = number(args[0]), sizes(args[1]), sizes(args[2])
    count = reach(shape, strides, offset, storage.nbytes // dtype.itemsize)
    start = storage.start + offset * dtype.itemsize

    def make() -> Tensor:
        flat = shelf.numbers(storage.key, dtype, start, count)
        return torch.as_strided(flat, shape, strides) if count else flat.reshape(shape)

    same = (storage.key, start, dtype, shape, strides)
    return TensorPlan(shape, dtype, make, math.prod(shape) * dtype.itemsize, same)


# ---- rules: (call, shelf, depth) -> plan


def _tensor(call: PickledCall, shelf: Shelf, _depth: int) -> TensorPlan:
    storage = _storage(call.args[0], shelf)
    if storage.kind == "Untyped":
        raise Broken(tr("a tensor has memory of an unknown kind"))
    plan = view_plan(storage, STORAGES[storage.kind], call.args[1:4], shelf)
    return _flagged(plan, call.args[6] if len(call.args) > 6 else None)


def _tensor_v3(call: PickledCall, shelf: Shelf, _depth: int) -> TensorPlan:
    wanted = call.args[6]
    dtype = _known(TORCH, wanted.path if isinstance(wanted, Name) else None)
    plan = view_plan(_storage(call.args[0], shelf), dtype, call.args[1:4], shelf)
    return _flagged(plan, call.args[7] if len(call.args) > 7 else None)


def _flagged(plan: TensorPlan, flags: Any) -> TensorPlan:
    """Views that are only marked as conjugate or negative."""
    flags = flags if isinstance(flags, dict) else {}
    conj, neg = flags.get("conj") is True, flags.get("neg") is True
    if not conj and not neg:
        return plan

    def make() -> Tensor:
        made = plan.make()
        made = made.conj().resolve_conj() if conj else made
        return -made if neg else made

    return replace(plan, make=make, same=(plan.same, conj, neg))


def _first(call: PickledCall, shelf: Shelf, depth: int) -> TensorPlan | None:
    """A parameter is its data."""
    return plan_of(call.args[0], shelf, depth)


def _typed(call: PickledCall, shelf: Shelf, depth: int) -> TensorPlan | None:
    """A tensor of a class of its own: (function, class, arguments, attributes)."""
    function, kind, args, state = call.args
    if isinstance(function, Name) and function.path.endswith("._rebuild_wrapper_subclass"):
        return _sharded(kind, args, state, shelf, depth)
    return plan_of(PickledCall(function, args), shelf, depth)


def _sharded(kind: Any, args: Any, state: Any, shelf: Shelf, depth: int) -> TensorPlan:
    name = kind.path if isinstance(kind, Name) else "?"
    state = state[0] if isinstance(state, tuple) and state else state
    local = plan_of(state.get("_local_tensor"), shelf, depth) if isinstance(state, dict) else None
    if name.endswith(".DTensor") and local is not None and sizes(args[2]) == local.shape:
        return local
    return unknown(tr("it is of the class {name}, which is not read", name=name[:80]))


def _meta(call: PickledCall, _shelf: Shelf, _depth: int) -> TensorPlan:
    return replace(unknown(tr("it has no values (saved from the meta device)")), shape=sizes(call.args[1]))


def _sparse(call: PickledCall, shelf: Shelf, depth: int) -> TensorPlan:
    layout, data = call.args[0], call.args[1]
    layout = layout.args[0] if isinstance(layout, PickledCall) else layout
    kinds = {f"torch.sparse_{kind}": getattr(torch, f"sparse_{kind}") for kind in ("coo", "csr", "csc", "bsr", "bsc")}
    if not isinstance(layout, str) or layout not in kinds:
        raise Broken(tr("a tensor is described in an unknown way"))
    count = 2 if layout == "torch.sparse_coo" else 3
    parts = [plan_of(part, shelf, depth) for part in data[:count]]
    if None in parts:
        raise Broken(tr("a tensor is described in an unknown way"))
    known = [part for part in parts if part is not None]
    shape = sizes(data[count])

    def make() -> Tensor:
        made = [part.make() for part in known]
        try:
            if count == 2:
                whole = torch.sparse_coo_tensor(made[0], made[1], shape, check_invariants=True)
                return whole.coalesce() if data[3:4] == (True,) else whole
            kind = kinds[layout]
            return torch.sparse_compressed_tensor(made[0], made[1], made[2], shape, layout=kind, check_invariants=True)
        except (RuntimeError, TypeError, ValueError):
            raise Broken(tr("a sparse tensor in it does not hold together")) from None

    return TensorPlan(
        shape, known[-1].dtype, make, sum(part.nbytes for part in known), tuple(part.same for part in known)
    )


def _quantised(call: PickledCall, shelf: Shelf, depth: int) -> TensorPlan:
    storage = _storage(call.args[0], shelf)
    dtype = _known(QUANTISED, storage.kind)
    whole = view_plan(storage, STORAGES[storage.kind], call.args[1:4], shelf)
    how = call.args[4]
    scheme = how[0].path if isinstance(how[0], Name) else ""
    if scheme == "torch.per_tensor_affine":
        scale, zero = how[1], how[2]
        if type(scale) is not float or type(zero) is not int or not 0 < scale < math.inf:
            raise Broken(tr("a quantised tensor in it has no scale"))
        if not _within(whole.dtype, zero, zero):
            raise Broken(_NO_ZERO)
        return replace(
            whole, dtype=dtype, make=lambda: torch._make_per_tensor_quantized_tensor(whole.make(), scale, zero)
        )
    scales, zeros = plan_of(how[1], shelf, depth), plan_of(how[2], shelf, depth)
    axis = number(how[3])
    fits = scales is not None and zeros is not None and axis < len(whole.shape)
    if scheme != "torch.per_channel_affine" or scales is None or zeros is None or not fits:
        raise Broken(tr("a quantised tensor in it has no scale"))
    if not scales.shape == zeros.shape == (whole.shape[axis],):
        raise Broken(tr("a quantised tensor in it has no scale"))

    def make() -> Tensor:
        scale, zero = scales.make(), zeros.make()
        if scale.dtype not in _REAL or not bool((torch.isfinite(scale) & (scale > 0)).all()):
            raise Broken(tr("a quantised tensor in it has no scale"))
        # torch writes both of its kinds by channel under one name: the zero points of the other kind are no whole numbers
        whole_numbers = zero.dtype in _WHOLE and (not zero.numel() or _within(whole.dtype, *map(int, zero.aminmax())))
        if not whole_numbers and not (zero.dtype in _REAL and bool(torch.isfinite(zero).all())):
            raise Broken(_NO_ZERO)
        return torch._make_per_channel_quantized_tensor(whole.make(), scale, zero, axis)

    return replace(whole, dtype=dtype, make=make)


_REAL = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_NO_ZERO = tr("a quantised tensor in it has a zero point that its type cannot hold")


def _within(dtype: torch.dtype, low: int, high: int) -> bool:
    held = torch.iinfo(dtype)
    return held.min <= low and high <= held.max


# ---- numpy


def _array(call: PickledCall, _shelf: Shelf, _depth: int) -> TensorPlan | None:
    """`_reconstruct` makes an empty array, to which its state gives a shape and numbers."""
    if not isinstance(call.state, tuple):
        return None
    _, shape, kind, by_column, data = call.state
    return _of_numpy(data, kind, shape, by_column is True)


def _array_of_buffer(call: PickledCall, _shelf: Shelf, _depth: int) -> TensorPlan | None:
    data, kind, shape, order = call.args
    return _of_numpy(data, kind, shape, order == "F")


def _of_numpy(data: Any, kind: Any, shape: Any, by_column: bool) -> TensorPlan | None:
    """Only plain numbers: an array of objects or of records is none."""
    order = kind.state[1] if isinstance(kind, PickledCall) and isinstance(kind.state, tuple) and kind.state[1:] else "|"
    if not isinstance(kind, PickledCall) or kind.path != "numpy.dtype" or order not in ("<", "|", "=", ">"):
        return None
    word = kind.args[0] if isinstance(kind.args, tuple) and kind.args else None
    if not isinstance(word, str) or word not in NUMPY:
        return None
    dtype, sides = NUMPY[word], sizes(shape)
    count = math.prod(sides)
    if not isinstance(data, (bytes, Blob)) or (_length(data) is not None and _length(data) != count * dtype.itemsize):
        raise Broken(tr("an array in it has not the size that it says"))

    def make() -> Tensor:
        held = data.data if isinstance(data, Blob) else data
        if isinstance(data, Blob) and data.text:
            held = str(held, "utf-8").encode("latin-1")
        if len(held) != count * dtype.itemsize:
            raise Broken(tr("an array in it has not the size that it says"))
        flat = numbers(of_buffer(held), dtype, 0, count, swapped=order == ">")
        return flat.reshape(sides[::-1]).permute(*range(len(sides))[::-1]) if by_column else flat.reshape(sides)

    return TensorPlan(sides, dtype, make, count * dtype.itemsize, id(data))


def _length(data: bytes | Blob) -> int | None:
    """Bytes of numbers; None for text, where it is seen only when it is decoded."""
    if isinstance(data, bytes):
        return len(data)
    return None if data.text else len(data.data)


_MODULES = (
    "torch._utils.",
    "torch._tensor.",
    "torch.nn.parameter.",
    "numpy.core.multiarray.",
    "numpy._core.multiarray.",
    "numpy.core.numeric.",
    "numpy._core.numeric.",
)
_RULES: dict[str, Callable[[PickledCall, Shelf, int], TensorPlan | None]] = {
    "_rebuild_tensor": _tensor,
    "_rebuild_tensor_v2": _tensor,
    "_rebuild_tensor_v3": _tensor_v3,
    "_rebuild_parameter": _first,
    "_rebuild_parameter_with_state": _first,
    "Parameter": _first,
    "_rebuild_from_type_v2": _typed,
    "_rebuild_sparse_tensor": _sparse,
    "_rebuild_qtensor": _quantised,
    "_rebuild_meta_tensor_no_storage": _meta,
    "_rebuild_device_tensor_from_numpy": _first,
    "_rebuild_device_tensor_from_cpu_tensor": _first,
    "_reconstruct": _array,
    "_frombuffer": _array_of_buffer,
}
