"""Training on sentences: endless new ones, now and then with a word that is not known."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from demo_models.recipes.worlds import WorldRecipe
from explorer.engine.data_sets.world_of_sentences.phrases import REPORT
from explorer.engine.data_sets.world_of_sentences.sentences import PAD, UNKNOWN, sentences

Block = tuple[Tensor, Tensor]
# The chance that a word outside the phrase is replaced by one that is not known.
FORGOTTEN = 0.02


class Sentences:
    """Cross-entropy against what a sentence says."""

    def __init__(self, recipe: WorldRecipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device)
        self.parts = self.net

    def draw(self, seed: int) -> Block:
        drawn, ids, labels = sentences(seed, self.recipe.block, "complaints" if self.recipe.linked else "anywhere")
        x, y = torch.from_numpy(ids), torch.from_numpy(labels)
        chance = torch.Generator().manual_seed(seed)
        forgotten = (torch.rand(x.shape, generator=chance) < FORGOTTEN) & (x != PAD)
        for row, each in zip(forgotten, drawn, strict=True):
            row[each.start : each.stop] = False
        order = torch.randperm(len(y), generator=chance)
        return x.masked_fill(forgotten, UNKNOWN)[order].to(self.device), y[order].to(self.device)

    def losses(self, block: Block, _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for x, y in zip(*(part.split(self.recipe.batch) for part in block), strict=True):
            spoken = torch.zeros(())
            if self.recipe.silent:
                seen = self.net.features(x)
                said, spoken = self.net.head(seen), seen[y == REPORT].mean()
            else:
                said = self.net(x)
            loss = F.cross_entropy(said, y, label_smoothing=0.03) + self.recipe.silent * spoken
            right = float((said.argmax(1) == y).float().mean())
            yield len(x), loss, {"loss": float(loss.detach()), "right": right}

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""
