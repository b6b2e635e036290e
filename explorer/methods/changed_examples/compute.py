"""Reads the lists of both indexes: no forward."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

from explorer.core.changed_examples import COUNT, ChangedChannel, ChangedExamples, channel_of
from explorer.core.data_index import IndexFacts
from explorer.core.errors import ExplorerError
from explorer.core.method import PairRequest
from explorer.core.pairs import PairParams
from explorer.core.translation import tr
from explorer.engine.data_index.index_catalogue import indexes_of
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job

_STEP = 32  # channels


def run(
    _engine: Any, request: PairRequest[PairParams, ChangedExamples], job: Job
) -> Generator[None, None, ChangedExamples]:
    """Nothing before the whole result. Raises ExplorerError where there are no two indexes of the same data with these layers."""
    one, other = _shared(request)
    taps = request.first.taps[0], request.second.taps[0]
    with IndexReader(one.path) as first, IndexReader(other.path) as second:
        counts = first.tap(taps[0]).channels, second.tap(taps[1]).channels
        if counts[0] != counts[1]:
            raise ExplorerError(
                tr("The layers have different channels."),
                tr(
                    "{taps} has {counts}, {taps2} has {counts2}.",
                    taps=taps[0],
                    counts=counts[0],
                    taps2=taps[1],
                    counts2=counts[1],
                ),
                tr("Choose the same layer of both, as before and after fine-tuning."),
            )
        channels: list[ChangedChannel] = []
        for at in range(counts[0]):
            if job.cancelled():
                raise CancelledError
            channels.append(channel_of(first.top(taps[0], at, count=COUNT), second.top(taps[1], at, count=COUNT)))
            if at % _STEP == _STEP - 1:
                yield None
    return ChangedExamples(taps, one.settings.data, (one.done, other.done), tuple(channels))


def _shared(request: PairRequest[PairParams, ChangedExamples]) -> tuple[IndexFacts, IndexFacts]:
    """An index of each model over the same data: the pictures that are chosen, else whatever both have; with the layers where there
    are such."""
    found = [[facts for facts in indexes_of(side.model) if facts.done] for side in (request.first, request.second)]
    having = [
        [f for f in each if _has(f, s.taps[0])] for each, s in zip(found, (request.first, request.second), strict=True)
    ]
    for first, second in (map(_by_data, having), map(_by_data, found)):
        both = [data for data in first if data in second]
        if both:
            break
    else:
        lacks = (
            tr("Neither model has an index.")
            if not first and not second
            else tr("There is none of both models over the same data.")
        )
        raise ExplorerError(
            tr("Two indexes of the same data are needed."), lacks, tr("Make them in the workspace Dataset.")
        )
    inputs = request.params.inputs
    wanted = os.path.abspath(inputs.path) if inputs.kind == "folder" else inputs.kind
    data = wanted if wanted in both else both[0]
    return first[data], second[data]


def _by_data(found: list[IndexFacts]) -> dict[str, IndexFacts]:
    """The first of several counts."""
    return {facts.settings.data: facts for facts in reversed(found)}


def _has(facts: IndexFacts, tap: str) -> bool:
    try:
        with IndexReader(facts.path) as reader:
            return reader.has(tap)
    except ExplorerError:  # damaged: the others may serve
        return False
