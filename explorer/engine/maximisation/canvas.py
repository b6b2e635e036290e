"""The picture that is being made, as the parameters that are moved: Fourier coefficients or pixels, colours apart or not."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import MaximiseSettings
from explorer.core.translation import tr

# How the colours of photographs vary together: a square root of their covariance over ImageNet, as published with
# Olah et al. 2017; scaled so that its longest column has length 1.
_COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
_COLOURS /= np.linalg.norm(_COLOURS, axis=0).max()
_NOISE = 0.01  # standard deviation of the parameters at the start
_CALM = 4.0  # the picture is the sigmoid of the transform over this
_EDGE = 0.02  # black and white of a given picture lie this far inside the range, where the sigmoid still moves

Shape = tuple[int, int, int, int]  # (pictures, channels, height, width)


class Canvas:
    """Pictures of shape (N, C, H, W) in 0..1, made from `parameters`, a leaf that wants gradients."""

    def __init__(self, shape: Shape, settings: MaximiseSettings, device: torch.device) -> None:
        self.shape, self.device, self.fourier = shape, device, settings.fourier
        self.height, self.width = shape[2], shape[3]
        apart = settings.decorrelate and shape[1] == 3
        self._colours = torch.from_numpy(_COLOURS).to(device) if apart else None
        self._spectrum = torch.from_numpy(_spectrum(self.height, self.width, settings.decay)).to(device)
        self.parameters: Tensor = torch.empty(0)

    def from_noise(self, seed: int) -> None:
        """Small random parameters: the same for a seed on every device."""
        self.load(self._noise(seed))

    def from_picture(self, pixels: Array, seed: int) -> None:
        """Parameters that make the picture (C, H, W) in 0..1; members of a batch differ by a little noise."""
        x = torch.from_numpy(np.clip(pixels, _EDGE, 1 - _EDGE).astype(np.float32))[None].to(self.device)
        x = torch.logit(x)
        if self._colours is not None:
            x = (torch.linalg.inv(self._colours) @ x.flatten(2)).view_as(x)
        if self.fourier:
            x = torch.view_as_real(torch.fft.rfft2(x * _CALM, norm="ortho") / self._spectrum)
        values = x.expand(self.shape[0], *x.shape[1:]).cpu().numpy()
        self.load(values if self.shape[0] == 1 else values + self._noise(seed))

    def load(self, values: Array) -> None:
        """Raises ExplorerError when they are of another shape."""
        if values.shape != self._size():
            raise ExplorerError(
                tr("The stored image does not fit."), tr("{shape}, not {size}.", shape=values.shape, size=self._size())
            )
        self.parameters = torch.tensor(values, dtype=torch.float32, device=self.device).requires_grad_()

    def picture(self) -> Tensor:
        """(N, C, H, W) in 0..1, with its graph."""
        x = self.parameters
        if self.fourier:
            coefficients = torch.view_as_complex(x) * self._spectrum
            x = torch.fft.irfft2(coefficients, s=(self.height, self.width), norm="ortho") / _CALM
        if self._colours is not None:
            x = (self._colours @ x.flatten(2)).view(self.shape)
        return torch.sigmoid(x)

    def pixels(self) -> Array:
        """(N, H, W, C) uint8, read-only."""
        with torch.no_grad():
            eight = (self.picture() * 255).round_().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        eight.flags.writeable = False
        return eight

    def _noise(self, seed: int) -> Array:
        noise: Array = np.random.default_rng([seed]).normal(0, _NOISE, self._size()).astype(np.float32)
        return noise

    def _size(self) -> tuple[int, ...]:
        return (*self.shape[:3], self.width // 2 + 1, 2) if self.fourier else self.shape


def _spectrum(height: int, width: int, decay: float) -> Array:
    """(H, W // 2 + 1) float32: 1 / frequency ** decay, no larger than that of one wave over the longer side.

    Scaled to the energy of 1 / frequency, so that the decay changes how fine the picture is and not its contrast.
    """
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    frequency = np.maximum(np.hypot(rows, columns), 1.0 / max(height, width))
    wanted, usual = frequency**-decay, 1.0 / frequency
    spectrum: Array = (wanted * np.sqrt(np.mean(usual**2) / np.mean(wanted**2))).astype(np.float32)
    return spectrum
