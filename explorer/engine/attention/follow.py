"""Attention that a model writes out itself: followed from q k' through every function to the weights that meet the values.

Each function on the way becomes a node (`nodes.py`). Asked for some rows, the functions are run again on those rows alone, so
scaling, relative biases, shifted windows' masks, heads that are mixed before or after the softmax need no knowledge of the model.
Only functions that keep queries apart are followed; after any other there is no node, and the attention is not found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from explorer.engine.attention.nodes import AttentionNode, Function
from explorer.engine.capture.function_rules import POINTWISE

# what may lie between the scores and the weights
_VIEWS = frozenset({"view", "reshape", "view_as", "reshape_as", "expand", "expand_as"})
_MOVES = frozenset(
    "permute transpose swapaxes swapdims movedim moveaxis flatten unflatten unsqueeze squeeze __getitem__ __get__ select".split()
)
_MIXES = frozenset({"linear", "conv2d"})
_PRODUCTS = frozenset({"matmul", "__matmul__", "bmm"})


def start(
    name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Tensor, inside: tuple[str, str]
) -> AttentionNode | None:
    """The node of what may be q k': a product of two activations."""
    if name == "einsum":
        return _einsum(args, inside)
    if name == "baddbmm" and len(args) == 3 and kwargs.keys() <= {"alpha", "beta"}:
        return _added(start("bmm", args[1:], {}, out, inside), args[0], kwargs.get("alpha", 1), kwargs.get("beta", 1))
    if name not in _PRODUCTS or len(args) != 2 or kwargs or not _activations(args):
        return None
    # keys that several heads share stand once and are broadcast
    left, right = (arg.expand(*out.shape[:-2], *arg.shape[-2:]) for arg in args)
    return AttentionNode("product", torch.matmul, (left, right), {}, tuple(out.shape), inside=inside)


def _added(product: AttentionNode | None, bias: Any, alpha: Any, beta: Any) -> AttentionNode | None:
    """beta bias + alpha q k'; a bias of which nothing is taken may hold anything."""
    if product is None:
        return None
    scaled = AttentionNode("point", torch.mul, (product, alpha), {}, product.shape)
    return AttentionNode("point", torch.add, (scaled, bias), {"alpha": beta}, product.shape) if beta else scaled


def _activations(args: tuple[Any, ...]) -> bool:
    return all(isinstance(arg, Tensor) and arg.dim() >= 2 and not isinstance(arg, nn.Parameter) for arg in args)


def _labels(args: tuple[Any, ...]) -> tuple[str, str, str] | None:
    """The labels of a two-operand einsum, None for any other."""
    if len(args) != 3 or not isinstance(args[0], str) or "." in args[0] or "->" not in args[0]:
        return None
    given, out = args[0].replace(" ", "").split("->")
    operands = given.split(",")
    return (operands[0], operands[1], out) if len(operands) == 2 else None


def _einsum(args: tuple[Any, ...], inside: tuple[str, str]) -> AttentionNode | None:
    """bhid,bhjd->bhij and the like, in any order of the labels: one of the queries, one of the keys, one that is summed over."""
    labels = _labels(args)
    if labels is None or not _activations(args[1:]):
        return None
    a, b, out = labels
    # of several labels that the keys have not, the others count heads that share them
    queries, keys = [c for c in out if c not in b][-1:], [c for c in out if c not in a]
    summed = [c for c in a if c in b and c not in out]
    if not (len(queries) == len(keys) == len(summed) == 1) or sorted(set(a + b)) != sorted(out + summed[0]):
        return None
    batch = [c for c in out if c not in (queries[0], keys[0])]
    order = [*batch, queries[0], keys[0]]
    sizes = dict(zip(a, args[1].shape, strict=True))
    left = args[1].permute([a.index(c) for c in (*batch, queries[0], summed[0])])
    right = _laid_out(args[2], b, (*batch, summed[0], keys[0]), sizes)
    node = AttentionNode("product", torch.matmul, (left, right), {}, (*left.shape[:-1], right.shape[-1]), inside=inside)
    if list(out) == order:
        return node
    turn = tuple(order.index(c) for c in out)
    query, key = out.index(queries[0]) - len(out), out.index(keys[0]) - len(out)
    return AttentionNode("move", torch.permute, (node, turn), {}, tuple(node.shape[i] for i in turn), query, key)


def _laid_out(tensor: Tensor, labels: str, wanted: tuple[str, ...], sizes: Mapping[str, int]) -> Tensor:
    """The tensor in the order of the wanted labels; repeated along those that it has not."""
    there = [c for c in wanted if c in labels]
    turned = tensor.permute([labels.index(c) for c in there])
    spread = turned[tuple(slice(None) if c in labels else None for c in wanted)]
    return spread.expand([-1 if c in labels else sizes[c] for c in wanted])


