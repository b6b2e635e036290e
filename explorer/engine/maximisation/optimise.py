"""One maximisation: a picture climbs towards its target, step by step, and may be stopped and taken up again anywhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.maximisation import Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.models import of_pictures
from explorer.core.translation import tr
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.maximisation.aim import Aim, alike, take_aim
from explorer.engine.maximisation.canvas import Canvas
from explorer.engine.maximisation.prepare import Normaliser, device_of, plan_for, require_picture, sides, unit_picture
from explorer.engine.maximisation.reach import Reach
from explorer.engine.maximisation.redirect import Redirected
from explorer.engine.maximisation.warp import warped
from explorer.engine.models.base import LoadedModel

TURN = 0.09  # seconds between two pictures
_SLOW = 0.05  # seconds of a step above which every layer looks whether the work was cancelled
_REDIRECTED = 16  # first steps in which ReLUs let through what would be blocked
_SILENT = tr("Nothing in the picture moves this target: its gradient is zero.")
_FULL = tr("The target is at its bound: its gradient is zero, and it cannot become larger.")


def maximise(
    loaded: LoadedModel,
    objective: Objective,
    settings: MaximiseSettings,
    *,
    plan: CapturePlan | None = None,
    start: Picture | None = None,
    state: MaximiseState | None = None,
    keep: Callable[[MaximiseState], None] | None = None,
    cancelled: Cancelled = never,
) -> Generator[Maximised, None, Maximised]:
    """Yields the growing picture about ten times a second and returns the finished one.

    Not being stepped is the pause. `keep` gets the state when it is closed, cancelled or fails before its end; `state` goes on
    from there, bit for bit as if there had been no end (on the CPU with the same number of threads).
    """
    run = Run(loaded, objective, settings, plan=plan, start=start, state=state, cancelled=cancelled)
    try:
        while not run.done:
            run.advance()
            yield run.result()
        return run.finish()
    finally:
        if keep is not None and not run.finished and run.step:
            keep(run.state())


class Run:
    """One picture, or one batch, on its way. Between two calls the model is as it was found.

    `settings.start` becomes the digest of `start` where one is given.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        objective: Objective,
        settings: MaximiseSettings,
        *,
        plan: CapturePlan | None = None,
        start: Picture | None = None,
        state: MaximiseState | None = None,
        cancelled: Cancelled = never,
    ) -> None:
        self.loaded, self.objective = loaded, objective
        self.settings = settings if start is None else replace(settings, start=start.digest)
        pre = of_pictures(loaded.card.preprocess)
        require_picture(pre)
        plan = plan or plan_for(loaded, settings, cancelled)
        self.aim: Aim = take_aim(plan, objective, settings)
        self.reach = Reach(loaded.module, plan, self.aim.taps, cancelled)
        self.normalise = Normaliser(loaded)
        shape = (settings.batch, pre.channels, *sides(pre, settings.size))
        self.canvas = Canvas(shape, self.settings, device_of(loaded))
        self.curve: list[float] = []
        self.blocked = False  # the last gradient was zero everywhere
        self.ended = False  # no step leads further
        self.finished = False
        self.notes: list[str] = []
        self._seconds = math.inf  # of the last step; before the first one it is not known
        self._fill(start, state)
        self.adam = torch.optim.Adam([self.canvas.parameters], lr=self.settings.rate, foreach=False)
        if state is not None:
            self._restore(state)
        if settings.decorrelate and pre.channels != 3:
            self.notes.append(
                tr("Colours are decorrelated where there are three; this model has {channels}.", channels=pre.channels)
            )

    def _fill(self, start: Picture | None, state: MaximiseState | None) -> None:
        if state is not None:
            self.canvas.load(state.parameters)
        elif start is not None:
            pixels = unit_picture(
                start, of_pictures(self.loaded.card.preprocess), self.canvas.height, self.canvas.width
            )
            self.canvas.from_picture(pixels, self.settings.seed)
        elif self.settings.start:
            raise ExplorerError(
                tr("The input to start from is missing."), "", tr("Open it again, or start from noise.")
            )
        else:
            self.canvas.from_noise(self.settings.seed)

    def _restore(self, state: MaximiseState) -> None:
        leaf = self.canvas.parameters
        self.curve, self.blocked = [float(v) for v in state.curve], state.blocked
        self.adam.state[leaf] = {
            "step": torch.tensor(float(state.step)),
            "exp_avg": torch.tensor(state.mean, device=leaf.device),
            "exp_avg_sq": torch.tensor(state.square, device=leaf.device),
        }

    # --- what it has come to ---

    @property
    def step(self) -> int:
        return len(self.curve)

    @property
    def done(self) -> bool:
        """Whether all steps are made, or none leads further."""
        return self.ended or self.step >= self.settings.steps

    def result(self) -> Maximised:
        """The picture as it is now."""
        return Maximised(
            self.loaded.card.digest,
            self.objective,
            self.settings,
            self.canvas.pixels(),
            self.step,
            np.array(self.curve, np.float32),
            notes=tuple(self.notes),
        )

    def finish(self) -> Maximised:
        """The finished picture, with the objective of what is shown: eight bits, not moved."""
        result = self.result()
        pixels = torch.tensor(result.pictures, device=self.canvas.device).permute(0, 3, 1, 2)
        with self.reach.borrowed(watchful=True), torch.no_grad():
            seen = self.reach(self.normalise(pixels.float() / 255))
            value = float(self.aim.read(seen[self.aim.tap.name]).mean())
        self.finished = True
        if self.blocked:
            result = replace(result, notes=(*result.notes, _FULL if value > self.curve[0] else _SILENT))
        return replace(result, value=value)

    def state(self) -> MaximiseState:
        """Copies, so that the run may go on. After a first step."""
        held = self.adam.state[self.canvas.parameters]
        arrays = (self.canvas.parameters, held["exp_avg"], held["exp_avg_sq"])
        copies: list[Array] = [tensor.detach().cpu().numpy().copy() for tensor in arrays]
        return MaximiseState(copies[0], copies[1], copies[2], np.array(self.curve, np.float32), self.blocked)

    # --- the climb ---

    def advance(self, seconds: float = TURN) -> None:
        """Makes steps for about so long, one at least. Raises ExplorerError; CancelledError with the last whole step kept."""
        start = time.perf_counter()
        with self.reach.borrowed(watchful=self._seconds > _SLOW):
            while not self.done:
                begun = time.perf_counter()
                self._step_or_say()
                now = time.perf_counter()
                self._seconds = now - begun
                if now - start + self._seconds > seconds:
                    return

    def _step_or_say(self) -> None:
        try:
            self._one_step()
            return
        except Exception as error:
            if devices.device_problem(error) is None:
                raise
            detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        # outside the except block: the exception holds on to the tensors of the failed step
        self.canvas.parameters.grad = None
        devices.release()
        raise ExplorerError(
            tr("There is not enough memory for a step."),
            f"{detail}.",
            tr("Choose a smaller size or batch, or an earlier layer."),
        )

    def _one_step(self) -> None:
        if self.reach.cancelled():
            raise CancelledError
        leaf = self.canvas.parameters
        redirected = self.settings.redirect and (self.step < _REDIRECTED or self.blocked)
        with Redirected() if redirected else nullcontext():
            loss, value = self._loss(warped(self.canvas.picture(), self.settings, self.step))
            self.adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        self.reach.tidy()
        if leaf.grad is None:  # an operation without a derivative
            raise self._unfeeling()
        largest = float(leaf.grad.abs().max())
        if not math.isfinite(value) or not math.isfinite(largest):
            self._no_number()
            return
        self.blocked = largest == 0.0
        self.adam.step()
        self.curve.append(value)

    def _loss(self, pictures: Tensor) -> tuple[Tensor, float]:
        seen = self.reach(self.normalise(pictures))
        values = self.aim.read(seen[self.aim.tap.name])
        if not values.requires_grad:
            raise self._unfeeling()
        # the sum, not the mean: each picture of a batch climbs as it would alone
        loss = -values.sum()
        if self.aim.spread is not None:
            likeness = alike(seen[self.aim.spread.name], self.aim.spread)
            # in units of the objective, so that one weight fits every layer
            loss = loss + self.settings.diversity * values.detach().abs().sum() * likeness
        return loss, float(values.detach().mean())

    def _unfeeling(self) -> ExplorerError:
        return ExplorerError(
            tr("No gradient reaches the picture from {tap}.", tap=self.aim.tap.name),
            tr("The model computes it in whole numbers (quantised), or switches gradients off itself."),
            tr("Open the model in floating point, or choose an earlier layer."),
        )

    def _no_number(self) -> None:
        """Ends with the last good picture, if there is one."""
        said = tr("The objective or its gradient was not a finite number at step {step}.", step=self.step + 1)
        if not self.step:
            raise ExplorerError(
                said, tr("The model returns NaN or infinity for this start."), tr("Try another seed or layer.")
            )
        self.ended = True
        self.notes.append(tr("Stopped early. {said}", said=said))
