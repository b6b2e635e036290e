"""Where weights are found: an exported .safetensors, the averaged weights of a checkpoint, the initial ones of a run."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from demo_models.recipes.worlds import recipe_of

UNTRAINED = "-untrained"


def load(name: str, folder: Path) -> nn.Module:
    """The network `name`; NAME-untrained is the same network at its own initial weights, from its seed if from no file."""
    net = recipe_of(name.removesuffix(UNTRAINED)).make()
    if there(name, folder) or not name.endswith(UNTRAINED):
        net.load_state_dict(state(name, folder))
    return net.eval()


def there(name: str, folder: Path) -> bool:
    return any(path.exists() for path in _files(name, folder))


def _files(name: str, folder: Path) -> tuple[Path, Path]:
    """As exported, and as trained."""
    trained = f"{name.removesuffix(UNTRAINED)}.initial.pt" if name.endswith(UNTRAINED) else f"{name}.pt"
    return folder / f"{name}.safetensors", folder / trained


def state(name: str, folder: Path) -> dict[str, Tensor]:
    """Weights in float32, on the CPU. Raises FileNotFoundError."""
    exported, trained = _files(name, folder)
    if exported.exists():
        from safetensors.torch import load_file

        return {
            key: value.float() if value.is_floating_point() else value for key, value in load_file(exported).items()
        }
    saved = torch.load(trained, map_location="cpu", weights_only=True)
    return saved if name.endswith(UNTRAINED) else saved["averaged"]
