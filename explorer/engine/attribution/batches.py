"""Many variants of one input, as many in a forward as the model and the memory allow."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_run import differentiate, evaluate
from explorer.engine.attribution.finite import require_finite
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.capture.mixing import Mixing
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, never

Result = tuple[Tensor, Tensor | None]  # values (N,), gradients (N, ...)
Work = Callable[[Tensor], Result]


class Batches:
    """The target on batches of inputs.

    Some models take one input only, or mix those of a batch; so the last value of the first batch is compared with that of the
    input alone, and with that in a batch where the others are changed. Where they differ every input runs alone, and so it does
    where the model decides on values, be it in Python (`plan.decides`) or by a statistic over the batch: each input of a batch
    might have decided otherwise. Out of memory halves the batch and goes on.
    """

    def __init__(
        self,
        module: nn.Module,
        target: Target,
        plan: CapturePlan,
        size: int,
        cancelled: Cancelled,
        probability: bool = False,
    ) -> None:
        self.module, self.target, self.plan, self.cancelled = module, target, plan, cancelled
        self.size, self.probability = 1 if plan.decides else max(1, size), probability
        if plan.repeat is not None and not plan.repeat.same:
            self.size = 1  # what a batch draws is not what its inputs alone would
        self._proven = False

    def values(self, x: Tensor) -> Tensor:
        """(N,) on the CPU, float64."""
        return self._run(
            x,
            lambda part: (evaluate(self.module, part, self.target, self.plan, self.cancelled, self.probability), None),
        )[0]

    def gradients(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(values (N,), gradients shaped as x) on the CPU, float64. Raises ExplorerError when one is not finite."""

        def work(part: Tensor) -> Result:
            return differentiate(self.module, part, self.target, self.plan, self.cancelled)

        values, gradients = self._run(x, work)
        assert gradients is not None
        finite = torch.isfinite(gradients).flatten(1).all(1) & torch.isfinite(values)
        if not bool(finite.all()):
            bad = int((~finite).nonzero()[0])
            at = slice(bad, bad + 1)
            require_finite(self.module, x[at], self.target, self.plan, values[at], gradients[at], self.cancelled)
        return values, gradients

    def _run(self, x: Tensor, work: Work) -> Result:
        values, gradients = [], []
        at = 0
        while at < len(x):
            part = x[at : at + self.size]
            found = self._attempt(part, work)
            if found is None:
                continue  # again with a smaller size
            at += len(part)
            values.append(found[0].detach().cpu().double())
            if found[1] is not None:
                gradients.append(found[1].cpu().double())
        return torch.cat(values), torch.cat(gradients) if gradients else None

    def _attempt(self, part: Tensor, work: Work) -> Result | None:
        """The result, or None after the size was made smaller."""
        try:
            found = work(part)
        except (ExplorerError, RuntimeError, MemoryError) as error:
            if len(part) == 1:
                raise
            full = devices.device_problem(error) == devices.OUT_OF_MEMORY
        else:
            if self._proven or len(part) == 1 or self._independent(part, found[0]):
                self._proven = self._proven or len(part) > 1
                return found
            full = False
        # outside the except block: the exception holds on to the tensors of the failed forward
        self.size = max(1, len(part) // 2) if full else 1
        if full:
            devices.release()
        return None

    def _independent(self, part: Tensor, values: Tensor) -> bool:
        others = part.clone()
        others[:-1] = -part[:-1]
        mixing = Mixing(len(part))
        with mixing:
            among = self._evaluate(others)[-1].double()
        if mixing.mixes:
            return False
        alone = self._evaluate(part[-1:])[-1].double()
        # alone it may be summed in another order; in a batch of the same size it may not
        last = values[-1].double()
        return torch.allclose(last, alone, 1e-3, 1e-5, equal_nan=True) and torch.allclose(last, among, 1e-6, 0.0, True)

    def _evaluate(self, x: Tensor) -> Tensor:
        return evaluate(self.module, x, self.target, self.plan, self.cancelled, self.probability)


def values_of(module: nn.Module, x: Tensor, target: Target, plan: CapturePlan, cancelled: Cancelled = never) -> float:
    """The target on one input; raises ExplorerError when it is not finite, naming where that began."""
    value = evaluate(module, x, target, plan, cancelled)
    require_finite(module, x, target, plan, value, None, cancelled)
    return float(value[0])
