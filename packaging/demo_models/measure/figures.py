"""Every figure of every demo model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from demo_models.measure.features import neighbours, outputs, probe, stages, standard, top1
from demo_models.measure.filters import selectivity
from demo_models.measure.foreground import foreground
from demo_models.measure.weights import UNTRAINED, load, there
from demo_models.recipes.labelled import few
from demo_models.recipes.run import SEED_STEP
from demo_models.recipes.table import RECIPES, Recipe
from demo_models.world.sample import HELD_OUT, HELD_OUT_SEED, Pictures, draw, held_out
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.demo.vit import VisionTransformer

BANK = 8000
STAGES = ("stage1", "stage2", "stage3")
Figures = dict[str, Any]


@dataclass(frozen=True)
class Examiner:
    """Draws the held-out pictures once. `folder` holds the weights; `count` questions, `bank` neighbours to choose from."""

    folder: Path
    count: int = HELD_OUT
    bank_size: int = BANK

    @cached_property
    def questions(self) -> Pictures:
        return held_out(self.count)

    @cached_property
    def bank(self) -> Pictures:
        return draw(HELD_OUT_SEED + 1, self.bank_size)

    def figures(self, name: str) -> Figures:
        """All that its card says of how good it is."""
        recipe, net = RECIPES[name.removesuffix(UNTRAINED)], load(name, self.folder)
        found: Figures = {"held_out": {"seed": HELD_OUT_SEED, "pictures": self.count}}
        if recipe.supervised and not name.endswith(UNTRAINED):
            found |= self.accuracy(recipe, net)
        if recipe.target == "shape":
            found |= {f"knn_{what}": value for what, value in self.knn(net).items()}
        if isinstance(net, VisionTransformer):
            found |= foreground(net, self.questions.images, self.questions.foreground)
        if isinstance(net, ResidualNet):
            found["first_layer"] = selectivity(net.stem[0].weight)
        if name == "shapes-cnn":
            found |= self.transfer(net)
        return found

    def accuracy(self, recipe: Recipe, net: nn.Module) -> Figures:
        """Top-1; for a shortcut with it, with it cut, and for its own classes each."""
        if recipe.shortcut is None:
            return {"top1": top1(net, self.questions.images, getattr(self.questions, recipe.target))}
        found: Figures = {}
        for word, broken in (("with_shortcut", False), ("shuffled", True)):
            pictures = held_out(self.count, shortcut=replace(recipe.shortcut, broken=broken), offset=2)
            found[f"top1_{word}"] = top1(net, pictures.images, pictures.shape)
            for label in recipe.shortcut.kind:
                rows = pictures.shape == label
                found[f"{recipe.labels[label]}_{word}"] = top1(net, pictures.images[rows], pictures.shape[rows])
        found["top1_lost"] = round(found["top1_with_shortcut"] - found["top1_shuffled"], 2)
        return found

    def knn(self, net: nn.Module) -> dict[str, float]:
        """Percent right for shape and material, by neighbours in standardised features."""
        bank, query = (outputs(net, which.images, features=True) for which in (self.bank, self.questions))
        return self._vote(*standard(bank, query))

    def raw_pixels(self) -> dict[str, float]:
        """The same with pixels as features."""
        bank, query = self.bank.images.flatten(1), self.questions.images.flatten(1)
        mean = bank.mean(0)
        return self._vote(bank - mean, query - mean)

    def _vote(self, bank: Tensor, query: Tensor) -> dict[str, float]:
        answers = ("shape", "material")
        pairs = {what: (getattr(self.bank, what), getattr(self.questions, what)) for what in answers}
        return {what: neighbours(bank, known, query, truth) for what, (known, truth) in pairs.items()}

    def transfer(self, net: nn.Module) -> Figures:
        """Materials from 20 pictures of each, on frozen features, the last and each stage's; beside it learning from scratch."""
        scratch = RECIPES["shapes-scratch-20"]
        images, labels = few(scratch.seed * SEED_STEP, "material", len(scratch.labels))
        bank, query = (outputs(net, which, features=True) for which in (images, self.questions.images))
        found: Figures = {"probe_material_20": probe(bank, labels, query, self.questions.material)}
        early, asked = (stages(net, which, STAGES) for which in (images, self.questions.images))
        found["probe_material_20_stages"] = {
            name: probe(early[name], labels, asked[name], self.questions.material) for name in STAGES
        }
        if there(scratch.name, self.folder):
            other = load(scratch.name, self.folder)
            found["scratch_material_20"] = top1(other, self.questions.images, self.questions.material)
        return found
