"""Weighted sums of values: products of two activations, and attention, also looked at through the projection behind it.

What an attention block returns is a linear map of weighted values, so each token's share of one of its channels is a product:
its weight times its value as the projection sees it (Kobayashi, Kuribayashi, Yokoi, Inui: Attention is not only a weight, 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.core.arithmetic import Patch, Step
from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.arithmetic.elementwise import broadcast_index
from explorer.engine.arithmetic.rearrangement import moved
from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.arithmetic.windows import Index, to_double
from explorer.engine.attention.attention_weights import Fused, exact

FUSED = "scaled_dot_product_attention"
PRODUCTS = frozenset({"matmul", "bmm", "einsum"})


@dataclass(frozen=True, slots=True)
class Mix:
    """weights × values, however it is written. `key` of an element names its row of weights: (..., query)."""

    key: Callable[[Index], Index]
    row: Callable[[Index], Array]  # of a key: (tokens,)
    column: Callable[[Index], Array]  # of an element: (tokens,)
    values: int  # which tensor argument holds them


def mix_of(call: RecordedCall) -> Mix:
    """Raises ValueError for calls that are no such product."""
    if call.name == FUSED:
        return _fused(call)
    if call.name == "einsum":
        return _einsum(call)
    return _product(*call.operands)


def _product(a: Tensor, b: Tensor) -> Mix:
    if min(a.dim(), b.dim()) < 2:
        raise ValueError(tr("a product with a vector"))
    return Mix(
        lambda index: index[:-1],
        lambda key: to_double(a[broadcast_index(a[..., 0], key)]),
        lambda index: to_double(b.mT[broadcast_index(b[..., 0, :], (*index[:-2], index[-1]))]),
        1,
    )


def _einsum(call: RecordedCall) -> Mix:
    """bhij,bhjd->bhid and the like: one label is summed over, and no other is missing in the result."""
    given, out = call.args[0].replace(" ", "").split("->")
    (left, right), (a, b) = given.split(","), call.operands
    summed = set(left + right) - set(out)
    if len(summed) != 1 or not summed <= set(left) & set(right) or len(set(left)) < len(left) or "." in given:
        raise ValueError(tr("not a sum over one label"))
    lines = [tensor.movedim(labels.index(*summed), -1) for tensor, labels in ((a, left), (b, right))]
    rest = [[label for label in labels if label not in summed] for labels in (left, right)]
    # the queries last, as in every other product
    order = sorted(rest[0], key=lambda label: label not in right)

    def key(index: Index) -> Index:
        return tuple(index[out.index(label)] for label in order)

    def row(at: Index) -> Array:
        placed = dict(zip(order, at, strict=True))
        return to_double(lines[0][tuple(placed[label] for label in rest[0])])

    return Mix(key, row, lambda index: to_double(lines[1][tuple(index[out.index(label)] for label in rest[1])]), 1)


def _fused(call: RecordedCall) -> Mix:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
    q, k, v, mask, dropout, causal, scale, grouped = (call.arg(i, name) for i, name in enumerate(names))
    if dropout:
        raise ValueError(tr("weights that are dropped at random"))
    at = next(i for i, operand in enumerate(call.operands) if operand is v)
    if grouped:
        k, v = (t.repeat_interleave(q.shape[-3] // t.shape[-3], -3) for t in (k, v))
    mask = mask[None] if mask is not None and mask.dim() == 1 else mask
    if mask is not None and mask.dtype != torch.bool:
        mask = exact(mask)
    weights = Fused(exact(q), exact(k), mask, 1 / math.sqrt(q.shape[-1]) if scale is None else scale, bool(causal))
    known: dict[int, Tensor] = {}

    def row(key: Index) -> Array:
        query = key[-1]
        if query not in known:
            known[query] = weights.rows(torch.tensor([query], device=weights.q.device))[..., 0, :]
        return to_double(known[query][broadcast_index(known[query][..., 0], key[:-1])])

    plain = _product(q, v)  # only its columns count
    return Mix(plain.key, row, plain.column, at)


# --- steps --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weighed:
    """A step whose patch has a row a head and a column a token; `rows` are the keys of its heads."""

    step: Step
    rows: tuple[Index, ...]
    values: int  # which tensor argument of the call holds the values


def plain_product(call: RecordedCall, index: Index, _padding: RecordedCall | None) -> Step:
    """One element of a product of two activations: row times column."""
    mix = mix_of(call)
    row, column = mix.row(mix.key(index)), mix.column(index)
    patch = Patch(row, column, np.arange(len(row)))
    return Step(call.name, tr("Σ row × column"), float(patch.products.sum()), patch=patch)


def weighted(call: RecordedCall, index: Index) -> Weighed:
    """One element of what an attention gives."""
    return _through(call, [index], np.ones(1), None, tr("Σ weight × value"))


def projected(call: RecordedCall, between: Sequence[RecordedCall], linear: RecordedCall, index: Index) -> Weighed:
    """One element of the linear layer behind an attention.

    `between`: calls that only move what the attention gives, the last one first. ValueError where they do something else.
    """
    numbers = np.arange(linear.operands[0].numel()).reshape(linear.operands[0].shape)[index[:-1]]
    for move in between:
        placed, numbered = moved(move, 0)
        numbers = placed.reshape(-1).numpy()[numbers].astype(np.int64)
        if len(numbered) != 1 or (numbers < 0).any():
            raise ValueError(tr("joined with something else"))
    elements = [tuple(int(n) for n in row) for row in np.transpose(np.unravel_index(numbers, call.outs[0].shape))]
    weight, bias = linear.arg(1, "weight"), linear.arg(2, "bias")
    added = None if bias is None else float(bias[index[-1]])
    formula = tr("Σ weight × (value · projection)")
    return _through(call, elements, to_double(weight[index[-1]]), added, formula)


def _through(call: RecordedCall, elements: list[Index], kernel: Array, bias: float | None, formula: str) -> Weighed:
    """The values as they are seen through the kernel of these elements."""
    mix = mix_of(call)
    values: dict[Index, Array] = {}
    for index, factor in zip(elements, kernel, strict=True):
        key = mix.key(index)
        values[key] = values.get(key, 0.0) + factor * mix.column(index)
    rows = np.stack([mix.row(key) for key in values])
    tokens = np.arange(rows.shape[1])
    patch = Patch(np.stack([*values.values()]), rows, np.arange(len(rows)), (tokens,), (tokens,))
    formula += "" if bias is None else tr(" + bias")
    step = Step("attention", formula, float(patch.products.sum()) + (bias or 0.0), bias=bias, patch=patch)
    return Weighed(step, tuple(values), mix.values)
