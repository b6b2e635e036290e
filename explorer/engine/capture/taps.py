"""Turns one watched module output into a tap card: name, layout, grid, receptive field, cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

import torch
from torch import Tensor, nn

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.slices import MAPPED, grid_of
from explorer.core.translation import tr
from explorer.engine.capture.channel_axes import Axes, Candidate, layouts_of
from explorer.engine.capture.describe import detail_of, kind_of
from explorer.engine.capture.provenance import Provenance, rows, rows_or_blocks
from explorer.engine.capture.sequence_rules import line_of
from explorer.engine.capture.trace import CallKey, FunctionResult
from explorer.engine.capture.values import unreadable

_NEITHER = tr("not a map, a token sequence or a vector")
_LOST = tr("not laid out over the input, or behind a function whose cells could not be followed")
_RASTER = tr("its steps are the cells of a map, read one row after the other: what a step sees of the input is no box")
_SLICES = tr("slices of maps; over which part of the input their cells stand is not followed")
_HEADS = tr("its channels run along several dimensions, as heads and their features do: no map and no token sequence")
_SEVERAL = tr("several sequences or clips at once: its first dimension is not the batch")
_SPECTRUM = tr(
    "behind a Fourier transform inside the model, whose frames are not followed: where the model's file says its spectrogram in "
    "PREPROCESS and takes it, the layers have seconds and Hz"
)
_UNKNOWN = tr("laid out in a way that could not be followed: which of its dimensions are channels is not known")


@dataclass(frozen=True, slots=True)
class Followed:
    """What a watched forward knows of a tensor: where its cells stand, and which dimensions are channels."""

    place: Provenance | None = None
    axes: Axes | None = None
    spectrum: bool = False  # behind a Fourier transform inside the model


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
    name: str, module: nn.Module, key: CallKey, output: str, tensor: Tensor, followed: Followed, macs: int, alias: str
) -> Tap:
    layout, standing, prefix, order, reason = _arrangement(tensor, followed)
    if followed.spectrum and reason in (_LOST, _UNKNOWN):
        reason = _SPECTRUM
    grid = standing.grid if standing is not None else None
    if grid is None and layout in MAPPED:
        grid = grid_of(layout, tuple(tensor.shape))
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


Arrangement = tuple[Layout, Provenance | None, int, tuple[int, ...] | None, str]


def _arrangement(tensor: Tensor, followed: Followed) -> Arrangement:
    """(layout, where the cells stand, prefix, order, reason)."""
    place, shape = followed.place, tuple(tensor.shape)
    if place is not None and place.layout is not None and tensor.dim() == 4:
        return place.layout, place, 0, None, ""
    if tensor.dim() == 2 and shape[0] == 1:
        return Layout.NC, None, 0, None, ""
    candidates = layouts_of(followed.axes, shape)
    for one in candidates:
        found = (
            _standing(tensor, place, one, followed.axes is not None) if place is not None and tensor.numel() else None
        )
        if found is not None:
            return found
    certain = next((one.layout for one in candidates if one.certain), None)
    if certain is None:
        return Layout.OTHER, None, 0, None, _why_unknown(followed.axes, shape)
    if certain is Layout.NCDHW or (certain is Layout.NCHW and shape[0] != 1):
        return certain, None, 0, None, _SLICES
    raster = certain is Layout.NCT and place is not None and min(place.grid) > 1 and not place.field.whole
    return certain, None, 0, None, _RASTER if raster else _LOST


def _why_unknown(axes: Axes | None, shape: tuple[int, ...]) -> str:
    if len(shape) < 2:
        return _NEITHER
    if axes is None or axes.channels & axes.positions or not axes.channels:
        return _UNKNOWN
    if len(axes.channels) > 1:
        return _HEADS
    return _SEVERAL if shape[0] != 1 else _NEITHER


def _standing(tensor: Tensor, place: Provenance, candidate: Candidate, known: bool) -> Arrangement | None:
    """A layout that cells confirm. Where nothing is known of the channels, each row must be a single cell."""
    if candidate.layout is Layout.NCT:
        index = place.index(tensor.shape) if known else None
    elif candidate.channel != tensor.dim() - 1 or not (known or _rows_are_cells(tensor, place)):
        return None
    else:
        found = _tokens(tensor, place)
        if found is not None or candidate.layout is Layout.NHWC:
            return found
        index = place.index(tensor.shape).reshape(-1, tensor.shape[-1])
        index = None if bool((index < 0).any()) else index  # tokens without a cell are no steps
    line = None if index is None else line_of(replace(place, layout=None, cells=index), index.shape, 1)
    if line is None or not (candidate.certain or line.count > 1):
        return None
    return candidate.layout, line.place(torch.arange(line.count)), 0, None, ""


def _rows_are_cells(tensor: Tensor, place: Provenance) -> bool:
    return tensor.shape[-1] > 1 and rows(place, tensor.shape) is not None


def _tokens(tensor: Tensor, place: Provenance) -> Arrangement | None:
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


def silent_tap(
    tap: str, path: str, module: nn.Module, parent: nn.Module | None, begun: bool, bypassed: bool = False
) -> Tap:
    """A module that never returned anything; `begun`: it was called; `bypassed`: only its forward was, by its name."""
    name = type(parent).__name__ if parent is not None else tr("the model")
    if bypassed:
        reason = (
            "its forward was called by name, which passes by the hooks that see values: the module itself must be called, "
            "self.layer(x) instead of self.layer.forward(x)"
        )
    elif begun:
        reason = tr("it raised an error in this forward, and the model went on without it")
    elif isinstance(module, torch.jit.ScriptModule):
        reason = tr("part of a TorchScript program, whose layers run without Python: only its result can be seen")
    elif type(module) is nn.Module:
        reason = tr("it only holds weights of a traced or exported program, whose operations run without it")
    elif isinstance(parent, nn.MultiheadAttention):
        reason = tr(
            "{name} uses its weights inside one fused function; it is never called, so there is nothing to see",
            name=name,
        )
    elif any(True for _ in module.parameters()):
        reason = tr("not called in this forward: {name} uses its weights directly or took another branch", name=name)
    else:
        reason = tr("not called in this forward: {name} does without it or took another branch", name=name)
    return _unseen(tap, path, 0, type(module).__name__, kind_of(module), reason, detail_of(module))


def function_tap(result: FunctionResult, name: str) -> Tap:
    """A function's result that no module returned."""
    inside = result.inside[0] or tr("the model's own forward")
    reason = tr(
        "the result of the function {result} inside {inside}; only results of modules can be seen",
        result=result.name,
        inside=inside,
    )
    tap = _unseen(name, result.inside[0], result.inside[1], result.name, Kind.FUNCTION, reason, "")
    return replace(tap, shape=result.shape, dtype=result.dtype)


def missing_tap(name: str, key: CallKey, module: nn.Module, value: object) -> Tap:
    """A part of an output that is no tensor, or one whose numbers cannot be shown."""
    if isinstance(value, Tensor):
        reason = unreadable(value)
    else:
        reason = (
            tr("returns {name} here, not a tensor", name=type(value).__name__)
            if value is not None
            else tr("returns nothing (None) here")
        )
    return _unseen(name, key[0], key[1], type(module).__name__, kind_of(module), reason, "")


def _unseen(name: str, path: str, call: int, type_: str, kind: Kind, reason: str, detail: str) -> Tap:
    return Tap(name=name, path=path, call=call, type=type_, kind=kind, detail=detail, observable=False, reason=reason)
