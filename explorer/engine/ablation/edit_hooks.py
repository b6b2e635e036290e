"""Edits on tensors: zero, mean or another input's values at some channels and cells. Always on a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import channel_axis, extent, mask
from explorer.core.interventions import Edit, Frozen
from explorer.core.translation import tr
from explorer.engine.capture.outputs import tensors_of


def apply(edit: Edit, tap: Tap, tensor: Tensor, frozen: Frozen | None = None) -> Tensor:
    """A copy of the tap's tensor with the edit in it. Raises ExplorerError when the edit does not fit."""
    if tuple(tensor.shape) != tap.shape:
        what = tr("The edit of {tap} does not fit.", tap=tap.name)
        raise ExplorerError(
            what,
            tr("Its shape was {shape} and is {shape2} in this forward.", shape=tap.shape, shape2=tuple(tensor.shape)),
        )
    where = torch.from_numpy(mask(tap, edit.channels, edit.region)).to(tensor.device)
    if edit.mode == "zero":
        return tensor.masked_fill(where, 0)
    value = _mean(edit, tap, tensor) if edit.mode == "mean" else _frozen(edit, tap, tensor, frozen or {})
    return torch.where(where, value, tensor)


def check(edit: Edit, tap: Tap) -> None:
    """Raises ExplorerError when the tap, its channels or the region do not exist, or the mode cannot be had."""
    if not tap.observable:
        raise ExplorerError(tr("The tap {tap} cannot be edited.", tap=tap.name), tap.reason)
    mask(tap, edit.channels, edit.region)
    if edit.mode not in ("zero", "mean", "freeze"):
        raise ExplorerError(tr("There is no edit “{mode}”.", mode=edit.mode), "", tr("Choose zero, mean or freeze."))
    if edit.mode == "mean" and not edit.means and extent(tap) == (1, 1) and tap.layout is Layout.NC:
        why = tr("It has one value a channel, which is its own mean.")
        raise ExplorerError(
            tr("The mean of a channel of {tap} changes nothing.", tap=tap.name),
            why,
            tr("Give means over a set of inputs."),
        )
    if edit.means and len(edit.means) != tap.channels:
        raise ExplorerError(
            tr(
                "There are {count} means for {channels} channels of {tap}.",
                count=len(edit.means),
                channels=tap.channels,
                tap=tap.name,
            )
        )


def _mean(edit: Edit, tap: Tap, tensor: Tensor) -> Tensor:
    axis = channel_axis(tap)
    if edit.means:
        shape = [-1 if d == axis else 1 for d in range(tensor.dim())]
        return torch.tensor(edit.means, device=tensor.device).to(tensor.dtype).reshape(shape)
    over = [d for d in range(tensor.dim()) if d != axis]
    # in at least float32: the sum of many half numbers loses them
    exact = tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()
    return exact.mean(over, keepdim=True).to(tensor.dtype)


def _frozen(edit: Edit, tap: Tap, tensor: Tensor, frozen: Frozen) -> Tensor:
    values = frozen.get(edit.source, {}).get(tap.name)
    if values is None:
        what = tr(
            "The values of {tap} for the input {source} are not in memory.",
            tap=tap.name,
            source=edit.source or tr("(none)"),
        )
        raise ExplorerError(what, "", tr("Capture that input first."))
    other = to_tensor(values, tap, tensor.device)
    if other.shape != tensor.shape:
        what = tr("The other input's values do not fit {tap}.", tap=tap.name)
        raise ExplorerError(
            what, tr("They have the shape {shape}, not {shape2}.", shape=tuple(other.shape), shape2=tuple(tensor.shape))
        )
    return other


def to_tensor(values: Array, tap: Tap, device: torch.device | str) -> Tensor:
    """A capture's values as the tensor they were, batch dimension and number format included."""
    tensor = torch.from_numpy(np.array(values)).to(device, getattr(torch, tap.dtype))
    return tensor[None] if tap.batched else tensor


def replaced(output: Any, tap: Tap, tensor: Tensor) -> Any:
    """The output of a call with one part (`tap.key`) exchanged; containers are made anew, never written into."""
    if not tap.key:
        return tensor
    old = tensors_of(output)[tap.key]
    return _exchange(output, old, tensor, tap)


def _exchange(value: Any, old: Tensor, new: Tensor, tap: Tap) -> Any:
    if value is old:
        return new
    if isinstance(value, (tuple, list)):
        items = [_exchange(item, old, new, tap) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        changed = {key: _exchange(item, old, new, tap) for key, item in value.items()}
        return changed if type(value) is dict else _same_kind(value, changed, tap)
    return value


def _same_kind(value: dict[Any, Any], items: Mapping[Any, Any], tap: Tap) -> Any:
    try:
        return type(value)(items)
    except (TypeError, ValueError) as error:
        what = tr("{tap} is a part of {name}, which cannot be rebuilt.", tap=tap.name, name=type(value).__name__)
        raise ExplorerError(what, str(error), tr("Edit the layer that returns this part.")) from None


def apply_all(edits: Sequence[Edit], taps: Mapping[str, Tap], output: Any, frozen: Frozen | None = None) -> Any:
    """The output of one call with all its edits, in order."""
    for edit in edits:
        tap = taps[edit.tap]
        tensor = tensors_of(output).get(tap.key)
        if tensor is None:
            raise ExplorerError(
                tr("{tap} was not returned this time.", tap=tap.name), tr("The model ran a different path.")
            )
        output = replaced(output, tap, apply(edit, tap, tensor, frozen))
    return output
