"""Jitter, scale and rotation against torchvision's, and that each is a switch of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.core.maximisation import MaximiseSettings
from explorer.engine.maximisation.warp import _matrices, warped

OFF = {"jitter": False, "scale": False, "rotate": False}


def picture(height: int = 40, width: int = 56) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([torch.sin(x / 5), torch.cos(y / 7), torch.sin((x + y) / 9)]).mul(0.5).add(0.5)[None]


def test_everything_off_is_the_very_picture() -> None:
    x = picture()
    assert warped(x, MaximiseSettings(**OFF), 3) is x


@pytest.mark.parametrize("step", [0, 1, 5])
def test_jitter_moves_by_whole_pixels(step: int) -> None:
    x = picture()
    settings = MaximiseSettings(**{**OFF, "jitter": True})
    matrix = _matrices(1, 40, 56, settings, step)[0]
    down, right = round(float(matrix[1, 2]) * 40 / 2), round(float(matrix[0, 2]) * 56 / 2)
    assert abs(down) <= math.ceil(40 / 12)
    moved = warped(x, settings, step)
    rolled = torch.roll(x, (-down, -right), (2, 3))
    assert torch.allclose(moved[..., 6:-6, 6:-6], rolled[..., 6:-6, 6:-6], atol=1e-4)


@pytest.mark.parametrize("switch", ["rotate", "scale"])
def test_rotation_and_scale_are_those_of_torchvision(switch: str) -> None:
    from explorer.engine.models.torchvision_compat import import_torchvision

    import_torchvision()
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.functional import affine

    x, settings = picture(), MaximiseSettings(**{**OFF, switch: True})
    for step in range(4):
        matrix = _matrices(1, 40, 56, settings, step)[0]
        angle = math.degrees(math.atan2(matrix[1, 0] * 40 / 56, matrix[0, 0]))
        scale = 1 / math.hypot(matrix[0, 0], matrix[1, 0] * 40 / 56)
        assert abs(angle) <= 15
        assert 0.85 - 1e-6 <= scale <= 1.15 + 1e-6
        wanted = affine(x, -angle, [0, 0], scale, [0.0, 0.0], InterpolationMode.BILINEAR)
        assert torch.allclose(warped(x, settings, step)[..., 10:-10, 14:-14], wanted[..., 10:-10, 14:-14], atol=1e-3)


def test_moves_depend_on_seed_step_and_member_and_on_no_other_switch() -> None:
    every = MaximiseSettings()
    assert np.array_equal(_matrices(2, 8, 8, every, 3), _matrices(2, 8, 8, every, 3))
    assert not np.array_equal(_matrices(2, 8, 8, every, 3), _matrices(2, 8, 8, every, 4))
    assert not np.array_equal(*_matrices(2, 8, 8, every, 3))
    still = _matrices(1, 24, 24, MaximiseSettings(scale=False, rotate=False), 3)
    assert np.array_equal(still[0, :, 2], _matrices(1, 24, 24, every, 3)[0, :, 2])
