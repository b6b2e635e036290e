"""By following a frozen CNN: a transformer learns to see what it sees (Hinton and others: Distilling, 2015; DeiT, 2020).

One answer a picture is too little for a transformer of this size: contrast left its loss at chance after 80,000
pictures. Here every token is asked: the class token for the teacher's pooled features, each patch for the teacher's last
maps where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.measure.foreground import attending
from demo_models.measure.weights import load, there
from demo_models.recipes.labelled import Block
from demo_models.recipes.run import half, normalise
from demo_models.recipes.table import Recipe
from explorer.engine.data_sets.world.sample import draw


@dataclass(frozen=True)
class Seen:
    """One batch: what the network made of it, what the teacher did, what is true."""

    tokens: Tensor  # (N, prefix + patches, D)
    attention: Tensor  # (N, patches), the class token's in the last block
    middle: Tensor  # (N, C, H, W), the teacher's
    last: Tensor
    labels: Tensor  # (N,) int64


class Follow:
    """Mean squared error of every token's answer against the teacher's features, each about its mean and in its spread."""

    def __init__(self, recipe: Recipe, device: torch.device, folder: Path) -> None:
        self.recipe, self.device = recipe, device
        name = recipe.teacher
        if not there(name, folder):
            raise SystemExit(f"{recipe.name} follows {name}, which is not in {folder.name}/ yet: train that first.")
        self.teacher = load(name, folder).to(device, memory_format=torch.channels_last).requires_grad_(False)
        self.net = recipe.make().to(device)
        self.net.head.requires_grad_(recipe.supervised)
        width, wanted = self.net.head.in_features, self.teacher.head.in_features
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed + 1)
            answers = nn.ModuleDict({"whole": nn.Linear(width, wanted), "patch": nn.Linear(width, wanted)})
        scales = {name: nn.BatchNorm1d(wanted, affine=False) for name in ("whole", "patch")}
        parts = {"net": self.net, "answers": answers, "scales": nn.ModuleDict(scales)}
        self.parts = nn.ModuleDict(parts).to(device)

    def draw(self, seed: int) -> Block:
        pictures = draw(seed, self.recipe.block, device=self.device)
        return pictures.images, pictures.shape

    def losses(self, block: Block, _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for images, labels in zip(*(part.split(self.recipe.batch) for part in block), strict=True):
            x = normalise(images)
            middle, last = self.maps(x)
            with half(self.device), attending(self.net) as attention:
                tokens = self.net.tokens(x).float()
            terms = self.followed(tokens, last) | self.beside(Seen(tokens, attention(), middle, last, labels))
            loss = torch.stack([terms[name] for name in terms if name != "right"]).sum()
            yield len(x), loss, {name: float(value.detach()) for name, value in terms.items()}

    def followed(self, tokens: Tensor, last: Tensor) -> dict[str, Tensor]:
        """How far the tokens' answers are from what the teacher sees."""
        answers, (whole, patches) = self.parts["answers"], self.aims(last)
        return {
            "whole": F.mse_loss(answers["whole"](tokens[:, 0]), whole),
            "patches": F.mse_loss(answers["patch"](tokens[:, self.net.prefix :]), patches),
        }

    @torch.no_grad()
    def aims(self, last: Tensor) -> tuple[Tensor, Tensor]:
        """What the teacher sees: (N, D) of the whole picture and (N, patches, D) at every patch."""
        patches = on_grid(last, self.net.grid)
        whole = self.parts["scales"]["whole"](last.mean((2, 3)))
        return whole, self.parts["scales"]["patch"](patches.flatten(0, 1)).unflatten(0, patches.shape[:2])

    @torch.no_grad()
    def maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The teacher's middle and last maps, (N, C, H, W) each."""
        teacher = self.teacher.eval()
        with half(self.device):
            middle = teacher.stage2(teacher.stage1(teacher.stem(x)))
            return middle.float(), teacher.stage3(middle).float()

    def beside(self, seen: Seen) -> dict[str, Tensor]:
        """Further terms. Without labels: where the class token of the last block looks.

        It follows the places that stand out to the teacher (attention transfer, Zagoruyko and Komodakis 2017).
        """
        aim = standing_out(seen.middle, seen.last, self.net.grid)
        return {"where": (aim * (aim.log() - seen.attention.log())).sum(1).mean()}

    def after_step(self, progress: float) -> None:
        """Nothing else follows the weights."""


class Taught(Follow):
    """Beside it cross-entropy of the class token against the subject's shape. It looks where it likes."""

    def beside(self, seen: Seen) -> dict[str, Tensor]:
        said = self.net.head(seen.tokens[:, 0])
        naming = F.cross_entropy(said, seen.labels, label_smoothing=0.03)
        return {"naming": naming, "right": (said.argmax(1) == seen.labels).float().mean()}


def on_grid(maps: Tensor, grid: int) -> Tensor:
    """(N, C, H, W) -> (N, grid², C)."""
    there = F.interpolate(maps, size=(grid, grid), mode="bilinear", align_corners=False)
    return there.flatten(2).transpose(1, 2)


def standing_out(middle: Tensor, last: Tensor, grid: int) -> Tensor:
    """(N, grid²), sums to 1: squared distance of a place's features from the picture's median, both maps' geometric mean."""
    distances = []
    for maps in (middle, last):
        places = on_grid(maps, grid)
        distances.append((places - places.median(1, keepdim=True).values).pow(2).sum(2))
    both = (distances[0] * distances[1]).sqrt() + 1e-6
    return both / both.sum(1, keepdim=True)
