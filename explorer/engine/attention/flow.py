"""Attention through all blocks: rollout, and the relevance for a class. Rows are streamed, no N × N matrix is kept."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.attention import AttentionCall, AttentionKind, Flow
from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine.attention.attention_weights import exact, wide
from explorer.engine.attention.looks import Query, token_of
from explorer.engine.attention.record import RecordedAttention, entered, same_calls
from explorer.engine.attention.recorder import Raw, Recorder
from explorer.engine.attribution.attribution_run import forward, gradients_at, leaf_of, ready
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.jobs.steps import ended

Fusion = Literal["mean", "max", "min"]
FUSIONS: dict[Fusion, Callable[[Tensor], Tensor]] = {
    "mean": lambda rows: rows.mean(0),
    "max": lambda rows: rows.amax(0),
    "min": lambda rows: rows.amin(0),
}


def rollout(
    records: Sequence[RecordedAttention],
    query: Query = 0,
    fusion: Fusion = "mean",
    start: int = 0,
    cancelled: Cancelled = never,
) -> Flow:
    """The row of one token in the product of (A + 1) / 2 over the blocks from `start` on: Abnar and Zuidema 2020.

    A is the heads' mean, largest or smallest weight; rows are divided by their sum. Row form: r <- r (A + 1) / 2 from the last
    block to the first, in float64. Raises ExplorerError where blocks do not have the same tokens (windows, cross attention).
    """
    return ended(rollout_steps(records, query, fusion, start, cancelled))


def rollout_steps(
    records: Sequence[RecordedAttention],
    query: Query = 0,
    fusion: Fusion = "mean",
    start: int = 0,
    cancelled: Cancelled = never,
) -> Generator[float, None, Flow]:
    """The same in steps: the share that is done, then the row."""
    _check_start(len(records), start)
    chosen = _chosen(records[start:])
    row = _row(chosen, 0.0)
    row[token_of(chosen[-1].call.queries, query)[1]] = 1
    for number, found in enumerate(reversed(chosen)):
        further = torch.zeros_like(row)
        for index, rows in found.blocks(cancelled):
            fused, here = FUSIONS[fusion](exact(rows[0])), index.to(row.device)
            fused[torch.arange(len(here)), here] += 1
            further += row[here] @ (fused / fused.sum(-1, keepdim=True))
            yield (number + (int(index[-1]) + 1) / len(row)) / len(chosen)
        row = further
    return _flow("rollout", row, chosen)


def relevance(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    calls: tuple[AttentionCall, ...],
    query: Query | None = None,
    start: int = 0,
    cancelled: Cancelled = never,
) -> Flow:
    """What raises a target, through all blocks: Chefer, Gur and Wolf 2021 (Generic attention-model explainability), for
    self-attention.

    R <- R + A' R with A' the heads' mean of (gradient x weight) where positive; the gradient of the weights is that of the result
    times the values. The row of `query`; None: of the class token where there is one, else the mean over all tokens. Weights are
    those that meet the values. Raises ExplorerError as `rollout` does and where there is no gradient; CancelledError.
    """
    return ended(relevance_steps(module, x, target, plan, calls, query, start, cancelled))


def relevance_steps(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    calls: tuple[AttentionCall, ...],
    query: Query | None = None,
    start: int = 0,
    cancelled: Cancelled = never,
) -> Generator[float, None, Flow]:
    """The same in steps: the share of the blocks that is done, then the row."""
    _check_start(len(calls), start)
    records, gradients, value = _with_gradients(module, x, target, plan, calls, start, cancelled)
    chosen = _chosen(records)
    last = chosen[-1].call
    row = _row(chosen, 1 / last.queries.count)
    if query is not None or last.queries.prefix:
        row.zero_()[token_of(last.queries, query or 0)[1]] = 1
    yield 0.0
    for number, (found, gradient) in enumerate(zip(reversed(chosen), reversed(gradients), strict=True), 1):
        if gradient is not None:
            row = row + _raised(found, gradient, row, cancelled)
        yield number / len(chosen)
    flow = _flow("relevance", row, chosen)
    if all(gradient is None or not bool(gradient.any()) for gradient in gradients):
        flow = replace(flow, notes=(*flow.notes, tr("The target does not depend on any of these attentions.")))
    return replace(flow, value=value)


def _raised(found: RecordedAttention, gradient: Tensor, row: Tensor, cancelled: Cancelled) -> Tensor:
    assert found.values is not None
    values = found.grouped(wide(found.values))[0]
    slope = found.grouped(wide(gradient))[0]
    raised = torch.zeros_like(row)
    for index, rows in found.blocks(cancelled):
        part = exact((slope[:, index] @ values.mT * rows[0]).clamp(min=0)).mean(0)
        raised += row[index.to(row.device)] @ part
    return raised


def _with_gradients(
    module: nn.Module,
    x: Tensor,
    target: Target,
    plan: CapturePlan,
    calls: tuple[AttentionCall, ...],
    start: int,
    cancelled: Cancelled,
) -> tuple[list[RecordedAttention], list[Tensor | None], float]:
    """Every attention from `start` on with its values, the gradient of the target at its result, and the target."""
    with ready(module, x.device):
        recorder = Recorder(cancelled, lambda _tensor: None, None, values=True)
        with entered(module, recorder), leaf_of(module, x) as leaf:
            values = forward(module, leaf, target, plan, cancelled=cancelled).target
        _check_calls(calls, recorder.found)
        found = list(zip(calls, recorder.found, strict=False))[start:]
        known = gradients_at(values, [raw.edge for _, raw in found if raw.edge is not None])
    gradients = iter(known)
    spread = [None if raw.edge is None else next(gradients) for _, raw in found]
    return [_recorded(call, raw) for call, raw in found], spread, float(values.detach()[0])


def _recorded(call: AttentionCall, raw: Raw) -> RecordedAttention:
    if raw.weights is None or raw.reason:
        raise ExplorerError(tr("The attention weights of {call} are not available.", call=call.name), raw.reason)
    return RecordedAttention(call, raw.weights, raw.values, raw.result)


def _check_calls(calls: tuple[AttentionCall, ...], found: list[Raw]) -> None:
    # a target inside the model ends the forward before the later ones
    if not same_calls(calls[: len(found)], found):
        raise ExplorerError(
            tr("The model ran a different path this time."), tr("It does not run the same operations on every forward.")
        )


def _check_start(count: int, start: int) -> None:
    if not 0 <= start < count:
        why = (
            tr("There are {count} blocks, counted from 0.", count=count)
            if count
            else tr("The model has no observable attention.")
        )
        raise ExplorerError(tr("There is no attention to follow."), why)


def _chosen(records: Sequence[RecordedAttention]) -> list[RecordedAttention]:
    """The same records, where attention can be followed through them."""
    for found in records:
        call = found.call
        if call.kind is not AttentionKind.TOKENS or call.queries.count != records[0].call.queries.count:
            raise ExplorerError(
                tr("Attention cannot be followed through this model."),
                tr(
                    "That needs the same tokens in every block; {call} is of the kind “{kind}” with {count} "
                    "queries and {count2} keys.",
                    call=call.name,
                    kind=call.kind,
                    count=call.queries.count,
                    count2=call.keys.count,
                ),
                tr("Look at the blocks one by one."),
            )
    if not records:
        raise ExplorerError(
            tr("There is no attention to follow."), tr("The target lies before the first of these blocks.")
        )
    return list(records)


def _row(chosen: list[RecordedAttention], value: float) -> Tensor:
    """(tokens,) float64 where sums of that kind are computed."""
    return exact(chosen[0].weights.q.new_zeros(chosen[0].call.keys.count)).fill_(value)


def _flow(method: str, row: Tensor, chosen: list[RecordedAttention]) -> Flow:
    keys = chosen[0].call.keys
    assert keys.cells is not None
    assert keys.grid is not None
    values = row.cpu().numpy()
    flat = np.zeros(keys.grid[0] * keys.grid[1])
    standing = keys.cells[0] >= 0
    np.add.at(flat, keys.cells[0][standing], values[standing])
    names = tuple(found.call.name for found in chosen)
    notes = tuple(f"{found.call.name}: {found.call.note}" for found in chosen if found.call.note)
    return Flow(method, flat.reshape(keys.grid), values[: keys.prefix].copy(), names, notes=notes)
