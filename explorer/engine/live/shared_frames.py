"""A live input through several models: a frame is told when all of them have it, and the next one taken is the newest."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from torch import Tensor

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.live_frames import LiveFrame, LiveWatch
from explorer.engine.edited_captures import under
from explorer.engine.jobs.runner import Job

if TYPE_CHECKING:
    from explorer.engine.model_session import FrameSource, ModelSession

_EVERY = 20  # times as long as a frame with all taps takes, until the next one of those, as for one model alone
_REST = 0.02  # seconds between two looks whether there is a column


def live_together(bench: ModelSession, source: FrameSource, job: Job) -> Generator[LiveFrame | None, None, None]:
    """Captures frame after frame for `bench.together`: what is on the screen of each, and all taps now and then.

    None between two models, so that other work may run. Raises what stops the source or a forward.
    """
    due = 0.0
    while not source.ended:
        wanted = bench.together
        if not wanted:
            time.sleep(_REST)
            yield None
            continue
        cards = {each.model: bench.model(each.model).card for each in wanted}
        sizes = tuple(dict.fromkeys(card.preprocess for card in cards.values()))
        taken = source.take_for(sizes)
        if taken is None:
            yield None
            continue
        picture, tensors = taken
        begun = time.perf_counter()
        whole = begun >= due
        found: dict[tuple[str, str], Capture] = {}
        for forward, alike in _forwards(wanted).items():
            if job.cancelled():
                return
            x = tensors[sizes.index(cards[forward[0]].preprocess)]
            found[forward] = _frame(bench, picture, x, alike, whole, job)
            yield None
        spent = time.perf_counter() - begun
        if whole:
            due = begun + _EVERY * spent
        yield LiveFrame(picture, {each.column: found[each.forward] for each in wanted}, whole, spent)
        del found, taken, picture, tensors, x  # the next ones take their place in memory
        bench.tidy()


def _forwards(wanted: Iterable[LiveWatch]) -> dict[tuple[str, str], list[LiveWatch]]:
    """The columns by the forward that they share."""
    found: dict[tuple[str, str], list[LiveWatch]] = {}
    for each in wanted:
        found.setdefault(each.forward, []).append(each)
    return found


def _frame(bench: ModelSession, picture: Input, x: Tensor, alike: list[LiveWatch], whole: bool, job: Job) -> Capture:
    first = alike[0]
    names = sorted(frozenset[str]().union(*(each.taps for each in alike)))
    if first.edits:
        planned = bench.planned(first.model, picture, job, x)
        return under(bench, planned, picture, first.edits, first.frozen, job, None if whole else names)
    return bench.frame(bench.model(first.model), picture, x, None if whole else names, job)[0]
