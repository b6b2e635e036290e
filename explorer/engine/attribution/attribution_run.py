"""Forwards with gradients to one target, which leave the model as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from explorer.core.activations import Tap
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attribution.target_output import cells, scalars, tap_of
from explorer.engine.capture.class_vector import scores_of
from explorer.engine.capture.forward import CapturePlan, TapError, _Stop, explained, hooked, quiet
from explorer.engine.capture.gradient_strides import gradients_in_order
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.transforms import is_wrapped
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


@dataclass(slots=True)
class Forward:
    """One forward up to the target: its value for each input with the graph, and what layers on the way said."""

    values: Tensor | None = None  # (N,)
    edges: dict[str, GradientEdge] = field(default_factory=dict)  # where the gradient of a tap arrives
    maps: dict[str, Tensor] = field(default_factory=dict)  # (N, C, cells) of taps, copies without a graph

    @property
    def target(self) -> Tensor:
        assert self.values is not None
        return self.values


@contextmanager
def ready(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Evaluation mode with gradients that no parameter asks for; flags and random state are put back.

    Never held over a step of a generator: other work runs on the same model in between.
    """
    asking = [p for p in module.parameters() if p.requires_grad and not p.is_inference()]
    cuda = [device] if device.type == "cuda" else []
    fast = torch.backends.mha.get_fastpath_enabled()
    with (
        torch.inference_mode(False),
        quiet(module),
        gradients_in_order(module),
        torch.random.fork_rng(cuda),
        torch.enable_grad(),
    ):
        try:
            torch.backends.mha.set_fastpath_enabled(False)  # it passes by the layers that a hook should see
            for p in asking:
                p.requires_grad_(False)
            yield
        finally:
            torch.backends.mha.set_fastpath_enabled(fast)
            for p in asking:
                p.requires_grad_(True)


@contextmanager
def leaf_of(module: nn.Module, x: Tensor) -> Iterator[Tensor]:
    """A copy of the input for `forward` whose layers have gradients: they begin at the input itself, or, where it is numbers of
    tokens, at what the tables of embeddings give. Enter it within `ready`."""
    leaf = x.detach().clone()
    if leaf.is_floating_point():
        yield leaf.requires_grad_()
        return
    handles: list[Any] = []
    with hooked(handles):
        for table in module.modules():
            if isinstance(table, nn.Embedding):
                handles.append(table.register_forward_hook(_detached))
        yield leaf


def _detached(_module: nn.Module, _args: Any, out: Tensor) -> Tensor:
    return out.detach().requires_grad_().clone()  # a copy: a layer may write into it


def forward(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    layers: Collection[str] = (),
    keep: bool = False,
    probability: bool = False,
    cancelled: Cancelled = never,
) -> Forward:
    """Runs the model on x (N, ...) until the target is known; call it within `ready`.

    `layers` are taps whose gradients will be asked for, `keep` copies their values too. Raises ExplorerError for a target that
    does not exist, TapError when it does not fire, CancelledError.
    """
    tap = tap_of(target, plan)
    found = Forward()

    def see(tap_seen: Tap, tensor: Tensor) -> None:
        if tap_seen.name in layers:
            if tensor.requires_grad:
                # of this moment: an in-place operation later on does not move it
                found.edges[tap_seen.name] = get_gradient_edge(tensor)
            if keep:
                found.maps[tap_seen.name] = cells(tensor.detach(), tap_seen, len(x)).clone()
        if tap_seen is tap:
            read = (plan.scores or scores_of(plan.taps)) if probability else None
            found.values = scalars(tensor, tap, target, len(x), read)
            raise _Stop

    wanted = [tap, *(t for t in plan.taps if t.name in layers and t.name != tap.name)]
    handles: list[Any] = []
    try:
        for path, m in module.named_modules():
            here = [t for t in wanted if t.path == path]
            if here:
                handles.append(nn.Module.register_forward_hook(m, _watcher(path, here, plan, see)))
            if next(m.children(), None) is None and cancelled is not never:
                handles.append(nn.Module.register_forward_hook(m, _checker(cancelled)))
        with explained(lambda: tr("its forward"), module, x):
            _callable(module)(x.clone())  # a copy: a model may write into its input
    except _Stop:
        pass
    finally:
        for handle in handles:
            handle.remove()
    if found.values is None:
        raise TapError(
            tr("The tap {tap} did not fire.", tap=tap.name), tr("The model ran a different path for this input.")
        )
    return found


