"""What a module is, in the words a person looking for a layer uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.weak import WeakIdKeyDictionary

from explorer.core.activations import Kernel, Kind
from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.capture.values import unreadable

_ACTIVATIONS = (
    nn.ReLU, nn.ReLU6, nn.GELU, nn.SiLU, nn.Hardswish, nn.Hardsigmoid, nn.Sigmoid, nn.Tanh, nn.ELU, nn.CELU, nn.SELU, nn.LeakyReLU,
    nn.PReLU, nn.Mish, nn.Softplus, nn.Softmax, nn.LogSoftmax, nn.Hardtanh, nn.GLU,
)  # fmt: skip
_POOLS = ("MaxPool", "AvgPool", "AdaptiveMaxPool", "AdaptiveAvgPool", "LPPool", "FractionalMaxPool")
Convolution = nn.modules.conv._ConvNd


def kind_of(module: nn.Module) -> Kind:
    """What the module does, from its class; containers are blocks."""
    name = type(module).__name__
    if isinstance(module, Convolution):
        return Kind.CONV
    if isinstance(module, nn.Linear):
        return Kind.LINEAR
    if isinstance(module, _ACTIVATIONS):
        return Kind.ACTIVATION
    if name.startswith(_POOLS):
        return Kind.POOL
    leaf = next(module.children(), None) is None
    if "Norm" in name and leaf:
        return Kind.NORM
    if "Attention" in name:
        return Kind.ATTENTION
    return Kind.OTHER if leaf else Kind.BLOCK


def _times(values: object) -> str:
    if not isinstance(values, (tuple, list)):
        values = (values, values)
    return "×".join(str(v) for v in values)


def _convolution_detail(module: Convolution) -> str:
    words = [_times(module.kernel_size)]
    if max(module.stride) > 1:
        words.append(f"s{module.stride[0]}")
    if max(module.dilation) > 1:
        words.append(f"d{module.dilation[0]}")
    if module.groups == module.in_channels and module.groups > 1:
        words.append("depthwise")
    elif module.groups > 1:
        words.append(tr("{groups} groups", groups=module.groups))
    if module.transposed:
        words.append("transposed")
    return " ".join(words)


def detail_of(module: nn.Module) -> str:
    """The numbers that matter of a layer: '3×3 s2 depthwise', '512 → 1000'."""
    if isinstance(module, Convolution):
        return _convolution_detail(module)
    if isinstance(module, nn.Linear):
        return f"{module.in_features} → {module.out_features}"
    # a person's own class may be called a pool and have none of this
    if kind_of(module) == Kind.POOL and type(module).__module__.startswith("torch.nn."):
        if hasattr(module, "output_size"):
            return tr("to {times}", times=_times(module.output_size))
        if hasattr(module, "kernel_size") and hasattr(module, "stride"):
            return f"{_times(module.kernel_size)} s{_times(module.stride).split('×')[0]}"
    return ""


def kernel_of(module: nn.Module, used: tuple[Tensor, Tensor | None] | None = None) -> Kernel | None:
    """The weights of a convolution or linear layer as arrays, None for others and where they are no plain numbers.

    `used`: (weight, bias) that a forward was seen to use, instead of the attributes of those names.
    """
    if not isinstance(module, (Convolution, nn.Linear)) or not _plain(getattr(module, "weight", None)):
        return None
    given, added = (module.weight, module.bias) if used is None else used
    weight = given.detach().float().cpu().numpy()  # a view of the weights where they are float32 on the CPU
    bias = added.detach().float().cpu().numpy() if added is not None and _plain(added) else None
    if isinstance(module, nn.Linear):
        return Kernel(weight, bias)
    if (
        module.transposed
    ):  # stored as (in, out/groups, ...): brought to (out, in/groups, ...) so that row c belongs to channel c
        weight = _transposed_weight(weight, module.groups)
    return Kernel(weight, bias, tuple(module.stride), str(module.padding), tuple(module.dilation), module.groups)


def _plain(weight: object) -> bool:
    """Whether it is a tensor that an array can be made of; a subclass of a layer may hold its weights elsewhere."""
    return isinstance(weight, Tensor) and not unreadable(weight) and not weight.is_quantized


COMPUTES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_settled: Any = WeakIdKeyDictionary()  # networks of several types -> the one in which they take a picture


def set_input_dtype(module: nn.Module, dtype: torch.dtype) -> None:
    """What was found by trying; `models.input_type` does."""
    _settled[module] = dtype


def input_dtype(module: nn.Module) -> torch.dtype:
    """What a model takes its picture in: what was found for it, else the type of its first parameter."""
    if module in _settled:
        found: torch.dtype = _settled[module]
        return found
    first = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)
    return first if first in COMPUTES else torch.float32


def as_input(x: Tensor, module: nn.Module, device: torch.device | str | None = None, copy: bool = False) -> Tensor:
    """An input on a device (None: where it is) in the numbers that the model takes; numbers of tokens stay whole."""
    dtype = input_dtype(module) if x.is_floating_point() else x.dtype
    return x.to(x.device if device is None else device, dtype, copy=copy)


def _transposed_weight(array: Array, groups: int) -> Array:
    inside = array.shape[0] // groups
    grouped = array.reshape(groups, inside, array.shape[1], *array.shape[2:])
    return np.ascontiguousarray(np.swapaxes(grouped, 1, 2).reshape(groups * array.shape[1], inside, *array.shape[2:]))
