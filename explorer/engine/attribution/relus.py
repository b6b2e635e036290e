"""Guided backpropagation and deconvnet: another rule for the gradient at every ReLU.

The rule is put on the nodes of the autograd graph, not on modules: however a ReLU was called (a module, F.relu, Tensor.relu_,
clamp(min=0), ReLU6, inside TorchScript), the gradient passes a node of a known class, and there is no other way for it. Two
cases leave no node: an in-place ReLU on a view, which autograd folds into a copy of slices and which is therefore computed beside
and copied in, and a ReLU where gradients are switched off; those are counted while they run, so that a count below the total
says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.core.attribution import Attribution, AttributionSettings, ReluCount
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.attribution_run import differentiate, forward, no_gradient, ready
from explorer.engine.attribution.finite import require_finite
from explorer.engine.attribution.gradients import as_map
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never

# class of the node -> where it keeps the lower bound; ReLU has none to keep
_FLOORS = {
    "ReluBackward": "",
    "HardtanhBackward": "_saved_min_val",
    "ClampMinBackward": "_saved_min",
    "ClampBackward": "_saved_min",
    "ThresholdBackward": "_saved_threshold",
}
_FUNCTIONS = frozenset(
    "relu relu_ relu6 hardtanh hardtanh_ clamp_min clamp_min_ clamp clamp_ clip clip_ threshold threshold_".split()
)
# the same functions where torch ends: name -> position of the lower bound among the arguments
_OPERATORS = {"relu": 0, "hardtanh": 1, "clamp_min": 1, "clamp": 1, "threshold": 1}
_OTHERS = frozenset(
    "Gelu Silu Hardswish Hardsigmoid LeakyRelu Elu Mish Softplus Tanh Sigmoid Prelu LogSigmoid Glu".split()
)

Rule = Callable[
    [Tensor, Tensor], Tensor
]  # (gradient that came, gradient that plain backpropagation hands on) -> handed on


def _guided(_came: Tensor, plain: Tensor) -> Tensor:
    """1[x > 0] 1[g > 0] g: the plain gradient already has the first factor."""
    return plain.clamp(min=0)


def _deconvnet(came: Tensor, _plain: Tensor) -> Tensor:
    """1[g > 0] g, whatever x was."""
    return came.clamp(min=0)


def _nodes(values: Tensor) -> Iterator[Any]:
    """Every node of the graph behind the values, once."""
    waiting = [values.grad_fn]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        waiting += [following for following, _ in node.next_functions]


def _is_zero(bound: Any) -> bool:
    if isinstance(bound, Tensor):
        return not bool(bound.any())
    return bound is not None and bound == 0


def _is_relu(node: Any) -> bool:
    place = _FLOORS.get(node.name().rstrip("0123456789"))
    return place is not None and (not place or _is_zero(getattr(node, place)))


class _Beside(TorchFunctionMode):
    """Computes a ReLU on a view on a copy, and copies an in-place result back: so that it has a node of its own."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        source = args[0] if args else None
        if getattr(func, "__name__", "") not in _FUNCTIONS or not (isinstance(source, Tensor) and source._is_view()):
            return func(*args, **(kwargs or {}))
        copy = source.clone()
        result = func(copy, *args[1:], **(kwargs or {}))
        return source.copy_(result) if result is copy else result


class _Hidden(TorchDispatchMode):
    """Counts ReLUs that leave no node in the graph."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # True would wrap the method below, and its first call then imports the compiler: a second, and 800 modules
        return False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func.overloadpacket.__name__
        at = _OPERATORS.get(name.rstrip("_"))
        if at is not None and (not at or (len(args) > at and _is_zero(args[at]))):
            self.count += not torch.is_grad_enabled() or (name.endswith("_") and args[0]._is_view())
        return func(*args, **(kwargs or {}))


def _count(values: Tensor, hidden: int) -> ReluCount:
    nodes = list(_nodes(values))
    relus = sum(_is_relu(node) for node in nodes)
    others = Counter(node.name().partition("Backward")[0] for node in nodes)
    return ReluCount(relus, relus + hidden, tuple(sorted((n, c) for n, c in others.items() if n in _OTHERS)))


def count_relus(
    module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, cancelled: Cancelled = never
) -> ReluCount:
    """How many ReLUs lie between the input and the target, from one forward: 0 means that the two methods do not apply."""
    with ready(module, x.device), _Beside(), _Hidden() as hidden:
        leaf = x.detach().clone().requires_grad_()
        return _count(forward(module, leaf, target, plan, cancelled=cancelled).target, hidden.count)


def through_relus(
    module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, rule: Rule, cancelled: Cancelled = never
) -> tuple[float, Tensor, ReluCount]:
    """(value, gradient shaped as x under the rule, count). ExplorerError where there is no ReLU on the way."""
    passed: set[Any] = set()
    counted: list[ReluCount] = []

    def hook(node: Any) -> Callable[..., Any]:
        def after(handed_on: tuple[Any, ...], came: tuple[Any, ...]) -> Any:
            passed.add(node)
            if handed_on[0] is None or came[0] is None:
                return None
            return (rule(came[0], handed_on[0]), *handed_on[1:])

        return after

    with _Beside(), _Hidden() as hidden:

        def prepare(values: Tensor) -> None:
            if not values.requires_grad:
                raise no_gradient("")
            counted.append(_count(values, hidden.count))
            if not counted[0].total:
                raise _no_relu(counted[0])
            for number, node in enumerate(n for n in _nodes(values) if _is_relu(n)):
                node.register_hook(hook(number))

        values, gradient = differentiate(module, x, target, plan, cancelled, prepare)
    require_finite(module, x, target, plan, values, gradient, cancelled)
    return float(values[0]), gradient, ReluCount(len(passed), counted[0].total, counted[0].others)


def _no_relu(count: ReluCount) -> ExplorerError:
    others = ", ".join(f"{n} {name}" for name, n in count.others)
    return ExplorerError(
        tr("There is no ReLU between the input and this target."),
        tr("The rule of this method is about ReLUs; here are {others}.", others=others or tr("no activations")),
        tr("Choose gradient, SmoothGrad, integrated gradients or occlusion."),
    )


def _with_rule(
    method: str,
    rule: Rule,
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled,
) -> Attribution:
    value, found, relus = through_relus(module, x, target, plan, rule, cancelled)
    hidden = relus.total - relus.guided
    notes = (
        (
            tr(
                "{hidden} of {total} ReLUs run where autograd cannot follow, and pass gradients unchanged",
                hidden=hidden,
                total=relus.total,
            ),
        )
        if hidden
        else ()
    )
    return Attribution(method, target, settings, as_map(found, settings.sound), value, relus=relus, notes=notes)


def guided_backprop(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """The gradient (C, H, W) that at every ReLU keeps only its positive part: Springenberg and others 2014."""
    return _with_rule("guided-backprop", _guided, module, x, target, plan, settings, cancelled)


def deconvnet(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    settings: AttributionSettings,
    cancelled: Cancelled = never,
) -> Attribution:
    """As guided backpropagation, but a ReLU lets through wherever the gradient is positive: Zeiler and Fergus 2014."""
    return _with_rule("deconvnet", _deconvnet, module, x, target, plan, settings, cancelled)
