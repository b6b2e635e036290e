"""One forward a batch, from which the pooled features of all layers are taken at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import CapturePlan, discover, explained, hooked, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.probe.pooling import PooledColumns, columns_of, pixel_columns, pixels_of, pool_into, pooled

_SAME = 1e-3  # of a layer's largest feature: how far a picture alone and in a batch may differ


@dataclass(frozen=True, slots=True, eq=False)
class PictureReader:
    """A network with the layers whose features are taken."""

    module: nn.Module
    device: str
    plan: CapturePlan
    columns: tuple[PooledColumns, ...]  # the last ones are the pixels'
    left_out: tuple[tuple[str, str], ...]
    size: torch.Size  # of an input, without the batch
    batches: bool = True  # False: it takes one picture at a time, or a batch changes what it gives

    @property
    def width(self) -> int:
        return self.columns[-1].end

    def rows(self, x: Tensor, cancelled: Cancelled = never) -> Array:
        """(batch, features) float32 of inputs (batch, C, H, W). Raises ExplorerError and CancelledError."""
        rows = torch.empty(len(x), self.width, device=self.device)
        x = x.to(self.device, input_dtype(self.module))
        size = len(x) if self.batches else 1
        for begun in range(0, len(x), max(size, 1)):
            self._fill(rows[begun : begun + size], x[begun : begun + size], cancelled)
        return rows.cpu().numpy()

    def _fill(self, rows: Tensor, x: Tensor, cancelled: Cancelled) -> None:
        last = self.columns[-1]
        rows[:, last.start : last.end] = pixels_of(x)  # before the network may write into its input
        places = {columns.name: rows[:, columns.start : columns.end] for columns in self.columns[:-1]}
        taken: set[str] = set()
        handles: list[Any] = []
        by_path: dict[str, list[Tap]] = {}
        for tap in self.plan.taps:
            if tap.name in places:
                by_path.setdefault(tap.path, []).append(tap)
        with quiet(self.module), hooked(handles), explained(lambda: tr("its forward"), self.module, x):
            for path, taps in by_path.items():
                hook = _taker(taps, [call for each, call in self.plan.calls if each == path], places, taken, cancelled)
                handles.append(nn.Module.register_forward_hook(self.module.get_submodule(path), hook))
            self.module(x)
        missing = [name for name in places if name not in taken]
        if missing:
            raise ExplorerError(
                tr("{missing} gave no values for a batch.", missing=missing[0]),
                tr("The network took another path than before."),
            )


def _taker(
    taps: Sequence[Tap], order: Sequence[int], places: Mapping[str, Tensor], taken: set[str], cancelled: Cancelled
) -> Callable[..., None]:
    """A hook that pools at once, into the places of the layers: a later operation may write over the output."""
    calls = iter(order)

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        if cancelled():
            raise CancelledError
        call = next(calls, -1)
        for tap in taps:
            if tap.call == call:
                pool_into(places[tap.name], tensors_of(output)[tap.key], tap)
                taken.add(tap.name)

    return after


def reader_of(
    module: nn.Module, device: str, x: Tensor, chief: bool = False, cancelled: Cancelled = never
) -> tuple[PictureReader, Array]:
    """(the reader, features of x), from one watched forward of one picture x (1, C, H, W). `chief`: without the layers in between."""
    x = x.to(device, input_dtype(module))
    seen = discover(module, x.clone(), cancelled)
    columns, left_out = columns_of(seen.plan.taps, chief)
    by_name = {tap.name: tap for tap in seen.plan.taps}
    first = [pooled(seen.tensors[each.name], by_name[each.name], 1) for each in columns]
    last = pixel_columns(columns[-1].end if columns else 0, x.shape[1])
    if not columns:
        raise ExplorerError(tr("No layer of this model has features."), left_out[0][1] if left_out else "")
    row = torch.cat([*first, pixels_of(x)], 1).cpu().numpy()
    return PictureReader(module, device, seen.plan, (*columns, last), left_out, x.shape[1:]), row


def agrees(reader: PictureReader, alone: Array, together: Array) -> bool:
    """Whether a picture has the same features alone and in a batch, up to rounding."""
    alone, together = np.nan_to_num(alone), np.nan_to_num(together)
    for columns in reader.columns:
        a, b = alone[columns.start : columns.end], together[columns.start : columns.end]
        if not bool((abs(a - b) <= _SAME * max(float(abs(a).max()), 1e-6)).all()):
            return False
    return True
