"""Semantic segmentation: scores (1, K, H, W) of K classes, of which every cell has the largest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.model_output import NO_CLASS, ClassArea, ClassMap
from explorer.core.render.class_colours import cells_on_picture
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import name_of
from explorer.engine.capture.outputs import has_values

_NAMED = "out"  # torchvision's name for the scores of its segmentation models


def map_key(tensors: Mapping[str, Tensor], labels: tuple[str, ...], wanted: str, said: bool) -> str | None:
    """Which output holds scores of classes for every cell, None where none does.

    The one that is `wanted`; else one that is called “out” or has a channel for each label; where its file says that there is a class
    map (`said`), else the first of that shape. Raises ExplorerError where it says so and there is none.
    """
    fits = [key for key, tensor in tensors.items() if is_scores(tensor)]
    if wanted:
        found = next((key for key in fits if wanted in (key, key.rpartition(".")[2])), None)
        if found is None and said:
            raise ExplorerError(
                tr("The model has no class map named {wanted}.", wanted=wanted),
                tr("It returns {list}.", list=", ".join(tensors)),
                tr("Choose one of them, or none."),
            )
        return found
    likely = [key for key in fits if key.rpartition(".")[2] == _NAMED]
    likely += [key for key in fits if len(labels) > 1 and tensors[key].shape[1] == len(labels)]
    if said and not fits:
        raise ExplorerError(
            tr("The output of the model is no class map."),
            tr("A class map is made of floating-point scores 1 × classes × height × width with two classes or more."),
            tr("Return such a tensor, or say another kind of OUTPUT."),
        )
    return next(iter(likely or (fits if said else ())), None)


def is_scores(tensor: Tensor) -> bool:
    """Whether a tensor can be scores (1, K, H, W) of two classes or more."""
    plain = has_values(tensor) and (tensor.is_floating_point() or tensor.is_quantized)
    return plain and tensor.dim() == 4 and tensor.shape[0] == 1 and tensor.shape[1] > 1 and tensor.shape[2:].numel() > 1


def class_map(scores: Tensor, key: str, labels: tuple[str, ...], box: Box, size: tuple[int, int]) -> ClassMap:
    """Of scores (1, K, H, W) that lie over `box` of a picture of `size` (height, width). Equal scores: the first class, as argmax."""
    values = scores.detach()[0]
    values = values.dequantize() if values.is_quantized else values
    cells = values.argmax(0).to(torch.int32)
    cells[~torch.isfinite(values.amax(0)) | ~torch.isfinite(values.amin(0))] = NO_CLASS
    found = cells.cpu().numpy().astype(np.uint16)
    found.flags.writeable = False
    made = ClassMap(key, found, len(values), box, ())
    return replace(made, areas=_areas(cells_on_picture(made, size), len(values), labels))


def _areas(seen: Array, classes: int, labels: tuple[str, ...]) -> tuple[ClassArea, ...]:
    """Cells on the picture, counted by class."""
    counts = np.bincount(seen.ravel()[seen.ravel() != NO_CLASS], minlength=classes)
    order = np.argsort(-counts, kind="stable")
    return tuple(
        ClassArea(int(index), name_of(int(index), labels, classes), float(counts[index]) / seen.size)
        for index in order
        if counts[index]
    )
