"""ReLUs that let something through where they would block a whole picture's gradient.

A channel that is silent on noise would stay silent: behind its ReLU the gradient is zero, and nothing tells where to go.
While that is so, the part of the gradient that would raise a blocked value passes. The values of the forward are untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode


class _Bounded(torch.autograd.Function):
    """clamp to low..high, with the redirected gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, high: float | None, inplace: bool) -> Tensor:
        if inplace:
            ctx.mark_dirty(x)
        y = x.clamp_(0, high) if inplace else x.clamp(0, high)
        ctx.save_for_backward(y)
        ctx.high = high
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,), (y,) = gradients, ctx.saved_tensors
        below = y <= 0  # as torch counts the edge
        passed = gradient.masked_fill(below if ctx.high is None else below | (y >= ctx.high), 0)
        silent = ~(passed.flatten(1).any(1) if passed.dim() > 1 else passed.any().reshape(1))
        if not bool(silent.any()):
            return passed, None, None
        raising = gradient.masked_fill(~below | (gradient > 0), 0)  # the loss falls against its gradient
        return torch.where(silent.reshape(-1, *[1] * (passed.dim() - 1)), raising, passed), None, None


def _bounds(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[float | None, bool] | None:
    """(upper bound, whether in place) of a call that clamps at zero; None for every other."""
    if func in (torch.relu, Tensor.relu):
        return None, False
    if func in (torch.relu_, Tensor.relu_):
        return None, True
    if func in (F.relu, F.relu6):
        return (6.0 if func is F.relu6 else None), bool(args[1] if len(args) > 1 else kwargs.get("inplace", False))
    if func in (F.hardtanh, F.hardtanh_):
        given = {**dict(zip(("min_val", "max_val", "inplace"), args[1:], strict=False)), **kwargs}
        inplace = func is F.hardtanh_ or bool(given.get("inplace", False))
        return (float(given.get("max_val", 1.0)), inplace) if given.get("min_val", -1.0) == 0 else None
    return None


class Redirected(TorchFunctionMode):
    """Within, every ReLU and ReLU6 of this thread has the redirected gradient."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        bounds = _bounds(func, args, kwargs)
        x = args[0] if args else kwargs.get("input")
        if bounds is None or not isinstance(x, Tensor) or not x.requires_grad:
            return func(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            return _Bounded.apply(x, *bounds)  # type: ignore[no-untyped-call]