def go_on(
    name: str,
    func: Function,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    nodes: Mapping[int, AttentionNode],
    out: Tensor,
) -> AttentionNode | None:
    """The node of a function's result, `nodes` by the id of the tensors that went in. None where queries are not kept apart."""
    given = tuple(nodes.get(id(arg), arg) for arg in args)
    first = given[0] if given else None
    if name == "softmax" and isinstance(first, AttentionNode):
        return _softmax(func, given, kwargs, first, out)
    if name in POINTWISE:
        main = _main(nodes)
        given = tuple(main.get(id(arg), arg) for arg in args)
        return _pointwise(func, given, {k: main.get(id(v), v) for k, v in kwargs.items()}, out)
    if not isinstance(first, AttentionNode) or any(isinstance(arg, AttentionNode) for arg in given[1:]):
        return None
    if name in _VIEWS or name in _MOVES:
        return _moved(name, func, given, kwargs, first, out)
    if name in _MIXES:
        return _mixed(name, func, given, kwargs, first, out)
    return None


def _softmax(
    func: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], first: AttentionNode, out: Tensor
) -> AttentionNode | None:
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if not isinstance(dim, int) or dim % out.dim() != first.key + out.dim() or first.spread[1] != 1:
        return None
    return AttentionNode(
        "point", func, args, kwargs, tuple(out.shape), first.query, first.key, True, spread=first.spread
    )


def _main(nodes: Mapping[int, AttentionNode]) -> Mapping[int, AttentionNode]:
    """The scores; what is smaller and laid out otherwise, as positions that depend on the queries, is a tensor like any other."""
    largest = max(nodes.values(), key=lambda node: torch.Size(node.shape).numel())
    like = (largest.query, largest.key, largest.spread)
    smaller = [i for i, node in nodes.items() if (node.query, node.key, node.spread) != like and not node.normal]
    return {i: node for i, node in nodes.items() if i not in smaller}


def _pointwise(func: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Tensor) -> AttentionNode | None:
    nodes = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, AttentionNode)]
    query, key = nodes[0].query, nodes[0].key
    like = (query, key, nodes[0].normal, nodes[0].spread)
    same = all((node.query, node.key, node.normal, node.spread) == like for node in nodes)
    spread = nodes[0].spread
    dims = [*range(query, query + spread[0]), *range(key, key + spread[1])]
    if not same or any(out.shape[dim] != node.shape[dim] for node in nodes for dim in dims):
        return None
    return AttentionNode("point", func, args, kwargs, tuple(out.shape), query, key, nodes[0].normal, spread=spread)


def _moved(
    name: str, func: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], first: AttentionNode, out: Tensor
) -> AttentionNode | None:
    """Where queries and keys are afterwards is read off the strides of a tensor without values that is moved in the same way."""
    marker = torch.empty(first.shape, device="meta")
    moved = func(marker, *args[1:], **kwargs)
    if not isinstance(moved, Tensor) or moved.shape != out.shape:
        return None
    both = zip((first.query, first.key), first.spread, strict=True)
    found = [_find(moved, first.shape[d : d + n or None], marker.stride(d + n - 1)) for d, n in both]
    queries, keys = found
    if queries is None or keys is None or queries[0] == keys[0]:
        return _cut(args, first, out) if name == "__getitem__" else None
    (query, rows), (key, columns) = queries, keys
    if name in _VIEWS:
        func = Tensor.expand if name.startswith("expand") else Tensor.reshape
        shape = tuple(out.shape)
        return AttentionNode("view", func, (first,), {}, shape, query, key, first.normal, spread=(rows, columns))
    if (rows, columns, first.spread) != (1, 1, (1, 1)):
        return None
    return AttentionNode("move", func, args, kwargs, tuple(out.shape), query, key, first.normal)


def _find(moved: Tensor, sizes: tuple[int, ...], stride: int) -> tuple[int, int] | None:
    """(dimension, counted from the end; how many: 1, or 2 that are rows and columns of it)."""
    size = math.prod(sizes)
    for dim in range(-1, -moved.dim() - 1, -1):
        if moved.shape[dim] == size and (moved.stride(dim) == stride or size == 1):
            return dim, 1
    for dim in range(-2, -moved.dim() - 1, -1):
        rows, columns = moved.shape[dim], moved.shape[dim + 1]
        if rows * columns == size and moved.stride(dim + 1) == stride and moved.stride(dim) == stride * columns:
            return dim, 2
    return None


