"""Turns one watched module output into a tap card: name, layout, grid, receptive field, cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

import torch
from torch import Tensor, nn

from explorer.core.types import Kind, Layout, Tap
from explorer.engine.describe import detail_of, kind_of
from explorer.engine.provenance import Place, rows_or_blocks
from explorer.engine.trace import CallKey, FunctionResult
from explorer.engine.values import unreadable

_SEQUENCE = (
    nn.Conv1d,
    nn.ConvTranspose1d,
    nn.BatchNorm1d,
    nn.MaxPool1d,
    nn.AvgPool1d,
    nn.AdaptiveAvgPool1d,
    nn.AdaptiveMaxPool1d,
)
_LOST = "not laid out over the input, or behind a function whose cells could not be followed"


_RESERVED = frozenset({"manifest"})  # what stands beside the taps in a file of values


class TapNames:
    """Gives every tap of a forward a name of its own.

    'layer1.0.relu', 'layer1.0.relu_1' for the second call, 'attn[0]' for a part of a tuple; the model itself is 'output'.
    A module's first call always has the module's path; what would take another's name gets one underscore more.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._used = {*paths, *_RESERVED}

    def of(self, key: CallKey, output: str = "") -> str:
        path, call = key
        if path and not call and not output and path not in _RESERVED:
            return path
        part = f"[{output}]" if output else ""
        for more in count():
            name = (path or "output") + "_" * (more + bool(call)) + (str(call) if call else "") + part
            if name not in self._used:
                break
        self._used.add(name)
        return name

    def of_function(self, inside: str, function: str) -> str:
        """'layer1.0.add', 'layer1.0.add_1' for another of that kind."""
        base = ".".join(part for part in (inside, function) if part)
        name = next(n for n in (base + (f"_{i}" if i else "") for i in count()) if n not in self._used)
        self._used.add(name)
        return name


def make_tap(
    name: str, module: nn.Module, key: CallKey, output: str, tensor: Tensor, place: Place | None, macs: int, alias: str
) -> Tap:
    layout, standing, prefix, order, reason = _arrangement(module, tensor, place)
    grid = standing.grid if standing is not None else None
    if grid is None and layout == Layout.NCHW:
        grid = (int(tensor.shape[2]), int(tensor.shape[3]))
    return Tap(
        name=name,
        path=key[0],
        call=key[1],
        type=type(module).__name__,
        kind=kind_of(module),
        key=output,
        shape=tuple(tensor.shape),
        dtype=str(tensor.dtype).removeprefix("torch."),
        layout=layout,
        grid=grid,
        prefix=prefix,
        order=order,
        batched=tensor.dim() > 0 and tensor.shape[0] == 1,
        receptive=standing.field if standing is not None else None,
        detail=detail_of(module),
        parameters=sum(p.numel() for p in module.parameters()),
        macs=macs,
        nbytes=tensor.numel() * tensor.element_size(),
        leaf=next(module.children(), None) is None,
        alias=alias,
        reason=reason,
    )


Arrangement = tuple[Layout, Place | None, int, tuple[int, ...] | None, str]


def _arrangement(module: nn.Module, tensor: Tensor, place: Place | None) -> Arrangement:
    """(layout, where the cells stand, prefix, order, reason)."""
    if place is not None and place.layout is not None and tensor.dim() == 4:
        return place.layout, place, 0, None, ""
    if place is not None and tensor.dim() in (3, 4):
        found = _tokens(tensor, place)
        if found is not None:
            return found
    if tensor.dim() == 4:
        return Layout.NCHW, None, 0, None, _LOST
    if tensor.dim() == 3:
        return (Layout.NCT if isinstance(module, _SEQUENCE) else Layout.NLC), None, 0, None, _LOST
    if tensor.dim() == 2:
        return Layout.NC, None, 0, None, ""
    return Layout.OTHER, None, 0, None, "not a map, a token sequence or a vector"


def _tokens(tensor: Tensor, place: Place) -> Arrangement | None:
    """Tokens whose rows are one cell each, every cell of the grid exactly once; prefix tokens first."""
    standing_rows = rows_or_blocks(place, tensor.shape)
    if standing_rows is None:
        return None
    place, index = standing_rows
    cells = index.reshape(-1)
    standing = torch.nonzero(cells >= 0).reshape(-1)
    prefix = int(standing[0])
    cells = cells[prefix:]
    count = place.grid[0] * place.grid[1]
    seen = cells[cells >= 0]
    if seen.numel() != count or not torch.equal(seen.sort().values.long(), torch.arange(count)):
        return None
    as_they_come = cells.numel() == count and torch.equal(cells.long(), torch.arange(count))
    order = None if as_they_come else tuple(cells.tolist())
    return Layout.NLC, place, prefix, order, ""


def silent_tap(tap: str, path: str, module: nn.Module, parent: nn.Module | None, begun: bool) -> Tap:
    """A module that never returned anything; `begun`: it was called."""
    name = type(parent).__name__ if parent is not None else "the model"
    if begun:
        reason = "it raised an error in this forward, and the model went on without it"
    elif isinstance(module, torch.jit.ScriptModule):
        reason = "part of a TorchScript program, whose layers run without Python: only its result can be seen"
    elif isinstance(parent, nn.MultiheadAttention):
        reason = f"{name} uses its weights inside one fused function; it is never called, so there is nothing to see"
    else:
        reason = f"not called in this forward: {name} uses its weights directly or took another branch"
    return _unseen(tap, path, 0, type(module).__name__, kind_of(module), reason, detail_of(module))


def function_tap(result: FunctionResult, name: str) -> Tap:
    """A function's result that no module returned."""
    inside = result.inside[0] or "the model's own forward"
    reason = f"the result of the function {result.name} inside {inside}; only results of modules can be seen"
    tap = _unseen(name, result.inside[0], result.inside[1], result.name, Kind.FUNCTION, reason, "")
    return replace(tap, shape=result.shape, dtype=result.dtype)


def missing_tap(name: str, key: CallKey, module: nn.Module, value: object) -> Tap:
    """A part of an output that is no tensor, or one whose numbers cannot be shown."""
    if isinstance(value, Tensor):
        reason = unreadable(value)
    else:
        reason = (
            f"returns {type(value).__name__} here, not a tensor" if value is not None else "returns nothing (None) here"
        )
    return _unseen(name, key[0], key[1], type(module).__name__, kind_of(module), reason, "")


def _unseen(name: str, path: str, call: int, type_: str, kind: Kind, reason: str, detail: str) -> Tap:
    return Tap(name=name, path=path, call=call, type=type_, kind=kind, detail=detail, observable=False, reason=reason)
