"""Functions after which a step depends on the steps before it and on no later one: causal attention and recurrent layers.

A mask counts only where it is made of shapes and constants, and where its rows differ: one that hides padding hides the same keys
from every query, and those of the next text may be others. What is not proved sees the whole input.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.engine.capture.calls import Call
from explorer.engine.capture.dimensions import last_dimension
from explorer.engine.capture.provenance import Provenance, union, whole

_FUSED, _MODULE = "scaled_dot_product_attention", "multi_head_attention_forward"
ATTENTION = (_FUSED, _MODULE)


def attention(call: Call) -> Provenance | None:
    """Rows of the queries keep their cells. Each depends on all keys, or on those up to itself."""
    place = last_dimension(call)
    if place is None:
        return None
    sources = [call.arg(at, name) for at, name in enumerate(("query", "key", "value"))]
    proved = call.position == 0 and _only_cells_and_constants(call, sources)
    seen = _seen_keys(call, sources[0], sources[1]) if proved else None
    found = None if seen is None else _up_to_itself(call, sources, -2 if call.name == _FUSED else -3, seen)
    return whole(place) if found is None else _causal(place, found)


def recurrent(call: Call) -> Provenance | None:
    """Every step depends on those before it, in both directions on all; the states at the end belong to none."""
    place = last_dimension(call) if call.position == 0 else None
    if place is None:
        return None
    steps = call.arg(0, "input")
    # (input, states, weights, has_biases, num_layers, dropout, train, bidirectional, batch_first); packed sequences have others
    forward = len(call.args) == 9 and steps.dim() == 3 and isinstance(call.args[8], bool) and not call.args[7]
    if not forward or not _only_cells_and_constants(call, [steps]):
        return whole(place)
    dim = 1 if call.args[8] else 0
    count = steps.shape[dim]
    found = _up_to_itself(call, [steps, steps], dim, torch.ones(count, count, dtype=torch.bool).tril())
    return whole(place) if found is None else _causal(place, found)


def _only_cells_and_constants(call: Call, sources: list[Tensor]) -> bool:
    """Whether the input has a part in nothing but these, whose cells are known."""
    known = {id(tensor) for tensor in sources}
    others = [tensor for tensor in call.operands if id(tensor) not in known]
    return all(call.place(tensor) is not None for tensor in sources) and not any(map(call.depends, others))


def _seen_keys(call: Call, query: Tensor, key: Tensor) -> Tensor | None:
    """(queries, keys) bool: whether any head of any item lets a query see a key. None where no mask orders them."""
    if call.name == _MODULE:
        more_keys = call.arg(7, "bias_k") is not None or call.arg(9, "add_zero_attn", False)
        mask, hides = call.arg(16, "attn_mask"), True
        if more_keys or call.arg(22, "static_k") is not None or call.arg(23, "static_v") is not None:
            return None
        shape = (query.shape[0], key.shape[0])
    else:
        mask, hides = call.arg(3, "attn_mask"), False
        shape = (query.shape[-2], key.shape[-2])
        if mask is None and call.arg(5, "is_causal", False):
            return torch.ones(shape, dtype=torch.bool).tril()
    return None if mask is None else _ordered(_allowed(mask, hides), shape)


def _allowed(mask: Tensor, hides: bool) -> Tensor:
    """Of a mask of booleans (True hides a key, or shows it), or of numbers that are added to the scores."""
    if mask.dtype == torch.bool:
        return ~mask if hides else mask
    return mask > torch.finfo(mask.dtype).min / 2


def _ordered(allowed: Tensor, shape: tuple[int, int]) -> Tensor | None:
    if allowed.dim() < 2 or not bool(
        allowed.any(-1).all()
    ):  # from a row without a key numbers that are added hide none
        return None
    seen = allowed.expand(*allowed.shape[:-2], *shape).reshape(-1, *shape).any(0)
    return seen if bool((seen != seen[:1]).any()) else None


def _up_to_itself(call: Call, sources: list[Tensor], dim: int, seen: Tensor) -> Provenance | None:
    """The cells of the first, with the fields of all; None where a step sees one that stands after it, or one without a cell."""
    places: list[Provenance] = []
    steps: list[Tensor] = []
    for tensor in sources:
        place = call.place(tensor)
        cells = None if place is None else _cells_along(place, tensor, dim)
        if place is None or cells is None:
            return None
        places.append(place)
        steps.append(cells)
    first, others = places[0], steps[1:]
    if any(place.grid != first.grid or place.field.jump_x <= 0 for place in places) or bool((steps[0] < 0).any()):
        return None
    for cells in others:
        known_and_before = (cells >= 0)[None] & (cells[None] <= steps[0][:, None])
        if seen.shape != known_and_before.shape or bool((seen & ~known_and_before).any()):
            return None
    field = first.field
    for place in places[1:]:
        field = union(field, place.field)
    return None if field.whole and not field.causal else replace(first, field=field)


def _cells_along(place: Provenance, tensor: Tensor, dim: int) -> Tensor | None:
    """The cell of each step along a dimension of cells in one row; None where the others have more than one of a step."""
    if place.grid[0] != 1 or tensor.dim() < abs(dim):
        return None
    index: Any = place.index(tensor.shape).movedim(dim, 0).flatten(1)
    return None if bool((index != index[:, :1]).any()) else index[:, 0]


def _causal(place: Provenance, found: Provenance) -> Provenance:
    return replace(place, field=replace(found.field, whole=True, causal=True), padded=None)
