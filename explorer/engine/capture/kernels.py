"""The weights that the layers of a model really multiply with, also where hooks, masks or parametrisations make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.core.activations import Kernel
from explorer.core.models import AnyPreprocess
from explorer.engine.capture.describe import as_input, kernel_of
from explorer.engine.capture.forward import hooked, named, quiet
from explorer.engine.inputs.input_tensor import noise

_CALLS = frozenset(f"{kind}{n}d" for kind in ("conv", "conv_transpose") for n in (1, 2, 3)) | {"linear"}
_TORCH = (
    nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.Linear,
    nn.modules.linear.NonDynamicallyQuantizableLinear,
)  # fmt: skip


def kernels_of(module: nn.Module, preprocess: AnyPreprocess) -> Mapping[str, Kernel]:
    """The kernels of all convolutions and linear layers by path, read-only.

    Weights that a hook or a forward of a layer's own makes are taken from two forwards (of a grey and of an uneven picture).
    Where those do not say which weights a layer uses, or the weights follow the picture, the layer has no kernel.
    """
    layers = {path: m for path, m in named(module) if kernel_of(m) is not None}
    made = {path: m for path, m in layers.items() if _makes_weights(m)}
    used = _used(module, made, preprocess) if made else {}
    found = {}
    for path, m in layers.items():
        kernel = kernel_of(m, used.get(path)) if path not in made or path in used else None
        if kernel is not None:
            kernel.weight.flags.writeable = False
            found[path] = kernel
    return found


def _makes_weights(module: nn.Module) -> bool:
    """Whether the weights that a layer uses may be others than those that it shows before a forward."""
    return (
        bool(module._forward_pre_hooks)
        or type(module).forward not in {kind.forward for kind in _TORCH}
        or (isinstance(module, nn.modules.conv._ConvNd) and _own_convolution(module))
    )


def _own_convolution(module: nn.Module) -> bool:
    inner = getattr(type(module), "_conv_forward", None)
    return inner is not None and inner not in {getattr(kind, "_conv_forward", None) for kind in _TORCH}


class _Weights(TorchFunctionMode):
    """The weights and biases that each of some layers hands to a convolution or linear function, by path."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[str] = []
        self.found: dict[str, list[tuple[Tensor, Tensor | None]]] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if self.running and getattr(func, "__name__", "") in _CALLS:
            given = [
                kwargs.get(name, args[at] if len(args) > at else None) for at, name in ((1, "weight"), (2, "bias"))
            ]
            weight, bias = (t.detach().clone() if isinstance(t, Tensor) else None for t in given)
            if weight is not None:
                self.found.setdefault(self.running[-1], []).append((weight, bias))
        return func(*args, **kwargs)


def _used(
    module: nn.Module, layers: Mapping[str, nn.Module], preprocess: AnyPreprocess
) -> dict[str, tuple[Tensor, Tensor | None]]:
    first = next(iter((*module.parameters(), *module.buffers())), torch.empty(0))
    grey = torch.zeros_like(noise(preprocess))
    uneven = torch.linspace(-1, 1, grey.numel()).sin().reshape(grey.shape) if grey.is_floating_point() else grey + 1
    try:
        runs = [_weights(module, layers, as_input(x, module, first.device)) for x in (grey, uneven)]
    except Exception:  # noqa: BLE001 what the code of a model says to such a picture; it says it again to the person's own
        return {}
    return {path: calls[0] for path, calls in runs[0].items() if _one([*calls, *runs[1].get(path, ())])}


def _weights(
    module: nn.Module, layers: Mapping[str, nn.Module], x: Tensor
) -> dict[str, list[tuple[Tensor, Tensor | None]]]:
    mode = _Weights()
    handles = []
    for path, m in layers.items():
        handles.append(m.register_forward_pre_hook(lambda _m, _a, path=path: mode.running.append(path)))
        handles.append(m.register_forward_hook(lambda _m, _a, _o: mode.running.pop() and None))
    with quiet(module), hooked(handles), mode:
        module(x)
    return mode.found


def _one(calls: Iterable[tuple[Tensor, Tensor | None]]) -> bool:
    """Whether all calls used the same numbers."""
    (weight, bias), *others = calls
    return all(
        torch.equal(weight, w) and (bias is None) == (b is None) and (bias is None or b is None or torch.equal(bias, b))
        for w, b in others
    )
