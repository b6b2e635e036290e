"""A tensor that a program has made itself as an input: its very numbers go into the model, pixels only draw them."""

from __future__ import annotations

import numpy as np
import torch

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.core.render.display_image import displayable
from explorer.core.translation import tr
from explorer.engine.inputs.image_arrays import check_size, digest_of

KIND = "tensor"  # InputKind.id


def picture_of_tensor(values: Array, name: str = "") -> Picture:
    """(C, H, W) numbers, finite, as an input. Drawn are the first three channels, or the first, from the least to the largest of
    all their values; the model is given the numbers as they are. Raises ExplorerError for what is no such array."""
    exact = np.ascontiguousarray(values, np.float32)
    if exact.ndim != 3 or not exact.size:
        raise ExplorerError(
            tr("A tensor of the shape {shape} is no input.", shape=tuple(values.shape)),
            tr("One input (channels, height, width) is wanted, or a batch of one."),
        )
    if not np.isfinite(exact).all():
        raise ExplorerError(tr("The tensor holds numbers that are not finite."))
    check_size(exact.shape[1], exact.shape[2], name)
    exact = exact.copy() if exact is values else exact
    exact.flags.writeable = False
    seen = exact[: 3 if len(exact) >= 3 else 1]
    low, high = float(seen.min()), float(seen.max())
    scaled = np.rint((seen.astype(np.float64) - low) * (255 / (high - low) if high > low else 0)).astype(np.uint8)
    pixels = np.ascontiguousarray(scaled.transpose(1, 2, 0))
    pixels.flags.writeable = False
    small = displayable(pixels)
    note = tr("a tensor; drawn from {low:.4g} to {high:.4g}", low=low, high=high)
    drawn = None if small is pixels else small
    return Picture(InputRef(KIND, name), pixels, digest_of(exact), name or tr("tensor"), (note,), drawn, exact)


def taking(pre: Preprocess, shape: tuple[int, int, int]) -> Preprocess:
    """The same preparation for tensors (C, H, W): places of the picture are places of the tensor."""
    return Preprocess(
        height=shape[1],
        width=shape[2],
        fit="stretch",
        resize=min(shape[1:]),
        mean=pre.mean,
        std=pre.std,
        channels=shape[0],
        order=pre.order,
    )


def tensor_of(exact: Array, pre: Preprocess) -> torch.Tensor:
    """(1, C, H, W) float32: a copy. Raises ExplorerError where the model takes another size, or places would not fit."""
    wanted = pre.channels, pre.height, pre.width
    if exact.shape != wanted or pre.fit not in ("stretch", "keep"):
        raise ExplorerError(
            tr("The tensor does not go with this model."),
            tr(
                "It has {given} numbers; the model takes {wanted}, prepared as “{fit}”.",
                given=" × ".join(map(str, exact.shape)),
                wanted=" × ".join(map(str, wanted)),
                fit=pre.fit,
            ),
            tr("Choose that size, and “stretch” as the preparation."),
        )
    return torch.from_numpy(exact.copy())[None]
