"""Deletion and insertion: does the target follow the pixels that an attribution calls important? Petsiuk, Das, Saenko 2018."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.attribution import Attribution, Curve
from explorer.core.errors import ExplorerError
from explorer.core.render.overlay import combine
from explorer.core.sound_grid import SoundGrid
from explorer.core.translation import tr
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.batches import Batches
from explorer.engine.attribution.planes import as_planes
from explorer.engine.attribution.stateless import require_stateless
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never

Kind = Literal["deletion", "insertion"]


def curve(
    kind: Kind,
    attribution: Attribution,
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    steps: int = 32,
    cancelled: Cancelled = never,
) -> Generator[Curve, None, Curve]:
    """Changes the pixels of x (1, C, H, W), or the cells of a spectrogram, in `steps` equal parts, the
    largest attribution (summed over channels) first.

    "deletion": pixels of the picture become the attribution's baseline; "insertion": pixels of the blurred picture become those of
    the picture; a spectrogram begins from the baseline instead. Equal pixels go row by row. Yields the curve so far after each
    batch of forwards. Raises ExplorerError for a waveform.
    """
    grid = attribution.settings.sound
    why = no_curves(grid)
    if why or as_planes(x, grid).dim() != 4 or steps < 1:
        raise ExplorerError(tr("These curves need a picture or a spectrogram, and at least one step."), why)
    require_stateless(plan)
    start, end = _ends(kind, attribution, x)
    order = np.argsort(-combine(attribution.values, signed=True).reshape(-1), kind="stable")
    ends = [round(i * order.size / steps) for i in range(steps + 1)]
    batches = Batches(module, attribution.target, plan, attribution.settings.batch, cancelled, probability=True)
    scores: list[float] = []
    while len(scores) < len(ends):
        part = ends[len(scores) : len(scores) + batches.size]
        mixed = torch.cat([_mixed(start, end, order[:count], grid) for count in part])
        scores += batches.values(mixed).tolist()
        shares = np.array(ends[: len(scores)]) / order.size
        found = Curve(kind, shares, np.array(scores), area(shares, np.array(scores)), len(scores) / len(ends))
        if len(scores) < len(ends):
            yield found
    return found


def no_curves(grid: SoundGrid | None) -> str:
    """Why there is no deletion and insertion of such an input; "" where there is."""
    if grid is None or grid.bands:
        return ""
    return tr(
        "There is no deletion or insertion of a waveform: samples that are set one by one are clicks at all frequencies, and the "
        "network would answer those. Occlusion in time covers whole windows."
    )


def _ends(kind: Kind, attribution: Attribution, x: Tensor) -> tuple[Tensor, Tensor]:
    settings = attribution.settings
    if kind == "deletion":
        return x, baseline(x, settings)
    return baseline(x, replace(settings, baseline="blur") if settings.sound is None else settings), x


def _mixed(start: Tensor, end: Tensor, pixels: Array, grid: SoundGrid | None) -> Tensor:
    mixed = start.clone()
    into, of = as_planes(mixed, grid), as_planes(end, grid)
    at = torch.from_numpy(pixels).to(start.device)
    rows, columns = at // into.shape[-1], at % into.shape[-1]
    into[:, :, rows, columns] = of[:, :, rows, columns]
    return mixed


def area(shares: Array, scores: Array) -> float:
    """The mean height under the curve, by trapezoids; of a single point its height."""
    if len(shares) < 2:
        return float(scores[0])
    return float(np.sum((scores[1:] + scores[:-1]) / 2 * np.diff(shares)) / (shares[-1] - shares[0]))
