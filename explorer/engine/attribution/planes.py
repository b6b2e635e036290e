"""Tensors of pictures and sounds as planes (N, C, H, W): of a sound H are its bands, lowest first, and W its places in time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.sound_grid import SoundGrid
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import sound_from_array
from explorer.core.translation import tr
from explorer.engine.sound.sound_tensor import prepared_sound


def as_planes(x: Tensor, grid: SoundGrid | None) -> Tensor:
    """A view (N, C, H, W) of an input or of its gradient; a picture (`grid` None) as it is.

    Raises ExplorerError for a tensor that is not laid out as its preprocessing says.
    """
    if grid is None:
        return x
    dims = {"NT": 2, "NCT": 3, "NTC": 3, "NCHW": 4}[grid.layout]
    if x.dim() != dims:
        raise ExplorerError(
            tr(
                "A sound laid out {layout} has {dims} dimensions, not {dim}.",
                layout=grid.layout,
                dims=dims,
                dim=x.dim(),
            )
        )
    if grid.layout == "NT":
        return x[:, None, None]
    if grid.layout == "NTC":
        return x.transpose(1, 2)[:, None]
    if grid.layout == "NCT":
        return x[:, None] if grid.bands else x[:, :, None]
    return x


@lru_cache(maxsize=16)
def grid_of(pre: AnyPreprocess) -> SoundGrid | None:
    """The grid of the tensors that a preprocessing makes; None of pictures and texts. Silence is what it makes of zeros."""
    if not isinstance(pre, SoundPreprocess):
        return None
    fixed = pre.features in ("whisper", "ast")
    short = pre if fixed else replace(pre, seconds=min(pre.seconds or 1.0, 1.0))
    zeros = np.zeros((pre.channels, short.taken or pre.hertz), np.float32)
    made = prepared_sound(sound_from_array(zeros, pre.hertz, InputRef("sound", "silence")), short)
    bands = made.bands
    middles = () if bands is None else tuple(bands.at(i) for i in range(bands.count))
    grid = SoundGrid(pre.layout, middles, made.time.step * 1000)
    planes = as_planes(made.values, grid)
    return replace(grid, silence=tuple(planes[0, 0, :, planes.shape[-1] // 2].tolist()))
