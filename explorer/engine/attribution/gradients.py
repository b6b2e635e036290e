"""Attribution by the gradient at the input, plain, noisy and along a path."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.attribution import Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.sound_grid import SoundGrid
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import differentiate
from explorer.engine.attribution.baselines import baseline
from explorer.engine.attribution.batches import Batches, values_of
from explorer.engine.attribution.finite import require_finite
from explorer.engine.attribution.planes import as_planes
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never

Steps = Generator[Attribution, None, Attribution]  # partial results, and the final one returned


def as_map(tensor: Tensor, grid: SoundGrid | None = None) -> Array:
    """(1, ...) -> float32 (...), read-only; of a sound its planes (C, H, W)."""
    array: Array = np.array(as_planes(tensor.detach(), grid)[0].float().cpu().numpy(), np.float32)
    array.flags.writeable = False
    return array


def plain(
    module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, cancelled: Cancelled = never
) -> tuple[float, Tensor]:
    """(value, gradient shaped as x (1, ...)), both finite."""
    values, gradients = differentiate(module, x, target, plan, cancelled)
    require_finite(module, x, target, plan, values, gradients, cancelled)
    return float(values[0]), gradients


def gradient(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """d target / d x (C, H, W): Simonyan, Vedaldi and Zisserman 2013, with its sign."""
    value, found = plain(module, x, target, plan, cancelled)
    return Attribution("gradient", target, settings, as_map(found, settings.sound), value)


def gradient_x_input(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """Gradient times input (C, H, W), input as the model gets it: Shrikumar and others 2016."""
    value, found = plain(module, x, target, plan, cancelled)
    return Attribution("gradient-x-input", target, settings, as_map(found * x, settings.sound), value)


def smoothgrad(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Steps:
    """The mean gradient (C, H, W) over noisy copies of the input: Smilkov and others 2017.

    Copy i adds `noise` x (max - min of x) x the i-th draw of torch.randn(x.shape) from a CPU generator of `seed`, whatever the
    size of the batches. Yields the mean over the copies so far.
    """
    if settings.samples < 1 or not settings.noise >= 0:
        raise ExplorerError(tr("SmoothGrad needs at least one copy and a noise of 0 or more."))
    value = values_of(module, x, target, plan, cancelled)
    sigma = settings.noise * float(x.max() - x.min())
    generator = torch.Generator().manual_seed(settings.seed)
    batches = Batches(module, target, plan, settings.batch, cancelled)
    total, done = torch.zeros(x.shape, dtype=torch.float64), 0
    while True:
        count = min(batches.size, settings.samples - done)
        noise = torch.cat([torch.randn(x.shape, generator=generator) for _ in range(count)])
        total += batches.gradients(x + sigma * noise.to(x))[1].sum(0, keepdim=True)
        done += count
        values = as_map(total / done, settings.sound)
        result = Attribution("smoothgrad", target, settings, values, value, fraction=done / settings.samples)
        if done == settings.samples:
            return result
        yield result


def integrated_gradients(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Steps:
    """(x - baseline) x the mean gradient on the straight way from the baseline to x, (C, H, W): Sundararajan and others 2017.

    The mean is a Gauss-Legendre sum of `steps` points. `gap` says how far the sum of the map is from f(x) - f(baseline): it goes
    to 0 with more steps. Yields the sum over the points so far, spread over the whole way, weighted to a mean.
    """
    if settings.steps < 1:
        raise ExplorerError(tr("Integrated gradients need at least one step."))
    start = baseline(x, settings)
    value, ground = values_of(module, x, target, plan, cancelled), values_of(module, start, target, plan, cancelled)
    shares, weights = _points(settings.steps)
    batches = Batches(module, target, plan, settings.batch, cancelled)
    total, done = torch.zeros(x.shape, dtype=torch.float64), 0
    way = (x - start).cpu().double()
    while True:
        part = slice(done, done + batches.size)
        share, weight = (t[part].reshape(-1, *[1] * (x.dim() - 1)) for t in (shares, weights))
        total += (weight * batches.gradients(start + share.to(x) * (x - start))[1]).sum(0, keepdim=True)
        done += len(share)
        found = way * total / (float(weights[:done].sum()) if done < settings.steps else 1.0)
        result = Attribution(
            "integrated-gradients",
            target,
            settings,
            as_map(found, settings.sound),
            value,
            fraction=done / settings.steps,
            baseline_value=ground,
            ground=as_map(start, settings.sound) if settings.sound is not None else None,
            gap=float(found.sum()) - (value - ground),
        )
        if done == settings.steps:
            return result
        yield result


def _points(steps: int) -> tuple[Tensor, Tensor]:
    """Gauss-Legendre points in 0..1 and their weights (sum 1), in an order that covers the way early: 0, n/2, n/4, ..."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    bits = max(1, (steps - 1).bit_length())
    order = [n for i in range(1 << bits) if (n := int(f"{i:0{bits}b}"[::-1], 2)) < steps]
    return torch.from_numpy((nodes[order] + 1) / 2), torch.from_numpy(weights[order] / 2)
