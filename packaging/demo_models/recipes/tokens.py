"""Labels for every patch beside the one of the picture: a transformer learns far faster from 145 answers than from one.

The generator knows what stands where, so each patch token is asked which shape covers most of its patch, or none. The
layer that answers for the patches is thrown away; the network that is kept is a plain transformer.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.recipes.labelled import kept_patches
from demo_models.recipes.run import half, normalise
from demo_models.recipes.table import Recipe
from demo_models.world.sample import Pictures, draw

Block = tuple[Tensor, Tensor, Tensor]


def patch_labels(pictures: Pictures, patch: int) -> Tensor:
    """(N, patches) int64: 0 for background, 1 + shape for what covers most of a patch."""
    shares = F.avg_pool2d(pictures.masks.float(), patch).flatten(2)
    shares = torch.cat([1 - shares.sum(1, keepdim=True), shares], 1)
    answers = F.pad(pictures.things.shape + 1, (1, 0))
    return answers.gather(1, shares.argmax(1))


class Tokens:
    """Cross-entropy of the class token against the subject's shape, and of the patches against what covers them."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            self.patch_head = nn.Linear(self.net.head.in_features, len(recipe.labels) + 1).to(device)
        self.parts = nn.ModuleDict({"net": self.net, "patch_head": self.patch_head})

    def draw(self, seed: int) -> Block:
        pictures = draw(seed, self.recipe.block, device=self.device)
        return pictures.images, pictures.shape, patch_labels(pictures, pictures.images.shape[-1] // self.net.grid)

    def losses(self, block: Block, progress: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for images, labels, answers in zip(*(part.split(self.recipe.batch) for part in block), strict=True):
            kept = kept_patches(self.net, len(images), self.recipe.keep if progress < 0.75 else 1.0, self.device)
            with half(self.device):
                tokens = self.net.tokens(normalise(images), kept).float()
            said = self.net.head(tokens[:, 0])
            asked = answers if kept is None else answers.gather(1, kept)
            patches = F.cross_entropy(self.patch_head(tokens[:, self.net.prefix :]).flatten(0, 1), asked.flatten())
            loss = F.cross_entropy(said, labels, label_smoothing=0.03)
            right = float((said.argmax(1) == labels).float().mean())
            yield (
                len(images),
                loss + patches,
                {"loss": float(loss.detach()), "patches": float(patches.detach()), "right": right},
            )

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""
