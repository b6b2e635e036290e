"""What has to be known of a model before a copy of it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.scores import Scores
from explorer.core.transfer import Trainable, TransferParams
from explorer.core.translation import tr
from explorer.engine.ablation.route import Route, route_of
from explorer.engine.capture.forward import CapturePlan, capture
from explorer.engine.jobs.cancel import Cancelled
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.models.new_head import replace_head
from explorer.engine.transfer.class_layer import Head, copied, find_head
from explorer.engine.transfer.fine_tuner import FineTuner, LearningCopy, logits
from explorer.engine.transfer.freezing import Freezing, Modes, freezing, learning_parameters, owners, points


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An open model, one input (1, ...) on its device, its plan, its last layer, and which call happens inside which."""

    loaded: LoadedModel
    x: Tensor
    plan: CapturePlan
    head: Head
    route: Route

    @property
    def scores(self) -> Scores:
        assert self.plan.scores is not None
        return self.plan.scores

    def vectors(self) -> Callable[[Any, int], Tensor]:
        """Reads the class vectors in what the model returns."""
        return lambda output, count: logits(output, self.scores, count)


def prepared(bench: ModelSession, digest: str, picture: Picture, job: Job) -> Prepared:
    """Raises ExplorerError where the model cannot be learnt from, with the reason."""
    loaded, x, plan = bench.given(digest, picture, job)
    if loaded.card.abilities.no_gradients:
        raise ExplorerError(
            tr("{card} cannot be fine-tuned.", card=loaded.card.name),
            loaded.card.abilities.no_gradients,
            tr("A probe can be computed."),
        )
    head = find_head(loaded.module, plan, loaded.card, x)
    return Prepared(loaded, x, plan, head, route_of(loaded.module, x, job.cancelled))


def trainable(of: Prepared) -> Trainable:
    """Up to which layers can be frozen, and how much then learns; one step on a copy tells whether anything can."""
    module, head = of.loaded.module, of.head
    taps = points(of.route, of.plan, head.path)
    counted = {}
    for tap in ("", *taps):
        frozen = freezing(of.route, of.plan, tap, head.path)
        counted[tap] = sum(value.numel() for value in learning_parameters(module, of.route, frozen.learning).values())
    tuner = FineTuner(learning_copy(of, TransferParams(), 2)[1], TransferParams())
    tuner.training_step((of.x.clone(),), torch.zeros(1, dtype=torch.long, device=of.x.device), 0.0, 0)
    total = sum(value.numel() for value in module.parameters())
    return Trainable(of.loaded.card.digest, "", head.tap, taps, counted, total)


def learning_copy(of: Prepared, params: TransferParams, classes: int) -> tuple[Freezing, LearningCopy]:
    """What stays, and a copy with a new last layer whose rest learns."""
    frozen = freezing(of.route, of.plan, params.freeze, of.head.path)
    module = copied(of.loaded.module, of.loaded.card.name)
    replace_head(module, of.head.path, classes, params.seed)
    free = learning_parameters(module, of.route, frozen.learning)
    modes = Modes(module, of.route, frozen.learning)
    weights = torch.ones(classes, device=of.x.device)
    return frozen, LearningCopy(module, of.head.path, free, modes, of.scores, of.x, weights)


def frozen_differs(of: Prepared, module: nn.Module, frozen: Freezing, x: Tensor, cancelled: Cancelled) -> str:
    """The name of the first frozen parameter, buffer or map in which a learnt copy is not the original to the last bit; "": none."""
    if frozen.at is None:
        return ""
    called = frozenset(call.key[0] for call in of.route.calls)
    learning = {f"{path}." if path else "" for path, near, _ in owners(module, called) if near in frozen.learning}
    theirs = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    ours = {**dict(of.loaded.module.named_parameters()), **dict(of.loaded.module.named_buffers())}
    for name, value in theirs.items():
        path, dot, _ = name.rpartition(".")
        if path + dot not in learning and not _equal(value, ours[name]):
            return name
    before = capture(of.loaded.module, x.clone(), of.plan, frozen.taps, cancelled=cancelled).tensors
    after = capture(module, x.clone(), of.plan, frozen.taps, cancelled=cancelled).tensors
    return next((tap for tap in frozen.taps if not _equal(before[tap], after[tap])), "")


def _equal(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(torch.all((a == b) | ((a != a) & (b != b))))
