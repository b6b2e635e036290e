"""Without labels, by following a teacher that had none: a transformer learns to see what a self-supervised CNN sees.

Contrast gave a transformer of this size nothing to hold on to (its loss stood at chance after 80,000 pictures): one answer
a picture is too little. Here every token is asked: the class token for the teacher's pooled features, each patch for
the teacher's last maps where it stands. The teacher, `shapes-ssl-cnn`, is frozen; no label is used by either.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.measure.weights import load, there
from demo_models.recipes.labelled import kept_patches
from demo_models.recipes.run import half, normalise
from demo_models.recipes.table import Recipe
from demo_models.world.sample import draw

TEACHER = "shapes-ssl-cnn"


class Follow:
    """Mean squared error of every token's answer against the teacher's features, each about its mean and in its spread."""

    def __init__(self, recipe: Recipe, device: torch.device, folder: Path) -> None:
        self.recipe, self.device = recipe, device
        if not there(TEACHER, folder):
            raise SystemExit(f"{recipe.name} follows {TEACHER}, which is not in {folder.name}/ yet: train that first.")
        self.teacher = load(TEACHER, folder).to(device, memory_format=torch.channels_last).requires_grad_(False)
        self.net = recipe.make().to(device)
        self.net.head.requires_grad_(False)
        width, wanted = self.net.head.in_features, self.teacher.head.in_features
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            answers = nn.ModuleDict({"whole": nn.Linear(width, wanted), "patch": nn.Linear(width, wanted)})
        scales = {name: nn.BatchNorm1d(wanted, affine=False) for name in ("whole", "patch")}
        parts = {"net": self.net, "answers": answers, "scales": nn.ModuleDict(scales)}
        self.parts = nn.ModuleDict(parts).to(device)

    def draw(self, seed: int) -> Tensor:
        return draw(seed, self.recipe.block, device=self.device).images

    def losses(self, block: Tensor, progress: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for images in block.split(self.recipe.batch):
            x = normalise(images)
            whole, patches = self.aims(x)
            kept = kept_patches(self.net, len(x), self.recipe.keep if progress < 0.75 else 1.0, self.device)
            with half(self.device):
                tokens = self.net.tokens(x, kept).float()
            if kept is not None:
                patches = patches.gather(1, kept[..., None].expand(-1, -1, patches.shape[2]))
            answers = self.parts["answers"]
            first = F.mse_loss(answers["whole"](tokens[:, 0]), whole)
            others = F.mse_loss(answers["patch"](tokens[:, self.net.prefix :]), patches)
            figures = {"loss": first + others, "whole": first, "patches": others}
            yield len(x), first + others, {name: float(value.detach()) for name, value in figures.items()}

    @torch.no_grad()
    def aims(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the teacher sees: (N, D) of the whole picture and (N, patches, D) at every patch."""
        teacher = self.teacher.eval()
        with half(self.device):
            maps = teacher.stage3(teacher.stage2(teacher.stage1(teacher.stem(x)))).float()
        whole = self.parts["scales"]["whole"](maps.mean((2, 3)))
        there = F.interpolate(maps, size=(self.net.grid, self.net.grid), mode="bilinear", align_corners=False)
        patches = there.flatten(2).transpose(1, 2)
        return whole, self.parts["scales"]["patch"](patches.flatten(0, 1)).unflatten(0, patches.shape[:2])

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""
