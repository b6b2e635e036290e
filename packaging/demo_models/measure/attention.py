"""How a transformer's last block attends: recorded from its q and k, and two numbers for how sharply and how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from demo_models.recipes.run import normalise
from explorer.engine.models.demo.vit import VisionTransformer

BATCH = 50  # pictures whose N x N weights are held at once


@contextmanager
def recording(net: VisionTransformer) -> Iterator[Callable[[], tuple[Tensor, Tensor]]]:
    """After a forward inside: q and k of the last block, (N, heads, tokens, width) each, in the model's graph."""
    seen: dict[str, Tensor] = {}
    attention = net.blocks[-1].attention
    hooks = [
        part.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out}))
        for name, part in (("q", attention.q), ("k", attention.k))
    ]

    def parts() -> tuple[Tensor, Tensor]:
        q, k = (seen[name].float().unflatten(2, (attention.heads, -1)).transpose(1, 2) for name in ("q", "k"))
        return q, k

    try:
        yield parts
    finally:
        for hook in hooks:
            hook.remove()


def weights(q: Tensor, k: Tensor) -> Tensor:
    """softmax(q k' / √d): (N, heads, queries, keys) of queries and keys (N, heads, tokens, d)."""
    return ((q @ k.transpose(2, 3)) / q.shape[-1] ** 0.5).softmax(-1)


def entropy(rows: Tensor) -> Tensor:
    """-sum a log a of rows that sum to 1, in nats; log(keys) where everything is attended to alike."""
    return torch.special.entr(rows).sum(-1)


def distance(rows: Tensor, net: VisionTransformer) -> Tensor:
    """(N, heads): sum a |query - key| over the patches, in pixels, mean over the patches that ask (Dosovitskiy and others 2021).

    `rows` is (N, heads, tokens, tokens). What goes to tokens without a place counts as 0 pixels, as in the application.
    """
    line = torch.arange(net.grid, dtype=rows.dtype) * (net.size / net.grid)
    places = torch.cartesian_prod(line, line)
    patches = rows[:, :, net.prefix :, net.prefix :]
    return (patches * torch.cdist(places, places)).sum(-1).mean(-1)


@torch.no_grad()
def attention_of(net: VisionTransformer, images: Tensor) -> dict[str, float]:
    """Entropy of the class token's row over all tokens, and how far patches look; mean over pictures and heads."""
    found: dict[str, list[Tensor]] = {"entropy_attention": [], "distance_attention": []}
    with recording(net) as parts:
        for part in images.split(BATCH):
            net.eval().tokens(normalise(part))
            rows = weights(*parts())
            found["entropy_attention"].append(entropy(rows[:, :, 0]).mean(1))
            found["distance_attention"].append(distance(rows, net).mean(1))
    return {key: round(float(torch.cat(each).double().mean()), 4) for key, each in found.items()}
