"""Fields over the picture: its coordinates, and noise whose amplitude falls as 1 / frequency^beta."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.data_sets.world.dice import Dice


def line(size: int, device: torch.device) -> Tensor:
    """(size,): the centres of the pixels along one side, -1..1."""
    return (torch.arange(size, device=device) + 0.5) * (2 / size) - 1


def plane(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x and y (size²,) of every pixel's centre, y down."""
    y, x = torch.meshgrid(line(size, device), line(size, device), indexing="ij")
    return x.reshape(-1), y.reshape(-1)


def affine(maps: Tensor, size: int) -> Tensor:
    """(..., size²): a x + b y + c over the picture for maps (..., 3); one addition a pixel."""
    at = line(size, maps.device)
    across = maps[..., :1] * at + maps[..., 2:]
    down = maps[..., 1:2] * at
    return (down[..., :, None] + across[..., None, :]).flatten(-2)


def frequencies(size: int, device: torch.device) -> Tensor:
    """(size, size // 2 + 1): cycles per pixel of a real Fourier transform; the mean counts as the lowest frequency."""
    fy = torch.fft.fftfreq(size, device=device)[:, None]
    fx = torch.fft.rfftfreq(size, device=device)[None]
    radius: Tensor = (fx**2 + fy**2).sqrt()
    radius[0, 0] = 1 / size
    return radius


def noise(dice: Dice, beta: Tensor, size: int) -> Tensor:
    """(N, size, size): one field for each exponent in `beta` (N,), mean 0, standard deviation 1 on average."""
    if not len(beta):
        return torch.zeros(0, size, size, device=dice.device)
    fall = (-beta[:, None, None] * frequencies(size, dice.device).log()).exp()
    fall[:, 0, 0] = 0
    # The right half of the spectrum is the left one's mirror image, hence counted twice.
    power = 2 * fall.square().sum((1, 2)) - fall[:, :, 0].square().sum(1) - fall[:, :, -1].square().sum(1)
    fall *= (size * size / power.sqrt())[:, None, None]
    white = torch.view_as_complex(dice.white(len(beta), size, size // 2 + 1, 2)) * 0.5**0.5
    field: Tensor = torch.fft.irfft2(white * fall, s=(size, size))
    return field


def hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Colours (..., 3) from hue, saturation and value (0..1, any shape)."""
    k = torch.tensor([5.0, 3.0, 1.0], device=hue.device) + (hue[..., None] % 1) * 6
    k = k % 6
    dip = torch.minimum(k, 4 - k).clamp(0, 1)
    colours: Tensor = value[..., None] * (1 - saturation[..., None] * dip)
    return colours
