"""A target as a scalar of each input of a batch, on any layout."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from explorer.core.activations import Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.scores import Scores
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import probabilities, returned, rows, scores_of, whole_numbers
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.capture.slice_cells import by_channel


def tap_of(target: Target, plan: CapturePlan) -> Tap:
    """The tap that holds the target; for a class the model's own output.

    Raises ExplorerError (a TapError for an unknown or unobservable tap) when there is no such target.
    """
    if not target.tap:
        return _class_vector(target, plan)
    plan.key_of(target.tap)
    tap = next(tap for tap in plan.taps if tap.name == target.tap)
    _check_channel(target, tap)
    _check_cell(target, tap)
    return tap


def _class_vector(target: Target, plan: CapturePlan) -> Tap:
    scores, outputs = plan.scores or scores_of(plan.taps) or whole_numbers(plan.taps), returned(plan.taps)
    if scores is None:
        shapes = ", ".join("×".join(str(n) for n in tap.shape) for tap in outputs) or tr("no tensor")
        raise ExplorerError(
            tr("This model has no class predictions."),
            tr("Its output is {shapes}.", shapes=shapes),
            tr("Choose a tap and a channel."),
        )
    if not 0 <= target.channel < scores.classes:
        known = (
            tr("The model has classes 0 to {classes}.", classes=scores.classes - 1)
            if scores.classes > 1
            else tr("The model has class 0 only.")
        )
        raise ExplorerError(tr("There is no class {channel}.", channel=target.channel), known)
    return next(tap for tap in outputs if tap.key == scores.output)


def _check_channel(target: Target, tap: Tap) -> None:
    if tap.layout is Layout.OTHER or not (tap.batched or tap.layout is Layout.NLC):
        raise ExplorerError(
            tr("The tap {tap} has no channels to choose from.", tap=tap.name), tap.reason, tr("Choose another tap.")
        )
    if not 0 <= target.channel < tap.channels:
        last = tap.channels - 1
        raise ExplorerError(
            tr("{tap} has no channel {channel}.", tap=tap.name, channel=target.channel),
            tr("Its channels are 0 to {last}.", last=last),
        )


def _check_cell(target: Target, tap: Tap) -> None:
    if target.cell is None:
        return
    height, width = extent(tap)
    y, x = target.cell
    if y == -1 and tap.layout is Layout.NLC and 0 <= x < tap.prefix:
        return
    if not (0 <= y < height and 0 <= x < width):
        why = tr("Its cells are 0 to {height}, 0 to {width}.", height=height - 1, width=width - 1)
        raise ExplorerError(tr("{tap} has no cell {y}, {x}.", tap=tap.name, y=y, x=x), why)


def extent(tap: Tap) -> tuple[int, int]:
    """(rows, columns) of a tap's cells; a sequence is one row, a vector one cell."""
    if tap.grid is not None:
        return tap.grid
    if tap.layout is Layout.NCT:
        return 1, tap.shape[2]
    if tap.layout is Layout.NLC:
        count = 1
        for size in tap.shape[:-1]:
            count *= size
        return 1, count
    return 1, 1


def cells(tensor: Tensor, tap: Tap, items: int) -> Tensor:
    """(items, C, cells) of the tensor at a tap in a forward of `items` inputs, cells row by row; a view where possible.

    Prefix and padding tokens are left out. Raises ExplorerError when the tensor does not fit what the tap says.
    """
    if not tensor.numel() or tensor.numel() % items or (tap.batched and tensor.shape[0] != items):
        raise ExplorerError(
            tr("{tap} returned {shape} here.", tap=tap.name, shape=tuple(tensor.shape)),
            tr("For one input it is {shape}; this is {items}.", shape=tap.shape, items=items),
        )
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if not tensor.is_floating_point():
        tensor = tensor.double()  # whole numbers and truth values have a mean, too
    slices = by_channel(tensor, tap)
    if slices is not None:
        return slices
    if tap.layout is Layout.NCHW:
        return tensor.flatten(2)
    if tap.layout is Layout.NHWC:
        return tensor.flatten(1, 2).transpose(1, 2)
    if tap.layout is Layout.NCT:
        return tensor
    if tap.layout is Layout.NC:
        return tensor.unsqueeze(2)
    tokens = tensor.reshape(items, -1, tensor.shape[-1])
    if tap.grid is not None:
        tokens = tokens[:, tap.prefix :]
        if tap.order is not None:
            tokens = tokens[:, _tokens_by_cell(tap.order).to(tensor.device)]
    return tokens.transpose(1, 2)


def _tokens_by_cell(order: tuple[int, ...]) -> Tensor:
    """For each cell the token that stands on it."""
    cell = torch.tensor(order)
    by_cell = cell.argsort()
    return by_cell[cell[by_cell] >= 0]


def scalars(tensor: Tensor, tap: Tap, target: Target, items: int, read: Scores | None = None) -> Tensor:
    """(items,): the target of each input, a copy. `read`: how a class vector becomes probabilities, to have one of those; None:
    the number as the model gives it."""
    if not target.tap:
        vectors = rows(tensor, items)
        return (probabilities(vectors, read) if read is not None else vectors)[:, target.channel].clone()
    if target.cell is not None and target.cell[0] < 0:  # a token before the grid
        tokens = cells(tensor, replace(tap, grid=None), items)
        return tokens[:, target.channel, target.cell[1]].clone()
    maps = cells(tensor, tap, items)
    chosen = maps[:, target.channel]
    if target.cell is None:
        return chosen.mean(1)
    # a copy: the tensor itself may be overwritten later
    return chosen[:, target.cell[0] * extent(tap)[1] + target.cell[1]].clone()
