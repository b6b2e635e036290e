"""What each cell of a layer over a sound or a text can reach, by autograd: steps of the input, or tokens through their embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.geometry.receptive_field import seen_by
from explorer.engine.capture.outputs import tensors_of


@dataclass(frozen=True)
class ReachedSteps:
    """`steps`: (first, past the last) with a gradient, None where there is none; `told`: what is said of the cell."""

    tap: Tap
    cell: tuple[int, int]
    steps: tuple[int, int] | None
    told: tuple[int, int]
    exact: bool

    @property
    def inside(self) -> bool:
        return self.steps is None or (self.told[0] <= self.steps[0] and self.steps[1] <= self.told[1])


def reached_steps(
    net: nn.Module,
    x: Tensor,
    taps: Iterable[Tap],
    embedding: nn.Module | None = None,
    cells: int = 0,
    turned: bool = False,
) -> Iterator[ReachedSteps]:
    """Of all cells of each tap that stands over the input, or of so many `cells`. `x`: (1, tokens) with the module that embeds them,
    (1, samples), (1, 1, samples), (1, bands, frames), or (1, frames, bands) where it is `turned`."""
    wanted = [tap for tap in taps if tap.observable and tap.receptive is not None and tap.grid is not None]
    leaf, found = _grown(net, x, wanted, embedding)
    time = -2 if embedding is not None or turned else -1
    bands = leaf.shape[-3 - time] if embedding is None and leaf.dim() == 3 else 1
    for tap in wanted:
        tensor = found.get(tap.name)
        if tensor is None or not tensor.requires_grad:
            continue
        for cell in _some(tap, cells):
            values = _of_cell(tap, tensor, cell)
            weights = torch.linspace(1, 2, values.numel(), dtype=values.dtype)
            (slope,) = torch.autograd.grad((values * weights).sum(), leaf, retain_graph=True, allow_unused=True)
            seen = seen_by(tap, cell, (bands, leaf.shape[time]))
            told = int(seen.clipped.x0), int(seen.clipped.x1)
            yield ReachedSteps(tap, cell, None if slope is None else _extent(slope, time), told, seen.exact)


def _grown(
    net: nn.Module, x: Tensor, taps: Sequence[Tap], embedding: nn.Module | None
) -> tuple[Tensor, dict[str, Tensor]]:
    calls: dict[str, int] = {}
    found: dict[str, Tensor] = {}
    leaves = [] if embedding is not None else [x.clone().requires_grad_()]
    handles = []

    def after(path: str) -> Any:
        def hook(_module: nn.Module, _args: object, output: object) -> None:
            calls[path] = calls.get(path, -1) + 1
            for tap in taps:
                if (tap.path, tap.call) == (path, calls[path]):
                    found[tap.name] = tensors_of(output)[tap.key]

        return hook

    def embedded(_module: nn.Module, _args: object, output: Tensor) -> Tensor:
        leaves.append(output.detach().clone().requires_grad_())
        return leaves[0]

    if embedding is not None:
        handles.append(embedding.register_forward_hook(embedded))
    handles += [module.register_forward_hook(after(path)) for path, module in net.named_modules()]
    try:
        with torch.enable_grad():
            net(x if embedding is not None else leaves[0])
    finally:
        for handle in handles:
            handle.remove()
    return leaves[0], found


def _some(tap: Tap, count: int) -> list[tuple[int, int]]:
    assert tap.grid is not None
    rows, columns = tap.grid
    every = [(y, x) for y in range(rows) for x in range(columns)]
    if not count or len(every) <= count:
        return every
    return [every[at * (len(every) - 1) // (count - 1)] for at in range(count)]


def _of_cell(tap: Tap, tensor: Tensor, cell: tuple[int, int]) -> Tensor:
    assert tap.grid is not None
    number = cell[0] * tap.grid[1] + cell[1]
    if tap.layout == Layout.NCT:
        return tensor.reshape(tensor.shape[-2], -1)[:, number]
    assert tap.layout == Layout.NLC, tap.name
    rows = tensor.reshape(-1, tensor.shape[-1])[tap.prefix :]
    return rows[number if tap.order is None else tap.order.index(number)]


def _extent(slope: Tensor, time: int) -> tuple[int, int] | None:
    touched = torch.nonzero((slope != 0).movedim(time, 0).flatten(1).any(1)).flatten()
    return (int(touched[0]), int(touched[-1]) + 1) if len(touched) else None
