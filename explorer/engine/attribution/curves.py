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
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.batches import Batches
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
    """Changes the pixels of x (1, C, H, W) in `steps` equal parts, the largest attribution (summed over channels) first.

    "deletion": pixels of the picture become the attribution's baseline; "insertion": pixels of the blurred picture become those of
    the picture. Equal pixels go row by row. Yields the curve so far after each batch of forwards.
    """
    if x.dim() != 4 or steps < 1:
        raise ExplorerError("These curves need a picture and at least one step.")
    require_stateless(plan)
    start, end = _ends(kind, attribution, x)
    order = np.argsort(-combine(attribution.values, signed=True).reshape(-1), kind="stable")
    ends = [round(i * order.size / steps) for i in range(steps + 1)]
    batches = Batches(module, attribution.target, plan, attribution.settings.batch, cancelled, probability=True)
    scores: list[float] = []
    while len(scores) < len(ends):
        part = ends[len(scores) : len(scores) + batches.size]
        mixed = torch.cat([_mixed(start, end, order[:count]) for count in part])
        scores += batches.values(mixed).tolist()
        shares = np.array(ends[: len(scores)]) / order.size
        found = Curve(kind, shares, np.array(scores), area(shares, np.array(scores)), len(scores) / len(ends))
        if len(scores) < len(ends):
            yield found
    return found


def _ends(kind: Kind, attribution: Attribution, x: Tensor) -> tuple[Tensor, Tensor]:
    if kind == "deletion":
        return x, baseline(x, attribution.settings)
    return baseline(x, replace(attribution.settings, baseline="blur")), x


def _mixed(start: Tensor, end: Tensor, pixels: Array) -> Tensor:
    mixed = start.clone()
    at = torch.from_numpy(pixels).to(start.device)
    mixed.flatten(2)[:, :, at] = end.flatten(2)[:, :, at]
    return mixed


def area(shares: Array, scores: Array) -> float:
    """The mean height under the curve, by trapezoids; of a single point its height."""
    if len(shares) < 2:
        return float(scores[0])
    return float(np.sum((scores[1:] + scores[:-1]) / 2 * np.diff(shares)) / (shares[-1] - shares[0]))
