"""Whose tokens stand where: from the cells that a watched forward followed to q and k, to the values of one attention call.

Nothing is known of the model and no square root is taken: the grid is the one that the real input gave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.attention import AttentionCall, AttentionKind, Tokens
from explorer.core.translation import tr
from explorer.engine.attention.recorder import Raw
from explorer.engine.capture.provenance import Provenance


@dataclass(frozen=True, slots=True)
class _Side:
    """Cells of the queries or keys, or that they are channels."""

    place: Provenance | None
    cells: Tensor | None  # (leading dimensions..., count)
    channels: bool = False


def call_of(raw: Raw, module: nn.Module, name: str) -> AttentionCall:
    """What is known of one attention; `module` is the model."""
    queries, keys = (_side(place, shape) for place, shape in raw.places)
    leads = _leads(raw.shape[:-2], [side for side in (queries, keys) if side.cells is not None])
    found = [_tokens(side, leads, count) for side, count in zip((queries, keys), raw.shape[-2:], strict=True)]
    windows = any(counts for _, counts in leads)
    kind = AttentionKind.CHANNELS if queries.channels or keys.channels else _kind(found[0], found[1], windows)
    return AttentionCall(
        name,
        raw.path,
        raw.call,
        raw.type,
        kind,
        leads,
        raw.width,
        found[0],
        found[1],
        raw.fused,
        prefix_names(module, found[1].prefix),
        raw.error,
        raw.sums,
        raw.reason,
        raw.note,
    )


def _side(place: Provenance | None, shape: torch.Size) -> _Side:
    """One cell a token, or channels where each token holds all cells and the width is what moves over them."""
    if place is None:
        return _Side(None, None)
    index = place.index(shape)
    if bool((index == index[..., :1]).all()):
        return _Side(place, index[..., 0])
    return _Side(place, None, channels=bool((index == index[..., :1, :]).all()))


def _leads(sizes: tuple[int, ...], sides: list[_Side]) -> tuple[tuple[int, bool], ...]:
    """(size, whether it counts windows) of the leading dimensions. Heads of one window have the same cells.

    One dimension of both, which is what some models and nn.MultiheadAttention make of them, is taken apart.
    """
    if len(sizes) == 1:
        run = next(
            (_run(side.cells) for side in sides if side.cells is not None and len(side.cells) == sizes[0]), sizes[0]
        )
        return ((sizes[0] // run, True), (run, False)) if run < sizes[0] else ((sizes[0], False),)
    found = []
    for dim, size in enumerate(sizes):
        own = [
            c for side in sides if (c := side.cells) is not None and c.dim() == len(sizes) + 1 and c.shape[dim] == size
        ]
        # without any cells: all but the last before the width are windows, as everybody has it
        windows = any(bool((c != c.narrow(dim, 0, 1)).any()) for c in own) if own else dim < len(sizes) - 1
        found.append((size, windows and size > 1))
    return tuple(found)


def _run(cells: Tensor) -> int:
    """How many heads in a row have the same cells, the same number for every window; 1 where they do not."""
    run = int((cells == cells[:1]).all(1).long().cumprod(0).sum())
    grouped = cells.view(-1, run, cells.shape[1]) if len(cells) % run == 0 else None
    return run if grouped is not None and bool((grouped == grouped[:, :1]).all()) else 1


def _tokens(side: _Side, leads: tuple[tuple[int, bool], ...], count: int) -> Tokens:
    if side.place is None or side.cells is None:
        return Tokens(count)
    cells = side.cells
    if cells.dim() == 2 and len(leads) == 2:  # one dimension of windows and heads
        cells = cells.reshape(*(size for size, _ in leads), count)
    if cells.dim() > len(leads) + 1:  # the weights were laid out anew since: only what is the same everywhere is known
        flat = cells.flatten(0, -2)
        if not bool((flat == flat[:1]).all()):
            return Tokens(count)
        cells = flat[:1]
    cells = cells[(None,) * (len(leads) + 1 - cells.dim())]
    for dim, (_, windows) in enumerate(leads):
        if not windows:  # all heads have the same, and keys may have fewer of them
            cells = cells.narrow(dim, 0, 1)
    cells = cells.expand(*(size if windows else 1 for size, windows in leads), count)
    array = np.ascontiguousarray(cells.reshape(-1, count).cpu().numpy().astype(np.int32))
    array.flags.writeable = False
    standing = np.flatnonzero(array[0] >= 0)
    before = int(standing[0]) if len(array) == 1 and len(standing) else 0
    prefix = before if before + len(standing) == count else 0  # what is padded all around has no prefix
    return Tokens(count, array, side.place.grid, prefix, side.place.field)


def _kind(queries: Tokens, keys: Tokens, windows: bool) -> AttentionKind:
    if queries.cells is None and keys.cells is None:
        return AttentionKind.UNPLACED
    if queries.cells is None or keys.cells is None or queries.grid != keys.grid:
        return AttentionKind.CROSS
    if not np.array_equal(queries.cells, keys.cells):
        return AttentionKind.CROSS
    return AttentionKind.WINDOWS if windows else AttentionKind.TOKENS


def prefix_names(module: nn.Module, count: int) -> tuple[str, ...]:
    """What the tokens before the grid are: a class token, a distillation token, registers.

    Where the model says how many are registers it is believed (timm: num_reg_tokens, transformers: num_register_tokens); else
    the first is the class token and the others are registers, which is where all known models have them.
    """
    known = _said(module, "num_reg_tokens", "num_register_tokens")
    registers = min(known, count) if known is not None else max(count - 1, 0)
    if (
        known is None
        and count == 2
        and any(name.rpartition(".")[2] == "dist_token" for name, _ in module.named_parameters())
    ):
        registers = 0
    first = ("CLS", "distillation", *(f"token {i}" for i in range(2, count)))[: count - registers]
    return (*first, *(tr("register {i}", i=i + 1) for i in range(registers)))


def _said(module: nn.Module, *names: str) -> int | None:
    """The first whole number of one of these names that a part of the model or its configuration has."""
    for part in module.modules():
        for owner in (part, getattr(part, "config", None)):
            for name in names:
                value = getattr(owner, name, None)
                if isinstance(value, int) and not isinstance(value, bool):
                    return value
    return None
