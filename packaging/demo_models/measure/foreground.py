"""Does a transformer's last block find the objects? Its two answers against the true masks, without any threshold tuned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor

from demo_models.measure.attention import recording, weights
from demo_models.recipes.run import normalise
from explorer.engine.models.demo.vit import VisionTransformer

MASS = 0.6


@contextmanager
def attending(net: VisionTransformer) -> Iterator[Callable[[], Tensor]]:
    """After a forward inside: what share of its attention the last block's class token gives each patch.

    (N, patches), sums to 1; mean over the heads, class token and registers left out.
    """
    with recording(net) as parts:

        def share() -> Tensor:
            q, k = parts()
            given = weights(q[:, :, :1], k)[:, :, 0, net.prefix :].mean(1)
            return given / given.sum(1, keepdim=True)

        yield share


@torch.no_grad()
def last_block(net: VisionTransformer, images: Tensor) -> tuple[Tensor, Tensor]:
    """(N, patches) share of the class token's attention; (N, patches, width) patch tokens."""
    with attending(net) as share:
        tokens = net.eval().tokens(normalise(images))
    return share(), tokens[:, net.prefix :]


def by_attention(given: Tensor) -> Tensor:
    """(N, patches) bool: the fewest patches that together hold 0.6 of the class token's attention to patches."""
    share, order = (given / given.sum(1, keepdim=True)).sort(1, descending=True)
    chosen = (share.cumsum(1) - share) < MASS
    return torch.zeros_like(chosen).scatter(1, order, chosen)


def by_component(tokens: Tensor, grid: int) -> Tensor:
    """(N, patches) bool: one side of the first principal component of a picture's patches; the border is background."""
    centred = tokens - tokens.mean(1, keepdim=True)
    axis = torch.linalg.svd(centred, full_matrices=False).Vh[:, 0]
    along = (centred @ axis[:, :, None])[..., 0]
    frame = torch.ones(grid, grid, dtype=torch.bool)
    frame[1:-1, 1:-1] = False
    sign = torch.sign(along[:, frame.reshape(-1)].mean(1, keepdim=True))
    return along * sign < 0


def overlap(found: Tensor, truth: Tensor, grid: int) -> float:
    """Mean intersection over union of patches found (N, patches) with masks (N, S, S), counted in pixels."""
    size = truth.shape[-1]
    found = F.interpolate(found.reshape(-1, 1, grid, grid).float(), size=(size, size))[:, 0] > 0.5
    both, either = (found & truth).sum((1, 2)), (found | truth).sum((1, 2))
    return round(float((both / either.clamp_min(1)).mean()), 4)


def mass(given: Tensor, truth: Tensor, grid: int) -> float:
    """Percent of the attention to patches (N, patches) that lies on masks (N, S, S): each patch's as far as it is covered."""
    covered = F.adaptive_avg_pool2d(truth[:, None].float(), grid).flatten(1)
    return round(100 * float((given * covered).sum(1).mean()), 2)


def foreground(net: VisionTransformer, images: Tensor, truth: Tensor) -> dict[str, float]:
    """Mean IoU with the objects by both answers, and how much of the attention lies on them, however few patches get it."""
    parts = [last_block(net, part) for part in images.split(100)]
    given, tokens = (torch.cat(each) for each in zip(*parts, strict=True))
    return {
        "iou_attention": overlap(by_attention(given), truth, net.grid),
        "iou_component": overlap(by_component(tokens, net.grid), truth, net.grid),
        "mass_attention": mass(given, truth, net.grid),
    }
