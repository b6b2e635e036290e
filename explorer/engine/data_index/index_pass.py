"""One forward of a batch: the maximum of every channel, and the cell of those that may be among the best.

Reduced in the hooks, before a later operation may write over the output: first the maxima alone, then places for what is above the
floor, which are few (four times cheaper than maxima with places).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import extent
from explorer.core.slices import Slices, slices_of
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input, input_dtype
from explorer.engine.capture.forward import CapturePlan, discover, explained, hooked, quiet
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
        if values.shape[0] != batch or values.shape[channel] != self.channels or values.numel() == 0:
            raise ExplorerError(
                tr("The layer {tap} has another shape in a batch.", tap=self.tap.name), f"{tuple(values.shape)}"
            )
        return values.float()

    def maxima(self, cells: Tensor) -> Tensor:
        """(batch, channels), a tensor of its own; NaN where a cell is NaN."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return cells.clone()  # a later operation may write over it
        return cells.amax(1) if layout is Layout.NLC else cells.amax(_SPOTS[layout])

    def means(self, cells: Tensor) -> Tensor:
        """(batch, channels), a tensor of its own: pooled features."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return cells.clone()
        return cells.mean(1) if layout is Layout.NLC else cells.mean(_SPOTS[layout])

    def vectors(self, cells: Tensor) -> Tensor:
        """(batch, places, channels), a tensor of its own: of every cell its values, row by row in the grid."""
        batch, layout = cells.shape[0], self.tap.layout
        if layout in (Layout.NLC, Layout.NHWC):
            return cells.reshape(batch, -1, self.channels).clone()
        flat = cells.reshape(batch, self.channels, -1).transpose(1, 2)
        if self._tiles is None:
            return flat.clone(
                memory_format=torch.contiguous_format
            )  # of channels-last maps `contiguous` copies nothing
        found = flat.new_zeros(batch, prod(extent(self.tap)), self.channels)  # no slice stands in some places
        found[:, torch.from_numpy(self._tiles).to(flat.device)] = flat
        return found

    def places(self, cells: Tensor, pictures: Tensor, channels: Tensor) -> Tensor:
        """(n,) int64: of some (picture, channel) the first of the largest cells, row by row in the grid."""
        layout = self.tap.layout
        if layout is Layout.NC:
            return torch.zeros_like(pictures)
        size = cells[0].numel() // self.channels
        step, count = max(_CHUNK // size, 1), pictures.shape[0]
        parts = []
        for n in range(0, count, step):
            parts.append(_first_largest(self._maps(cells, pictures[n : n + step], channels[n : n + step], size)))
        found = torch.cat(parts) if parts else pictures.new_zeros(0)
        return found if self._tiles is None else torch.from_numpy(self._tiles)[found.cpu()]

    def _maps(self, cells: Tensor, pictures: Tensor, channels: Tensor, size: int) -> Tensor:
        """(n, cells of a map): copies of some maps."""
        layout = self.tap.layout
        if layout is Layout.NHWC:
            return cells[pictures, :, :, channels].reshape(-1, size)
        if layout is Layout.NLC:
            return cells[pictures, :, channels].reshape(-1, size)
        if cells.is_contiguous():  # rows in one piece are copied as such
            return cells.view(-1, size).index_select(0, pictures * self.channels + channels)
        return cells[pictures, channels].reshape(-1, size)


def _first_largest(maps: Tensor) -> Tensor:
    """(n,) int64: the first place of the largest of each row. On a processor by numpy, whose argmax is the quicker one."""
    if maps.device.type != "cpu" or maps.dtype is not torch.float32:
        return maps.argmax(1)
    return torch.from_numpy(maps.numpy().argmax(1).astype(np.int64, copy=False))


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
    pooled features (batch, channels of the tap) and vectors of cells (batch, cells, channels) by the number of the tap."""

    maxima: Array
    candidates: Candidates
    features: dict[int, Array]
    vectors: dict[int, Array] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ChannelReader:
    """A network with the taps that are indexed. `batches` False: it takes one input at a time, or a batch changes what it gives."""

    module: nn.Module
    device: str
    plan: CapturePlan
    taps: Sequence[Tap]
    features: frozenset[int] = frozenset()  # numbers of taps
    batches: bool = True
    vectors: frozenset[int] = frozenset()  # numbers of taps of which every cell is read
    cells: list[TapCells] = field(init=False)
    starts: list[int] = field(init=False)
    _by_path: dict[str, dict[int, list[int]]] = field(init=False)  # numbers of taps by module and call
    _calls: dict[str, list[int]] = field(init=False)  # of each of these modules, in the order in which they return

    def __post_init__(self) -> None:
        self.cells = [TapCells(tap) for tap in self.taps]
        self.starts = np.cumsum([0, *(each.channels for each in self.cells)]).tolist()
        self._by_path = {}
        for number, tap in enumerate(self.taps):
            self._by_path.setdefault(tap.path, {}).setdefault(tap.call, []).append(number)
        self._calls = {path: [] for path in self._by_path}
        for path, call in self.plan.calls:
            if path in self._calls:
                self._calls[path].append(call)

    @property
    def channels(self) -> int:
        return self.starts[-1]

    def read(
        self, x: Tensor, count: int, floor: Tensor, ties: bool = False, cancelled: Cancelled = never
    ) -> BatchValues:
        """Of inputs (batch, …), of which the first `count` are meant. `floor`: (channels,), on any device; `ties`: also what is at it.

        Raises ExplorerError and CancelledError.
        """
        x, floor = x.to(self.device), floor.to(self.device)
        x = x.to(input_dtype(self.module)) if x.is_floating_point() else x
        found = _Found({number: [] for number in self.features}, {number: [] for number in self.vectors})
        whole, size = x.shape[0], x.shape[0] if self.batches else 1
        for begun in range(0, whole if self.batches else count, max(size, 1)):
            good = min(size, count - begun)  # the rest fills the batch up
            self._forward(x[begun : begun + size], begun, good, floor, ties, found, cancelled)
        maxima = torch.cat(found.maxima)[:count].cpu().numpy()
        candidates = found.candidates(maxima)
        features, vectors = (
            {number: torch.cat(parts)[:count].numpy() for number, parts in held.items()}
            for held in (found.features, found.vectors)
        )
        return BatchValues(maxima, candidates, features, vectors)

    def _forward(
        self, x: Tensor, begun: int, good: int, floor: Tensor, ties: bool, found: _Found, cancelled: Cancelled
    ) -> None:
        maxima: dict[int, Tensor] = {}
        batch = x.shape[0]

        def take(number: int, output: Any) -> None:
            each, start = self.cells[number], self.starts[number]
            given = output if isinstance(output, Tensor) else tensors_of(output)[self.taps[number].key]
            held = each.cells(given.detach(), batch)
            maxima[number] = best = each.maxima(held)
            least = floor[start : start + each.channels]
            enters = torch.nonzero((best >= least if ties else best > least)[:good])
            if enters.shape[0]:
                picture, channel = enters.unbind(1)
                found.add(channel + start, picture + begun, each.places(held, picture, channel))
            if number in found.features:
                found.features[number].append(each.means(held).cpu())
            if number in found.vectors:
                found.vectors[number].append(each.vectors(held).cpu())

        handles: list[Any] = []
        with quiet(self.module), hooked(handles), explained(lambda: tr("its forward"), self.module, x):
            for path, wanted in self._by_path.items():
                hook = _taker(self._calls[path], wanted, take, cancelled)
                handles.append(nn.Module.register_forward_hook(self.module.get_submodule(path), hook))
            self.module(x)
        if missing := [tap.name for number, tap in enumerate(self.taps) if number not in maxima]:
            raise ExplorerError(
                tr("{missing} gave no values.", missing=missing[0]), tr("The network took another path than before.")
            )
        found.maxima.append(torch.cat([maxima[number] for number in range(len(self.taps))], 1))


