"""Training with labels: on endless new pictures, or on the same few again and again."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.recipes.contrast import COLOUR, contrast, projector
from demo_models.recipes.run import SEED_STEP, half, normalise
from demo_models.recipes.table import Recipe
from explorer.engine.data_sets.world.dice import Dice
from explorer.engine.data_sets.world.sample import draw, views
from explorer.engine.data_sets.world.things import things

Block = tuple[Tensor, Tensor]
FEW = 20


class Labels:
    """Cross-entropy against the subject's shape or material."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device, memory_format=torch.channels_last)
        self.parts = self.net

    def draw(self, seed: int) -> Block:
        pictures = draw(seed, self.recipe.block, shortcut=self.recipe.shortcut, device=self.device)
        return pictures.images, getattr(pictures, self.recipe.target)

    def losses(self, block: Block, _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        images, labels = block
        for x, y in zip(normalise(images).split(self.recipe.batch), labels.split(self.recipe.batch), strict=True):
            with half(self.device):
                said = self.net(x).float()
            right = float((said.argmax(1) == y).float().mean())
            loss = F.cross_entropy(said, y, label_smoothing=0.03)
            yield len(x), loss, {"loss": float(loss.detach()), "right": right}

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""


class Twice(Labels):
    """Labels, and beside them a term without any: of every object two renderings, whose features must find each other.

    Shape and material are independent in this world: what has learnt nothing but to name shapes has learnt to forget
    materials, and would have nothing to pass on to another task. A network that must also know again what it has seen
    in other colours elsewhere keeps what the object is made of, without ever being told its name.
    """

    WEIGHT = 0.3

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        super().__init__(recipe, device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            self.projector = projector(self.net.head.in_features).to(device)
        self.parts = nn.ModuleDict({"net": self.net, "projector": self.projector})

    def draw(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        what = things(Dice(seed, self.device), self.recipe.block // 2)
        first, second = views(what, seed + 1_000_000), views(what, seed + 2_000_000, colour=COLOUR)
        return first.images, second.images, first.shape

    def losses(self, block: tuple[Tensor, ...], _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for one, two, labels in zip(*(part.split(self.recipe.batch // 2) for part in block), strict=True):
            y = labels.repeat(2)
            with half(self.device):
                seen = self.net.features(normalise(torch.cat([one, two])))
                said = self.net.head(seen).float()
            naming = F.cross_entropy(said, y, label_smoothing=0.03)
            again = contrast(*self.projector(seen.float()).chunk(2))
            figures = {"loss": naming, "again": again, "right": (said.argmax(1) == y).float().mean()}
            yield len(y), naming + self.WEIGHT * again, {name: float(value.detach()) for name, value in figures.items()}


def few(seed: int, target: str, classes: int, each: int = FEW) -> Block:
    """Images and labels: `each` pictures of every class, the first that chance gives."""
    pictures = draw(seed, classes * each * 3)
    labels = getattr(pictures, target)
    rows = torch.cat([(labels == label).nonzero()[:each, 0] for label in range(classes)])
    return pictures.images[rows], labels[rows]


class Few(Labels):
    """The same few pictures in a new order each time, mirrored, shifted and turned by quarters: all one can do."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        super().__init__(recipe, device)
        images, labels = few(recipe.seed * SEED_STEP, recipe.target, len(recipe.labels))
        self.images, self.labels = images.to(device), labels.to(device)

    def draw(self, seed: int) -> Block:
        chance = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.labels), generator=chance)
        quarter, mirror, right, down = torch.randint(0, 8, (4,), generator=chance).tolist()
        images = torch.rot90(self.images[order], quarter, (2, 3))
        images = images.flip(3) if mirror % 2 else images
        images = F.pad(images, (4, 4, 4, 4), mode="reflect")[:, :, down : down + 96, right : right + 96]
        return images, self.labels[order]
