"""One forward a batch, from which the pooled features of all layers are taken at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import CapturePlan, discover, explained, hooked, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.probe.pooling import PooledColumns, columns_of, pixel_columns, pixels_of, pooled

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
        x = x.to(self.device, input_dtype(self.module))
        parts = [x] if self.batches else [x[i : i + 1] for i in range(len(x))]
        return torch.cat([self._rows(part, cancelled) for part in parts]).cpu().numpy()

    def _rows(self, x: Tensor, cancelled: Cancelled) -> Tensor:
        count = len(x)
        pixels = pixels_of(x)  # before the network may write into its input
        taken: dict[str, Tensor] = {}
        handles: list[Any] = []
        by_path: dict[str, list[Tap]] = {}
        names = {columns.name for columns in self.columns}
        for tap in self.plan.taps:
            if tap.name in names:
                by_path.setdefault(tap.path, []).append(tap)
        with quiet(self.module), hooked(handles), explained(lambda: "its forward", self.module, x):
            for path, taps in by_path.items():
                hook = _taker(taps, [call for each, call in self.plan.calls if each == path], count, taken, cancelled)
                handles.append(nn.Module.register_forward_hook(self.module.get_submodule(path), hook))
            self.module(x)
        missing = [columns.name for columns in self.columns[:-1] if columns.name not in taken]
        if missing:
            raise ExplorerError(
                f"{missing[0]} gave no values for a batch.", "The network took another path than before."
            )
        rows = torch.cat([*(taken[columns.name] for columns in self.columns[:-1]), pixels], 1)
        if rows.shape != (count, self.width):
            raise ExplorerError("The layers have other shapes in a batch.", "")
        return rows


def _taker(
    taps: Sequence[Tap], order: Sequence[int], count: int, taken: dict[str, Tensor], cancelled: Cancelled
) -> Callable[..., None]:
    """A hook that pools at once: a later operation may write over the output."""
    calls = iter(order)

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        if cancelled():
            raise CancelledError
        call = next(calls, -1)
        for tap in taps:
            if tap.call == call:
                taken[tap.name] = pooled(tensors_of(output)[tap.key], tap, count)

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
        raise ExplorerError("No layer of this model has features.", left_out[0][1] if left_out else "")
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
