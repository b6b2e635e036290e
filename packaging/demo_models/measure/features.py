"""Features of many pictures, and what their nearest neighbours and a linear probe make of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from demo_models.recipes.run import normalise

NEIGHBOURS, HEAT = 20, 0.07


@torch.no_grad()
def outputs(net: nn.Module, images: Tensor, features: bool, batch: int = 100) -> Tensor:
    """(N, D) features, or (N, classes) scores, in evaluation mode."""
    net.eval()
    device = next(net.parameters()).device
    call = net.features if features else net
    return torch.cat([call(normalise(part.to(device))).cpu() for part in images.split(batch)])


@torch.no_grad()
def stages(
    net: nn.Module, images: Tensor, names: tuple[str, ...], batch: int = 100
) -> tuple[Tensor, dict[str, Tensor]]:
    """The features (N, D); and (N, 2 C) for each named module: the mean and the maximum of its maps."""
    seen: dict[str, list[Tensor]] = {name: [] for name in names}

    def note(name: str, maps: Tensor) -> None:
        seen[name].append(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1).cpu())

    hooks = [
        net.get_submodule(name).register_forward_hook(lambda _, __, maps, name=name: note(name, maps)) for name in names
    ]
    try:
        features = outputs(net, images, features=True, batch=batch)
    finally:
        for hook in hooks:
            hook.remove()
    return features, {name: torch.cat(parts) for name, parts in seen.items()}


def top1(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Percent of pictures whose highest score is the true one."""
    return percent(outputs(net, images, features=False).argmax(1) == labels)


def percent(right: Tensor) -> float:
    return round(100 * float(right.float().mean()), 2)


def standard(bank: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
    """Each feature about its mean and in its spread over the bank."""
    mean, spread = bank.mean(0), bank.std(0).clamp_min(1e-6)
    return (bank - mean) / spread, (query - mean) / spread


def alike(bank: Tensor, query: Tensor) -> Tensor:
    """(questions, bank): cosines of features."""
    return F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T


def alike_about(bank: Tensor, query: Tensor, rows: int = 500) -> Tensor:
    """The same about the bank's mean, part by part: thousands of pictures' pixels are gigabytes."""
    mean = bank.mean(0)
    query = query - mean
    return torch.cat([alike(part - mean, query) for part in bank.split(rows)], 1)


def vote(near: Tensor, known: Tensor, truth: Tensor) -> float:
    """k-NN top-1 in percent: the 20 nearest of (questions, bank) vote with exp(cosine / 0.07)."""
    cosines, rows = near.topk(NEIGHBOURS, dim=1)
    votes = torch.zeros(len(near), int(known.max()) + 1)
    votes.scatter_add_(1, known[rows], ((cosines - 1) / HEAT).exp())
    return percent(votes.argmax(1) == truth)


def probe(bank: Tensor, known: Tensor, query: Tensor, truth: Tensor, penalty: float = 0.02) -> float:
    """Top-1 in percent of a logistic regression (L-BFGS, L2) on frozen, standardised features."""
    bank, query = standard(bank, query)
    classes = int(known.max()) + 1
    weight = torch.zeros(classes, bank.shape[1] + 1, requires_grad=True)
    bank, query = (F.pad(x, (0, 1), value=1.0) for x in (bank, query))
    solver = torch.optim.LBFGS([weight], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        solver.zero_grad()
        loss = F.cross_entropy(bank @ weight.T, known) + penalty * weight[:, :-1].square().sum()
        loss.backward()
        return loss

    solver.step(closure)
    return percent((query @ weight.T).argmax(1) == truth)
