"""Multiply-adds of a torch function call, from the shapes that really went in and came out.

Convolutions, linear maps and matrix products count; additions, normalisations and activations do not, as in the
published figures of torchvision's models.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from explorer.engine.capture.calls import Call


def _convolution(call: Call) -> int:
    weight = call.arg(1, "weight")
    return int(call.out.numel()) * int(math.prod(weight.shape[1:]))


def _transposed(call: Call) -> int:
    source, weight = call.arg(0, "input"), call.arg(1, "weight")
    return int(source.numel()) * int(math.prod(weight.shape[1:]))


def _product(call: Call) -> int:
    source = call.arg(0, "input")
    return int(call.out.numel()) * int(source.shape[-1])


def _attention(call: Call) -> int:
    query, key, value = call.arg(0, "query"), call.arg(1, "key"), call.arg(2, "value")
    rows = math.prod(query.shape[:-1])
    return int(rows * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def _einsum(call: Call) -> int:
    """The product of the sizes of all letters; only for the form 'ij,jk->ik' with explicit letters."""
    equation, operands = call.args[0].replace(" ", ""), call.args[1:]
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(operands[0])
    terms = equation.split("->")[0].split(",")
    if "." in equation or len(terms) < 2:
        return 0
    sizes = {
        letter: int(size)
        for term, t in zip(terms, operands, strict=True)
        for letter, size in zip(term, t.shape, strict=True)
    }
    return int(math.prod(sizes.values()))


def _multi_head(call: Call) -> int:
    """Input projections, scores, weighted sum, output projection; query is (L, N, E) or (L, E)."""
    query, key = call.arg(0, "query"), call.arg(1, "key")
    width, length, source = int(query.shape[-1]), int(query.shape[0]), int(key.shape[0])
    batch = int(query.shape[1]) if query.dim() == 3 else 1
    projections = 2 * length * width * width + 2 * source * width * width
    return batch * (projections + 2 * length * source * width)


_COSTS: dict[str, Callable[[Call], int]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    **dict.fromkeys(("linear", "matmul", "__matmul__", "bmm", "mm"), _product),
    "addmm": lambda call: int(call.arg(1, "mat1").shape[-1]) * int(call.out.numel()),
    "einsum": _einsum,
    **dict.fromkeys(("scaled_dot_product_attention", "flex_attention"), _attention),
    "multi_head_attention_forward": _multi_head,
}


def multiply_adds(call: Call) -> int:
    """Multiply-adds of one call; 0 for functions that are not counted."""
    cost = _COSTS.get(call.name)
    return cost(call) if cost is not None and isinstance(call.out, torch.Tensor) else 0
