"""What a pixel is replaced by when it must say nothing."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.attribution import BASELINES, OF_SOUNDS, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.sound_grid import SoundGrid
from explorer.core.translation import tr
from explorer.engine.attribution.planes import as_planes


def baseline(x: Tensor, settings: AttributionSettings) -> Tensor:
    """An input like x (1, C, ...) that shows nothing: see Settings. ExplorerError for an unknown kind."""
    if settings.sound is not None and settings.baseline in ("mean", "silence"):
        return _level(x, settings.sound, settings.baseline == "mean")
    if settings.baseline == "mean":
        return torch.zeros_like(x)
    if settings.sound is not None and settings.baseline in ("black", "blur"):
        raise ExplorerError(
            tr("A sound has no baseline {baseline!r}.", baseline=settings.baseline),
            "",
            tr("Choose one of {list}.", list=", ".join(OF_SOUNDS)),
        )
    if settings.baseline == "black":
        return _black(x, settings.black)
    if settings.baseline == "blur":
        return blurred(x)
    if settings.baseline == "noise":
        generator = torch.Generator().manual_seed(settings.seed)
        share = torch.rand(x.shape, generator=generator).to(x)
        return x.min() + share * (x.max() - x.min())
    raise ExplorerError(
        tr("There is no baseline {baseline!r}.", baseline=settings.baseline),
        "",
        tr("Choose one of {list}.", list=", ".join(BASELINES)),
    )


def _level(x: Tensor, grid: SoundGrid, mean: bool) -> Tensor:
    """Every band the same all the time: its mean over this sound, or what it has in silence."""
    ground = torch.empty_like(x)
    planes, silence = as_planes(x, grid), torch.tensor(grid.silence).to(x)
    as_planes(ground, grid)[:] = planes.mean(-1, keepdim=True) if mean else silence[:, None]
    return ground


def _black(x: Tensor, black: tuple[float, ...]) -> Tensor:
    if len(black) not in (1, x.shape[1]):
        raise ExplorerError(tr("Black has {count} values for {shape} channels.", count=len(black), shape=x.shape[1]))
    levels = torch.tensor(black).to(x).reshape(1, -1, *[1] * (x.dim() - 2))
    return levels.expand_as(x).clone()


def blurred(x: Tensor, share: float = 0.05) -> Tensor:
    """A picture (1, C, H, W) blurred by a Gaussian whose sigma is `share` of the longer side; edges are continued."""
    if x.dim() != 4:
        raise ExplorerError(tr("Only a picture can be blurred."), tr("This input has {dim} dimensions.", dim=x.dim()))
    sigma = share * max(x.shape[2:])
    radius = max(1, round(3 * sigma))
    at = torch.arange(-radius, radius + 1).to(x)
    kernel = torch.exp(-0.5 * (at / sigma) ** 2)
    kernel = kernel / kernel.sum()
    planes = F.pad(x.transpose(0, 1), (radius, radius, radius, radius), mode="replicate")
    planes = F.conv2d(F.conv2d(planes, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))
    return planes.transpose(0, 1)
