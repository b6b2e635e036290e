"""Tensors inside torch.func (vmap, grad, jvp and the like): they stand for others, and nobody outside can read them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from explorer.core.translation import tr

_functorch = torch._C._functorch


def is_wrapped(tensor: Tensor) -> bool:
    """Whether the tensor belongs to a transform that runs now."""
    return bool(_functorch.is_functorch_wrapped_tensor(tensor))


def any_wrapped(tensors: Iterable[Tensor]) -> bool:
    return any(map(is_wrapped, tensors))


def why_wrapped(tensor: Tensor) -> str:
    """Why the numbers of such a tensor cannot be shown."""
    if _functorch.is_batchedtensor(tensor):
        return tr(
            "computed inside torch.func.vmap, for many inputs at once: torch hands out the values of none of them"
        )
    return tr(
        "computed inside a derivative or another transform of torch.func, whose values torch hands out only there"
    )


def copies(tensor: Tensor) -> int:
    """How many tensors of this shape a wrapped one stands for: the sizes of the vmaps around it."""
    inner = tensor
    while is_wrapped(inner):
        inner = _functorch.get_unwrapped(inner)
    return inner.numel() // tensor.numel() if tensor.numel() else 1
