"""Which layer makes the class vector of a model, and a copy of the model with another one in its place."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import class_tap, rows
from explorer.engine.capture.forward import CapturePlan, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.models.new_head import is_head, outputs_of, replace_head

_TRIED = 4  # layers of the right size, from the end


@dataclass(frozen=True, slots=True)
class Head:
    """The layer that is replaced: its path and the name of its tap."""

    path: str
    tap: str


def copied(module: nn.Module, name: str) -> nn.Module:
    """A copy that shares nothing with the model. Raises ExplorerError where it cannot be copied."""
    try:
        return copy.deepcopy(module)
    except Exception as error:  # noqa: BLE001 - a module may hold anything
        raise ExplorerError(
            tr("{name} cannot be copied, and the model itself is never changed.", name=name), f"{told(error)}."
        ) from None


def find_head(module: nn.Module, plan: CapturePlan, card: ModelCard, x: Tensor) -> Head:
    """The layer that makes the class vector: replaced by one of another length on a copy, the vector has that length.

    Raises ExplorerError where there is none, with the reason.
    """
    scores = plan.scores
    if scores is None or not card.classifies:
        why = tr("It describes the input.") if not card.classifies else tr("None of its outputs is a row of numbers.")
        raise ExplorerError(
            tr("{card} has no class vector that could be learnt anew.", card=card.name),
            why,
            tr("A probe can be computed."),
        )
    trial = copied(module, card.name)
    for head in _candidates(trial, plan, card, scores):
        old = trial.get_submodule(head.path)
        replace_head(trial, head.path, scores.classes + 1)
        if _makes(trial, x, scores):
            return head
        parent, _, name = head.path.rpartition(".")
        setattr(trial.get_submodule(parent), name, old)
    why = tr(
        "No linear layer and no convolution of 1 × 1 pixels makes its {classes} numbers alone.", classes=scores.classes
    )
    raise ExplorerError(
        tr("The last layer of {card} was not found.", card=card.name), why, tr("A probe can be computed.")
    )


def _candidates(module: nn.Module, plan: CapturePlan, card: ModelCard, scores: Scores) -> list[Head]:
    """The layer whose very values the model returns, then those of the same length, the last first."""
    returned = class_tap(plan.taps, card.labels, scores.output)
    taps = [tap for tap in reversed(plan.taps) if tap.path and tap.observable]
    taps.sort(key=lambda tap: returned is None or tap.name != returned.alias)  # stable
    found: dict[str, Head] = {}
    for tap in taps:
        layer = module.get_submodule(tap.path)
        if is_head(layer) and outputs_of(layer) == scores.classes:
            found.setdefault(tap.path, Head(tap.path, tap.name))
    return list(found.values())[:_TRIED]


def _makes(module: nn.Module, x: Tensor, scores: Scores) -> bool:
    """Whether the class vector of a forward has one entry more."""
    try:
        with quiet(module):
            output = module(x.clone())
        return int(rows(tensors_of(output)[scores.output], len(x)).shape[1]) == scores.classes + 1
    except Exception as error:
        if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
            raise
        return False
