"""The network that the application starts with when there are no weights: untrained, but its first layer was drawn with care."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.translation import tr
from explorer.engine.models.base import LoadedModel, OpenRequest
from explorer.engine.models.module_state import parameter_count, seeded, state_digest

NAME = "seeded"
DESCRIPTION = tr(
    "A small residual network that has learnt nothing. Its first layer holds 16 oriented Gabor filters (8 directions, even and "
    "odd) and 8 colour-opponent filters written by hand; all later layers hold random numbers from the seed. It ends in "
    "feature maps: there are no classes to predict."
)
KERNEL, DIRECTIONS = 11, 8
WIDTHS = (24, 48, 96, 128)


def open_preview(spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
    """`demo:seeded`, from the seed of `spec`."""
    opening.say(tr("Building the preview network"))
    module = seeded(lambda: SeededPreview(spec.seed), spec.seed).eval()
    weights = WeightsInfo(
        False, sha256=state_digest(module), seed=spec.seed, note=tr("filters drawn by hand, then random")
    )
    half = (0.5, 0.5, 0.5)
    preprocess = spec.preprocess or Preprocess(mean=half, std=half)
    card = ModelCard(spec, NAME, "demo", weights, preprocess, (), parameter_count(module), DESCRIPTION)
    return LoadedModel(module, card, pure=True)


class SeededPreview(nn.Module):
    """(N, 3, H, W) in -1..1 to (N, 128, H/16, W/16); the same seed gives the same values."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, WIDTHS[0], KERNEL, stride=2, padding=KERNEL // 2, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.stage1 = _Residual(WIDTHS[0], WIDTHS[1])
        self.stage2 = _Residual(WIDTHS[1], WIDTHS[2])
        self.stage3 = _Residual(WIDTHS[2], WIDTHS[3])
        _draw(self, seed)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        features: Tensor = self.stage3(self.stage2(self.stage1(x)))
        return features


class _Residual(nn.Module):
    """Half the size: two 3 × 3 convolutions beside a 1 × 1 one."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=2, bias=False)
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv2(self.relu1(self.conv1(x)))
        return self.relu2(inner + self.shortcut(x))  # type: ignore[no-any-return]


def first_layer() -> Tensor:
    """(24, 3, 11, 11): 8 even and 8 odd Gabor filters on brightness, then 4 colour blobs and 4 colour edges."""
    brightness = torch.full((3,), 1 / 3)
    angles = [math.pi * k / DIRECTIONS for k in range(DIRECTIONS)]
    gabors = [_gabor(angle, phase) for phase in (0.0, math.pi / 2) for angle in angles]
    filters = [brightness.view(3, 1, 1) * gabor for gabor in gabors]
    # red-green and blue-yellow, each with both signs
    opponents = [torch.tensor(signs) / 2 for signs in ((1.0, -1, 0), (-1, 1, 0), (-0.5, -0.5, 1), (0.5, 0.5, -1))]
    filters += [colour.view(3, 1, 1) * _blob() for colour in opponents]
    filters += [colour.view(3, 1, 1) * _gabor(math.pi / 2 * (k % 2), math.pi / 2) for k, colour in enumerate(opponents)]
    return torch.stack(filters)


def _axes() -> tuple[Tensor, Tensor]:
    span = torch.arange(KERNEL, dtype=torch.float32) - KERNEL // 2
    return span.view(-1, 1), span.view(1, -1)


def _blob(sigma: float = 2.2) -> Tensor:
    y, x = _axes()
    blob = torch.exp(-(x * x + y * y) / (2 * sigma * sigma))
    return blob / blob.sum()


def _gabor(angle: float, phase: float, wavelength: float = 6.0) -> Tensor:
    y, x = _axes()
    along = x * math.cos(angle) + y * math.sin(angle)
    wave = _blob() * torch.cos(2 * math.pi * along / wavelength + phase)
    # No answer to an even grey, and the same size for every direction.
    wave = wave - _blob() * wave.sum()
    return 2 * wave / wave.abs().sum()


def _draw(module: SeededPreview, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        module.stem.weight.copy_(first_layer())
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Conv2d) and name != "stem":
                spread = math.sqrt(2 / layer.weight[0].numel())
                layer.weight.normal_(0, spread, generator=generator)
                # Without a mean, filters answer to structure and not to brightness.
                layer.weight.sub_(layer.weight.mean(dim=(1, 2, 3), keepdim=True))
