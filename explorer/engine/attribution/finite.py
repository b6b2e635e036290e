"""NaN and infinities on the way: said with the layer where they began, never drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import get_gradient_edge

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import forward, gradients_at, ready
from explorer.engine.capture.forward import CapturePlan, named
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.cancel import Cancelled, never


def require_finite(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    values: Tensor,
    gradients: Tensor | None,
    cancelled: Cancelled = never,
) -> None:
    """Raises ExplorerError when the values or gradients of the target on x (1, ...) are not all finite."""
    if bool(torch.isfinite(values).all()):
        if gradients is None or bool(torch.isfinite(gradients).all()):
            return
        what, backward = tr("The gradient of this target is not finite."), True
    else:
        what, backward = tr("This target is {cpu}.", cpu=float(values.reshape(-1)[0].cpu())), False
    ahead, behind = _where(module, x, target, plan, backward, cancelled)
    if ahead:
        why = tr("The first numbers that are not finite come out of layer {ahead}.", ahead=ahead)
    elif behind:
        why = tr("In the backward pass they first reach layer {behind}.", behind=behind)
    else:
        why = tr("They come from a function outside all layers, or from the input.")
    raise ExplorerError(what, why, tr("Look at that layer's maps; the weights or the preprocessing may be broken."))


def _where(
    module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, backward: bool, cancelled: Cancelled
) -> tuple[str, str]:
    """The first leaf whose output is not finite, and the first in the backward pass that is handed such a gradient."""
    ahead: list[str] = []
    behind: list[str] = []

    def watch(path: str) -> Callable[..., None]:
        def handed(gradients: Any) -> None:
            if any(g is not None and not bool(torch.isfinite(g).all()) for g in gradients):
                behind.append(path)

        def after(_module: nn.Module, _args: Any, output: Any) -> None:
            for tensor in tensors_of(output).values():
                if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                    ahead.append(path)
                if tensor.grad_fn is not None:
                    tensor.grad_fn.register_prehook(handed)

        return after

    leaves = [(path, m) for path, m in named(module) if next(m.children(), None) is None]
    handles = [nn.Module.register_forward_hook(m, watch(path)) for path, m in leaves]
    try:
        with ready(module, x.device):
            leaf = x.detach().clone().requires_grad_()
            values = forward(module, leaf, target, plan, cancelled=cancelled).target
            if backward:
                gradients_at(values, [get_gradient_edge(leaf)])
    finally:
        for handle in handles:
            handle.remove()
    return next(iter(ahead), ""), next(iter(behind), "")
