"""From the activation at a tap to the number that is to become large, whatever the layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.activations import Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell, title_of
from explorer.core.maximisation import MaximiseSettings, Objective
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import classes_of, is_vector, rows
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.capture.slice_cells import by_channel
from explorer.engine.maximisation.reach import output_tap


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the objective is read, and where it is measured how alike the pictures of a batch are (None: not at all)."""

    tap: Tap
    spread: Tap | None
    read: Callable[[Tensor], Tensor]  # activation at `tap` -> (N,) float32, larger is better

    @property
    def taps(self) -> tuple[Tap, ...]:
        """What the forward has to reach."""
        return (self.tap,) if self.spread in (None, self.tap) or self.spread is None else (self.spread, self.tap)


def take_aim(plan: CapturePlan, objective: Objective, settings: MaximiseSettings) -> Aim:
    """Raises ExplorerError when the model has no such target, or none with a gradient."""
    tap = _tap(plan, objective)
    if not tap.dtype.startswith(("float", "bfloat")):
        raise ExplorerError(
            tr("No gradient reaches {called}.", called=_called(tap, objective)),
            tr("Its values are {dtype}, and only floating-point numbers have gradients.", dtype=tap.dtype),
            tr("Choose an earlier layer, or open the model in floating point."),
        )
    if settings.batch > 1 and not tap.batched:
        raise ExplorerError(
            tr("Only one image at a time can be generated for {tap}.", tap=tap.name),
            tr("Its first dimension is not the batch, so the images of a batch cannot be separated."),
            tr("Set the batch to 1, or choose another layer."),
        )
    if settings.batch > 1 and plan.decides:
        raise ExplorerError(
            tr("Only one image at a time can be generated for this model."),
            tr("It branches on values, so the images of a batch would affect each other."),
            tr("Set the batch to 1."),
        )
    _check(tap, objective)
    spread = _spread(plan, tap) if settings.batch > 1 and settings.diversity > 0 else None
    return Aim(tap, spread, _reader(tap, objective))


def cells(activation: Tensor, tap: Tap) -> Tensor:
    """(N, C, cells) of an activation of N pictures; tokens in grid order, without prefix and padding tokens.

    Raises ExplorerError where there are no channels to speak of.
    """
    slices = by_channel(activation, tap)
    if slices is not None:
        return slices
    if tap.layout == Layout.NCHW:
        return activation.flatten(2)
    count = activation.shape[0] if tap.batched else 1
    if tap.layout == Layout.NC:
        return activation.reshape(count, -1, activation.shape[-1]).transpose(1, 2)
    if tap.layout == Layout.NCT and tap.batched:
        return activation
    if tap.layout in (Layout.NHWC, Layout.NLC):
        tokens = _tokens(activation, tap)[:, tap.prefix :]
        return (tokens if tap.order is None else tokens[:, _places(tap.order)]).transpose(1, 2)
    raise ExplorerError(
        tr("{tap} has no channels.", tap=tap.name),
        tap.reason and tr("It is {reason}.", reason=tap.reason),
        tr("Choose another layer of the list."),
    )


def _tokens(activation: Tensor, tap: Tap) -> Tensor:
    """(N, tokens, C), prefix tokens first."""
    return activation.reshape(activation.shape[0] if tap.batched else 1, -1, activation.shape[-1])


def _places(order: tuple[int, ...]) -> list[int]:
    """Where among the tokens each cell of the grid stands."""
    return [place for _, place in sorted((cell, place) for place, cell in enumerate(order) if cell >= 0)]


def alike(activation: Tensor, tap: Tap) -> Tensor:
    """How alike the pictures of a batch are, 0..1: the mean cosine of their Gram matrices (Olah et al. 2017)."""
    found = cells(activation, tap).float()
    count, channels, places = found.shape
    # <A Aᵀ, B Bᵀ> = |Aᵀ B|²: whichever of the two is the smaller product
    if channels <= places:
        gram = (found @ found.transpose(1, 2)).flatten(1)
        inner = gram @ gram.T
    else:
        inner = torch.einsum("icp,jcq->ijpq", found, found).square().sum((2, 3))
    length = inner.diagonal().clamp_min(1e-12).sqrt()
    cosine = inner / (length[:, None] * length[None, :])
    return (cosine.sum() - cosine.diagonal().sum()) / (count * (count - 1))


