"""The table of attribution methods."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from torch import Tensor, nn

from explorer.core.explain import Attribution, Settings
from explorer.core.target import Target
from explorer.core.types import ExplorerError
from explorer.engine.cancel import Cancelled, never
from explorer.engine.capture import Plan
from explorer.engine.explain.attribution.cam import grad_cam, guided_grad_cam
from explorer.engine.explain.attribution.gradients import (
    Steps,
    gradient,
    gradient_x_input,
    integrated_gradients,
    smoothgrad,
)
from explorer.engine.explain.attribution.occlusion import occlusion
from explorer.engine.explain.attribution.relus import deconvnet, guided_backprop
from explorer.engine.explain.attribution.stateless import require_stateless
from explorer.engine.scores import scores_of

Need = Literal["gradient", "relu", "layer", "stateless"]
Function = Callable[[nn.Module, Tensor, Target, Plan, Settings, Cancelled], "Attribution | Steps"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Method:
    """One way to attribute. `function` returns the attribution, or a generator of partial ones that returns it.

    needs: "gradient" (none in integer and quantised models), "relu" (on the way to the target), "layer" (a spatial tap before it),
    "stateless" (answers that do not depend on the inputs before).
    """

    title: str
    about: str  # one line, with paper and year
    needs: tuple[Need, ...]
    function: Function


METHODS: dict[str, Method] = {
    "gradient": Method(
        "Gradient",
        "How the target changes with each pixel. Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks, 2013.",
        ("gradient",),
        gradient,
    ),
    "gradient-x-input": Method(
        "Gradient × input",
        "The gradient times the pixel. Shrikumar, Greenside, Shcherbina, Kundaje: Not just a black box, 2016.",
        ("gradient",),
        gradient_x_input,
    ),
    "guided-backprop": Method(
        "Guided backpropagation",
        "Only positive gradients pass a ReLU; sharp, but hardly tells classes apart. Springenberg and others: Striving for "
        "simplicity, 2014.",
        ("gradient", "relu"),
        guided_backprop,
    ),
    "deconvnet": Method(
        "Deconvnet",
        "Positive gradients pass a ReLU whatever its input was. Zeiler, Fergus: Visualizing and understanding convolutional "
        "networks, 2014.",
        ("gradient", "relu"),
        deconvnet,
    ),
    "grad-cam": Method(
        "Grad-CAM",
        "A layer's maps weighted by their mean gradient. Selvaraju and others: Grad-CAM, 2017.",
        ("gradient", "layer"),
        grad_cam,
    ),
    "guided-grad-cam": Method(
        "Guided Grad-CAM",
        "Guided backpropagation where the Grad-CAM is. Selvaraju and others: Grad-CAM, 2017.",
        ("gradient", "relu", "layer"),
        guided_grad_cam,
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        "The mean gradient over noisy copies of the picture. Smilkov and others: SmoothGrad, 2017.",
        ("gradient", "stateless"),
        smoothgrad,
    ),
    "integrated-gradients": Method(
        "Integrated gradients",
        "The gradient summed on the way from a baseline to the picture. Sundararajan, Taly, Yan: Axiomatic attribution, 2017.",
        ("gradient", "stateless"),
        integrated_gradients,
    ),
    "occlusion": Method(
        "Occlusion",
        "What the target loses when a window is covered. Zeiler, Fergus: Visualizing and understanding convolutional networks, "
        "2014.",
        ("stateless",),
        occlusion,
    ),
}


def explain(
    name: str,
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: Plan,
    settings: Settings | None = None,
    cancelled: Cancelled = never,
) -> Steps:
    """Runs a method on one input x (1, ...) on the model's device: partial attributions, then the final one as return value.

    Nothing of the model is changed while a partial result is out. `plan` is that of this model and shape (`discover`).
    Raises ExplorerError: no such method or target, no gradient, no ReLU, no layer, numbers that are not finite; CancelledError.
    """
    if name not in METHODS:
        raise ExplorerError(f"There is no method {name!r}.", "", f"Choose one of {', '.join(METHODS)}.")
    if x.dim() < 2 or x.shape[0] != 1 or not x.is_floating_point():
        raise ExplorerError(
            "An explanation is of one input of floating-point numbers.", f"This is {tuple(x.shape)}, {x.dtype}."
        )
    if "stateless" in METHODS[name].needs:
        require_stateless(plan)
    found = METHODS[name].function(module, x.detach(), target, plan, settings or Settings(), cancelled)
    about = _About(plan, target)
    if isinstance(found, Generator):
        found = yield from _each(found, about)
    return about.said_of(found)


class _About:
    """What holds for every map of a target, whatever the method."""

    def __init__(self, plan: Plan, target: Target) -> None:
        scores = None if target.tap else plan.scores or scores_of(plan.taps)
        self.quantity = scores.quantity if scores is not None else ""
        said = plan.repeat.text if plan.repeat is not None else ""
        self.notes = (said,) if said else ()

    def said_of(self, found: Attribution) -> Attribution:
        return replace(found, notes=(*self.notes, *found.notes), quantity=self.quantity)


def _each(steps: Steps, about: _About) -> Steps:
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
