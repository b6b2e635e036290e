"""Training pictures changed each time they are seen: moved, mirrored, brighter or darker. On the model's input tensors."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.models import Preprocess

_SHIFT = 8  # a side is moved by up to an eighth of it
_LIGHT = 0.25  # brightness times 0.75 to 1.25


def augmented(x: Tensor, kind: str, pre: Preprocess, seed: int) -> Tensor:
    """(N, C, H, W) -> the same, every picture in its own way; what moves in from outside is the picture's border."""
    if kind == "none":
        return x
    chance = torch.Generator().manual_seed(seed)
    moved = torch.stack([_shifted(picture, chance) for picture in x])
    if kind == "shift":
        return moved
    mirrored = torch.rand(len(x), generator=chance) < 0.5
    moved[mirrored] = moved[mirrored].flip(-1)
    if kind == "flip":
        return moved
    factor = (1 + _LIGHT * (2 * torch.rand(len(x), 1, 1, 1, generator=chance) - 1)).to(moved)
    zero = torch.tensor(pre.means).to(moved).view(1, -1, 1, 1) / torch.tensor(pre.stds).to(moved).view(1, -1, 1, 1)
    return (moved + zero) * factor - zero  # zero is black, and stays black


def _shifted(picture: Tensor, chance: torch.Generator) -> Tensor:
    height, width = picture.shape[-2:]
    most = height // _SHIFT, width // _SHIFT
    top, left = (int(torch.randint(0, 2 * n + 1, (1,), generator=chance)) for n in most)
    padded = F.pad(picture[None], (most[1], most[1], most[0], most[0]), mode="replicate")[0]
    return padded[:, top : top + height, left : left + width]