def _slices(index: Any, shape: tuple[int, ...]) -> list[slice] | None:
    """One slice without steps a dimension; None for any other index."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in [part for part in parts if not isinstance(part, Tensor)]:
        at = next(i for i, part in enumerate(parts) if part is Ellipsis)
        parts[at : at + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    parts += [slice(None)] * (len(shape) - len(parts))
    if len(parts) != len(shape) or not all(isinstance(part, slice) and part.step in (None, 1) for part in parts):
        return None
    return [slice(*part.indices(size)) for part, size in zip(parts, shape, strict=True)]


def _cut(args: tuple[Any, ...], first: AttentionNode, out: Tensor) -> AttentionNode | None:
    """Some queries and keys in a row, as those behind a class token."""
    slices = _slices(args[1], first.shape) if len(args) == 2 and first.spread == (1, 1) else None
    if slices is None:
        return None
    begin = slices[first.query].start
    slices[first.query] = slice(None)
    return AttentionNode("cut", first.func, (first, begin, tuple(slices)), {}, tuple(out.shape), first.query, first.key)


def put(args: tuple[Any, ...], nodes: Mapping[int, AttentionNode]) -> AttentionNode | None:
    """The node of scores of which a part is written anew: `scores[..., 1:, 1:] = other scores`."""
    target, index, value = args
    first, written = nodes.get(id(target)), nodes.get(id(value), value)
    slices = _slices(index, first.shape) if first is not None and first.spread == (1, 1) else None
    if first is None or slices is None or first.normal or not isinstance(written, (AttentionNode, int, float)):
        return None
    if isinstance(written, AttentionNode) and (written.query, written.key, written.spread) != (
        first.query,
        first.key,
        (1, 1),
    ):
        return None
    queries = slices[first.query]
    given = (first, written, queries.start, queries.stop, tuple(slices))
    return AttentionNode("put", first.func, given, {}, first.shape, first.query, first.key)


def _mixed(
    name: str, func: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], first: AttentionNode, out: Tensor
) -> AttentionNode | None:
    """Heads mixed by a linear map (Touvron and others 2021: talking heads); queries and keys stay apart."""
    if first.spread != (1, 1) or (name == "linear" and -1 in (first.query, first.key)):
        return None
    if name == "conv2d" and (args[1].shape[2:] != (1, 1) or -3 in (first.query, first.key) or len(first.shape) != 4):
        return None
    if out.shape[first.query] != first.shape[first.query] or out.shape[first.key] != first.shape[first.key]:
        return None
    return AttentionNode("mix", func, args, kwargs, tuple(out.shape), first.query, first.key, first.normal)


def met(
    name: str, args: tuple[Any, ...], nodes: Mapping[int, AttentionNode], out: Tensor
) -> tuple[AttentionNode, Tensor, Tensor] | None:
    """(weights, values (..., keys, width), result (..., queries, width)) where a function multiplies weights with values."""
    if name == "einsum":
        return _met_einsum(args, nodes, out)
    if name not in _PRODUCTS or len(args) != 2:
        return None
    a, b = nodes.get(id(args[0])), nodes.get(id(args[1]))
    if a is not None and b is None and a.normal and (a.query, a.key, a.spread) == (-2, -1, (1, 1)):
        return a, args[1], out
    if b is not None and a is None and b.normal and (b.query, b.key, b.spread) == (-1, -2, (1, 1)):  # v' A'
        return _turned(b, -1, -2), args[0].mT, out.mT
    return None


def _turned(node: AttentionNode, a: int, b: int) -> AttentionNode:
    shape = list(node.shape)
    shape[a], shape[b] = shape[b], shape[a]
    return AttentionNode("move", torch.transpose, (node, a, b), {}, tuple(shape), -2, -1, node.normal)


def _met_einsum(
    args: tuple[Any, ...], nodes: Mapping[int, AttentionNode], out: Tensor
) -> tuple[AttentionNode, Tensor, Tensor] | None:
    """bhij,bhjd->bhid and the like."""
    labels, weights = _labels(args), nodes.get(id(args[1])) if len(args) == 3 else None
    if labels is None or weights is None or not weights.normal or weights.spread != (1, 1) or id(args[2]) in nodes:
        return None
    a, b, to = labels
    query, key = a[weights.query], a[weights.key]
    rest, batch = [c for c in to if c not in a], [c for c in a if c not in (query, key)]
    if key in to or query not in to or key not in b or len(rest) != 1 or set(batch) - set(to):
        return None
    turn = tuple(a.index(c) for c in (*batch, query, key))
    shape = tuple(weights.shape[i] for i in turn)
    node = AttentionNode("move", torch.permute, (weights, turn), {}, shape, -2, -1, True)
    sizes = dict(zip(a, args[1].shape, strict=True))
    values = _laid_out(args[2], b, (*batch, key, rest[0]), sizes)
    return node, values, out.permute([to.index(c) for c in (*batch, query, rest[0])])
