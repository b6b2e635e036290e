"""Axes of what a TorchScript program returned: its functions run without Python, but its graph names them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from explorer.engine.capture.channel_axes import KEEPING, Axes, AxesOf, convolved

_DEFINE = {f"aten::{kind}{n}d": n for kind in ("conv", "conv_transpose") for n in (1, 2, 3)}
_MOST = 10_000  # steps back through a graph


def scripted_axes(program: torch.jit.ScriptModule, given: Any, out: Tensor, known: AxesOf) -> Axes | None:
    """Back from the result, through functions that keep the dimensions, to a convolution or to what the program was given."""
    outputs = list(program.inlined_graph.outputs())
    value = outputs[0] if len(outputs) == 1 else None
    for _ in range(_MOST):
        kind = value.node().kind() if value is not None else ""
        if kind in _DEFINE or kind == "aten::_convolution":
            return convolved(out, _DEFINE.get(kind, out.dim() - 2))
        if kind == "prim::Param":
            first = next((tensor for tensor in given if isinstance(tensor, Tensor)), None)
            return known(first) if first is not None and first.dim() == out.dim() else None
        if kind.removeprefix("aten::").rstrip("_") not in KEEPING or value is None:
            return None
        value = next(iter(value.node().inputs()), None)
    return None
