"""Small networks with the habits that make naive capture lie."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def seeded(net: nn.Module) -> nn.Module:
    """The same weights every time, batch statistics included, so that normalisation is no identity."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.3)
        for name, b in net.named_buffers():
            if b.is_floating_point():
                b.copy_(torch.rand(b.shape, generator=generator) + (0.5 if "var" in name else 0.0))
    return net


class InPlace(nn.Module):
    """Convolution, normalisation and an in-place ReLU used twice, with an in-place residual sum: ResNet's habits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        a = self.relu(self.bn1(self.conv1(x)))
        b = self.bn2(self.conv2(a))
        b += a
        return self.fc(self.pool(self.relu(b)).flatten(1))


class SkipFromReluInput(nn.Module):
    """The skip is taken from the tensor that an in-place ReLU has already written to."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.next = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.next(self.relu(y)) + y


class DataWriter(nn.Module):
    """Writes through .data, which torch does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.next = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        y.data.clamp_(min=0)
        return self.next(y)


class Keeper(nn.Module):
    """Returns its own buffer: the next forward writes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kept", torch.zeros(1, 3, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        self.kept.copy_(x * 2)
        return self.kept


class Buffered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.keeper, self.conv = Keeper(), nn.Conv2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.keeper(x))


class Parts(nn.Module):
    """Returns a tuple with a dict and a None inside."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor | None]]:
        y = self.conv(x)
        return y, {"double": y * 2, "nothing": None}


class WithParts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts, self.last = Parts(), nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y, more = self.parts(x)
        return self.last(y + more["double"])


class Branching(nn.Module):
    """Takes another branch for bright inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.dark, self.bright = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1), nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.stem(x))
        return self.bright(y) if x.mean() > 0.5 else self.dark(y)


class Raises(nn.Module):
    """Stops at its second layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 1), nn.Conv2d(5, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))


class InferenceInside(nn.Module):
    """Makes inference tensors, which count no writes, and writes to them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.last = nn.Conv2d(3, 4, 1), nn.ReLU(inplace=True), nn.Conv2d(4, 2, 1)

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.relu(self.conv(x)))


class TinyViT(nn.Module):
    """Patches, a class token and two registers, pre-norm attention, on any picture whose sides the patch divides."""

    def __init__(self, patch: int = 4, width: int = 16, registers: int = 2) -> None:
        super().__init__()
        self.patch, self.width = patch, width
        self.embed = nn.Conv2d(3, width, patch, patch)
        self.prefix = nn.Parameter(torch.zeros(1, 1 + registers, width))
        self.norm = nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.head = nn.Linear(width, 6)

    def forward(self, x: Tensor) -> Tensor:
        y = self.embed(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.prefix.expand(len(y), -1, -1), y], 1)
        q, k, v = self.qkv(self.norm(y)).chunk(3, -1)
        y = y + self.out(F.scaled_dot_product_attention(q, k, v))
        return self.head(y[:, 0])


CASES = (InPlace, SkipFromReluInput, DataWriter, Buffered, WithParts, Branching, InferenceInside, TinyViT)
