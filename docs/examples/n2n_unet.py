"""A small U-Net that takes noise off pictures, as an example of bringing your own model.

    feature-map-explorer layers file:docs/examples/n2n_unet.py:make_model --weights n2n-gaussian.pt

Picture in, picture out: there are no classes. Two blocks run several times in one forward, each time at another
size, so the same layer appears under several calls. The names of the layers are those in the weight file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Pixels from 0 to 1 as they are; sides must divide by 32.
PREPROCESS = {"height": 256, "width": 256, "resize": 256, "mean": (0, 0, 0), "std": (1, 1, 1)}
LABELS = ()

FINE, COARSE = 48, 96


def conv(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]


def up(channels: int) -> nn.Module:
    return nn.ConvTranspose2d(channels, channels, 3, stride=2, padding=1, output_padding=1)


class UNet(nn.Module):
    """(N, 3, H, W) in 0..1 to the same with less noise."""

    def __init__(self) -> None:
        super().__init__()
        self._block1 = nn.Sequential(*conv(3, FINE), *conv(FINE, FINE), nn.MaxPool2d(2))
        self._block2 = nn.Sequential(*conv(FINE, FINE), nn.MaxPool2d(2))
        self._block3 = nn.Sequential(*conv(FINE, FINE), up(FINE))
        self._block4 = nn.Sequential(*conv(COARSE, COARSE), *conv(COARSE, COARSE), up(COARSE))
        self._block5 = nn.Sequential(*conv(COARSE + FINE, COARSE), *conv(COARSE, COARSE), up(COARSE))
        last = nn.Sequential(nn.Conv2d(32, 3, 3, padding=1), nn.LeakyReLU(0.1))
        self._block6 = nn.Sequential(*conv(COARSE + 3, 64), *conv(64, 32), *last)

    def forward(self, x: Tensor) -> Tensor:
        pool1 = self._block1(x)
        pool2 = self._block2(pool1)
        pool3 = self._block2(pool2)
        pool4 = self._block2(pool3)
        pool5 = self._block2(pool4)
        y = self._block3(pool5)
        y = self._block4(torch.cat([y, pool4], dim=1))
        y = self._block5(torch.cat([y, pool3], dim=1))
        y = self._block5(torch.cat([y, pool2], dim=1))
        y = self._block5(torch.cat([y, pool1], dim=1))
        return self._block6(torch.cat([y, x], dim=1))


def make_model() -> nn.Module:
    return UNet()
