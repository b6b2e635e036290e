"""Resizing with torch's arithmetic, as torchvision does it on tensors and transformers with it.

It differs from Pillow's by a level here and there, and by other pixels for "nearest".
"""

from __future__ import annotations

import platform

import numpy as np
import torch

from explorer.core.arrays import Array

SMOOTH = ("bilinear", "bicubic", "lanczos")
_BYTES = ("bicubic", "lanczos")  # for which torch resizes bytes as bytes on every CPU


def resized_by_torch(pixels: Array, size: tuple[int, int], interpolation: str) -> Array:
    """(H, W, C) uint8 or float32 -> (*size, C) of the same type; floats may overshoot.

    torchvision's `resize` of a tensor with antialias (torchvision/transforms/v2/functional/_geometry.py).
    """
    if pixels.shape[:2] == size:
        return pixels
    tensor = torch.from_numpy(np.array(pixels.transpose(2, 0, 1), order="C")).unsqueeze(0)
    as_bytes = interpolation in _BYTES or interpolation not in SMOOTH or _bytes_of_bilinear()
    work = tensor if as_bytes or tensor.is_floating_point() else tensor.to(torch.float32)
    if interpolation in SMOOTH:
        made = torch.nn.functional.interpolate(work, size=size, mode=interpolation, align_corners=False, antialias=True)
    else:
        made = torch.nn.functional.interpolate(work, size=size, mode="nearest-exact")
    if made.dtype != tensor.dtype:
        made = made.round_().to(tensor.dtype)
    return made[0].permute(1, 2, 0).numpy()


def _bytes_of_bilinear() -> bool:
    """Whether torchvision resizes bytes as bytes here; elsewhere it rounds floats."""
    return torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512") or platform.machine() in ("aarch64", "arm64")
