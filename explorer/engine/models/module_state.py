"""A module's values: their checksum, their number, and where they start from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def state_digest(module: nn.Module) -> str:
    """sha256 over names, types, shapes and bytes of all parameters and buffers in the state dict, 64 hex digits."""
    total = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        if not isinstance(value, Tensor):
            continue
        total.update(f"{name}|{value.dtype}|{tuple(value.shape)}|".encode())
        if value.layout != torch.strided:
            value = value.to_dense()
        flat = value.int_repr() if value.is_quantized else value
        flat = flat.detach().cpu().contiguous().reshape(-1)
        if flat.numel():
            total.update(flat.view(torch.uint8).numpy().data)
    return total.hexdigest()


def parameter_count(module: nn.Module) -> int:
    """Number of trainable and frozen parameters, buffers not counted; those of quantised layers are packed, and counted too."""
    packed = 0
    for layer in module.modules():
        weight, bias = getattr(layer, "weight", None), getattr(layer, "bias", None)
        if type(layer).__module__.startswith("torch.ao.nn") and callable(weight) and callable(bias):
            packed += sum(each.numel() for each in (weight(), bias()) if isinstance(each, Tensor))
    return packed + sum(parameter.numel() for parameter in module.parameters())


def seeded(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """The module that `make` builds from this seed; torch's generator is left as it was. ExplorerError for a seed too large."""
    if not -(2**63) <= seed < 2**63:
        raise ExplorerError(
            tr("The seed {seed} cannot be used.", seed=seed),
            tr("It has more than 64 bits."),
            tr("Give a smaller number."),
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()
