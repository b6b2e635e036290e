"""A module of an exported program: runs its operators and the modules in it in order, as the model's own forward did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.engine.models.exported.program import Bound


@dataclass(frozen=True, slots=True)
class FromValue:
    """A value that was made before."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class FromState:
    """A parameter or buffer, read where it stands each time, so that a changed weight counts."""

    owner: nn.Module
    name: str


@dataclass(frozen=True, slots=True)
class OnDevice:
    """The device that the input is on, whatever the program was exported on."""


@dataclass(frozen=True, slots=True, eq=False)
class OperatorStep:
    """Calls a function of torch. `drop`: values that nobody needs behind it."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: Bound
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ModuleStep:
    """Calls a module; `turn`: which of its own forwards, where they differ from call to call."""

    module: nn.Module
    turn: int
    inputs: tuple[Any, ...]
    outputs: Bound
    drop: tuple[str, ...] = ()


Step = OperatorStep | ModuleStep


@dataclass(frozen=True, slots=True, eq=False)
class ForwardSteps:
    """One forward: what its arguments are called, what it does, what it returns."""

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    result: Any


class ProgramModule(nn.Module):
    """Of the class that the model had at this place, by name alone."""

    def __init__(self) -> None:
        super().__init__()
        self._forwards: tuple[ForwardSteps, ...] = ()
        self._turn = 0

    def set_forwards(self, forwards: tuple[ForwardSteps, ...]) -> None:
        """One for each call that differs from the others."""
        self._forwards = forwards

    def forward(self, *given: Any) -> Any:
        if not self._forwards:
            raise RuntimeError("the exported program does not call this module")
        run = self._forwards[min(self._turn, len(self._forwards) - 1)]
        if len(given) != len(run.inputs):
            raise TypeError(f"it takes {len(run.inputs)} values, and got {len(given)}")
        values: dict[str, Any] = dict(zip(run.inputs, given, strict=True))
        device = next((each.device for each in given if isinstance(each, Tensor)), None)
        for step in run.steps:
            if isinstance(step, ModuleStep):
                if isinstance(step.module, ProgramModule):
                    step.module._turn = step.turn
                made = step.module(*(_resolved(each, values, device) for each in step.inputs))
            else:
                args = [_resolved(each, values, device) for each in step.args]
                made = step.function(*args, **{k: _resolved(v, values, device) for k, v in step.kwargs.items()})
            _bind(step.outputs, made, values)
            for name in step.drop:
                values.pop(name, None)
        return _resolved(run.result, values, device)


def _resolved(given: Any, values: dict[str, Any], device: torch.device | None) -> Any:
    if isinstance(given, FromValue):
        return values[given.name]
    if isinstance(given, FromState):
        return getattr(given.owner, given.name)
    if isinstance(given, OnDevice):
        return device
    if isinstance(given, tuple):
        return [_resolved(each, values, device) for each in given]
    if isinstance(given, dict):
        return {key: _resolved(each, values, device) for key, each in given.items()}
    return given


def _bind(bound: Bound, made: Any, values: dict[str, Any]) -> None:
    if isinstance(bound, str):
        values[bound] = made
    elif bound is not None:
        for name, each in zip(bound, made, strict=False):
            _bind(name, each, values)


def named_module(kind: str) -> ProgramModule:
    """One whose class has the name of the class in the model."""
    name = kind.rpartition(".")[2]
    if not name.isidentifier() or name == ProgramModule.__name__:
        return ProgramModule()
    return type(name, (ProgramModule,), {"__module__": "exported"})()  # type: ignore[no-any-return]
