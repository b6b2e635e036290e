"""The forward of one watched layer, or of all, without Python in between: for live inputs and picture after picture.

Between any two operations a forward returns to Python, and there it waits for whatever the window is painting: on two
cores a light network loses half its speed. Hooks cost it again. So, once the same has been asked for some times, the
operations of one forward are recorded and from then on run one after the other by torch's own interpreter, which asks for
Python once a forward.
They are the same operations with the same kernels in the same order; their values are the same to the last bit, which is
tried on another input before the first use. Only models whose forward has no state of its own and reads no values
(`Plan.decides`) may be replayed: nothing else could make another frame take another path.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from explorer.engine.capture.derived import Derivation, Values, derive
from explorer.engine.capture.forward import CapturePlan, Discovery, capture, keep
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.rewrite_inplace import beside
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

log = logging.getLogger("explorer")
_AFTER = 8  # forwards of the same before they are worth recording
_LONG = 0.3  # seconds of a forward that must stay cancellable in the middle


@dataclass(frozen=True, slots=True)
class ForwardRecording:
    """One recorded forward: from an input of the recorded shape to the model's output and the values of some taps.

    `names` are those that `function` hands out, `ways` lead from them to the others. `keys`: of an output that is a table, which the
    recorder does not take, the keys of its tensors.
    """

    plan: CapturePlan
    names: tuple[str, ...]
    function: Any
    ways: Mapping[str, Derivation] = field(default_factory=dict)
    keys: tuple[str, ...] = ()

    def __call__(self, x: Tensor) -> Discovery:
        with torch.inference_mode(), _plainly():
            output, kept = self.function(x)
        output = dict(zip(self.keys, output, strict=True)) if self.keys else output
        held = dict(zip(self.names, kept, strict=True))
        return Discovery(self.plan, Values(held, self.ways) if self.ways else held, output)


class Replays:
    """Captures of the same taps, input after input: by hooks at first, by a recording when they stay the same."""

    def __init__(self) -> None:
        self._of: tuple[nn.Module, CapturePlan, tuple[str, ...], torch.Size, torch.device] | None = None
        self._times = 0
        self._recording: ForwardRecording | None = None

    def capture(
        self, module: nn.Module, x: Tensor, plan: CapturePlan, names: tuple[str, ...], cancelled: Cancelled = never
    ) -> Discovery:
        """What `engine.capture.forward.capture` gives for these names, early stop off."""
        now = (module, plan, names, x.shape, x.device)
        if self._of is None or module is not self._of[0] or plan is not self._of[1] or now[2:] != self._of[2:]:
            self._of, self._times, self._recording = now, 0, None
        self._times += 1
        if self._times == _AFTER:
            self._recording = record(module, x, plan, names)
        if self._recording is not None:
            if cancelled():
                raise CancelledError
            try:
                return self._recording(x)
            except RuntimeError as error:
                if devices.device_problem(error) is not None:
                    raise
                log.info("a recorded forward failed, hooks from here on: %s", error)
                self._recording = None
        begun = time.perf_counter()
        seen = capture(module, x, plan, names, early=False, cancelled=cancelled)
        if time.perf_counter() - begun > _LONG:
            self._times = 0
        return seen

    def forget(self) -> None:
        """Lets go of the model."""
        self._of, self._recording = None, None


def record(module: nn.Module, x: Tensor, plan: CapturePlan, names: tuple[str, ...]) -> ForwardRecording | None:
    """None where the model cannot be recorded, or where the recording does not give the true values of another input."""
    if plan.decides or plan.uncounted:  # torch's recorder does not see such writes either
        return None
    try:
        with _constants(module), warnings.catch_warnings(), torch.no_grad(), _plainly():
            warnings.simplefilter("ignore")  # sizes that are fixed, which they are; and that the recorder grows old
            keys: list[str] = []
            function = _traced(lambda given: _flat(*keep(module, given, plan, names), keys), x.clone())
            return next(
                (r for r in _recordings(function, plan, names, x, tuple(keys)) if _true(r, names, module, x.flip(-1))),
                None,
            )
    except Exception as error:  # whatever cannot be recorded is captured with hooks
        if devices.device_problem(error) is not None:
            raise
        log.info("%s cannot be recorded: %s", type(module).__name__, error)
        return None


def _flat(output: Any, kept: tuple[Tensor, ...], keys: list[str]) -> tuple[Any, tuple[Tensor, ...]]:
    """A table, as transformers returns it, becomes its tensors; `keys` takes theirs."""
    if isinstance(output, Tensor | tuple | list):
        return output, kept
    found = tensors_of(output)
    keys[:] = found
    return tuple(found.values()), kept


def _traced(work: Callable[[Tensor], Any], x: Tensor) -> Any:
    """The operations that `work` does as one function; as `torch.jit.trace`, which keeps every function it has ever made, and
    with it the weights, until the process ends."""
    graph, _ = torch._C._create_graph_by_tracing(work, (x,), lambda _value: "", True, False, None, ["given"])
    return torch._C._create_function_from_graph("forward", graph)


def _recordings(
    function: Any, plan: CapturePlan, names: tuple[str, ...], x: Tensor, keys: tuple[str, ...]
) -> Iterator[ForwardRecording]:
    """The same forward in several ways, the quickest first."""
    if x.device.type == "cpu":  # what is made again is made on the CPU, whose last bits are its own
        lean, held, ways = derive(function, names, _fit(plan))
        yield ForwardRecording(plan, held, beside(lean), ways, keys)
    yield ForwardRecording(plan, names, beside(function), keys=keys)
    yield ForwardRecording(plan, names, function, keys=keys)


def _fit(plan: CapturePlan) -> frozenset[str]:
    """Taps whose arrays have the type that the forward computes in."""
    return frozenset(tap.name for tap in plan.taps if tap.dtype in ("float32", "float64"))


def _plainly() -> Any:
    """Operation by operation as recorded: nothing is fused or reordered, every run is like the first."""
    return torch.jit.optimized_execution(False)  # type: ignore[attr-defined]


@contextmanager
def _constants(module: nn.Module) -> Iterator[None]:
    """Only weights that want no gradient can be part of a recording."""
    wanting = [p for p in module.parameters() if p.requires_grad]
    for p in wanting:
        p.requires_grad_(False)
    try:
        yield
    finally:
        for p in wanting:
            p.requires_grad_(True)


def _true(recording: ForwardRecording, names: tuple[str, ...], module: nn.Module, x: Tensor) -> bool:
    found = recording(x.clone())
    expected = capture(module, x.clone(), recording.plan, names, early=False)
    if expected.plan is not recording.plan:
        return False  # this input took another path
    outputs = tensors_of(found.output), tensors_of(expected.output)
    return _equal(found.tensors, expected.tensors) and _equal(*outputs)


def _equal(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> bool:
    return found.keys() == expected.keys() and all(
        torch.equal(a.nan_to_num(), b.nan_to_num()) and torch.equal(a.isnan(), b.isnan())
        for a, b in ((found[name], expected[name]) for name in found)
    )
