"""Demo models for tests: cards and weights in a resources folder of the test's own, so that none has to be shipped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explorer.core.system import paths
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.module_state import seeded

LABELS = ("disc", "square", "triangle", "star", "cross", "ring", "crescent", "heart", "bar", "arrow")
CARD: dict[str, Any] = {
    "says": "Knows ten shapes.",
    "network": "ResidualNet",
    "classes": 10,
    "labels": list(LABELS),
    "trained": True,
    "head_trained": True,
    "seed": 1,
    "task": "names shapes",
    "recipe": "train.py it",
    "pictures_seen": 1200,
    "minutes": 3.5,
    "precision": "float16",
    "licence": "Apache-2.0",
    "held_out": {"pictures": 2000},
    "figures": {"top1": 95.25, "knn_shape": 80.0},
    "untrained": {"knn_shape": 15.0},
    "raw_pixels": {"knn_shape": 12.5},
    "preprocess": {"height": 96, "width": 96, "fit": "crop", "resize": 96, "mean": [0.45] * 3, "std": [0.25] * 3},
}


def resources_in(folder: Path, patch: Any) -> Path:
    """Lets the application find its resources in `folder`, with the samples of the real ones; returns its models."""
    (folder / "samples").symlink_to(paths.resources() / "samples")
    (folder / "models").mkdir()
    patch.setattr(paths, "resources", lambda: folder)
    return folder / "models"


def put(models: Path, name: str, net: nn.Module | None = None, half: bool = True, **changed: Any) -> nn.Module:
    """Writes a card and weights; the network that was stored, as it is after its rounding."""
    from safetensors.torch import save_file

    net = (net if net is not None else seeded(ResidualNet, 7)).eval()
    if half:
        net.half().float()
    state = {key: _stored(value, half) for key, value in net.state_dict().items()}
    path = models / f"{name}.safetensors"
    save_file(state, path, {"format": "pt"})
    card = CARD | {"name": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} | changed
    (models / f"{name}.json").write_text(json.dumps(card))
    return net


def _stored(value: torch.Tensor, half: bool) -> torch.Tensor:
    return value.half() if half and value.is_floating_point() else value.contiguous()
