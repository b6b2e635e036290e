"""Sees every attention of a forward, fused or not: q, k, v and the mask of each call, with a proof of the weights.

A TorchFunctionMode and not hooks, since fused attention happens inside a module's forward. While a mode is active torch takes no
fast path that would pass it by. Each call is proved when it is seen: rows of some queries are recomputed, multiplied with the
values, and compared with what the model itself got.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from explorer.core.translation import tr
from explorer.engine.attention import follow
from explorer.engine.attention.attention_weights import Flexed, Fused, Weights, kept, kept_once, wide
from explorer.engine.attention.nodes import AttentionNode, Written, written
from explorer.engine.capture.calls import PlaceOf
from explorer.engine.capture.provenance import Provenance
from explorer.engine.capture.torch_functions import FOLDED, UNFOLDED, name_of
from explorer.engine.capture.trace import version
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError

_SAMPLES = 5  # queries whose rows are recomputed
_LOST = tr("the model does something to its scores that cannot be followed")
_TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-3}  # relative; beyond it something was not understood


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """One attention as it was seen. `shape` is (..., queries, keys) of its weights."""

    path: str
    call: int
    type: str
    fused: bool
    shape: tuple[int, ...]
    width: int
    places: tuple[
        tuple[Provenance | None, torch.Size], tuple[Provenance | None, torch.Size]
    ]  # of q and k, with their shapes
    weights: Weights | None = None  # None: not asked for
    values: Tensor | None = None  # (..., keys, width)
    result: Tensor | None = None  # (..., queries, width)
    edge: GradientEdge | None = None  # of the result, for the gradient of something behind it
    error: float = 0.0
    sums: tuple[float, float] = (1.0, 1.0)
    reason: str = ""
    note: str = ""


class Recorder(TorchFunctionMode):
    """`place` says where a tensor's cells stand, `wanted` which calls (path, number) are kept, None for all."""

    def __init__(
        self, cancelled: Cancelled, place: PlaceOf, wanted: Collection[tuple[str, int]] | None, values: bool
    ) -> None:
        super().__init__()
        self.cancelled, self.place, self.wanted, self.values = cancelled, place, wanted, values
        self.found: list[Raw] = []
        self.nodes: Any = WeakTensorKeyDictionary()  # tensor -> (node, version)
        self.pending: dict[
            str, list[AttentionNode]
        ] = {}  # q k' of modules that run, while it is not known what becomes of them
        self.counts: Counter[str] = Counter()
        self.stack: list[tuple[str, str]] = []  # (path, class) of the modules that run

    def before(self, path: str) -> Callable[..., None]:
        def hook(module: nn.Module, _args: Any) -> None:
            if self.cancelled():
                raise CancelledError
            self.stack.append((path, type(module).__name__))

        return hook

    def after(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any, _output: Any) -> None:
            self.pending.pop(path, None)
            while self.stack.pop()[0] != path:  # a module that raised, and a model that went on without it
                pass

        return hook

    def where(self) -> str:
        return tr("layer {stack}", stack=self.stack[-1][0]) if self.stack and self.stack[-1][0] else tr("its forward")

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is FOLDED:
            with self:
                return UNFOLDED(*args, **kwargs)
        name = name_of(func)
        nodes = self._nodes((*args, *kwargs.values()))
        if name == "scaled_dot_product_attention":
            return self._fused(func, args, kwargs)
        if name == "flex_attention":
            return self._flexed(func, args, kwargs)
        out = func(*args, **kwargs)
        if isinstance(out, Tensor):
            with _harmless():
                self._follow(name, func, args, kwargs, nodes, out)
        elif name == "setitem" and nodes:
            with _harmless():
                self._rewritten(args, nodes)
        return out

    def _rewritten(self, args: tuple[Any, ...], nodes: dict[int, AttentionNode]) -> None:
        node = follow.put(args, nodes)
        if node is not None:
            self.nodes[args[0]] = (node, version(args[0]))

    def _nodes(self, values: tuple[Any, ...]) -> dict[int, AttentionNode]:
        found = {}
        for value in values:
            known = self.nodes.get(value) if isinstance(value, Tensor) else None
            if known is not None and known[1] == version(value):
                found[id(value)] = known[0]
        return found

    def _follow(
        self, name: str, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], nodes: dict[int, Any], out: Tensor
    ) -> None:
        """Attention that the model writes out itself."""
        self.nodes.pop(out, None)  # an in-place function returns what it was given
        if nodes:
            done = follow.met(name, args, nodes, out)
            if done is not None:
                return self._written(*done)
            node = follow.go_on(name, func, args, kwargs, nodes, out)
            if node is not None and node.normal:
                self._settle(node.product())
        else:
            node = follow.start(name, args, kwargs, out, self.stack[-1] if self.stack else ("", ""))
            if node is not None:
                self.pending.setdefault(node.product().inside[0], []).append(node.product())
            elif name == "softmax":
                self._lost(out)
        if node is not None:
            self.nodes[out] = (node, version(out))
        return None

    def _lost(self, weights: Tensor) -> None:
        """A softmax over what was q k' of a module that runs, until something was done to it that cannot be followed."""
        for path, _ in reversed(self.stack):
            for product in self.pending.get(path, ()):
                if product.shape[-2:] == weights.shape[-2:]:
                    q, k = product.args[0], product.args[1].mT
                    raw = self._raw(product.inside, False, tuple(weights.shape), (q, k))
                    self.found.append(replace(raw, error=math.nan, reason=_LOST))
                    return self._settle(product)
        return None

    def _settle(self, product: AttentionNode) -> None:
        waiting = self.pending.get(product.inside[0], [])
        self.pending[product.inside[0]] = [other for other in waiting if other is not product]

    def _written(self, node: AttentionNode, values: Tensor, result: Tensor) -> None:
        product = node.product()
        q, k = product.args[0], product.args[1].mT
        raw = self._raw(product.inside, False, node.shape, (q, k))
        self._keep(raw, lambda: written(node), values, result)

    def _fused(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        out: Tensor = func(*args, **kwargs)
        given = dict(zip(_FUSED, args, strict=False)) | kwargs
        with _harmless():
            q, k, v = given["query"], given["key"], given["value"]
            inside = self.stack[-1] if self.stack else ("", "")
            raw = self._raw(inside, True, (*out.shape[:-2], q.shape[-2], k.shape[-2]), (q, k))
            if given.get("enable_gqa"):
                k, v = (t.repeat_interleave(q.shape[-3] // t.shape[-3], -3) for t in (k, v))
            q, k = (t.expand(*out.shape[:-2], *t.shape[-2:]) for t in (q, k))  # heads may share keys
            self._keep(raw, lambda: _weights(q, k, given), v, out)
        return out

    def _flexed(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        out = func(*args, **kwargs)
        with _harmless():
            q, k, v, change, mask, scale = args[:6]
            raw = self._raw(self.stack[-1] if self.stack else ("", ""), True, (*q.shape[:-1], k.shape[-2]), (q, k))
            k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1).expand(q.shape[0], -1, -1, -1) for t in (k, v))
            self._keep(raw, lambda: Flexed(kept(q), kept(k), change, mask[-1], float(scale)), v, out[0])
        return out

    # --- both --------------------------------------------------------------------------------------------------------

    def _raw(self, inside: tuple[str, str], fused: bool, shape: tuple[int, ...], both: tuple[Tensor, Tensor]) -> Raw:
        path, type_ = inside
        call = self.counts[path]
        self.counts[path] += 1
        q, k = ((self.place(t), t.shape) for t in both)
        return Raw(path, call, type_, fused, shape, int(both[0].shape[-1]), (q, k))

    def _keep(self, raw: Raw, weights: Callable[[], Weights], values: Tensor, result: Tensor) -> None:
        """`values` (..., keys, width), `result` (..., queries, width)."""
        if self.wanted is not None and (raw.path, raw.call) not in self.wanted:
            self.found.append(raw)
            return
        with torch._C.DisableTorchFunction():  # what is done here is no part of the model
            values = values.expand(*result.shape[:-2], *values.shape[-2:])
            made = weights()
            error, sums, reason = _proof(made, values.detach(), result.detach())
            note = made.note if isinstance(made, Written) else ""
            raw = replace(raw, weights=made, error=error, sums=sums, reason=reason, note=note)
            if result.requires_grad:
                raw = replace(raw, edge=get_gradient_edge(result))
            if self.values:
                raw = replace(raw, values=kept(values), result=kept(result))
        self.found.append(raw)


@contextmanager
def _harmless() -> Iterator[None]:
    """An unusual call is not followed, but it never stops the forward. A full device does."""
    try:
        yield
    except (TypeError, ValueError, IndexError, RuntimeError, AttributeError, KeyError) as problem:
        if devices.device_problem(problem) is not None:
            raise


_FUSED = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")


def _weights(q: Tensor, k: Tensor, given: dict[str, Any]) -> Fused:
    mask, scale = given.get("attn_mask"), given.get("scale")
    if mask is not None:
        mask = kept_once(mask if mask.dim() > 1 else mask[None])
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale)
    return Fused(kept(q), kept(k), mask, scale, bool(given.get("is_causal")))


def _proof(weights: Weights, values: Tensor, result: Tensor) -> tuple[float, tuple[float, float], str]:
    """(largest difference of recomputed rows times values from the result, relative to its largest number;
    least and greatest sum of those rows; what is wrong)."""
    queries = result.shape[-2]
    index = torch.linspace(0, queries - 1, min(_SAMPLES, queries), device=result.device).round().long()
    with torch.no_grad():
        try:
            rows = weights.rows(index)
            again = rows @ wide(values)
        except (RuntimeError, TypeError, IndexError, ValueError) as problem:
            if devices.device_problem(problem) is not None:
                raise
            return (
                math.nan,
                (math.nan, math.nan),
                tr("its rows cannot be recomputed: {splitlines}", splitlines=str(problem).splitlines()[0]),
            )
        expected = wide(result).index_select(-2, index)
        if again.shape != expected.shape:
            return math.nan, (math.nan, math.nan), tr("its rows have another shape when they are recomputed")
        size = max(float(expected.abs().max()), torch.finfo(expected.dtype).tiny)
        error = float((again - expected).abs().max()) / size
        sums = rows.sum(-1)
    wrong = not error <= _TOLERANCE.get(result.dtype, 3e-2)
    reason = (
        tr("recomputed rows times values differ from the model's result by {error:.1e}", error=error) if wrong else ""
    )
    return error, (float(sums.min()), float(sums.max())), reason
