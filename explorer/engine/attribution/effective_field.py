"""The effective receptive field: how strongly each input pixel moves a cell, averaged over the inputs seen.

Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NeurIPS 2016.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell, index_of
from explorer.core.geometry.receptive_field import EffectiveField
from explorer.core.translation import tr
from explorer.engine.capture.forward import CapturePlan, explained, named, quiet
from explorer.engine.capture.gradient_strides import gradients_in_order
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


class _Enough(BaseException):
    """The tap has been seen. No Exception: a model that catches those must not catch this."""


def effective_field(
    module: nn.Module,
    plan: CapturePlan,
    name: str,
    channel: int,
    cell: Cell,
    inputs: Iterable[Tensor],
    cancelled: Cancelled = never,
) -> Generator[EffectiveField]:
    """Streams the running mean of |d cell / d input| over inputs (1, C, H, W) of one size, one step an input.

    The forward stops at the tap. Raises ExplorerError when the tap, channel or cell does not exist, or has no gradient
    (integers, quantised weights, code that torch does not differentiate); CancelledError when cancelled.
    """
    plan.key_of(name)
    tap = next(t for t in plan.taps if t.name == name)
    index = index_of(tap, channel, cell)
    total: Tensor | None = None
    for count, x in enumerate(inputs, 1):
        size = gradient(module, x, tap, index, cancelled).abs()[0].sum(0).double().cpu()
        if total is not None and total.shape != size.shape:
            raise ExplorerError(
                tr("The inputs have different sizes."),
                tr("{shape} and {shape2}.", shape=tuple(total.shape), shape2=tuple(size.shape)),
            )
        total = size if total is None else total + size
        yield EffectiveField((total / count).float().numpy(), count)


def gradient(module: nn.Module, x: Tensor, tap: Tap, index: tuple[int, ...], cancelled: Cancelled = never) -> Tensor:
    """d element / d input, shape of x. Leaves .grad of weights and of x as they are."""
    x = x.detach().clone()
    if not x.is_floating_point():
        raise ExplorerError(
            tr("There is no gradient."), tr("The input is {dtype}, whose values do not change smoothly.", dtype=x.dtype)
        )
    handles: list[Any] = []
    found: list[Tensor] = []
    counts = {"calls": -1}
    open_: list[int] = []

    def begin(_module: nn.Module, _args: Any) -> None:
        counts["calls"] += 1
        open_.append(counts["calls"])

    def seen(_module: nn.Module, _args: Any, output: Any) -> None:
        if open_.pop() == tap.call and (tensor := tensors_of(output).get(tap.key)) is not None:
            found.append(tensor[index])
            raise _Enough

    def leaf(_module: nn.Module, _args: Any) -> None:
        if cancelled():
            raise CancelledError

    try:
        with (
            quiet(module),
            gradients_in_order(module),
            torch.enable_grad(),
            explained(lambda: tr("its forward"), module, x),
        ):
            x.requires_grad_()
            for path, m in named(module):
                handles.append(nn.Module.register_forward_pre_hook(m, leaf))
                if path == tap.path:
                    handles.append(nn.Module.register_forward_pre_hook(m, begin))
                    handles.append(nn.Module.register_forward_hook(m, seen))
            try:
                module(x * 1)  # a model may write into its input, which a leaf of the graph forbids
            except _Enough:
                pass
            if cancelled():
                raise CancelledError
            return _derivative(found, x, tap)
    finally:
        for handle in handles:
            handle.remove()


def _derivative(found: list[Tensor], x: Tensor, tap: Tap) -> Tensor:
    if not found:
        raise ExplorerError(
            tr("The tap {tap} did not run this time.", tap=tap.name), tr("The model ran a different path.")
        )
    if not found[0].requires_grad:
        why = tr(
            "Its values are {dtype} and were made in a way that torch does not differentiate.", dtype=found[0].dtype
        )
        raise ExplorerError(tr("{tap} has no gradient.", tap=tap.name), why, tr("Choose another tap."))
    (slope,) = torch.autograd.grad(found[0], x, allow_unused=True)
    return torch.zeros_like(x) if slope is None else slope
