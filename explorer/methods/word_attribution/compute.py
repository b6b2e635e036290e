"""Integrated gradients from the embedding of a baseline to that of the text, and occlusion of single tokens."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Text
from explorer.core.method import MethodRequest
from explorer.core.target import Target
from explorer.core.texts import TextPreprocess, Token, name_of, tokenised
from explorer.core.translation import tr
from explorer.engine.attribution.target_output import scalars, tap_of
from explorer.engine.capture.forward import CapturePlan, explained, hooked, quiet
from explorer.engine.capture.modes import evaluating
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.models.base import LoadedModel
from explorer.engine.studies import Studies
from explorer.methods.word_attribution.spec import PATH, WordAttribution, WordParams

_FIRST, _MOST = 32, 1024  # points of the path
_ENOUGH = 0.01  # of what is explained: a smaller gap needs no more points
_AT_ONCE = 16  # texts, of a long one fewer: attention between its tokens grows with their square
_TOKENS_AT_ONCE = 1 << 13


def run(
    engine: Studies, request: MethodRequest[WordParams, WordAttribution], job: Job
) -> Generator[WordAttribution, None, WordAttribution]:
    """Raises ExplorerError where the model looks its numbers up in no embedding, CancelledError."""
    loaded, x, plan = engine.given(request, job)
    pre, given = loaded.card.preprocess, request.picture
    if not isinstance(pre, TextPreprocess) or not isinstance(given, Text):
        raise ExplorerError(tr("Words are of texts."), pre.says, tr("Open a model of texts."))
    params = request.params
    index = params.class_ if params.class_ >= 0 else request.class_index
    if index is None:
        index = _predicted(loaded, x, plan)
    target = Target("", index)
    tap_of(target, plan)
    baseline = {"unknown": pre.unknown, "padding": pre.pad, "mask": pre.mask}[params.baseline]
    if baseline is None:
        raise ExplorerError(tr("This model has no token that hides others."), "", tr("Choose another baseline."))
    work = _Work(loaded, plan, target, x, tokenised(given.text, pre), baseline, job)
    yield from work.path() if params.method == PATH else work.occluded()
    return work.told(params.method, True)


def _predicted(loaded: LoadedModel, x: Tensor, plan: CapturePlan) -> int:
    tap = tap_of(Target("", 0), plan)
    with quiet(loaded.module), explained(lambda: tr("its forward"), loaded.module, x):
        return int(tensors_of(loaded.module(x))[tap.key][0].argmax())


@dataclass(slots=True, eq=False)
class _Work:
    loaded: LoadedModel
    plan: CapturePlan
    target: Target
    x: Tensor  # (1, L) numbers of tokens
    tokens: tuple[Token, ...]
    baseline: int
    job: Job
    values: Array | None = None
    score: float = 0.0
    at_baseline: float = 0.0
    points: int = 0

    def told(self, method: str, final: bool) -> WordAttribution:
        labels, pre = self.loaded.card.labels, self.loaded.card.preprocess
        assert isinstance(pre, TextPreprocess)
        index = self.target.channel
        label = labels[index] if index < len(labels) else tr("class {index}", index=index)
        values = np.zeros(len(self.tokens)) if self.values is None else self.values
        word = name_of(pre, self.baseline)
        return WordAttribution(
            self.tokens, values, method, word, index, label, self.score, self.at_baseline, self.points, final
        )

    # --- integrated gradients ---

    def path(self) -> Generator[WordAttribution, None, None]:
        """More and more points, until what is missing is small."""
        text, nothing = self._embedded(self.x), self._embedded(self._replaced(self.x, ...))
        with torch.no_grad():
            self.score = float(self._scores(text)[0])
            self.at_baseline = float(self._scores(nothing)[0])
        points, at_once = _FIRST, max(min(_AT_ONCE, _TOKENS_AT_ONCE // self.x.shape[1]), 1)
        while True:
            total = torch.zeros_like(text, dtype=torch.float64)
            for begun in range(0, points, at_once):
                self._check()
                number = torch.arange(begun, min(begun + at_once, points))
                share = ((number + 0.5) / points).to(text)[:, None, None]
                total += self._gradient(nothing + share * (text - nothing)).double().sum(0)
                self.job.progress(
                    tr("{begun} of {points} points", begun=begun + len(number), points=points),
                    (begun + len(number)) / points,
                )
            each = (total / points * (text - nothing).double()).sum(-1)[0]
            self.values, self.points = each.cpu().numpy(), points
            yield self.told(PATH, False)
            missing = abs(float(self.values.sum()) - (self.score - self.at_baseline))
            if points >= _MOST or missing <= _ENOUGH * abs(self.score - self.at_baseline):
                return
            points *= 2

    def _gradient(self, embedded: Tensor) -> Tensor:
        point = embedded.detach().requires_grad_()
        with torch.enable_grad():
            (found,) = torch.autograd.grad(self._scores(point).sum(), point)
        return found

    # --- occlusion ---

    def occluded(self) -> Generator[WordAttribution, None, None]:
        """The score that is lost when a token is the baseline's."""
        with torch.no_grad():
            self.score = float(self._scores(self._embedded(self.x))[0])
            self.at_baseline = float(self._scores(self._embedded(self._replaced(self.x, ...)))[0])
            lost = np.zeros(len(self.tokens))
            for at in range(len(self.tokens)):
                self._check()
                lost[at] = self.score - float(self._scores(self._embedded(self._replaced(self.x, at)))[0])
                self.values = lost
                if at % _AT_ONCE == 0:
                    self.job.progress(
                        tr("{at} of {count} tokens", at=at, count=len(self.tokens)), at / len(self.tokens)
                    )
                    yield self.told("occlusion", False)

    # --- forwards ---

    def _check(self) -> None:
        if self.job.cancelled():
            raise CancelledError

    def _replaced(self, x: Tensor, at: Any) -> Tensor:
        """With the baseline's token at a place (...: everywhere); what is put before and behind the text stays."""
        made = x.clone()
        made[0, at] = self.baseline
        for number, token in enumerate(self.tokens):
            if token.kind in ("start", "end"):
                made[0, number] = x[0, number]
        return made

    def _embedded(self, x: Tensor) -> Tensor:
        """(1, L, D): what the first embedding makes of the tokens."""
        found: list[Tensor] = []

        def keep(output: Tensor) -> Tensor:
            found.append(output.detach().clone())
            return output

        self._run(x, keep)
        if not found:
            raise ExplorerError(
                tr("This model looks its tokens up in no embedding."), tr("Attribution to words begins there."), ""
            )
        return found[0]

    def _scores(self, embedded: Tensor) -> Tensor:
        """(B,) scores of texts whose embeddings are given."""
        count = len(embedded)
        output = self._run(self.x.expand(count, -1).contiguous(), lambda _out: embedded)
        return scalars(output, tap_of(self.target, self.plan), self.target, count)

    def _run(self, x: Tensor, change: Any) -> Tensor:
        """One forward in which the embedding of the very tokens gives what `change` makes of its output."""
        handles: list[Any] = []
        module = self.loaded.module
        done: list[bool] = []

        def after(_module: nn.Module, args: Any, output: Tensor) -> Tensor | None:
            given = args[0] if args else None
            if done or not isinstance(given, Tensor) or given.shape != x.shape or not torch.equal(given, x):
                return None
            done.append(True)
            changed: Tensor = change(output)
            return changed

        with evaluating(module), hooked(handles), explained(lambda: tr("its forward"), module, x):
            handles += [m.register_forward_hook(after) for m in module.modules() if isinstance(m, nn.Embedding)]
            output = module(x)
        tap = tap_of(self.target, self.plan)
        return tensors_of(output)[tap.key]
