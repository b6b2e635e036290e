"""Grad-CAM on any spatial tap, of convolutional networks and of transformers, and guided Grad-CAM."""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.attribution import Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import Forward, forward, gradients_at, no_gradient, ready
from explorer.engine.attribution.finite import require_finite
from explorer.engine.attribution.gradients import as_map
from explorer.engine.attribution.planes import as_planes
from explorer.engine.attribution.relus import guided_backprop
from explorer.engine.attribution.target_output import cells, tap_of
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never


def layers_for(target: Target, plan: CapturePlan) -> tuple[str, ...]:
    """Taps that a Grad-CAM of this target is usually made on, the last first; of taps that share values the earliest.

    They come before the target and have a grid over the picture of more than one cell. Poolings are left out, and so are linear
    maps and the inside of an attention: a transformer's features are what enters those, not its queries, keys and values.
    """
    tap = tap_of(target, plan)
    by_name = {t.name: t for t in plan.taps}
    attentions = tuple(f"{t.path}." for t in plan.taps if t.kind == Kind.ATTENTION and t.path)
    names: list[str] = []
    for candidate in plan.taps[: plan.taps.index(tap)]:
        source = by_name.get(candidate.alias, candidate)
        if source.kind in (Kind.POOL, Kind.LINEAR) or source.name == (tap.alias or tap.name):
            continue
        # a whole attention block may hand on what a part of it made
        outermost = candidate if source.path.startswith(attentions) else source
        if _spatial(outermost) and not outermost.path.startswith(attentions):
            names = [*(n for n in names if n != outermost.name), outermost.name]
    return tuple(reversed(names))


def _spatial(tap: Tap) -> bool:
    """Laid out over the picture with more than one cell; windows merged into the batch are fine, for tokens know their cells."""
    if not tap.observable or tap.grid is None or tap.receptive is None or tap.grid[0] * tap.grid[1] < 2:
        return False
    return tap.batched or tap.layout is Layout.NLC


def default_layer(module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, cancelled: Cancelled = never) -> str:
    """The last layer before the pooling whose cells the target still depends on.

    In a transformer that reads its class token only, the patches of the last block's output have no gradient at all: there this
    is the normalisation in front of the last block's attention. Where nothing moves the target (a head that is still zero), what
    the target's own layer is given is asked instead. Raises ExplorerError when the target has no spatial layer.
    """
    names = layers_for(target, plan)
    given: list[Tensor] = []
    maker = _maker(module, target, plan)
    handle = nn.Module.register_forward_pre_hook(maker, lambda _m, args: given.extend(args[:1]))
    try:
        with ready(module, x.device):
            leaf = x.detach().clone().requires_grad_()
            found = forward(module, leaf, target, plan, names, cancelled=cancelled)
            last = _last_with_gradient(found.target, found, names, plan)
            source = given[-1] if given else None
            if last is None and isinstance(source, Tensor) and source.requires_grad:
                # at random, for the entries of a normalised row always sum to the same
                weights = torch.randn(source.shape, generator=torch.Generator().manual_seed(0)).to(source)
                last = _last_with_gradient((source * weights).sum().reshape(1), found, names, plan)
    finally:
        handle.remove()
    if last is not None or names:
        return last or names[0]
    raise ExplorerError(
        tr("There is no layer with a map in front of this target."),
        tr("Grad-CAM weights the channels of a layer with a spatial map."),
        tr("Choose a method that works on the input."),
    )


def _maker(module: nn.Module, target: Target, plan: CapturePlan) -> nn.Module:
    """The last layer that returned before the target was known."""
    tap, by_path = tap_of(target, plan), dict(module.named_modules())
    before = plan.calls[: plan.calls.index((tap.path, tap.call)) + 1]
    leaves = (by_path[path] for path, _ in reversed(before) if next(by_path[path].children(), None) is None)
    return next(leaves, module)


def _last_with_gradient(values: Tensor, found: Forward, names: tuple[str, ...], plan: CapturePlan) -> str | None:
    by_name = {t.name: t for t in plan.taps}
    reached = [name for name in names if name in found.edges]
    # the first alone, for it nearly always is the one; then the others in one backward pass
    for group in (reached[:1], reached[1:]):
        gradients = gradients_at(values, [found.edges[name] for name in group], retain=True)
        for name, gradient in zip(group, gradients, strict=True):
            if gradient is not None and bool(cells(gradient, by_name[name], 1).any()):
                return name
    return None


def grad_cam(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """The positive part of the layer's channels, each weighted by its mean gradient over the cells: Selvaraju and others 2017.

    `cam` (h, w) is on the layer's grid, `values` (1, H, W) is that map drawn to the input's size, bilinear. A layer that is a line
    over time counts for all bands of a spectrogram.
    """
    planes = as_planes(x, settings.sound)
    if planes.dim() != 4:
        raise ExplorerError(
            tr("Grad-CAM needs a picture or a sound."), tr("This input has {dim} dimensions.", dim=x.dim())
        )
    layer = settings.layer or default_layer(module, x, target, plan, cancelled)
    tap = _layer(layer, target, plan)
    with ready(module, x.device):
        leaf = x.detach().clone().requires_grad_()
        found = forward(module, leaf, target, plan, [layer], keep=True, cancelled=cancelled)
        gradient = next(iter(gradients_at(found.target, list(found.edges.values()))), None)
    if gradient is None:
        raise no_gradient(tr("at {layer}", layer=layer))
    maps, slopes = found.maps[layer], cells(gradient, tap, 1)
    require_finite(module, x, target, plan, found.target.detach(), slopes, cancelled)
    assert tap.grid is not None
    weighted = (slopes.mean(2, keepdim=True) * maps).sum(1)
    cam = weighted.clamp(min=0).reshape(1, 1, *tap.grid).float()
    drawn = F.interpolate(cam, planes.shape[2:], mode="bilinear", align_corners=False)
    notes = () if bool(cam.any()) else (tr("no cell supports this target: the map is 0 everywhere"),)
    value = float(found.target[0].detach())
    return Attribution("grad-cam", target, settings, as_map(drawn), value, cam=as_map(cam[0]), layer=layer, notes=notes)


def _layer(name: str, target: Target, plan: CapturePlan) -> Tap:
    plan.key_of(name)
    tap = next(t for t in plan.taps if t.name == name)
    if not _spatial(tap):
        raise ExplorerError(
            tr("The layer {name} has no map.", name=name),
            tap.reason or tr("It has a single cell."),
            tr("Choose another layer."),
        )
    end = tap_of(target, plan)
    if plan.taps.index(tap) >= plan.taps.index(end):
        raise ExplorerError(
            tr("The layer {name} does not come before {label}.", name=name, label=target.label),
            "",
            tr("Choose an earlier layer."),
        )
    return tap


def guided_grad_cam(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """Guided backpropagation (C, H, W) times the Grad-CAM at the input's size: Selvaraju and others 2017."""
    fine = guided_backprop(module, x, target, plan, settings, cancelled)
    coarse = grad_cam(module, x, target, plan, settings, cancelled)
    values = fine.values * coarse.values
    values.flags.writeable = False
    notes = (*fine.notes, *coarse.notes)
    return replace(coarse, method="guided-grad-cam", values=values, relus=fine.relus, notes=notes)
