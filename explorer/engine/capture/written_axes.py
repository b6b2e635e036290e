"""Which dimensions of a buffer are channels and which positions, by what is written into it."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.capture.calls import Call
from explorer.engine.capture.channel_axes import Axes, AxesOf, spread, varying


def assigned_axes(call: Call, known: AxesOf) -> Axes | None:
    """Of `target[key] = value`: the target's own; of a target that nothing is known of, those of the value where it is put."""
    target, key, value = call.args
    own = known(target)
    axes = known(value) if isinstance(value, Tensor) else None
    if own is not None or axes is None:
        return own
    with torch._C.DisableTorchFunction():
        chosen = [_along(target.shape, dim)[key] for dim in range(target.dim())]
    if not chosen:
        return None
    axes = spread(axes, chosen[0].dim() - value.dim())
    changes = [varying(numbers) for numbers in chosen]
    return Axes(
        frozenset(dim for dim, at in enumerate(changes) if at & axes.channels),
        frozenset(dim for dim, at in enumerate(changes) if at & axes.positions),
    )


def _along(shape: torch.Size, dim: int) -> Tensor:
    """A tensor of this shape, without memory of that size, that numbers one dimension."""
    sizes = [size if at == dim else 1 for at, size in enumerate(shape)]
    return torch.arange(shape[dim]).view(sizes).expand(shape)
