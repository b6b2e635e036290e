"""Without labels, by contrast: two renderings of the same objects must be nearer to each other than to all others.

Crops of one picture do not do here: they are matched by their background. So the second view shows the same objects in
another pose, light and place, as a moving camera would; their colours always and their material half of the time have
changed too, so that the shape is what remains.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from demo_models.recipes.contrast import COLOUR, MATERIAL, contrast, projector
from demo_models.recipes.run import half, normalise
from demo_models.recipes.table import Recipe
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.sample import views
from explorer.engine.data_sets.world.things import things


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
        pairs = self.recipe.batch // 2
        for one, two in zip(block[0].split(pairs), block[1].split(pairs), strict=True):
            x = normalise(torch.cat([one, two]))
            with half(self.device):
                seen = self.net.features(x).float()
            loss = contrast(*self.projector(seen).chunk(2))
            yield 2 * len(one), loss, {"loss": float(loss.detach())}

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""
