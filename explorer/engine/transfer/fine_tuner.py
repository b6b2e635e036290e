"""The copy that learns: one step on a batch, what it says of others, and its state as tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.scores import Scores
from explorer.core.transfer import TransferParams
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import rows
from explorer.engine.capture.forward import explained, quiet
from explorer.engine.capture.gradient_strides import gradients_in_order
from explorer.engine.capture.modes import eagerly
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.prints import Prints, caught_prints
from explorer.engine.transfer.freezing import Modes
from explorer.engine.transfer.frozen_part import FrozenPart

Values = tuple[Tensor, ...]  # of some pictures: what the frozen part hands on, or the input alone
_DECAY = 0.01
_WARM = 0.3  # share of the training in which the rate rises
_FIRST, _LAST = 25.0, 25.0 * 1e4  # what the highest rate is divided by at the beginning and at the end


def one_cycle(fraction: float, highest: float) -> float:
    """The learning rate after a share of the training: up and down once, both along a cosine (Smith 2018)."""
    low, high = (highest / _FIRST, highest) if fraction < _WARM else (highest / _LAST, highest)
    way = fraction / _WARM if fraction < _WARM else (1 - fraction) / (1 - _WARM)
    return low + (high - low) * (1 - math.cos(math.pi * min(1.0, max(0.0, way)))) / 2


@dataclass(frozen=True, slots=True, eq=False)
class LearningCopy:
    """What learns: the copy, the path of its last layer, the parameters that learn, how its class vector is read,
    one input (1, ...) of it, weights of the classes in the loss."""

    module: nn.Module
    head: str
    parameters: Mapping[str, nn.Parameter]
    modes: Modes
    scores: Scores
    like: Tensor
    weights: Tensor
    part: FrozenPart | None = None


class FineTuner:
    """Owned by the worker thread. `values` are always on the device of the copy."""

    def __init__(self, of: LearningCopy, params: TransferParams) -> None:
        self.of, self.params = of, params
        learning = {id(value) for value in of.parameters.values()}
        for value in of.module.parameters():
            value.requires_grad_(id(value) in learning)
        head = {id(value) for value in of.module.get_submodule(of.head).parameters()}
        groups = [
            {"params": [p for p in of.parameters.values() if (id(p) in head) is new], "share": share}
            for new, share in ((True, 1.0), (False, params.body))
        ]
        self._optimiser = torch.optim.AdamW([g for g in groups if g["params"]], lr=params.rate, weight_decay=_DECAY)
        self.idle: tuple[str, ...] | None = None  # parameters that the loss does not depend on; None: not known yet

    def vectors(self, values: Values) -> Tensor:
        """(pictures, classes) logits."""
        of = self.of
        output = of.module(values[0]) if of.part is None else of.part.rest(values, of.like)
        return logits(output, of.scores, len(values[0]))

    def training_step(self, values: Values, labels: Tensor, fraction: float, seed: int) -> float:
        """One step; its loss. `fraction`: which share of the training was done before it. Raises ExplorerError for a loss that is
        not finite, and leaves the weights as they were."""
        for group in self._optimiser.param_groups:
            group["lr"] = one_cycle(fraction, self.params.rate) * group["share"]
        self._optimiser.zero_grad(set_to_none=True)
        self.of.modes.training(len(labels))
        devices = [labels.device] if labels.device.type == "cuda" else []
        try:
            with (
                torch.enable_grad(),
                torch.random.fork_rng(devices=devices),
                eagerly(),
                gradients_in_order(self.of.module),
                caught_prints(Prints()),
                explained(lambda: tr("a step of the training")),
            ):
                torch.manual_seed(seed)
                loss = F.cross_entropy(self.vectors(values), labels, self.of.weights)
                self._check(loss)
                loss.backward()  # type: ignore[no-untyped-call]
        finally:
            self.of.modes.evaluation()
        if self.idle is None:
            self.idle = tuple(name for name, value in self.of.parameters.items() if value.grad is None)
        self._optimiser.step()
        return float(loss.detach())

    def _check(self, loss: Tensor) -> None:
        if not loss.requires_grad:
            why = tr(
                "What it returns cannot be differentiated: it computes without gradients, or in a program of its own."
            )
            raise ExplorerError(tr("This model cannot learn."), why, tr("A probe of its layers can be computed."))
        if not math.isfinite(float(loss.detach())):
            raise ExplorerError(
                tr("The loss is not finite any more."),
                tr("The weights have grown too large."),
                tr("Lower the learning rate."),
            )

    def forward(self, values: Values) -> None:
        """Some pictures go through, in whatever mode the modules are."""
        with torch.no_grad(), eagerly(), caught_prints(Prints()):
            self.vectors(values)

    def evaluate(self, values: Values) -> Tensor:
        """(pictures, classes) logits in evaluation mode, float32 on the CPU."""
        with quiet(self.of.module):
            return self.vectors(values).float().cpu()

    # --- its state ---

    def weights(self) -> dict[str, Tensor]:
        """What learning can change, as it is now: parameters and the buffers of the whole copy."""
        state = {**self.of.parameters, **dict(self.of.module.named_buffers())}
        return {name: value.detach().clone() for name, value in state.items()}

    def load_weights(self, state: Mapping[str, Tensor]) -> None:
        """Raises KeyError where one is missing, RuntimeError where one has another shape."""
        with torch.no_grad():
            for name, value in {**self.of.parameters, **dict(self.of.module.named_buffers())}.items():
                value.copy_(state[name])

    def moments(self) -> dict[str, Tensor]:
        """What the optimiser remembers, "KIND|PARAMETER"."""
        found = {}
        for name, value in self.of.parameters.items():
            for kind, held in self._optimiser.state.get(value, {}).items():
                found[f"{kind}|{name}"] = held.detach().clone()
        return found

    def load_moments(self, state: Mapping[str, Tensor]) -> None:
        """The inverse."""
        for key, held in state.items():
            kind, _, name = key.partition("|")
            value = self.of.parameters[name]
            self._optimiser.state[value][kind] = held.clone() if kind == "step" else held.to(value.device)


def logits(output: object, scores: Scores, count: int) -> Tensor:
    """(count, K): the class vectors in what a model returned, as numbers whose softmax is meant."""
    found = tensors_of(output).get(scores.output)
    if found is None:
        raise ExplorerError(
            tr("The model returned no class vector."), tr("Its output {output} is missing.", output=scores.output)
        )
    vectors = rows(found, count).float()
    return vectors.clamp_min(1e-12).log() if scores.scale == "as-is" else vectors


def balanced(labels: Sequence[int], classes: int) -> Tensor:
    """(classes,) weights in the loss: every class counts as much as every other."""
    counts = torch.bincount(torch.tensor(list(labels)), minlength=classes).clamp_min(1).float()
    return len(labels) / (classes * counts)
