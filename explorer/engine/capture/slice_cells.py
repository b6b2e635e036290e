"""Clips and volumes as tensors: the cells of each channel in the order of the map that its slices make side by side."""

from __future__ import annotations

from torch import Tensor

from explorer.core.activations import Layout, Tap
from explorer.core.slices import slices_of


def by_channel(tensor: Tensor, tap: Tap) -> Tensor | None:
    """(N, C, cells) of a tap that has slices, None for any other. Maps whose first dimension is no batch are one item."""
    slices = slices_of(tap.layout, tap.shape)
    if slices is None:
        return None
    volume = tensor if tap.layout is Layout.NCDHW else tensor.movedim(0, 1).unsqueeze(0)
    rows = slices.count // slices.across
    apart = volume.reshape(*volume.shape[:2], rows, slices.across, *volume.shape[3:])
    return apart.transpose(3, 4).flatten(2)
