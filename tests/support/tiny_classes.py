"""A data set of small pictures in three classes that differ in colour and stripes, and networks that learn them in a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from nets import InPlace, seeded
from PIL import Image
from torch import Tensor, nn

from explorer.core.data_sets import DataClass, DataPicture, DataSet
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.transfer import TransferParams, TransferTarget
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.runner import Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.models.demo.vit import VisionTransformer

PRE = Preprocess(16, 16, resize=16)
NAMES = ("blue", "green", "red")


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def tiny_classes(folder: Path, count: int = 12) -> DataSet:
    """`count` pictures a class, each its own group."""
    chance = np.random.default_rng(0)
    classes = []
    for number, name in enumerate(NAMES):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            pixels = chance.integers(0, 110, (16, 16, 3), dtype=np.uint8)
            pixels[:: number + 1, :, 2 - number] += 90
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
        paths = [folder / name / f"{i}.png" for i in range(count)]
        pictures = (DataPicture(f"{name}/{p.name}", name, "", p.stat().st_size, 1) for p in paths)
        classes.append(DataClass(name, tuple(pictures)))
    return DataSet("tiny", str(folder), tuple(classes))


class Dropped(nn.Module):
    """Dropout as a module and as a function, in the frozen part and behind it, BatchNorm, and a block called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.3))
        self.twice = nn.Conv2d(6, 6, 3, 1, 1)
        self.second = _Loose()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.twice(self.first(x))
        x = self.second(torch.relu(self.twice(x)))
        return self.head(self.pool(x).flatten(1))


class _Loose(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(6, 6, 3, 1, 1), nn.BatchNorm2d(6)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(torch.relu(self.norm(self.conv(x))), 0.2, self.training)


def transformer() -> nn.Module:
    torch.manual_seed(0)
    return VisionTransformer(classes=4, width=16, depth=2, heads=2, patch=4, size=16)


NETS = {"batch norm": InPlace, "dropout": Dropped, "transformer": transformer}


def network(kind: str) -> nn.Module:
    net = NETS[kind]()
    return (net if kind == "transformer" else seeded(net)).eval()


def opened(net: nn.Module, **about: object) -> tuple[ModelSession, str]:
    """A workbench with this network, and its digest."""
    given: dict[str, object] = {
        "spec": ModelSpec("net"),
        "name": "net",
        "source": "file",
        "weights": WeightsInfo(True, sha256="n"),
    }
    card = ModelCard(preprocess=PRE, **{**given, **about})  # type: ignore[arg-type]
    bench = ModelSession(50_000_000)
    bench.adopt(LoadedModel(net.eval(), card))
    return bench, card.digest


def target(model: str, data: DataSet, **params: object) -> TransferTarget:
    return TransferTarget(model, data, TransferParams(**{"epochs": 3, "rate": 0.02, **params}))  # type: ignore[arg-type]
