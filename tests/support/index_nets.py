"""Networks, pictures and clips for tests of the index, and what plain torch says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from explorer.core.data_index import IndexProgress
from explorer.core.index_requests import MakeIndex
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.requests import Lane
from explorer.engine.data_index.index_run import Sharding, make_steps
from explorer.engine.jobs.job import Job
from explorer.engine.models.base import LoadedModel

SIDE = 16
PRE = Preprocess(SIDE, SIDE, "stretch", mean=(0.5,) * 3, std=(0.25,) * 3)


class Tokens(nn.Module):
    """Patches with a class token before them, and one block that mixes them."""

    def __init__(self, width: int = 10) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        self.norm = nn.LayerNorm(width)
        self.mix = nn.MultiheadAttention(width, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(len(x), -1, -1), x], 1)
        y = self.norm(x)
        return x + self.mix(y, y, y, need_weights=False)[0]


class MapsTokensVector(nn.Module):
    """Maps that are overwritten in place, clipped maps, tokens and a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.clip = nn.Sequential(nn.Conv2d(8, 6, 3, padding=1), nn.Hardtanh(0, 0.05))
        self.tokens = Tokens()
        self.head = nn.Linear(10, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.conv(x))
        _ = self.clip(y)
        return self.head(self.tokens(x).mean(1))


TAPS = ("conv", "relu", "clip", "tokens", "head")


def network(
    make: Callable[[], nn.Module] = MapsTokensVector, pre: Any = PRE, name: str = "net", seed: int = 3
) -> LoadedModel:
    torch.manual_seed(seed)
    module = make().eval()
    weights = WeightsInfo(False, sha256=f"{name}-{seed}", seed=seed)
    return LoadedModel(module, ModelCard(ModelSpec(f"file:{name}.py"), name, "file", weights, pre))


def with_preprocess(loaded: LoadedModel, pre: Preprocess) -> LoadedModel:
    return replace(loaded, card=replace(loaded.card, preprocess=pre))


def draw(folder: Path, count: int, classes: tuple[str, ...] = ("a", "b"), seed: int = 0) -> Path:
    """Pictures of noise, each class of another colour."""
    chance = np.random.default_rng(seed)
    for number in range(count):
        label = classes[number % len(classes)]
        place = folder / label / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        base = 200 * (number % len(classes)) // max(len(classes) - 1, 1)
        pixels = np.clip(chance.normal(base, 40, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(place)
    return folder


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def made(
    loaded: LoadedModel, data: Path | str, store: Path, sharding: Sharding | None = None, **asked: Any
) -> IndexProgress:
    """The whole index."""
    asked = {"taps": ",".join(TAPS), "features": "relu", **asked}
    request = MakeIndex(loaded.card.digest, str(data), store=str(store), **asked)
    steps = make_steps(loaded, "cpu", request, job(), sharding)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: IndexProgress = stop.value
            return found


def kept_maps(loaded: LoadedModel, inputs: Tensor, taps: tuple[str, ...], batch: int) -> dict[str, Tensor]:
    """All values by plain hooks, in batches that are filled up with the last input: (N, …)."""
    kept: dict[str, list[Tensor]] = {name: [] for name in taps}

    def keep(name: str, count: int) -> Callable[..., None]:
        return lambda _m, _a, output: kept[name].append(output.detach().clone()[:count])

    with torch.no_grad():
        for n in range(0, len(inputs), batch):
            part = inputs[n : n + batch]
            whole = torch.cat([part, *[part[-1:]] * (batch - len(part))])
            hooks = [loaded.module.get_submodule(t).register_forward_hook(keep(t, len(part))) for t in taps]
            loaded.module(whole)
            for hook in hooks:
                hook.remove()
    return {name: torch.cat(parts) for name, parts in kept.items()}
