"""Without labels, by self-distillation (DINO): a student guesses what its own slow average says of another view.

The views of one block are renderings of the same objects (see pairs.py). The teacher sees two whole ones; the student
sees those and two more of which only a part of the patches is there. Centring and a low temperature keep the teacher
from saying the same of everything.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.recipes.contrast import COLOUR, MATERIAL
from demo_models.recipes.labelled import kept_patches
from demo_models.recipes.run import follow, half, normalise
from demo_models.recipes.table import Recipe
from demo_models.world.dice import Dice
from demo_models.world.sample import views
from demo_models.world.things import things

PROTOTYPES = 512
STUDENT_HEAT = 0.1
LOCAL = 2  # partial views
LOCAL_KEEP = 0.3


class Head(nn.Module):
    """Features to scores of prototypes, by their cosine."""

    def __init__(self, inside: int, hidden: int = 384, outside: int = 96) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inside, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, outside)
        )
        self.prototypes = nn.Parameter(F.normalize(torch.randn(PROTOTYPES, outside), dim=1))

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.layers(x), dim=1) @ F.normalize(self.prototypes, dim=1).T


class Distil:
    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device)
        self.net.head.requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            head = Head(self.net.head.in_features).to(device)
        self.student = nn.ModuleDict({"net": self.net, "head": head})
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.parts = nn.ModuleDict({"student": self.student, "teacher": self.teacher})
        self.parts.register_buffer("centre", torch.zeros(PROTOTYPES, device=device))

    def draw(self, seed: int) -> list[Tensor]:
        dice = Dice(seed, self.device)
        what = things(dice, self.recipe.block // 2)
        changed = {"colour": COLOUR, "material": MATERIAL}
        seeds = (seed + number * 1_000_000 for number in range(1, 3))
        return [views(what, number, **changed).images for number in seeds]

    def losses(self, block: list[Tensor], progress: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for one, two in zip(*(images.split(self.recipe.batch // 2) for images in block), strict=True):
            both = normalise(torch.cat([one, two]))
            aim, entropy = self.aims(both, progress)
            whole = self.guess(both, self.recipe.keep if progress < 0.75 else 1.0)
            loss = self.cross(aim.roll(len(one), 0), whole)
            for _ in range(LOCAL):
                part = self.guess(both, LOCAL_KEEP)
                loss = loss + self.cross(aim.roll(len(one), 0), part)
            loss = loss / (1 + LOCAL)
            yield len(both), loss, {"loss": float(loss.detach()), "entropy": entropy}

    def guess(self, x: Tensor, keep: float) -> Tensor:
        with half(self.device):
            seen = self.net.features(x, kept_patches(self.net, len(x), keep, self.device)).float()
        return self.student["head"](seen)

    @torch.no_grad()
    def aims(self, x: Tensor, progress: float) -> tuple[Tensor, float]:
        """What the teacher says (N, PROTOTYPES), and the entropy of its mean: log(PROTOTYPES) if all are used."""
        with half(self.device):
            seen = self.teacher["net"].features(x).float()
        scores = self.teacher["head"](seen)
        heat = 0.04 + 0.02 * min(1.0, progress / 0.2)
        aim = ((scores - self.parts.centre) / heat).softmax(1)
        self.parts.centre.lerp_(scores.mean(0), 0.1)
        mean = aim.mean(0)
        return aim, float(-(mean * (mean + 1e-9).log()).sum())

    @staticmethod
    def cross(aim: Tensor, scores: Tensor) -> Tensor:
        return -(aim * (scores / STUDENT_HEAT).log_softmax(1)).sum(1).mean()

    def after_step(self, progress: float) -> None:
        keep = 1 - 0.008 * 0.5 * (1 + math.cos(math.pi * progress))
        follow(self.teacher, self.student, keep)
