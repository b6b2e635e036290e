"""Every figure of every demo model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from demo_models.measure.attention import attention_of
from demo_models.measure.features import alike, alike_about, outputs, probe, stages, standard, top1, vote
from demo_models.measure.filters import selectivity
from demo_models.measure.foreground import foreground
from demo_models.measure.weights import UNTRAINED, load, there
from demo_models.recipes.labelled import few
from demo_models.recipes.run import SEED_STEP
from demo_models.recipes.table import RECIPES, Recipe
from explorer.engine.data_sets.world.sample import HELD_OUT, HELD_OUT_SEED, Pictures, draw, held_out
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.demo.vit import VisionTransformer

BANK = 8000
STAGES = ("stage1", "stage2", "stage3")
SCRATCH = "shapes-scratch-20"
ANSWERS = ("shape", "material")
Figures = dict[str, float]


@dataclass(frozen=True)
class Examiner:
    """Draws the held-out pictures once. `folder` holds the weights; `count` questions, `bank_size` neighbours to choose from."""

    folder: Path
    count: int = HELD_OUT
    bank_size: int = BANK

    @cached_property
    def questions(self) -> Pictures:
        return held_out(self.count)

    @cached_property
    def bank(self) -> Pictures:
        return draw(HELD_OUT_SEED + 1, self.bank_size)

    @cached_property
    def few(self) -> tuple[Tensor, Tensor]:
        """The 20 pictures of each material that transfer learns from, and the scratch network learnt from."""
        scratch = RECIPES[SCRATCH]
        return few(scratch.seed * SEED_STEP, "material", len(scratch.labels))

    def sheet(self, name: str) -> dict[str, Any]:
        """All that a card says of how good a model is: its figures, the same of its twin at its initial weights, and of pixels."""
        recipe, net = RECIPES[name.removesuffix(UNTRAINED)], load(name, self.folder)
        said: dict[str, Any] = {"held_out": {"seed": HELD_OUT_SEED, "pictures": self.count, "bank": self.bank_size}}
        if name.endswith(UNTRAINED):
            return said | {"figures": self.seen_in(net, recipe), "raw_pixels": self.raw_pixels}
        said["figures"] = self.accuracy(recipe, net) if recipe.supervised else {}
        if recipe.target != "shape":
            return said
        said["figures"] |= self.seen_in(net, recipe)
        said["untrained"] = self.seen_in(load(name + UNTRAINED, self.folder), recipe)
        if name == "shapes-cnn":
            said["figures"] |= self.scratch()
        return said | {"raw_pixels": self.raw_pixels}

    def accuracy(self, recipe: Recipe, net: nn.Module) -> Figures:
        """Top-1; for a shortcut with it and with it cut, of all classes and of those that have it."""
        if recipe.shortcut is None:
            return {"top1": top1(net, self.questions.images, getattr(self.questions, recipe.target))}
        found: Figures = {}
        for word, broken in (("with_shortcut", False), ("shuffled", True)):
            pictures = held_out(self.count, shortcut=replace(recipe.shortcut, broken=broken), offset=2)
            own = torch.isin(pictures.shape, torch.tensor(list(recipe.shortcut.kind)))
            found[f"top1_{word}"] = top1(net, pictures.images, pictures.shape)
            found[f"own_{word}"] = top1(net, pictures.images[own], pictures.shape[own])
        found["top1_lost"] = round(found["top1_with_shortcut"] - found["top1_shuffled"], 2)
        return found

    def seen_in(self, net: nn.Module, recipe: Recipe) -> Figures:
        """What can be asked of any network, trained or not: its features, its attention, its filters."""
        found = self.knn(net)
        if isinstance(net, VisionTransformer):
            found |= foreground(net, self.questions.images, self.questions.foreground)
            found |= attention_of(net, self.questions.images)
        if isinstance(net, ResidualNet):
            found |= {f"first_layer_{what}": value for what, value in selectivity(net.stem[0].weight).items()}
        return found | (self.transfer(net) if recipe.name == "shapes-cnn" else {})

    def knn(self, net: nn.Module) -> Figures:
        """Percent right for shape and material, by neighbours in standardised features."""
        bank, query = (outputs(net, which.images, features=True) for which in (self.bank, self.questions))
        return self._voted(alike(*standard(bank, query)))

    @cached_property
    def raw_pixels(self) -> Figures:
        """The same with pixels as features."""
        return self._voted(alike_about(self.bank.images.flatten(1), self.questions.images.flatten(1)))

    def _voted(self, near: Tensor) -> Figures:
        pairs = {what: (getattr(self.bank, what), getattr(self.questions, what)) for what in ANSWERS}
        return {f"knn_{what}": vote(near, known, truth) for what, (known, truth) in pairs.items()}

    def transfer(self, net: nn.Module) -> Figures:
        """Materials from 20 pictures of each by a linear probe on frozen features: the last, and each stage's."""
        (images, labels), truth = self.few, self.questions.material
        (bank, early), (query, late) = (stages(net, which, STAGES) for which in (images, self.questions.images))
        found = {"probe_material_20": probe(bank, labels, query, truth)}
        return found | {f"probe_material_20_{name}": probe(early[name], labels, late[name], truth) for name in STAGES}

    def scratch(self) -> Figures:
        """What the same network reaches that learns these 20 of each from scratch; nothing while it is not there."""
        if not there(SCRATCH, self.folder):
            return {}
        return {"scratch_material_20": top1(load(SCRATCH, self.folder), self.questions.images, self.questions.material)}
