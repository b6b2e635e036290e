"""Gradients of normalisations that arrive in the order in which torch reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm


@contextmanager
def gradients_in_order(module: nn.Module) -> Iterator[None]:
    """Within, the gradient of what a batch or instance norm returned has its strides when it comes back.

    torch's derivative of these reads a gradient with other strides in the wrong order where the batch is one: behind
    `flatten(2).transpose(1, 2)`, as before the tokens of a transformer, every value of the gradient was another one's (torch 2.13 on the
    CPU; seen against finite differences).
    """
    norms = [each for each in module.modules() if isinstance(each, (_BatchNorm, _InstanceNorm))]
    handles = [nn.Module.register_forward_hook(each, _see) for each in norms]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _see(_module: nn.Module, _args: Any, out: Any) -> None:
    if isinstance(out, Tensor) and out.requires_grad:
        strides = out.stride()
        out.register_hook(lambda slope: _laid_out(slope, strides))  # type: ignore[no-untyped-call]


def _laid_out(slope: Tensor, strides: tuple[int, ...]) -> Tensor | None:
    if slope.stride() == strides or slope.dim() != len(strides):
        return None
    return slope.new_empty_strided(slope.shape, strides).copy_(slope)
