"""Batch statistics of averaged weights.

A run averages weights over steps, and the running statistics with them; but what a layer puts out under averaged weights
is not the average of what it put out under each. So they are taken anew, from pictures of the recipe that it has not seen.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from demo_models.recipes.run import SEED_STEP, normalise
from demo_models.recipes.table import Recipe
from demo_models.recipes.worlds import WorldRecipe
from demo_models.train import task_of

PICTURES = 4096


@torch.no_grad()
def settle(net: nn.Module, recipe: Recipe | WorldRecipe, after: int, folder: Path, pictures: int = 0) -> nn.Module:
    """Gives `net` the mean statistics over so many pictures (0: 4096) of its recipe, drawn from block `after` on; in evaluation mode."""
    norms = [part for part in net.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return net.eval()
    counts = [part.num_batches_tracked.clone() for part in norms]
    task, kept = task_of(recipe, torch.device("cpu"), folder), [part.momentum for part in norms]
    for part in norms:
        part.reset_running_stats()
        part.momentum = None  # the plain mean of all batches
    net.train()
    seen, block = 0, after
    while seen < (pictures or PICTURES):
        drawn = task.draw(recipe.seed * SEED_STEP + block)
        if isinstance(recipe, WorldRecipe):
            x, _ = drawn
        else:
            drawn = (drawn,) if isinstance(drawn, torch.Tensor) else drawn
            x = normalise(torch.cat([part for part in drawn if part.ndim == 4]))
        net(x)
        seen, block = seen + len(x), block + 1
    for part, momentum, count in zip(norms, kept, counts, strict=True):
        part.momentum = momentum
        part.num_batches_tracked.copy_(count)
    return net.eval()
