"""What becomes of the cells of a tensor when a part of it, or of the memory that it shares with others, is written to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.capture.calls import Call, Known, TensorOrigin
from explorer.engine.capture.provenance import Provenance, settle, union, whole


def copied(call: Call) -> Provenance | None:
    """`a.copy_(b)`: the cells of b, broadcast to a."""
    source = call.arg(1, "other")
    place = call.place(source) if isinstance(source, Tensor) else None
    if place is None:
        return None
    if place.layout is not None and source.shape == call.out.shape:
        return place
    return settle(place.index(source.shape).expand(call.out.shape), place)


def assigned(call: Call, target: Tensor, own: Known) -> Known:
    """`target[key] = value`, from what was known of the target before."""
    key, value = call.args[1], call.args[2]
    given: Known = TensorOrigin.CONSTANT
    if isinstance(value, Tensor):
        given = call.place(value) or (TensorOrigin.CONSTANT if call.constant(value) else TensorOrigin.LOST)
    keys = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, Tensor) and call.depends(part) for part in keys):
        given = TensorOrigin.LOST  # where it is written depends on the values
    size = value.shape if isinstance(value, Tensor) else torch.Size(())

    def put(index: Tensor) -> None:
        index[key] = _index(given, size)

    return _over(own, given, target.shape, put)


def overlaid(other: Tensor, own: Known, written: Tensor, given: Known) -> Known:
    """A tensor that shares memory with one that was written to."""
    if _geometry(other) == _geometry(written):
        return given
    if other.element_size() != written.element_size():
        return _mixed_up(own)
    strided = (written.size(), written.stride(), written.storage_offset())
    count = written.untyped_storage().nbytes() // written.element_size()
    memory = torch.full((count,), -1, dtype=torch.int32)
    own_strided = (other.size(), other.stride(), other.storage_offset())

    def put(index: Tensor) -> None:
        if any(step == 0 and side > 1 for step, side in zip(other.stride(), other.size(), strict=True)):
            raise ValueError(tr("several elements in one place"))
        memory.as_strided(*own_strided).copy_(index)
        memory.as_strided(*strided).copy_(_index(given, written.shape))
        index.copy_(memory.as_strided(*own_strided))

    return _over(own, given, other.shape, put)


def _geometry(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.dtype, tensor.size(), tensor.stride(), tensor.storage_offset()


def _index(known: Known, shape: torch.Size) -> Tensor:
    return known.index(shape) if isinstance(known, Provenance) else torch.tensor(-1, dtype=torch.int32)


def _mixed_up(own: Known) -> Known:
    return whole(own) if isinstance(own, Provenance) else TensorOrigin.LOST


def _over(own: Known, given: Known, shape: torch.Size, put: Any) -> Known:
    """`own` after `put` has written the cells of `given` into its index."""
    if TensorOrigin.LOST in (own, given):
        return _mixed_up(own)
    if not isinstance(given, Provenance):  # what is overwritten by a constant depends on less than is said
        return replace(own, field=replace(own.field, exact=False)) if isinstance(own, Provenance) else own
    if isinstance(own, Provenance) and own.grid != given.grid:
        return _mixed_up(own)
    index = _index(own, shape).expand(shape).clone()
    put(index)
    field = given.field
    if isinstance(own, Provenance) and own.field != field:
        field = replace(union(own.field, field), exact=False)
    return settle(index, replace(given, field=field, padded=None)) or TensorOrigin.LOST
