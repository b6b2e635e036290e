"""Which channels of a layer a class needs: each silenced in turn, several at once where the model allows it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit, Effect, Ranking, ranked
from explorer.core.translation import tr
from explorer.engine.ablation.ablate import Base
from explorer.engine.ablation.edit_hooks import apply, check, replaced
from explorer.engine.ablation.resume import ResumableRun, run
from explorer.engine.capture.class_vector import probabilities, rows, vector_in
from explorer.engine.capture.mixing import Mixing
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.trace import CallKey
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


def rank(
    base: Base, edit: Edit, index: int | None = None, batch: int = 8, cancelled: Cancelled = never
) -> Generator[Ranking]:
    """Streams what each channel of `edit.tap` (those in `edit.channels`, or all) does to class `index` (default: the best).

    Each channel alone is edited as `edit` says. Runs `batch` copies of the resumed forward at once; the first batch is
    compared with single runs, and the batch given up when they differ. A model that decides on values runs them one by one.
    Halves the batch when memory runs out.
    Raises ExplorerError when the output is no class vector or the class or a channel does not exist; CancelledError.
    """
    ranking = _Ranked(base, edit, index, cancelled)
    channels = list(edit.channels) or list(range(base.taps[edit.tap].channels))
    total, batch, note, checked = len(channels), max(1, batch), ranking.note, False
    if base.plan.decides:  # each channel may take another path
        batch = 1
    if base.plan.repeat is not None and not base.plan.repeat.same:
        batch = 1  # what a batch leaves behind, or draws, is not what its parts would
    effects: list[Effect] = []
    while channels:
        if cancelled():
            raise CancelledError
        now = channels[:batch]
        found, problem = _attempt(ranking, now)
        if found is None and len(now) == 1:
            raise ExplorerError(tr("Channel {now} of {tap} could not be computed.", now=now[0], tap=edit.tap), problem)
        if found is not None and len(now) > 1 and not checked:
            checked = True
            with Mixing(len(now)) as mixing:
                ranking.scores(now)
            if mixing.mixes or not _alike(found, torch.cat([ranking.scores([c]) for c in now])):
                found, problem = None, tr("a batch gives other values than its parts alone")
        if found is None:
            batch = batch // 2 if problem == devices.OUT_OF_MEMORY else 1
            note = tr("{count} at once: {problem}", count=len(now), problem=tr(problem)) if batch == 1 else note
            continue
        effects += ranking.effects(now, found)
        channels = channels[len(now) :]
        resumed, repeat = ranking.kept is not None, base.plan.repeat
        yield Ranking(edit.tap, ranking.index, ranked(effects), total, batch, resumed, note, repeat)


def _attempt(ranking: _Ranked, channels: Sequence[int]) -> tuple[Tensor | None, str]:
    """(scores, '') or (None, what went wrong); an error of the device holds no tensors once this has returned."""
    try:
        found = ranking.scores(channels)
    except (ExplorerError, RuntimeError, MemoryError) as error:
        problem = devices.device_problem(error)
        if problem is None and not isinstance(error, ExplorerError):
            raise
        if problem is None and len(channels) == 1:
            raise
        said = problem or (error.why if isinstance(error, ExplorerError) else "")
    else:
        return (found, "") if len(found) == len(channels) else (None, tr("the model mixes the inputs of a batch"))
    devices.release()
    return None, said


def _alike(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(
        torch.allclose(a, b, rtol=1e-4, atol=1e-4 * float(b.abs().max()), equal_nan=True)
    )


class _Ranked:
    """One tap and one class, and the ways of running on from there."""

    def __init__(self, base: Base, edit: Edit, index: int | None, cancelled: Cancelled) -> None:
        base.plan.key_of(edit.tap)
        self.base, self.edit, self.cancelled = base, edit, cancelled
        self.tap = base.taps[edit.tap]
        check(edit, self.tap)
        before = vector_in(base.output, base.scores)
        if before is None:
            raise ExplorerError(
                tr("This model has no class predictions."), tr("Its output has another shape or is not finite.")
            )
        self.index = int(before.argmax()) if index is None else index
        if not 0 <= self.index < len(before):
            what = tr("There is no class {index}.", index=index)
            raise ExplorerError(what, tr("The model has {count} classes, counted from 0.", count=len(before)))
        self.before = before
        self.key: CallKey = (self.tap.path, self.tap.call)
        self.kept, self.note = base.point(self.key, cancelled)

    def scores(self, channels: Sequence[int]) -> Tensor:
        """(len(channels), classes): row i has channel i silenced."""
        count = len(channels)
        x = self.base.x.expand(count, *self.base.x.shape[1:]).clone() if count > 1 else self.base.x
        kept = self.kept if count == 1 or self.kept is None else repeated(self.kept, count)

        def change(output: Any) -> Any:
            tensor = tensors_of(output)[self.tap.key]
            items = tensor.chunk(count) if count > 1 else (tensor,)
            edited = [
                apply(replace(self.edit, channels=(c,)), self.tap, t) for c, t in zip(channels, items, strict=True)
            ]
            return replaced(output, self.tap, torch.cat(edited))

        ran = run(self.base.module, x, {self.key: change}, (), kept, self.cancelled)
        if kept is not None and ran.written - kept.copy:
            self.base.spoiled(self.key, tr("the model overwrites stored values"))
            self.kept, self.note = self.base.point(self.key, self.cancelled)
            return self.scores(channels)
        read = self.base.scores
        found = tensors_of(ran.output).get(read.output) if read is not None else None
        if found is None or (found.shape[:1] != (count,) and count > 1):
            return torch.empty(0, 0)
        return rows(found.detach(), count).cpu().double()

    def effects(self, channels: Sequence[int], scores: Tensor) -> list[Effect]:
        before, after = (probabilities(v, self.base.scores) for v in (self.before, scores))
        p, at = float(before[self.index]), self.index
        found = zip(channels, after[:, at].tolist(), scores[:, at].tolist(), strict=True)
        return [Effect(c, 100 * (q - p), logit - float(self.before[at])) for c, q, logit in found]


def repeated(kept: ResumableRun, count: int) -> ResumableRun:
    """The same results for `count` equal inputs."""
    tensors = {
        key: t.expand(count, *t.shape[1:]) if t.dim() and t.shape[0] == 1 else t.repeat(count, *[1] * (t.dim() - 1))
        for key, t in kept.tensors.items()
    }
    return replace(kept, tensors=tensors)
