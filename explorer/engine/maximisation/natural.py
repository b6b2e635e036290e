"""How strongly a maximised picture excites its target, beside the best of natural pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.maximisation import Maximised
from explorer.core.models import of_pictures
from explorer.core.translation import tr
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import CapturePlan, capture, discover
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.maximisation.aim import cells
from explorer.engine.maximisation.prepare import Normaliser, device_of
from explorer.engine.models.base import LoadedModel


@dataclass(frozen=True, slots=True)
class Beside:
    """Mean activations (over the cells) of one channel."""

    maximised: float
    best: float  # of the natural pictures
    index: int  # which of them

    @property
    def ratio(self) -> float:
        """maximised / best; NaN where no natural picture excites the channel."""
        return self.maximised / self.best if self.best > 0 else float("nan")


def channel_means(loaded: LoadedModel, tap: str, pictures: Sequence[Picture], cancelled: Cancelled = never) -> Array:
    """(pictures, C) float32: the mean over the cells of every channel of a tap, each picture through the preprocessing.

    Prefix and padding tokens do not count. The forwards stop at the tap.
    """
    pre, device, dtype = of_pictures(loaded.card.preprocess), device_of(loaded), input_dtype(loaded.module)
    inputs = (to_tensor(picture, pre).to(device, dtype) for picture in pictures)
    return _means(loaded, tap, inputs, cancelled)


def beside_natural(loaded: LoadedModel, made: Maximised, means: Array, cancelled: Cancelled = never) -> Beside:
    """A finished picture of one channel against natural ones, whose `channel_means` of that tap are given.

    Of a batch the first picture counts. Raises ExplorerError where the objective is no single channel.
    """
    if not made.objective.tap or len(made.objective.channels) != 1:
        raise ExplorerError(tr("Only a channel of a layer can be compared with natural pictures."))
    if not len(means):
        raise ExplorerError(tr("There are no natural pictures to compare with."), "", tr("Open a folder of pictures."))
    channel = made.objective.channels[0]
    shown = torch.tensor(made.pictures[:1], device=device_of(loaded)).permute(0, 3, 1, 2).float() / 255
    own = _means(loaded, made.objective.tap, [Normaliser(loaded)(shown)], cancelled)
    best = int(np.argmax(means[:, channel]))
    return Beside(float(own[0, channel]), float(means[best, channel]), best)


def _means(loaded: LoadedModel, name: str, inputs: Iterable[Tensor], cancelled: Cancelled) -> Array:
    plan: CapturePlan | None = None
    rows: list[Array] = []
    for x in inputs:
        if plan is None:
            plan = discover(loaded.module, x.clone(), cancelled).plan
        rows.append(means_at(loaded.module, x, plan, name, cancelled))
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def means_at(module: nn.Module, x: Tensor, plan: CapturePlan, name: str, cancelled: Cancelled = never) -> Array:
    """(C,) float32: the mean over the cells of every channel of a tap for one input (1, C, H, W) of the plan's size."""
    if cancelled():
        raise CancelledError
    seen = capture(module, x, plan, [name], cancelled=cancelled)
    tap = next(tap for tap in seen.plan.taps if tap.name == name)
    found: Array = cells(seen.tensors[name].float(), tap)[0].mean(1).cpu().numpy()
    return found
