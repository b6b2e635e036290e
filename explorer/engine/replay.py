"""The forward of one watched layer without Python in between, for live inputs.

Between any two operations a forward returns to Python, and there it waits for whatever the window is painting: on two
cores a light network loses half its speed. So, once a layer has been watched for some frames, the operations of one
forward are recorded and from then on run one after the other by torch's own interpreter, which asks for Python once a frame.
They are the same operations with the same kernels in the same order; their values are the same to the last bit, which is
tried on another input before the first use. Only models whose forward has no state of its own and reads no values
(`Plan.decides`) may be replayed: nothing else could make another frame take another path.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.engine import devices
from explorer.engine.cancel import Cancelled, CancelledError, never
from explorer.engine.capture import Plan, Seen, capture, keep_one
from explorer.engine.outputs import tensors_of

log = logging.getLogger("explorer")
_AFTER = 8  # frames of one layer before it is worth recording


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded forward: from an input of the recorded shape to the model's output and the values of one tap."""

    plan: Plan
    name: str
    function: Any

    def __call__(self, x: Tensor) -> Seen:
        with torch.no_grad(), _plainly():
            output, kept = self.function(x)
        return Seen(self.plan, {self.name: kept}, output)


class Replays:
    """Captures of a watched layer, frame after frame: by hooks at first, by a recording when it stays the same."""

    def __init__(self) -> None:
        self._of: tuple[nn.Module, Plan, str, torch.Size, torch.device] | None = None
        self._frames = 0
        self._recording: Recording | None = None

    def capture(self, module: nn.Module, x: Tensor, plan: Plan, name: str, cancelled: Cancelled = never) -> Seen:
        """What `engine.capture.capture` gives for one name, early stop off."""
        now = (module, plan, name, x.shape, x.device)
        if self._of is None or any(a is not b for a, b in zip(now[:3], self._of[:3], strict=True)) or now != self._of:
            self._of, self._frames, self._recording = now, 0, None
        self._frames += 1
        if self._frames == _AFTER:
            self._recording = record(module, x, plan, name)
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
        return capture(module, x, plan, [name], early=False, cancelled=cancelled)

    def forget(self) -> None:
        """Lets go of the model."""
        self._of, self._recording = None, None


def record(module: nn.Module, x: Tensor, plan: Plan, name: str) -> Recording | None:
    """None where the model cannot be recorded, or where the recording does not give the true values of another input."""
    if plan.decides:
        return None
    try:
        with _constants(module), warnings.catch_warnings(), torch.no_grad(), _plainly():
            warnings.simplefilter("ignore")  # sizes that are fixed, which they are; and that the recorder grows old
            function = torch.jit.trace(  # type: ignore[no-untyped-call]
                lambda given: keep_one(module, given, plan, name), x.clone(), check_trace=False
            )
        recording = Recording(plan, name, function)
        return recording if _true(recording, module, x.flip(-1)) else None
    except Exception as error:  # whatever cannot be recorded is captured with hooks
        if devices.device_problem(error) is not None:
            raise
        log.info("%s cannot be recorded: %s", type(module).__name__, error)
        return None


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


def _true(recording: Recording, module: nn.Module, x: Tensor) -> bool:
    found = recording(x.clone())
    expected = capture(module, x.clone(), recording.plan, [recording.name], early=False)
    if expected.plan is not recording.plan:
        return False  # this input took another path
    pairs = [(found.tensors[recording.name], expected.tensors[recording.name])]
    outputs = tensors_of(found.output), tensors_of(expected.output)
    pairs += [(outputs[0][key], value) for key, value in outputs[1].items()]
    return outputs[0].keys() == outputs[1].keys() and all(
        torch.equal(a.nan_to_num(), b.nan_to_num()) and torch.equal(a.isnan(), b.isnan()) for a, b in pairs
    )
