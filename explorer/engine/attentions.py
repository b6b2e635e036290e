"""Attention as the user interface asks for it: the last recordings are kept, rows of them cost no forward. Run on the worker thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

import torch

from explorer.core.any_input import Input
from explorer.core.attention import AttentionCall, AttentionMaps, Flow, HeadSummary, TokenNorms
from explorer.core.attention_queries import Attending, FlowAsked, Looked, Overview, Query, Spot, has_map, query_of
from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.interventions import UNEDITED, Under
from explorer.core.target import Target
from explorer.core.token_weights import EveryWeight, TokenWeights
from explorer.core.translation import tr
from explorer.engine.attention.between_tokens import weight_steps
from explorer.engine.attention.flow import relevance_steps, rollout_steps
from explorer.engine.attention.head_channels import candidates, head_channels
from explorer.engine.attention.heads import summary_steps
from explorer.engine.attention.looks import looks_at, seen_by
from explorer.engine.attention.norms import token_norms
from explorer.engine.attention.record import RecordedAttention, record
from explorer.engine.attention.recordings import Recordings, size_of
from explorer.engine.capture.forward import capture
from explorer.engine.capture.values import to_array
from explorer.engine.jobs import devices
from explorer.engine.jobs.runner import Job
from explorer.engine.studies import Studies

R = TypeVar("R")
_MATRIX = 1 << 21  # weights of an attention without a map that are shown at once


class Attentions:
    """Every method takes the digest of an open model and a picture, some also edits that it runs under. Errors are those of
    `engine.attention`, and of edits that do not fit."""

    def __init__(self, studies: Studies) -> None:
        self._studies, self.bench = studies, studies.bench
        self.recordings = Recordings(self.bench)

    @property
    def nbytes(self) -> int:
        """Memory that is held; any thread may ask."""
        return self.recordings.nbytes

    def forget(self) -> None:
        """Lets go of the recordings."""
        self.recordings.forget()

    # --- what is asked ---

    def open(self, model: str, picture: Input, job: Job, under: Under = UNEDITED) -> Attending:
        """Records the attention of a picture. No attention at all is no error: `calls` is empty then."""
        return self._guarded(lambda: self._attending(model, picture, job, under))

    def look(
        self, model: str, picture: Input, name: str, query: Query, to: bool, job: Job, under: Under = UNEDITED
    ) -> Looked:
        """What one token attends to in every head of a block, or (`to`) who attends to it."""
        return self._guarded(lambda: _looked(self._of(model, picture, name, job, under), query, to, job))

    def overview(self, model: str, picture: Input, spot: Spot, to: bool, job: Job, under: Under = UNEDITED) -> Overview:
        """The same in every block. Raises ExplorerError where not all of them are kept."""
        return self._guarded(lambda: Overview(spot, _everywhere(self._all(model, picture, job, under), spot, to, job)))

    def heads(
        self, model: str, picture: Input, name: str, job: Job, under: Under = UNEDITED
    ) -> Generator[None, None, HeadSummary]:
        """Numbers of the heads of a block, over all queries, in steps."""

        def steps() -> Generator[None, None, HeadSummary]:
            found = self._of(model, picture, name, job, under)
            return (yield from _told(summary_steps(found, job.cancelled), "queries", job))

        return self._stepped(steps)

    def weights(
        self, model: str, picture: Input, name: str, most: int, job: Job, under: Under = UNEDITED
    ) -> Generator[None, None, TokenWeights]:
        """Every weight of a block, in steps."""

        def steps() -> Generator[None, None, TokenWeights]:
            found = self._of(model, picture, name, job, under)
            return (yield from _told(weight_steps(found, most, job.cancelled), "queries", job))

        return self._stepped(steps)

    def all_weights(
        self, model: str, picture: Input, most: int, job: Job, under: Under = UNEDITED
    ) -> Generator[None, None, EveryWeight]:
        """Those of every block that has no windows, in steps."""

        def steps() -> Generator[None, None, EveryWeight]:
            blocks: dict[str, TokenWeights] = {}
            for found in self._all(model, picture, job, under):
                if found.call.windows == 1:
                    done = weight_steps(found, most, job.cancelled)
                    blocks[found.call.name] = yield from _told(
                        done, tr("the queries of {call}", call=found.call.name), job
                    )
            return EveryWeight(blocks)

        return self._stepped(steps)

    def flow(
        self, model: str, picture: Input, asked: FlowAsked, job: Job, under: Under = UNEDITED
    ) -> Generator[None, None, Flow]:
        """Rollout, or the relevance for a class, in steps. Raises ExplorerError for a relevance under edits."""

        def steps() -> Generator[None, None, Flow]:
            rolled = asked.method == "rollout"
            if under.edits and not rolled:
                raise ExplorerError(tr("Relevance needs a model without edits."))
            done = (
                self._rollout(model, picture, asked, job, under)
                if rolled
                else self._relevance(model, picture, asked, job)
            )
            return (yield from _told(done, "attention", job))

        return self._stepped(steps)

    def norms(self, model: str, picture: Input, job: Job) -> tuple[TokenNorms, ...]:
        """The length of every token after every block."""

        def work() -> tuple[TokenNorms, ...]:
            loaded, x, plan = self.bench.given(model, picture, job)
            found = token_norms(
                loaded.module, x, plan, self.recordings.calls(loaded.module, model, x, job), job.cancelled
            )
            if not found:
                raise ExplorerError(tr("No block returns tokens with a position."), tr("There is nothing to measure."))
            return found

        return self._guarded(work)

    def head_place(self, model: str, picture: Input, name: str, head: int, job: Job) -> tuple[str, tuple[int, ...]]:
        """(layer, channels) that hold the values of one head alone, in the model without edits."""

        def work() -> tuple[str, tuple[int, ...]]:
            loaded, x, plan = self.bench.given(model, picture, job)
            calls = self.recordings.calls(loaded.module, model, x, job)
            recorded = record(loaded.module, x, calls, [name], True, job.cancelled, turned=plan.turned)
            found = recorded.of(name)
            names = candidates(found, plan.taps)
            seen = capture(loaded.module, x, plan, names, cancelled=job.cancelled)
            by_name = {tap.name: tap for tap in plan.taps}
            values = {n: to_array(seen.tensors[n], by_name[n].batched) for n in names}
            return head_channels(found, head, values, plan.taps)

        return self._guarded(work)

    # --- the recording ---

    def _attending(self, model: str, picture: Input, job: Job, under: Under) -> Attending:
        kept = self.recordings.get(model, picture, "", job, under)
        return Attending(kept.attention.calls, kept.nbytes, kept.whole)

    def _of(self, model: str, picture: Input, name: str, job: Job, under: Under) -> RecordedAttention:
        return self.recordings.get(model, picture, name, job, under).attention.of(name)

    def _all(self, model: str, picture: Input, job: Job, under: Under = UNEDITED) -> Sequence[RecordedAttention]:
        kept = self.recordings.get(model, picture, "", job, under)
        if not kept.whole:
            needed, most = (byte_words(n) for n in (sum(map(size_of, kept.attention.calls)), self.recordings.limit))
            why = tr(
                "It takes {needed}, and a recording may take {most}, a quarter of the memory for captures.",
                needed=needed,
                most=most,
            )
            todo = tr("Choose more memory in the settings, or a smaller input size in the preprocessing.")
            raise ExplorerError(tr("The attention of all blocks does not fit into memory."), why, todo)
        return list(kept.attention.records.values())

    # --- through all blocks ---

    def _rollout(
        self, model: str, picture: Input, asked: FlowAsked, job: Job, under: Under
    ) -> Generator[float, None, Flow]:
        records = self._all(model, picture, job, under)
        query = _query(records[-1].call, 0 if asked.spot is None else asked.spot) if records else 0
        return (yield from rollout_steps(records, query, asked.fusion, asked.start, job.cancelled))

    def _relevance(self, model: str, picture: Input, asked: FlowAsked, job: Job) -> Generator[float, None, Flow]:
        loaded, x, plan = self.bench.given(model, picture, job)
        calls, target = self.recordings.calls(loaded.module, model, x, job), Target("", asked.class_)
        query = None if asked.spot is None or not calls else _query(calls[-1], asked.spot)
        return (yield from relevance_steps(loaded.module, x, target, plan, calls, query, asked.start, job.cancelled))

    # --- a device that fails ---

    def _guarded(self, work: Callable[[], R]) -> R:
        return self._studies.guarded(lambda: self._freed(work))

    def _freed(self, work: Callable[[], R]) -> R:
        try:
            return work()
        except Exception as error:
            if devices.device_problem(error) is not None:
                self.forget()
            raise

    def _stepped(self, steps: Callable[[], Generator[None, None, R]]) -> Generator[None, None, R]:
        def watched() -> Generator[None, None, R]:
            try:
                return (yield from steps())
            except Exception as error:
                if devices.device_problem(error) is not None:
                    self.forget()
                raise

        return self._studies.streamed(watched)


def _told(steps: Generator[float, None, R], what: str, job: Job) -> Generator[None, None, R]:
    """Shares as progress; others get their turn between the steps."""
    while True:
        try:
            share = next(steps)
        except StopIteration as stop:
            result: R = stop.value
            return result
        job.progress(tr("{share:.0%} of {what}", share=share, what=what), share)
        yield None


def _looked(found: RecordedAttention, query: Query, to: bool, job: Job) -> Looked:
    call = found.call
    if has_map(call, to):
        maps = seen_by(found, query, job.cancelled) if to else looks_at(found, query)
        return Looked(call.name, query, to, maps)
    if call.heads * call.queries.count * call.keys.count > _MATRIX:
        why = tr(
            "It has {heads} heads of {count:,} × {count2:,} weights.",
            heads=call.heads,
            count=call.queries.count,
            count2=call.keys.count,
        )
        raise ExplorerError(tr("{call} has no map, and too many weights for a table.", call=call.name), why)
    rows = found.rows(torch.arange(call.queries.count))[0]
    return Looked(call.name, query, to, matrix=rows.float().cpu().numpy())


def _everywhere(records: Sequence[RecordedAttention], spot: Spot, to: bool, job: Job) -> dict[str, AttentionMaps]:
    """By the name of the attention; those without a token there, or without a map, are left out."""
    looks = {}
    for found in records:
        query = query_of(found.call.keys if to else found.call.queries, spot)
        if query is None or not has_map(found.call, to):
            continue
        try:
            looks[found.call.name] = seen_by(found, query, job.cancelled) if to else looks_at(found, query)
        except ExplorerError:  # no token stands on that cell
            continue
    return looks


def _query(call: AttentionCall, spot: Spot) -> Query:
    query = query_of(call.queries, spot)
    if query is None:
        raise ExplorerError(tr("{call} has no such token.", call=call.name), "", tr("Choose another patch or token."))
    return query
