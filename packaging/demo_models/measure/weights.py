"""Where trained weights are found: an exported .safetensors, or the averaged weights of a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from demo_models.recipes.table import RECIPES

UNTRAINED = "-untrained"


def load(name: str, folder: Path) -> nn.Module:
    """The network `name`; NAME-untrained is the same network at its own initial weights."""
    if name.endswith(UNTRAINED):
        return RECIPES[name.removesuffix(UNTRAINED)].make().eval()
    net = RECIPES[name].make()
    net.load_state_dict(state(name, folder))
    return net.eval()


def there(name: str, folder: Path) -> bool:
    return any((folder / f"{name}{ending}").exists() for ending in (".safetensors", ".pt"))


def state(name: str, folder: Path) -> dict[str, Tensor]:
    """Weights in float32."""
    exported = folder / f"{name}.safetensors"
    if exported.exists():
        from safetensors.torch import load_file

        return {
            key: value.float() if value.is_floating_point() else value for key, value in load_file(exported).items()
        }
    return torch.load(folder / f"{name}.pt", weights_only=True)["averaged"]
