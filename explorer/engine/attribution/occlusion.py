"""Attribution by covering a part of the picture and looking at what the target loses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.attribution import Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.batches import Batches, values_of
from explorer.engine.attribution.gradients import Steps
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never

_WINDOW, _STRIDE = 15 / 224, 8 / 224  # of the shorter side


def occlusion(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Steps:
    """What the target loses when a window is replaced by the baseline in all channels, (1, H, W): Zeiler and Fergus 2014.

    A pixel has the mean over the windows that cover it; windows at the lower and right edge reach past it. Needs no gradient.
    Yields coarse to fine: positions far apart first, each standing for its neighbours until they are known.
    """
    if x.dim() != 4:
        raise ExplorerError("Occlusion needs a picture.", f"This input has {x.dim()} dimensions.")
    size = (int(x.shape[2]), int(x.shape[3]))
    window, stride = _window(size, settings)
    value, cover = values_of(module, x, target, plan, cancelled), baseline(x, settings)
    batches = Batches(module, target, plan, settings.batch, cancelled)
    loss = np.zeros([_positions(side, window, stride) for side in size])  # of each position, or of one standing for it
    order, done = coarse_to_fine(*loss.shape), 0
    while chunk := list(islice(order, batches.size)):
        covered = torch.cat([_cover(x, cover, y * stride, x_ * stride, window) for y, x_, _ in chunk])
        for (y, x_, reach), now in zip(chunk, batches.values(covered).tolist(), strict=True):
            loss[y : y + reach, x_ : x_ + reach] = value - now
        done += len(chunk)
        values = _spread(loss, size, window, stride)
        result = Attribution("occlusion", target, settings, values, value, fraction=done / loss.size)
        if done < loss.size:
            yield result
    return result


def _window(size: tuple[int, int], settings: AttributionSettings) -> tuple[int, int]:
    """(side, stride) in input pixels; the stride at most the side, so that nothing stays uncovered."""
    shorter = min(size)
    window = settings.window or max(1, round(_WINDOW * shorter))
    stride = settings.stride or min(window, max(1, round(_STRIDE * shorter)))
    if not (1 <= window <= shorter and 1 <= stride <= window):
        why = f"The window must be 1 to {shorter} pixels, the stride 1 to the window's side."
        raise ExplorerError(f"A window of {window} with a stride of {stride} does not fit.", why)
    return window, stride


def _positions(side: int, window: int, stride: int) -> int:
    return -(-(side - window) // stride) + 1


def coarse_to_fine(rows: int, columns: int) -> Iterator[tuple[int, int, int]]:
    """(y, x, reach) of every position once, a lattice and then its halves; it stands for reach x reach positions from it on."""
    reach = 1 << (max(rows, columns) - 1).bit_length()
    first = True
    while reach:
        for y in range(0, rows, reach):
            for x in range(0, columns, reach):
                if first or y % (2 * reach) or x % (2 * reach):
                    yield y, x, reach
        first = False
        reach //= 2


def _cover(x: Tensor, cover: Tensor, top: int, left: int, window: int) -> Tensor:
    covered = x.clone()
    area = (..., slice(top, top + window), slice(left, left + window))
    covered[area] = cover[area]
    return covered


def _spread(loss: Array, size: tuple[int, int], window: int, stride: int) -> Array:
    """(1, H, W): the mean loss over the windows that cover each pixel, by sums over rows and then columns."""
    total, count = loss, np.ones_like(loss)
    for axis in (0, 1):
        total, count = (_along(np.moveaxis(a, axis, 0), size[axis], window, stride, axis) for a in (total, count))
    values: Array = (total / count).astype(np.float32)[None]
    values.flags.writeable = False
    return values


def _along(array: Array, side: int, window: int, stride: int, axis: int) -> Array:
    out = np.zeros((side, array.shape[1]))
    for at, row in enumerate(array):
        out[at * stride : at * stride + window] += row
    return np.moveaxis(out, 0, axis)
