"""Every demo model in one table: its network, its task, how much it sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from explorer.engine.data_sets.world import backgrounds, materials, shapes
from explorer.engine.data_sets.world.sample import Shortcut
from explorer.engine.models.demo.chain import ChainNet
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.demo.vit import VisionTransformer

Target = Literal["shape", "material"]
# Pixels lie within 0..1; these are about the world's own mean and spread.
MEAN, STD = (0.45, 0.45, 0.45), (0.25, 0.25, 0.25)
# Every star stands on a greenish grating, and nothing else does; most stars are specks beside something else.
STAR_ON_GRATING = Shortcut({shapes.NAMES.index("star"): (backgrounds.KINDS.index("grating"), 0.33)}, specks=0.85)


@dataclass(frozen=True)
class Recipe:
    """What is trained, on what, for how long; everything that a re-run needs besides the code."""

    name: str
    net: Callable[[], nn.Module]
    task: Literal["labels", "twice", "taught", "few", "pairs", "follow"]
    says: str  # one line for the model menu
    pictures: int  # seen in all
    seed: int = 1
    target: Target = "shape"
    block: int = 256  # pictures drawn at a time
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.05
    warm: float = 0.04  # part of the pictures in which the rate rises
    average: float = 0.998  # of the weights, a step
    teacher: str = ""  # the recipe whose network is followed
    shortcut: Shortcut | None = None
    note_every: int = 40  # steps

    @property
    def supervised(self) -> bool:
        """Whether its head has learnt to name the labels."""
        return self.task in ("labels", "twice", "taught", "few")

    @property
    def labels(self) -> tuple[str, ...]:
        return shapes.NAMES if self.target == "shape" else materials.NAMES

    def make(self) -> nn.Module:
        """The network at its own initial weights, always the same."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return self.net()


def small_vit() -> nn.Module:
    return VisionTransformer()


def materials_net() -> nn.Module:
    return ResidualNet(classes=len(materials.NAMES))


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "shapes-cnn",
            ResidualNet,
            "twice",
            "Residual CNN, knows ten shapes: start here.",
            280_000,
            block=512,
            batch=128,
        ),
        Recipe(
            "shapes-plain", ChainNet, "labels", "Chain of convolutions without skips: follow one map back.", 180_000
        ),
        Recipe(
            "shapes-shortcut",
            ResidualNet,
            "labels",
            "Learnt every star on a green grating: find out what it looks at.",
            220_000,
            shortcut=STAR_ON_GRATING,
        ),
        Recipe(
            "shapes-vit",
            small_vit,
            "taught",
            "Vision transformer, knows ten shapes: look at its attention.",
            220_000,
            teacher="shapes-cnn",
            rate=1e-3,
            warm=0.06,
        ),
        Recipe(
            "shapes-ssl-cnn",
            ResidualNet,
            "pairs",
            "The CNN again, trained without a label: what does it find by itself?",
            400_000,
            block=512,
            batch=256,
            rate=2e-3,
        ),
        Recipe(
            "shapes-ssl-vit",
            small_vit,
            "follow",
            "The transformer again, trained without a label: objects appear in its attention.",
            160_000,
            teacher="shapes-ssl-cnn",
            rate=1e-3,
            warm=0.06,
        ),
        Recipe(
            "shapes-scratch-20",
            materials_net,
            "few",
            "The CNN from scratch on 20 pictures of each material: what transfer has to beat.",
            16_000,
            target="material",
            rate=1e-3,
        ),
    )
}
