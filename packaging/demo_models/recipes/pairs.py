"""Without labels, by contrast: two renderings of the same objects must be nearer to each other than to all others.

Crops of one picture do not do here: they are matched by their background. So the second view shows the same objects in
another pose, light and place, as a moving camera would; their colours always and their material half of the time have
changed too, so that the shape is what remains.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.recipes.run import normalise
from demo_models.recipes.table import Recipe
from demo_models.world.dice import Dice
from demo_models.world.sample import views
from demo_models.world.things import things

COLOUR, MATERIAL, HEAT = 0.9, 0.4, 0.15


def projector(inside: int, hidden: int = 512, outside: int = 128) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inside, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, outside)
    )


def contrast(first: Tensor, second: Tensor, heat: float = HEAT) -> Tensor:
    """InfoNCE over (N, D) and (N, D): every view must find its other among 2 N - 1."""
    both = F.normalize(torch.cat([first, second]), dim=1)
    near = both @ both.T / heat
    near.fill_diagonal_(float("-inf"))
    count = len(first)
    partner = torch.arange(2 * count, device=near.device).roll(count)
    return F.cross_entropy(near, partner)


class Pairs:
    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device, memory_format=torch.channels_last)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            self.projector = projector(self.net.head.in_features).to(device)
        # The head is no part of it: it stays as it began, and evaluation does without.
        self.net.head.requires_grad_(False)
        self.parts = nn.ModuleDict({"net": self.net, "projector": self.projector})

    def draw(self, seed: int) -> tuple[Tensor, Tensor]:
        dice = Dice(seed, self.device)
        what = things(dice, self.recipe.block // 2)
        first = views(what, seed + 1_000_000)
        second = views(what, seed + 2_000_000, colour=COLOUR, material=MATERIAL)
        return first.images, second.images

    def losses(self, block: tuple[Tensor, Tensor], _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        half = self.recipe.batch // 2
        for one, two in zip(block[0].split(half), block[1].split(half), strict=True):
            z = self.projector(self.net.features(normalise(torch.cat([one, two]))))
            loss = contrast(*z.chunk(2))
            yield 2 * len(one), loss, {"loss": float(loss.detach())}

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""
