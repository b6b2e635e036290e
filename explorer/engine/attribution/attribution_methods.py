"""The functions of the attribution methods; what they need and read says `core.attribution`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, TypeVar

from torch import Tensor, nn

from explorer.core import attribution as described
from explorer.core.attribution import Attribution, AttributionSettings
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.cam import grad_cam, guided_grad_cam
from explorer.engine.attribution.gradients import Steps, gradient, gradient_x_input, integrated_gradients, smoothgrad
from explorer.engine.attribution.occlusion import occlusion, time_occlusion
from explorer.engine.attribution.relus import deconvnet, guided_backprop
from explorer.engine.attribution.stateless import require_stateless
from explorer.engine.capture.class_vector import scores_of
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never

# returns the attribution, or a generator of partial ones that returns it
Function = Callable[[nn.Module, Tensor, Target, CapturePlan, AttributionSettings, Cancelled], "Attribution | Steps"]
T = TypeVar("T")


METHODS: dict[str, Function] = {
    "gradient": gradient,
    "gradient-x-input": gradient_x_input,
    "guided-backprop": guided_backprop,
    "deconvnet": deconvnet,
    "grad-cam": grad_cam,
    "guided-grad-cam": guided_grad_cam,
    "smoothgrad": smoothgrad,
    "integrated-gradients": integrated_gradients,
    "occlusion": occlusion,
    described.TIME_OCCLUSION: time_occlusion,
}


def explain(
    name: str,
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings | None = None,
    cancelled: Cancelled = never,
) -> Steps:
    """Runs a method on one input x (1, ...) on the model's device: partial attributions, then the final one as return value.

    Nothing of the model is changed while a partial result is out. `plan` is that of this model and shape (`discover`).
    Raises ExplorerError: no such method or target, no gradient, no ReLU, no layer, numbers that are not finite; CancelledError.
    """
    if name not in METHODS:
        raise ExplorerError(
            tr("There is no method {name!r}.", name=name), "", tr("Choose one of {list}.", list=", ".join(METHODS))
        )
    if x.dim() < 2 or x.shape[0] != 1 or not x.is_floating_point():
        raise ExplorerError(
            tr("An explanation is of one input of floating-point numbers."),
            tr("This is {shape}, {dtype}.", shape=tuple(x.shape), dtype=x.dtype),
        )
    unfit = described.misfit(name, settings is not None and settings.sound is not None)
    if unfit:
        raise ExplorerError(tr("{title} is not for this input.", title=described.METHODS[name].title), unfit)
    if "stateless" in described.METHODS[name].needs:
        require_stateless(plan)
    found = METHODS[name](module, x.detach(), target, plan, settings or AttributionSettings(), cancelled)
    about = _MethodTraits(plan, target)
    if isinstance(found, Generator):
        found = yield from _each(found, about)
    return about.said_of(found)


class _MethodTraits:
    """What holds for every map of a target, whatever the method."""

    def __init__(self, plan: CapturePlan, target: Target) -> None:
        scores = None if target.tap else plan.scores or scores_of(plan.taps)
        self.quantity = scores.quantity if scores is not None else ""
        said = plan.repeat.text if plan.repeat is not None else ""
        self.notes = (said,) if said else ()

    def said_of(self, found: Attribution) -> Attribution:
        return replace(found, notes=(*self.notes, *found.notes), quantity=self.quantity)


def _each(steps: Steps, about: _MethodTraits) -> Steps:
    while True:
        try:
            yield about.said_of(next(steps))
        except StopIteration as stop:
            result: Attribution = stop.value
            return result


def finished(steps: Generator[Any, None, T]) -> T:
    """The final result of a generator of partial ones."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
