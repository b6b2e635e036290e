"""Sizes, plans and pictures before the first step."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.maximisation import MaximiseSettings
from explorer.core.models import Preprocess, of_pictures
from explorer.core.translation import tr
from explorer.engine.capture.describe import input_dtype
from explorer.engine.capture.forward import CapturePlan, discover
from explorer.engine.capture.output_reading import planned
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.models.base import LoadedModel


def sides(preprocess: Preprocess, size: int) -> tuple[int, int]:
    """(height, width) of a picture whose shorter side has `size` px, in the proportions of the model's input."""
    height, width = preprocess.height, preprocess.width
    if not size:
        return height, width
    return max(1, round(size * height / min(height, width))), max(1, round(size * width / min(height, width)))


def require_picture(pre: Preprocess) -> None:
    """Raises ExplorerError for an input of one row or one column: a sound is no picture to be made."""
    if min(pre.height, pre.width) == 1:
        raise ExplorerError(
            tr("Inputs of one dimension cannot be maximised yet."),
            tr(
                "This model takes {width} × {height} px, a line, and the colours, shifts and turns that "
                "are used are a picture's.",
                width=pre.width,
                height=pre.height,
            ),
            tr("Use an attribution of a given input instead."),
        )


def device_of(loaded: LoadedModel) -> torch.device:
    """Where the model's numbers are."""
    held = next(chain(loaded.module.parameters(), loaded.module.buffers()), None)
    return held.device if held is not None else torch.device("cpu")


class Normaliser:
    """(N, C, H, W) in 0..1, red, green and blue -> the model's input, in its precision and order of channels."""

    def __init__(self, loaded: LoadedModel) -> None:
        pre, device = of_pictures(loaded.card.preprocess), device_of(loaded)
        self._mean = torch.tensor(pre.means, dtype=torch.float32, device=device).view(-1, 1, 1)
        self._std = torch.tensor(pre.stds, dtype=torch.float32, device=device).view(-1, 1, 1)
        self._dtype = input_dtype(loaded.module)
        self._turned = pre.order == "bgr" and pre.channels == 3

    def __call__(self, pictures: Tensor) -> Tensor:
        pictures = pictures.flip(1) if self._turned else pictures
        return ((pictures - self._mean) / self._std).to(self._dtype)


def plan_for(loaded: LoadedModel, settings: MaximiseSettings, cancelled: Cancelled = never) -> CapturePlan:
    """What the model does with a picture of this size. Raises ExplorerError when it cannot take it."""
    pre = of_pictures(loaded.card.preprocess)
    require_picture(pre)
    height, width = sides(pre, settings.size)
    grey = torch.full((1, pre.channels, height, width), 0.5, device=device_of(loaded))
    try:
        return planned(discover(loaded.module, Normaliser(loaded)(grey), cancelled).plan, loaded.card)
    except ExplorerError as error:
        if (height, width) == (pre.height, pre.width):
            raise
        raise ExplorerError(
            tr("The model cannot take a picture of {height} × {width} px.", height=height, width=width),
            error.why or error.what,
            tr("Choose another size; its own is {height} × {width}.", height=pre.height, width=pre.width),
        ) from None


def unit_picture(start: Picture, pre: Preprocess, height: int, width: int) -> Array:
    """(C, H, W) in 0..1 of a picture, through the model's own resizing and cropping."""
    share = pre.resize / min(pre.height, pre.width)
    short = min(height, width)
    resize = max(short, round(short * share))
    plain = replace(pre, height=height, width=width, resize=resize, mean=(0.0,), std=(1.0,), order="rgb")
    plain = replace(plain, transform_input=False)
    unit: Array = to_tensor(start, plain)[0].numpy()
    return unit