def _tap(plan: CapturePlan, objective: Objective) -> Tap:
    if not objective.tap:
        return output_tap(plan)
    plan.key_of(objective.tap)
    return next(tap for tap in plan.taps if tap.name == objective.tap)


def _called(tap: Tap, objective: Objective) -> str:
    return tap.name if objective.tap else tr("the model's output")


def _check(tap: Tap, objective: Objective) -> None:
    what = "channel" if objective.tap else "class"
    count = classes_of(tap) if _is_classes(tap, objective) else tap.channels
    beyond = [c for c in objective.channels if c >= count]
    if beyond:
        raise ExplorerError(
            tr(
                "{called} has no {what} {beyond}.",
                called=_called(tap, objective).capitalize() if not objective.tap else tap.name,
                what=what,
                beyond=beyond[0],
            ),
            tr("It has 0 to {count}.", count=count - 1) if count else "",
        )
    if objective.cell is None:
        return
    if objective.cell[0] < 0:
        _check_token(tap, objective.cell)
        return
    if tap.grid is None:
        raise ExplorerError(tr("{tap} has no grid of cells.", tap=tap.name), tap.reason, tr("Leave the cell out."))
    if objective.cell[0] >= tap.grid[0] or objective.cell[1] >= tap.grid[1]:
        raise ExplorerError(
            tr("{tap} has no cell {cell}, {cell2}.", tap=tap.name, cell=objective.cell[0], cell2=objective.cell[1]),
            tr("For this size of picture it has {grid} rows and {grid2} columns.", grid=tap.grid[0], grid2=tap.grid[1]),
        )


def _check_token(tap: Tap, cell: Cell) -> None:
    if tap.layout != Layout.NLC or cell[1] >= tap.prefix:
        why = (
            tr("It has {prefix} tokens before the grid.", prefix=tap.prefix)
            if tap.prefix
            else tr("It has no tokens before a grid.")
        )
        raise ExplorerError(
            tr("{tap} has no token {title_of}.", tap=tap.name, title_of=title_of(cell)),
            why,
            tr("Choose a cell, or leave it out."),
        )


def _is_classes(tap: Tap, objective: Objective) -> bool:
    """Whether the channels are classes of the model's class vector."""
    return not objective.tap and is_vector(tap)


def _reader(tap: Tap, objective: Objective) -> Callable[[Tensor], Tensor]:
    classes = _is_classes(tap, objective)
    if not classes:
        cells(torch.zeros(tap.shape), tap)  # says now what it would say in the first step
    channels = list(objective.channels)
    weights = torch.tensor(objective.weights or [1.0] * len(channels))
    weights = (-weights if objective.negative else weights)[:, None]
    place = _place(tap, objective.cell)
    before = objective.cell is not None and objective.cell[0] < 0

    def values(activation: Tensor) -> Tensor:
        """(N, C, cells)."""
        if classes:
            return rows(activation, activation.shape[0] if tap.batched else 1)[:, :, None]
        return _tokens(activation, tap).transpose(1, 2) if before else cells(activation, tap)

    def read(activation: Tensor) -> Tensor:
        found = values(activation)
        found = found[:, channels] if len(channels) > 1 else found[:, channels[0] : channels[0] + 1]
        found = found if place is None else found[:, :, place : place + 1]
        summed = (found.float() * weights.to(found.device)).sum(1)
        return summed.mean(1)

    return read


def _place(tap: Tap, cell: Cell | None) -> int | None:
    """Number of a cell among those that are read, None for all of them."""
    if cell is not None and cell[0] < 0:
        return cell[1]
    return None if cell is None or tap.grid is None else cell[0] * tap.grid[1] + cell[1]


def _spread(plan: CapturePlan, tap: Tap) -> Tap:
    """The last layer up to the target that has maps of more than one cell: of a single number nothing can be compared."""
    best = tap
    for one in plan.taps:
        mapped = one.observable and one.batched and one.grid is not None and one.grid[0] * one.grid[1] > 1
        if mapped and one.dtype.startswith(("float", "bfloat")):
            best = one
        if one.name == tap.name:
            break
    return tap if tap.grid is not None and tap.grid[0] * tap.grid[1] > 1 else best
