"""Another last layer in the place of the one that a model has: for other classes, at random values."""

from __future__ import annotations

import torch
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def is_head(layer: nn.Module) -> bool:
    """Whether a layer is of a kind that can be replaced: linear, at every place where it is a convolution."""
    if isinstance(layer, nn.Linear):
        return True
    if not isinstance(layer, nn.Conv2d) or layer.groups != 1:
        return False
    return (layer.kernel_size, layer.stride, layer.padding) == ((1, 1), (1, 1), (0, 0))


def outputs_of(layer: nn.Module) -> int:
    """Entries that it gives; 0 for a layer that is no head."""
    if isinstance(layer, nn.Linear):
        return layer.out_features
    return layer.out_channels if isinstance(layer, nn.Conv2d) else 0


def replace_head(module: nn.Module, path: str, classes: int, seed: int = 0) -> nn.Module:
    """Puts a new layer for so many classes in the place of the one at `path`, in evaluation mode; torch's generator is left as
    it was. Raises ExplorerError where no layer there can be replaced."""
    try:
        old = module.get_submodule(path) if path else None
    except AttributeError:
        old = None
    if old is None or not is_head(old):
        what = (
            tr("The layer {path} is not one that can be replaced.", path=path)
            if path
            else tr("The model is one single layer.")
        )
        raise ExplorerError(what, tr("It must be linear, or a convolution of 1 × 1 pixels."))
    at = next(old.parameters())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        new = _like(old, classes)
    parent, _, name = path.rpartition(".")
    setattr(module.get_submodule(parent), name, new.to(at.device, at.dtype).eval())
    return module.get_submodule(path)


def _like(old: nn.Module, classes: int) -> nn.Module:
    if isinstance(old, nn.Conv2d):
        return nn.Conv2d(old.in_channels, classes, 1)
    assert isinstance(old, nn.Linear)
    return nn.Linear(old.in_features, classes)
