"""Answers the requests of `core/attention_requests.py`, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from explorer.core.attention import Flow, HeadSummary, TokenNorms
from explorer.core.attention_queries import Attending, Looked, Overview
from explorer.core.attention_requests import (
    FlowThrough,
    HeadPlace,
    Look,
    LookEverywhere,
    MeasureTokens,
    PlaceHead,
    RecordAttention,
    SummariseHeads,
)
from explorer.core.token_weights import EveryWeight, TokenWeights, WeighEverything, WeighTokens
from explorer.engine.jobs.job import Job

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def recorded(worker: Worker, request: RecordAttention, job: Job) -> Attending:
    """Records the attention of a picture, unless it is kept."""
    of = request.of
    return worker.attentions.open(of.model, of.picture, job, of.under)


def looked(worker: Worker, request: Look, job: Job) -> Looked:
    """Some rows or columns of a block."""
    of = request.of
    return worker.attentions.look(of.model, of.picture, request.block, request.query, request.to, job, of.under)


def looked_everywhere(worker: Worker, request: LookEverywhere, job: Job) -> Overview:
    """Those of all blocks."""
    of = request.of
    return worker.attentions.overview(of.model, of.picture, request.spot, request.to, job, of.under)


def summarised(worker: Worker, request: SummariseHeads, job: Job) -> Generator[None, None, HeadSummary]:
    """The heads of a block, in steps."""
    of = request.of
    return worker.attentions.heads(of.model, of.picture, request.block, job, of.under)


def weighed(worker: Worker, request: WeighTokens, job: Job) -> Generator[None, None, TokenWeights]:
    """All weights of a block, in steps."""
    of = request.of
    return worker.attentions.weights(of.model, of.picture, request.block, request.most, job, of.under)


def weighed_everywhere(worker: Worker, request: WeighEverything, job: Job) -> Generator[None, None, EveryWeight]:
    """Those of every block, in steps."""
    of = request.of
    return worker.attentions.all_weights(of.model, of.picture, request.most, job, of.under)


def placed(worker: Worker, request: PlaceHead, job: Job) -> HeadPlace:
    """Where the values of a head stand."""
    of = request.of
    tap, channels = worker.attentions.head_place(of.model, of.picture, request.block, request.head, job)
    return HeadPlace(request.block, request.head, tap, channels)


def flowed(worker: Worker, request: FlowThrough, job: Job) -> Generator[None, None, Flow]:
    """A rollout or a relevance, in steps."""
    of = request.of
    return worker.attentions.flow(of.model, of.picture, request.asked, job, of.under)


def measured(worker: Worker, request: MeasureTokens, job: Job) -> tuple[TokenNorms, ...]:
    """The lengths of all tokens."""
    return worker.attentions.norms(request.of.model, request.of.picture, job)
