"""The lines of Python that a preprocessing becomes give the tensor that the application makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.engine.export_input import preprocess_lines
from explorer.engine.inputs.preprocess import to_tensor

SMALL = {"height": 31, "width": 40, "resize": 37}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fit": "crop", "rounding": "down"},
        {"fit": "stretch-crop", "resizer": "torch", "rounding": "down", "interpolation": "bicubic"},
        {"fit": "keep"},
        {"fit": "keep", "resizer": "torch"},
        {"fit": "letterbox", "fill": (0.2, 0.4, 0.6)},
        {"fit": "stretch", "resizer": "torch-float", "interpolation": "bicubic"},
        {"fit": "crop", "resizer": "torch", "interpolation": "nearest", "order": "bgr"},
        {"fit": "crop", "interpolation": "lanczos", "transform_input": True},
        {"fit": "crop", "resizer": "torch", "interpolation": "lanczos", "mean": (0.1,), "std": (2.0,)},
        {"channels": 1, "mean": (0.5,), "std": (0.5,), "fit": "letterbox", "fill": (0.5,)},
        {"channels": 5},
    ],
)
@pytest.mark.parametrize("size", [(61, 97), (20, 11), (150, 41)])
def test_the_same_tensor(given: dict[str, Any], size: tuple[int, int]) -> None:
    pre = Preprocess(**{**SMALL, **given})
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    held: dict[str, Any] = {"np": np, "torch": torch, "Image": Image, "image": Image.fromarray(pixels)}
    exec("\n".join(preprocess_lines(pre)), held)
    wanted = to_tensor(Picture(InputRef("picture"), pixels, "0"), pre)
    torch.testing.assert_close(held["x"], wanted, rtol=1e-6, atol=1e-6)
