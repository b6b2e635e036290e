"""What stays as it is when everything up to a layer is frozen, and what learns.

A module is frozen when it has begun before the frozen layer has ended, so that nothing which learns can reach a frozen map.
Frozen means: no parameter moves, and evaluation mode, so that neither running statistics nor dropout change a map. The model
itself is always in evaluation mode: what it returns is then what was recorded of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.ablation.route import Route
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.capture.trace import CallKey

_BATCH_NORM = nn.modules.batchnorm._BatchNorm
LEAST = 16  # pictures of a batch whose statistics BatchNorm may learn from


@dataclass(frozen=True, slots=True)
class Freezing:
    """`at` is the call that ends the frozen part, None where nothing is frozen; `learning` the modules that learn; `taps` those
    whose maps stay."""

    at: CallKey | None
    learning: frozenset[str]
    taps: tuple[str, ...] = ()


def freezing(route: Route, plan: CapturePlan, tap: str, head: str) -> Freezing:
    """What learns when everything up to `tap` is frozen ("": nothing). Raises ExplorerError where nothing would be left."""
    begun: dict[str, int] = {}
    for call in route.calls:
        begun[call.key[0]] = min(call.begun, begun.get(call.key[0], call.begun))
    if not tap:
        return Freezing(None, frozenset(begun))
    at = plan.key_of(tap)
    end = route.calls[route.number(at)].ended
    learning = frozenset(path for path, when in begun.items() if when > end)
    if head not in learning:
        raise ExplorerError(
            tr("Nothing would be left to learn after {tap}.", tap=tap),
            tr("It is the last layer, or contains it."),
            tr("Freeze less."),
        )
    kept = {call.key for call in route.calls if call.ended <= end}
    return Freezing(at, learning, tuple(t.name for t in plan.taps if t.observable and (t.path, t.call) in kept))


def points(route: Route, plan: CapturePlan, head: str) -> tuple[str, ...]:
    """Names of the taps up to which can be frozen, in execution order: those that have ended before the last layer begins."""
    last = min(call.begun for call in route.calls if call.key[0] == head)
    ended = {call.key: call.ended for call in route.calls}
    return tuple(t.name for t in plan.taps if t.observable and ended.get((t.path, t.call), last) < last)


def owners(module: nn.Module, called: frozenset[str]) -> Iterator[tuple[str, str, nn.Module]]:
    """(path, the nearest module around it that is called, module) of every module under every name: attention takes the weights
    of a layer inside it without calling it."""
    for path, part in module.named_modules(remove_duplicate=False):
        near = path
        while near and near not in called:
            near = near.rpartition(".")[0]
        yield path, near, part


def learning_parameters(module: nn.Module, route: Route, learning: frozenset[str]) -> dict[str, nn.Parameter]:
    """The parameters that learn, each once under its first name; one that a frozen module uses too is frozen."""
    called = frozenset(call.key[0] for call in route.calls)
    free: dict[int, tuple[str, nn.Parameter]] = {}
    frozen: set[int] = set()
    for path, near, part in owners(module, called):
        for name, value in part.named_parameters(path, recurse=False):
            if near not in learning or not value.is_floating_point():
                frozen.add(id(value))
            else:
                free.setdefault(id(value), (name, value))
    return dict(known for key, known in free.items() if key not in frozen)


class Modes:
    """Sets which modules of a copy are in training mode. Asked for before every step: evaluation is the mode of everything else."""

    def __init__(self, module: nn.Module, route: Route, learning: frozenset[str]) -> None:
        called = frozenset(call.key[0] for call in route.calls)
        frozen = {id(part) for _, near, part in owners(module, called) if near not in learning}
        self._module = module
        self._learn = [m for m in module.modules() if m is not module and id(m) not in frozen]
        self.norms = [m for m in self._learn if isinstance(m, _BATCH_NORM) and m.running_mean is not None]

    def training(self, pictures: int) -> None:
        """For a batch of so many pictures."""
        self.evaluation()
        for part in self._learn:
            part.training = pictures >= LEAST or not isinstance(part, _BATCH_NORM)

    @contextmanager
    def statistics_anew(self) -> Iterator[None]:
        """Within, the statistics of every BatchNorm that learns become the mean of those of the batches that go through."""
        self.evaluation()
        before = [(norm, norm.momentum) for norm in self.norms]
        for norm in self.norms:
            norm.reset_running_stats()
            norm.momentum, norm.training = None, True
        try:
            yield
        finally:
            self.evaluation()
            for norm, momentum in before:
                norm.momentum = momentum

    def evaluation(self) -> None:
        """Evaluation mode everywhere."""
        for part in self._module.modules():
            part.training = False
