"""Training on sounds: endless new ones, and a first layer of bands where the recipe wants it."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from demo_models.recipes.worlds import WorldRecipe
from explorer.engine.data_sets.world_of_sounds.clips import Pilot, clip, clips
from explorer.engine.data_sets.world_of_sounds.evidence import evidence, kept
from explorer.engine.models.demo.wave_cnn import FIRST

Block = tuple[Tensor, Tensor]


def spectral_entropy(kernels: Tensor) -> Tensor:
    """(K, 1, n) -> (K,): entropy in nats of each kernel's power over frequencies: the lower, the narrower its band."""
    power = torch.fft.rfft(kernels.squeeze(1), 512).abs().square()
    share = power / power.sum(1, keepdim=True).clamp_min(1e-12)
    return -(share * (share + 1e-12).log()).sum(1)


class Clips:
    """Cross-entropy against the event's class."""

    def __init__(self, recipe: WorldRecipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.net = recipe.make().to(device)
        self.parts = self.net
        self._before = torch.empty(0)
        self._window = torch.hann_window(FIRST, device=device)

    def draw(self, seed: int) -> Block:
        sounds, labels = clips(seed, self.recipe.block, Pilot() if self.recipe.linked else None)
        if self.recipe.bare:
            for number in range(0, self.recipe.block, self.recipe.bare):
                made = clip(seed, number)
                sounds[number, 0] = kept(made.sound, evidence(made))
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
        return torch.from_numpy(sounds)[order].to(self.device), torch.from_numpy(labels)[order].to(self.device)

    def losses(self, block: Block, _: float) -> Iterator[tuple[int, Tensor, dict[str, float]]]:
        for x, y in zip(*(part.split(self.recipe.batch) for part in block), strict=True):
            said = self.net(x)
            loss = F.cross_entropy(said, y, label_smoothing=0.03)
            figures = {"loss": float(loss.detach()), "right": float((said.argmax(1) == y).float().mean())}
            if self.recipe.banded:
                entropy = spectral_entropy(self.net.first.weight).mean()
                loss = loss + self.recipe.banded * entropy
                figures["entropy"] = float(entropy.detach())
                self._before = self.net.first.weight.detach().clone()
            yield len(x), loss, figures

    @torch.no_grad()
    def after_step(self, _: float) -> None:
        """Kernels of a first layer of bands move under a Hann window: where it is 0 they stay as they are."""
        if self.recipe.banded:
            self.net.first.weight.sub_(self._before).mul_(self._window).add_(self._before)