def _watcher(path: str, taps: list[Tap], plan: CapturePlan, see: Callable[[Tap, Tensor], None]) -> Callable[..., None]:
    # in the order of returning, which recursion turns around
    calls = iter([call for p, call in plan.calls if p == path])

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        call = next(calls, -1)
        for tap in taps:
            if tap.call == call and (tensor := tensors_of(output).get(tap.key)) is not None:
                see(tap, tensor)

    return after


def _checker(cancelled: Cancelled) -> Callable[..., None]:
    """Looks for a cancellation after every leaf, and in the backward before every leaf."""

    def check(*_: Any) -> None:
        if cancelled():
            raise CancelledError

    def after(_module: nn.Module, _args: Any, output: Any) -> None:
        check()
        for tensor in tensors_of(output).values():
            if tensor.grad_fn is not None and not is_wrapped(tensor):
                tensor.grad_fn.register_prehook(check)

    return after


def _callable(module: nn.Module) -> Callable[[Tensor], Any]:
    """The model; one whose weights were made in inference mode runs on copies, for autograd cannot save those."""
    tensors = chain(module.named_parameters(), module.named_buffers())
    stuck = {name: t.clone() for name, t in tensors if t.is_inference()}
    return partial(torch.func.functional_call, module, stuck) if stuck else module


def no_gradient(where: str) -> ExplorerError:
    return ExplorerError(
        " ".join((tr("This target has no gradient"), where)).strip() + ".",
        tr(
            "On the way the model computes in integers, is quantised, or detaches its values; or the target does not depend on it."
        ),
        tr("Choose occlusion, which needs none, or another target."),
    )


def gradients_at(values: Tensor, edges: Sequence[GradientEdge], retain: bool = False) -> tuple[Tensor | None, ...]:
    """The gradient of each input's value at layers or inputs, None where it does not get to. `retain`: the graph stays.

    Raises ExplorerError when the values have no gradient at all.
    """
    if not values.requires_grad:
        raise no_gradient("")
    if not edges:
        return ()
    with explained(lambda: tr("its backward pass")):
        return torch.autograd.grad(values.sum(), edges, retain_graph=retain, allow_unused=True)


def differentiate(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    cancelled: Cancelled = never,
    prepare: Callable[[Tensor], None] | None = None,
) -> tuple[Tensor, Tensor]:
    """(values (N,), gradients shaped as x) of the target at the input; `prepare` may put hooks on the graph of the values.

    Each input's gradient is its own as long as the model does not mix the inputs of a batch.
    Raises ExplorerError where there is no gradient, CancelledError.
    """
    with ready(module, x.device):
        leaf = x.detach().clone().requires_grad_()
        values = forward(module, leaf, target, plan, cancelled=cancelled).target
        if prepare is not None:
            prepare(values)
        gradient = gradients_at(values, [get_gradient_edge(leaf)])[0]
    if gradient is None:
        raise no_gradient(tr("at the input"))
    return values.detach(), gradient


def evaluate(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    cancelled: Cancelled = never,
    probability: bool = False,
) -> Tensor:
    """(N,): the target of each input, without gradients; for a class its probability instead when `probability`."""
    with ready(module, x.device), torch.no_grad():
        return forward(module, x.detach(), target, plan, probability=probability, cancelled=cancelled).target
