"""How one cell is computed: the terms of its sum, and the normalisation and activation between them and its value.

Everything is recomputed in float64 from the very tensors that went into each operation, and compared with what came out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from torch import Tensor, nn

from explorer.core.activations import Tap
from explorer.core.arithmetic import TOLERANCE, Arithmetic
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell, index_of
from explorer.core.translation import tr
from explorer.engine.arithmetic.call_chain import Chain
from explorer.engine.arithmetic.mismatch import Where, why
from explorer.engine.arithmetic.nonlinearities import value_at
from explorer.engine.arithmetic.recorded import Links, TensorSource, record, trace
from explorer.engine.attention.record import known_attentions
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never


def explain_cell(
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    name: str,
    channel: int,
    cell: Cell,
    cancelled: Cancelled = never,
    links: Links | None = None,
) -> Arithmetic:
    """The arithmetic of one channel of the tap `name` at one cell (as `geometry.cells.index_of` counts them), for input x (1, C, H, W).

    Runs the model twice, the second time only up to the last operation that matters and the tap's own values, with which the
    result is compared; `links` of an earlier `trace` of the same model and input size saves the first. Where an attention is
    among them it runs once more, to see where tokens stand.
    Raises ExplorerError when the tap, channel or cell does not exist, when its value was made in a way that cannot be
    followed, and when the forward raises; CancelledError when cancelled.
    """
    index_of(_tap(plan, name), channel, cell)  # before any forward
    return worksheet(module, x, plan, (name,), cancelled, links).cell(name, channel, cell)


def worksheet(
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    names: Collection[str],
    cancelled: Cancelled = never,
    links: Links | None = None,
) -> Worksheet:
    """What explains every cell of these taps for the input x, without another forward. Errors as `explain_cell`."""
    taps = [_tap(plan, name) for name in names]
    known = trace(module, x, cancelled) if links is None else links
    chain = Chain(known, _names(plan, known))
    wanted: set[int] = set()
    for tap in taps:
        source = known.outputs.get((tap.path, tap.call, tap.key))
        if source is not None:
            wanted |= chain.behind(source, tap.path) | set(chain.ahead(source))
    parts = {(tap.path, tap.call, tap.key): tap.name for tap in taps}
    chain.calls, outputs = record(module, x, known, wanted, parts, cancelled)
    if chain.attentions.among(wanted):
        chain.attentions.name(known_attentions(module, x, cancelled, plan.turned))
    return Worksheet(plan, chain, x, {parts[part]: tensor for part, tensor in outputs.items()})


class Worksheet:
    """Copies of what went into and came out of the operations around some taps. Stays on the worker's thread."""

    def __init__(self, plan: CapturePlan, chain: Chain, x: Tensor, captured: Mapping[str, Tensor]) -> None:
        self._plan, self._chain, self._x, self._captured = plan, chain, x, captured

    def cell(self, name: str, channel: int, cell: Cell) -> Arithmetic:
        """The arithmetic of one cell of one of the taps: fast enough to follow a window that slides. Runs no forward."""
        tap = _tap(self._plan, name)
        index = index_of(tap, channel, cell)
        source = self._chain.links.outputs.get((tap.path, tap.call, tap.key))
        if source is None:
            raise _unseen(tap)
        steps, before = self._chain.steps(source, index, tap, self._x)
        # what was written since the last operation was not seen: the tensor alone says what the value is
        steps = (*steps[:-1], replace(steps[-1], stored=value_at(self._captured[name], index)))
        following = self._chain.following(source, index)
        on = Where(self._x.device.type, tap.dtype)
        doubt = next((why(step, on) for step in (*steps, *following) if step.relative > TOLERANCE), "")
        return Arithmetic(name, channel, cell, steps, following, doubt, before)


def _tap(plan: CapturePlan, name: str) -> Tap:
    plan.key_of(name)
    return next(tap for tap in plan.taps if tap.name == name)


def _names(plan: CapturePlan, links: Links) -> dict[TensorSource, str]:
    """The first tap that shows what a call made."""
    found: dict[TensorSource, str] = {}
    for tap in plan.taps:
        source = links.outputs.get((tap.path, tap.call, tap.key)) if tap.observable else None
        if source is not None:
            found.setdefault(source, tap.name)
    return found


def _unseen(tap: Tap) -> ExplorerError:
    what = tr("The value of {tap} cannot be decomposed.", tap=tap.name)
    return ExplorerError(
        what,
        tr(
            "{type} computes it without a torch function call: TorchScript, inference mode or code of its own.",
            type=tap.type,
        ),
    )
