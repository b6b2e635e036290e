"""The new last layer as a logistic regression of what the network hands to it: useful before anything has moved."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_PENALTY = 0.02  # times the squared weights, as everywhere in the lab
_STEPS = 200


def start_as_probe(head: nn.Module, features: Tensor, labels: Tensor, weights: Tensor) -> None:
    """`features` (pictures, numbers) are those of the training pictures, standardised here: the layer then takes them as they
    are, its weights divided by their spread and its bias shifted."""
    x = features.double()
    mean, spread = x.mean(0), x.std(0, unbiased=False)
    spread = torch.where(spread > 1e-8 * spread.max().clamp_min(1e-30), spread, torch.ones_like(spread))
    weight, bias = _regression((x - mean) / spread, labels, weights.double())
    weight = weight / spread
    with torch.no_grad():
        own = dict(head.named_parameters())
        own["weight"].copy_(weight.reshape(own["weight"].shape))
        own["bias"].copy_(bias - weight @ mean)


def _regression(x: Tensor, labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    classes = len(weights)
    weight = torch.zeros(classes, x.shape[1], dtype=x.dtype, requires_grad=True)
    bias = torch.zeros(classes, dtype=x.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=_STEPS, tolerance_grad=1e-6, history_size=20, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(x @ weight.T + bias, labels, weights) + _PENALTY * (weight**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    with torch.enable_grad():
        optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def pooled(given: Tensor, head: nn.Module) -> Tensor:
    """(pictures, numbers) of what a last layer is given: the mean over places, where it is applied at each of them."""
    if isinstance(head, nn.Conv2d):
        return given.mean((2, 3))
    return given.flatten(1, -2).mean(1) if given.dim() > 2 else given
