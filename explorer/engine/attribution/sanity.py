"""The sanity check of Adebayo and others 2018: does an attribution change when the model forgets what it has learnt?"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator
from dataclasses import replace

import torch
from torch import Tensor, nn

from explorer.core.attribution import Attribution, SanityPair
from explorer.core.errors import ExplorerError
from explorer.core.render.correlation import rank_correlation, ssim
from explorer.core.render.overlay import combine, heat
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_methods import explain
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never


def top_layers(module: nn.Module, plan: CapturePlan) -> tuple[str, ...]:
    """Paths of the modules that use weights, from the output down, by their last call.

    A module counts when none inside it is called: a layer, or an attention that uses the weights of its parts itself. What a
    container adds (a class token, positions) belongs to no depth and is left out.
    """
    by_path = dict(module.named_modules())
    called = {path for path, _ in plan.calls}
    holds = {path[:at] for path in called for at, letter in enumerate(path) if letter == "."} | {""} & called
    ordered: dict[str, None] = {}
    for path, _ in reversed(plan.calls):
        inner = path in holds and len(called) > 1
        if path in by_path and not inner and next(by_path[path].parameters(), None) is not None:
            ordered.setdefault(path)
    return tuple(ordered)


def randomised(module: nn.Module, paths: tuple[str, ...], seed: int = 0) -> nn.Module:
    """A copy of the model in which the numbers of each weight of these modules are shuffled, by a seed.

    Shuffling keeps the size of the weights, so that nothing overflows, and none of what was learnt. A layer's order is the same
    however many others are randomised. Every other tensor is shared with the model, not copied.
    Raises ExplorerError when the model cannot be copied.
    """
    chosen = {p: dict(module.named_modules())[p] for p in paths}
    fresh = {id(p) for m in chosen.values() for p in m.parameters()}
    shared = {id(t): t for t in (*module.parameters(), *module.buffers()) if id(t) not in fresh}
    try:
        twin = copy.deepcopy(module, shared)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ExplorerError(tr("This model cannot be copied, so there is no randomisation test."), why) from None
    modules = dict(twin.named_modules())
    done: set[int] = set()
    with torch.no_grad():
        for number, path in enumerate(paths):
            generator = torch.Generator().manual_seed(seed + number)
            for p in modules[path].parameters():
                if id(p) not in done:  # two layers may share a weight
                    done.add(id(p))
                    order = torch.randperm(p.numel(), generator=generator).to(p.device)
                    p.copy_(p.reshape(-1)[order].reshape(p.shape))
    return twin


def sanity_pair(
    original: Attribution,
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    share: float = 0.25,
    seed: int = 0,
    cancelled: Cancelled = never,
) -> Generator[SanityPair, None, SanityPair]:
    """The attribution's method again, with the same settings, on the model whose top `share` of layers is randomised.

    For a target inside the network, "top" begins at its tap. Yields while the method does. Raises what `explain` raises.
    """
    paths = top_layers(module, _before(plan, original) if original.target.tap else plan)
    if not paths:
        raise ExplorerError(tr("There is no weight to randomise on the way to this target."))
    paths = paths[: max(1, math.ceil(share * len(paths)))]
    twin_module = randomised(module, paths, seed)
    # the layer that was chosen for the model itself, not another one that its twin would prefer
    settings = replace(original.settings, layer=original.layer)
    steps = explain(original.method, twin_module, x, original.target, plan, settings, cancelled)
    while True:
        try:
            yield _pair(original, next(steps), paths, seed)
        except StopIteration as stop:
            return _pair(original, stop.value, paths, seed)


def _before(plan: CapturePlan, original: Attribution) -> CapturePlan:
    """The calls that had returned when the target was known."""
    key = plan.key_of(original.target.tap)
    return replace(plan, calls=plan.calls[: plan.calls.index(key) + 1])


def _pair(original: Attribution, twin: Attribution, paths: tuple[str, ...], seed: int) -> SanityPair:
    a, b = original.values, twin.values
    return SanityPair(
        original,
        twin,
        rank=rank_correlation(combine(a, True), combine(b, True)),
        rank_absolute=rank_correlation(combine(a, False), combine(b, False)),
        ssim=ssim(heat(a, False).values, heat(b, False).values),
        randomised=paths,
        seed=seed,
        fraction=twin.fraction,
    )
