"""One forward of a batch: the maximum of every channel, and the cell of those that may be among the best.

Reduced in the hooks, before a later operation may write over the output: first the maxima alone, then places for what is above the
floor, which are few (four times cheaper than maxima with places).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.slices import Slices, slices_of
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import CapturePlan, explained, hooked, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.data_index.index_taps import channels_of
from explorer.engine.data_index.top_table import Candidates
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_CHUNK = 1 << 22  # numbers of maps that are looked through at once
_SPOTS = {Layout.NCHW: (2, 3), Layout.NHWC: (1, 2), Layout.NCT: (2,), Layout.NCDHW: (2, 3, 4)}


class TapCells:
    """The cells of a tap's values (batch, …): their maxima by channel, and which cell is the largest. Pure."""

    def __init__(self, tap: Tap) -> None:
        self.tap, self.channels = tap, channels_of(tap)
        self._order: Tensor | None = None
        if tap.layout is Layout.NLC and tap.order is not None:
            order = torch.tensor(tap.order)
            places = torch.full((int((order >= 0).sum()),), -1)
            places[order[order >= 0]] = torch.nonzero(order >= 0).reshape(-1)
            self._order = places  # the token of each cell
        self._tiles: Array | None = None
        slices = slices_of(tap.layout, tap.shape) if tap.layout is Layout.NCDHW else None
        if slices is not None:
            self._tiles = _tile_places(slices)

    def cells(self, values: Tensor, batch: int) -> Tensor:
        """The values without what is no cell: prefix tokens, padding. Raises ExplorerError where the shape is another one."""
        layout = self.tap.layout
        if layout is Layout.NLC:
            tokens = values.reshape(batch, -1, values.shape[-1])[:, self.tap.prefix :]
            values = tokens if self._order is None else tokens[:, self._order.to(tokens.device)]
        elif layout is Layout.NC:
            values = values.reshape(batch, -1)
        channel = -1 if layout in (Layout.NHWC, Layout.NLC) else 1
        if len(values) != batch or values.shape[channel] != self.channels or values.numel() == 0:
            raise ExplorerError(f"The layer {self.tap.name} has another shape in a batch.", f"{tuple(values.shape)}")
        return values.float()

    def maxima(self, cells: Tensor) -> Tensor:
        """(batch, channels); NaN where a cell is NaN."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return cells
        return cells.amax(1) if layout is Layout.NLC else cells.amax(_SPOTS[layout])

    def means(self, cells: Tensor) -> Tensor:
        """(batch, channels): pooled features."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return cells
        return cells.mean(1) if layout is Layout.NLC else cells.mean(_SPOTS[layout])

    def places(self, cells: Tensor, pictures: Tensor, channels: Tensor) -> Tensor:
        """(n,) int64: of some (picture, channel) the first of the largest cells, row by row in the grid."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return torch.zeros_like(pictures)
        size = cells[0].numel() // self.channels
        step = max(_CHUNK // size, 1)
        parts = []
        for n in range(0, len(pictures), step):
            b, c = pictures[n : n + step], channels[n : n + step]
            maps = (
                cells[b, :, :, c] if layout is Layout.NHWC else cells[b, :, c] if layout is Layout.NLC else cells[b, c]
            )
            parts.append(maps.reshape(len(b), size).argmax(1))
        found = torch.cat(parts) if parts else pictures.new_zeros(0)
        return found if self._tiles is None else torch.from_numpy(self._tiles)[found.cpu()]


def _tile_places(slices: Slices) -> Array:
    """Of every cell of a volume its place in the map in which the slices stand side by side."""
    numbers = np.arange(slices.count * slices.height * slices.width)
    tiled = slices.tiled(numbers.reshape(1, slices.count, slices.height, slices.width)).reshape(-1)
    places = np.empty(len(numbers), np.int64)
    places[tiled] = numbers
    return places


@dataclass(frozen=True, slots=True, eq=False)
class BatchValues:
    """What a forward gives: the maxima (batch, channels) float32, who may be among the best (`pictures`: places in the batch),
    pooled features (batch, channels of the tap) by the number of the tap."""

    maxima: Array
    candidates: Candidates
    features: dict[int, Array]


@dataclass(slots=True, eq=False)
class ChannelReader:
    """A network with the taps that are indexed. `batches` False: it takes one input at a time, or a batch changes what it gives."""

    module: nn.Module
    device: str
    plan: CapturePlan
    taps: Sequence[Tap]
    features: frozenset[int] = frozenset()  # numbers of taps
    batches: bool = True
    cells: list[TapCells] = field(init=False)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = [TapCells(tap) for tap in self.taps]
        self.starts = np.cumsum([0, *(each.channels for each in self.cells)]).tolist()

    @property
    def channels(self) -> int:
        return self.starts[-1]

    def read(
        self, x: Tensor, count: int, floor: Tensor, ties: bool = False, cancelled: Cancelled = never
    ) -> BatchValues:
        """Of inputs (batch, …), of which the first `count` are meant. `floor`: (channels,) on the device; `ties`: also what is at it.

        Raises ExplorerError and CancelledError.
        """
        x = x.to(self.device)
        x = x.to(input_dtype(self.module)) if x.is_floating_point() else x
        maxima = torch.empty(len(x), self.channels, device=self.device)
        found: list[tuple[Tensor, Tensor, Tensor]] = []
        features: dict[int, Tensor] = {n: torch.empty(len(x), self.cells[n].channels) for n in self.features}
        size = len(x) if self.batches else 1
        for begun in range(0, len(x) if self.batches else count, max(size, 1)):
            self._forward(x[begun : begun + size], begun, count, floor, ties, maxima, found, features, cancelled)
        maxima_seen = maxima[:count].cpu().numpy()
        rows, pictures, cells = (
            torch.cat([each[n] for each in found]).cpu().numpy() if found else np.empty(0, np.int64) for n in range(3)
        )
        values = maxima_seen[pictures, rows]
        good = np.isfinite(values)
        candidates = Candidates(rows[good], values[good], cells[good].astype(np.int32), pictures[good])
        return BatchValues(maxima_seen, candidates, {n: each[:count].numpy() for n, each in features.items()})

    def _forward(
        self,
        x: Tensor,
        begun: int,
        count: int,
        floor: Tensor,
        ties: bool,
        maxima: Tensor,
        found: list[tuple[Tensor, Tensor, Tensor]],
        features: dict[int, Tensor],
        cancelled: Cancelled,
    ) -> None:
        by_path: dict[str, dict[int, list[int]]] = {}
        for number, tap in enumerate(self.taps):
            by_path.setdefault(tap.path, {}).setdefault(tap.call, []).append(number)
        taken: set[int] = set()
        good = min(len(x), count - begun)  # the rest fills the batch up

        def take(number: int, output: Any) -> None:
            each, start = self.cells[number], self.starts[number]
            held = each.cells(tensors_of(output)[self.taps[number].key].detach(), len(x))
            best = each.maxima(held)
            maxima[begun : begun + len(x), start : start + each.channels] = best
            least = floor[start : start + each.channels]
            picture, channel = torch.nonzero((best >= least if ties else best > least)[:good], as_tuple=True)
            if len(picture):
                places = each.places(held, picture, channel).to(picture.device)
                found.append((channel + start, picture + begun, places))
            if number in features:
                features[number][begun : begun + len(x)] = each.means(held).cpu()
            taken.add(number)

        handles: list[Any] = []
        with quiet(self.module), hooked(handles), explained(lambda: "its forward", self.module, x):
            for path, wanted in by_path.items():
                order = [call for each, call in self.plan.calls if each == path]
                hook = _taker(order, wanted, take, cancelled)
                handles.append(nn.Module.register_forward_hook(self.module.get_submodule(path), hook))
            self.module(x)
        if missing := [tap.name for number, tap in enumerate(self.taps) if number not in taken]:
            raise ExplorerError(f"{missing[0]} gave no values.", "The network took another path than before.")


def _taker(
    order: Sequence[int], wanted: dict[int, list[int]], take: Callable[[int, Any], None], cancelled: Cancelled
) -> Callable[..., None]:
    """A hook that takes what is wanted of the calls of a module, which return in this order."""
    calls = iter(order)

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        if cancelled():
            raise CancelledError
        for number in wanted.get(next(calls, -1), ()):
            take(number, output)

    return after
