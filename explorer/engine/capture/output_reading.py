"""What the first forward of a model leaves open: what its output is, and whether it answers twice alike. One more forward tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores
from explorer.core.sound_preprocess import is_turned
from explorer.core.translation import tr
from explorer.engine.capture.bounds import bounds_of
from explorer.engine.capture.class_vector import Bounds, is_unclear, recognised, scores_of, vector_in
from explorer.engine.capture.forward import CapturePlan, Discovery, discover, explained, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.repeat_check import compare, drawing, failed, kept, once
from explorer.engine.jobs.cancel import Cancelled, never


@dataclass(frozen=True, slots=True)
class OutputReading:
    """How the output of a model is read, and whether it is the same on the same input."""

    scores: Scores | None = None
    repeat: Repeat | None = None


def read(
    module: nn.Module, x: Tensor, seen: Discovery, card: ModelCard | None = None, cancelled: Cancelled = never
) -> OutputReading:
    """One forward more on the input x (1, ...) of a watched one. Errors of the model are part of the answer.

    Raises ExplorerError when the card names an output that the model does not have, CancelledError.
    """
    scores, first = scores_of(seen.plan.taps, card), kept(seen.output)
    vector = vector_in(first, scores)
    unclear = scores is not None and scores.asked == "auto" and vector is not None and is_unclear(vector)
    with drawing():
        try:
            second, bounds = _followed(module, x, scores) if unclear else (once(module, x), None)
        except ExplorerError as error:
            return OutputReading(scores, failed(error))
        if unclear and scores is not None and vector is not None:
            scores = recognised(scores, vector, first[scores.output].dtype, bounds)
        return OutputReading(scores, compare(module, x, first, second, scores, cancelled))


def _followed(module: nn.Module, x: Tensor, scores: Scores | None) -> tuple[dict[str, Tensor], Bounds | None]:
    """(what a forward returns, between what its class vector lies); one that cannot be followed runs as it is."""

    def found(output: Any) -> Tensor | None:
        return tensors_of(output).get(scores.output) if scores is not None else None

    try:
        with quiet(module), explained(lambda: tr("its second forward on the same input")):
            output, bounds = bounds_of(lambda: module(x.clone()), found)
            return kept(output), bounds
    except (ExplorerError, torch.OutOfMemoryError):
        return once(module, x), None


def with_reading(seen: Discovery, reading: OutputReading) -> Discovery:
    """The same forward with a plan that knows it; an output that a further forward has written to is the one that was copied."""
    plan = replace(seen.plan, scores=reading.scores, repeat=reading.repeat)
    root = {
        tap.key: seen.tensors[tap.name]
        for tap in plan.taps
        if _returned(tap.path, tap.call) and tap.name in seen.tensors
    }
    return replace(seen, plan=plan, output=root if root and ("", 0) in plan.copy else seen.output)


def _returned(path: str, call: int) -> bool:
    return path == "" and call == 0


def watched(module: nn.Module, x: Tensor, card: ModelCard | None = None, cancelled: Cancelled = never) -> Discovery:
    """A watched forward with what one more forward says of its output. Errors as `discover` and `read`."""
    seen = discover(module, x.clone(), cancelled, card is not None and is_turned(card.preprocess))
    return with_reading(seen, read(module, x, seen, card, cancelled))


def planned(plan: CapturePlan, card: ModelCard) -> CapturePlan:
    """A plan without a reading, for what only needs to know which output is the class vector."""
    return plan if plan.scores is not None else replace(plan, scores=scores_of(plan.taps, card))
