"""ViT-S/14 with four registers at 518 px: 1,374 tokens, 12 blocks of 6 heads. Untrained; sizes are those of DINOv2 (Oquab 2023)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from explorer.engine.models.torchvision_compat import import_torchvision

PREPROCESS = {"height": 518, "width": 518, "resize": 518}
_PREFIX = 5  # class token and registers


def make_model() -> nn.Module:
    torch.manual_seed(0)
    net: Any = import_torchvision().models.VisionTransformer(
        image_size=518, patch_size=14, num_layers=12, num_heads=6, hidden_dim=384, mlp_dim=1536
    )
    tokens = 37 * 37 + _PREFIX
    net.class_token = nn.Parameter(torch.randn(1, _PREFIX, 384) * 0.02)
    net.encoder.pos_embedding = nn.Parameter(torch.randn(1, tokens, 384) * 0.02)
    return net.eval()
