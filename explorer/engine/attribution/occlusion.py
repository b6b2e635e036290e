"""Attribution by covering a part of the input and looking at what the target loses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.attribution import TIME_OCCLUSION, Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.sound_grid import SoundGrid, Span
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.batches import Batches, values_of
from explorer.engine.attribution.gradients import Steps, as_map
from explorer.engine.attribution.planes import as_planes
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
        raise ExplorerError(tr("Occlusion needs a picture."), tr("This input has {dim} dimensions.", dim=x.dim()))
    size = (int(x.shape[2]), int(x.shape[3]))
    window, stride = _window(size, settings)
    rows, columns = (
        tuple((at * stride, at * stride + window) for at in range(_positions(side, window, stride))) for side in size
    )
    return _covered("occlusion", (rows, columns), module, x, target, plan, settings, cancelled)


def time_occlusion(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Steps:
    """`occlusion` of a sound: windows of milliseconds, of a spectrogram also of Hz (`band_hz`, every half of it), (1, bands, T)."""
    grid = settings.sound
    if grid is None:
        raise ExplorerError(tr("Occlusion in time needs a sound."), "", tr("Choose occlusion."))
    window, stride = settings.window_ms, settings.stride_ms
    if not 0 < stride <= window or settings.band_hz < 0:
        why = tr(
            "The window must be more than 0 ms, the stride more than 0 ms and at most the window, the band 0 Hz or more."
        )
        raise ExplorerError(
            tr("A window of {window:g} ms with a stride of {stride:g} ms does not fit.", window=window, stride=stride),
            why,
        )
    if settings.band_hz and not grid.bands:
        raise ExplorerError(tr("A waveform has no bands to cover."), "", tr("Set the band to 0."))
    count = int(as_planes(x, grid).shape[-1])
    spans = grid.heights(settings.band_hz, settings.band_hz / 2), grid.times(count, window, stride)
    return _covered(TIME_OCCLUSION, spans, module, x, target, plan, settings, cancelled)


def _covered(
    name: str,
    spans: tuple[tuple[Span, ...], tuple[Span, ...]],
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled,
) -> Steps:
    """Covers every pair of a span of rows and one of columns."""
    rows, columns = spans
    planes = as_planes(x, settings.sound)
    size = (int(planes.shape[2]), int(planes.shape[3]))
    value, cover = values_of(module, x, target, plan, cancelled), baseline(x, settings)
    ground = as_map(cover, settings.sound) if settings.sound is not None else None
    batches = Batches(module, target, plan, settings.batch, cancelled)
    loss = np.zeros((len(rows), len(columns)))  # of each position, or of one standing for it
    order, done = coarse_to_fine(*loss.shape), 0
    while chunk := list(islice(order, batches.size)):
        covered = torch.cat([_cover(x, cover, rows[y], columns[x_], settings.sound) for y, x_, _ in chunk])
        for (y, x_, reach), now in zip(chunk, batches.values(covered).tolist(), strict=True):
            loss[y : y + reach, x_ : x_ + reach] = value - now
        done += len(chunk)
        values = _spread(loss, size, spans)
        result = Attribution(name, target, settings, values, value, fraction=done / loss.size, ground=ground)
        if done < loss.size:
            yield result
    return result


def _window(size: tuple[int, int], settings: AttributionSettings) -> tuple[int, int]:
    """(side, stride) in input pixels; the stride at most the side, so that nothing stays uncovered."""
    shorter = min(size)
    window = settings.window or max(1, round(_WINDOW * shorter))
    stride = settings.stride or min(window, max(1, round(_STRIDE * shorter)))
    if not (1 <= window <= shorter and 1 <= stride <= window):
        why = tr("The window must be 1 to {shorter} pixels, the stride 1 to the window's side.", shorter=shorter)
        raise ExplorerError(
            tr("A window of {window} with a stride of {stride} does not fit.", window=window, stride=stride), why
        )
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


def _cover(x: Tensor, cover: Tensor, rows: Span, columns: Span, grid: SoundGrid | None) -> Tensor:
    covered = x.clone()
    area = (..., slice(*rows), slice(*columns))
    as_planes(covered, grid)[area] = as_planes(cover, grid)[area]
    return covered


def _spread(loss: Array, size: tuple[int, int], spans: tuple[tuple[Span, ...], tuple[Span, ...]]) -> Array:
    """(1, H, W): the mean loss over the windows that cover each pixel, by sums over rows and then columns; 0 where none does."""
    total, count = loss, np.ones_like(loss)
    for axis in (0, 1):
        total, count = (_along(np.moveaxis(a, axis, 0), size[axis], spans[axis], axis) for a in (total, count))
    values: Array = (total / np.maximum(count, 1)).astype(np.float32)[None]
    values.flags.writeable = False
    return values


def _along(array: Array, side: int, spans: tuple[Span, ...], axis: int) -> Array:
    out = np.zeros((side, array.shape[1]))
    for (first, end), row in zip(spans, array, strict=True):
        out[first:end] += row
    return np.moveaxis(out, 0, axis)
