"""The rules of guided backpropagation and deconvnet written a second time: an autograd.Function at every ReLU that is called."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class Ruled(torch.autograd.Function):
    """Clamps to 0..top; backwards as the papers say."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, top: float, guided: bool) -> Tensor:
        ctx.save_for_backward((x > 0) & (x < top))
        ctx.guided = guided
        return x.clamp(0, top)

    @staticmethod
    def backward(ctx: Any, came: Tensor) -> Any:
        (open_,) = ctx.saved_tensors
        kept = came * (came > 0)
        return (kept * open_ if ctx.guided else kept), None, None


RELU = {F.relu, torch.relu, Tensor.relu, F.relu_, torch.relu_, Tensor.relu_}


class Oracle(TorchFunctionMode):
    """Replaces every call of a ReLU by the function above; `calls` counts them."""

    def __init__(self, guided: bool) -> None:
        super().__init__()
        self.guided, self.calls = guided, 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in RELU:
            top = float("inf")
        elif func in (F.relu6, F.hardtanh, F.hardtanh_):
            top = 6.0
        else:
            return func(*args, **kwargs)
        self.calls += 1
        # in place or not: nothing in the networks of the tests reads the input of a ReLU afterwards, but for views
        result = Ruled.apply(args[0], top, self.guided)
        in_place = kwargs.get("inplace") or func.__name__.endswith("_")
        return args[0].copy_(result) if in_place and args[0]._is_view() else result


def oracle(net: nn.Module, x: Tensor, index: int, guided: bool) -> tuple[Tensor, int]:
    """(gradient of a logit under the rule, number of ReLUs)."""
    leaf = x.clone().requires_grad_()
    with Oracle(guided) as mode:
        out = net(leaf)
    (gradient,) = torch.autograd.grad(out[0, index], leaf)
    return gradient, mode.calls
