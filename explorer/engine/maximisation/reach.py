"""Forwards that stop at a tap and keep the way back to the input, on a model that is only borrowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import returned, scores_of
from explorer.engine.capture.forward import CapturePlan, TapError, explained
from explorer.engine.capture.gradient_strides import gradients_in_order
from explorer.engine.capture.modes import evaluating
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.transforms import is_wrapped
from explorer.engine.jobs.cancel import Cancelled, CancelledError
from explorer.engine.jobs.prints import Prints, caught_prints


class _Reached(BaseException):
    """The last tap has been seen. No Exception: a model that catches those must not catch this."""


class Reach:
    """The way from an input to some taps of one model; each forward stops at the last of them."""

    def __init__(self, module: nn.Module, plan: CapturePlan, taps: Sequence[Tap], cancelled: Cancelled) -> None:
        self.module, self.plan, self.cancelled = module, plan, cancelled
        self.taps = {(tap.path, tap.call): tap for tap in taps}
        self._order = {path: [call for p, call in plan.calls if p == path] for path, _ in self.taps}
        self._calls: dict[str, Iterator[int]] = {}
        self._seen: dict[str, Tensor] = {}
        self._buffers: list[Tensor] = []

    @contextmanager
    def borrowed(self, watchful: bool) -> Iterator[None]:
        """Within, forwards can be made: evaluation mode, parameters that want no gradient, prints dropped, hooks set.

        Everything is as it was afterwards. `watchful`: every layer looks whether the work was cancelled, forth and back.
        """
        module = self.module
        wanting = [p for p in module.parameters() if p.requires_grad]
        handles: list[Any] = []
        try:
            for p in wanting:
                p.requires_grad = False
            by_path = dict(module.named_modules())
            self._buffers = list(module.buffers())  # once: walking through the modules takes as long as a small layer
            if watchful:
                leaves = [m for m in by_path.values() if next(m.children(), None) is None]
                handles += [nn.Module.register_forward_hook(m, self._look) for m in leaves]
            handles += [nn.Module.register_forward_hook(by_path[path], self._hook(path)) for path in self._order]
            with evaluating(module), gradients_in_order(module), torch.enable_grad(), caught_prints(Prints()):
                yield
        finally:
            for handle in handles:
                handle.remove()
            self._seen = {}
            self.tidy()
            for p in wanting:
                p.requires_grad = True

    def tidy(self) -> None:
        """A model that stores its activations in a buffer would keep the graph of one step into the next."""
        for buffer in self._buffers:
            if buffer.grad_fn is not None:
                buffer.detach_()

    def __call__(self, x: Tensor) -> dict[str, Tensor]:
        """{tap name: tensor with its graph}. Only inside `borrowed`. Raises TapError when a tap did not fire."""
        self._calls = {path: iter(calls) for path, calls in self._order.items()}
        self._seen = {}
        with explained(lambda: tr("its forward"), self.module, x):
            try:
                self.module(x)
            except _Reached:
                pass
        seen, self._seen = self._seen, {}
        for tap in self.taps.values():
            if tap.name not in seen:
                raise TapError(
                    tr("The tap {tap} was not reached.", tap=tap.name),
                    tr("The model ran a different path for this image."),
                )
        return seen

    def _hook(self, path: str) -> Callable[..., None]:
        def after(_module: nn.Module, _args: Any, output: Any) -> None:
            key = (path, next(self._calls[path], -1))
            tap = self.taps.get(key)
            if tap is None:
                return
            found = tensors_of(output).get(tap.key)
            if found is None:
                raise TapError(
                    tr("The tap {tap} returned no tensor.", tap=tap.name), tr("The model ran a different path.")
                )
            last = len(self._seen) == len(self.taps) - 1
            self._seen[tap.name] = found.clone() if key in self.plan.copy and not last else found
            if last:
                raise _Reached

        return after

    def _look(self, _module: nn.Module, _args: Any, output: Any) -> None:
        self._stop_if_cancelled()
        if isinstance(output, Tensor) and output.requires_grad and not is_wrapped(output):
            output.register_hook(self._stop_if_cancelled)  # type: ignore[no-untyped-call]

    def _stop_if_cancelled(self, _gradient: Tensor | None = None) -> None:
        if self.cancelled():
            raise CancelledError


def output_tap(plan: CapturePlan) -> Tap:
    """What the model itself returns: its class vector, else the first tensor of it. Raises ExplorerError when there is none."""
    scores = plan.scores or scores_of(plan.taps)
    for tap in returned(plan.taps):
        if scores is None or tap.key == scores.output:
            return tap
    raise ExplorerError(tr("The model returns no tensor."), "", tr("Choose a layer and a channel instead of a class."))