def channel_reader(
    module: nn.Module,
    device: str,
    example: Tensor,
    names: Sequence[str],
    features: frozenset[int] = frozenset(),
    batches: bool = True,
    cancelled: Cancelled = never,
    vectors: frozenset[int] = frozenset(),
) -> ChannelReader:
    """Reads the taps of these names, after one watched forward of an input (1, …). `features`, `vectors`: places in `names`.

    Raises ExplorerError where the network has none of such a name, and CancelledError.
    """
    plan = discover(module, as_input(example, module, device).clone(), cancelled).plan
    by_name = {tap.name: tap for tap in plan.taps if tap.observable}
    if missing := [name for name in names if name not in by_name]:
        raise ExplorerError(tr("The model has no layer {missing}.", missing=missing[0]), "", tr("Make the index anew."))
    return ChannelReader(module, device, plan, [by_name[name] for name in names], features, batches, vectors)


@dataclass(slots=True, eq=False)
class _Found:
    """What the forwards of a batch gave so far."""

    features: dict[int, list[Tensor]]
    vectors: dict[int, list[Tensor]]
    maxima: list[Tensor] = field(default_factory=list)
    rows: list[Tensor] = field(default_factory=list)
    pictures: list[Tensor] = field(default_factory=list)
    cells: list[Tensor] = field(default_factory=list)

    def add(self, rows: Tensor, pictures: Tensor, cells: Tensor) -> None:
        self.rows.append(rows)
        self.pictures.append(pictures)
        self.cells.append(cells)

    def candidates(self, maxima: Array) -> Candidates:
        """Those with a finite value."""
        rows, pictures, cells = (
            torch.cat([each.cpu() for each in parts]).numpy() if parts else np.empty(0, np.int64)
            for parts in (self.rows, self.pictures, self.cells)
        )
        values = maxima[pictures, rows]
        good = np.isfinite(values)
        if not good.all():
            rows, values, cells, pictures = rows[good], values[good], cells[good], pictures[good]
        return Candidates(rows, values, cells.astype(np.int32), pictures)


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
