"""One forward an input, up to the layer; one number of every channel."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import columns
from explorer.core.method import MethodRequest
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import capture
from explorer.engine.capture.values import to_array
from explorer.engine.data_sets.inputs_over import inputs_over
from explorer.engine.data_sets.padding_count import PaddingCount
from explorer.engine.inputs.dataset_samples import DatasetItem
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.studies import Studies
from explorer.methods.channel_statistics.spec import ChannelStatistics, StatisticsParams

_OF: dict[str, Callable[[Array], Array]] = {
    "mean": lambda finite: np.nanmean(finite, 1),
    "maximum": lambda finite: np.nanmax(finite, 1),
    "standard deviation": lambda finite: np.nanstd(finite, 1),
    "active fraction": lambda finite: np.nanmean(np.where(np.isnan(finite), np.nan, finite > 0), 1),
}


def statistic(name: str, values: Array) -> Array:
    """(channels,) of values (channels, cells), over the finite cells; NaN for a channel without any."""
    finite = np.where(np.isfinite(values), values.astype(np.float64), np.nan)
    known = ~np.isnan(finite).all(1)
    result = np.full(len(finite), np.nan)
    if known.any():
        result[known] = _OF[name](finite[known])
    return result


def run(
    engine: Studies, request: MethodRequest[StatisticsParams, ChannelStatistics], job: Job, pace: Pace | None = None
) -> Generator[ChannelStatistics | None, None, ChannelStatistics]:
    """One input a step. Inputs that cannot be used are named. Raises ExplorerError where none can, CancelledError."""
    pace, params = pace or Pace(), request.params
    loaded, _, plan = engine.given(request, job)
    plan.key_of(request.tap)
    padding = PaddingCount(loaded.card.preprocess)
    items = padding.counted(inputs_over(params.inputs, request.picture, loaded.card.preprocess))
    kept: list[tuple[DatasetItem, Array]] = []
    skipped: list[tuple[str, str]] = []

    def result(final: bool) -> ChannelStatistics:
        names, labels = tuple(item.name for item, _ in kept), tuple(item.label for item, _ in kept)
        values, total = np.array([values for _, values in kept]), len(items)
        return ChannelStatistics(
            request.tap,
            params.statistic,
            params.bins,
            names,
            labels,
            values,
            tuple(skipped),
            total,
            final,
            padding.notes,
        )

    for done, item in enumerate(items, 1):
        if job.cancelled():
            raise CancelledError
        try:
            x = as_input(item.load(), loaded.module, engine.bench.device)
            seen = capture(loaded.module, x, plan, [request.tap], cancelled=job.cancelled)
        except ExplorerError as error:
            skipped.append((item.name, error.what))
        else:
            tap = next(tap for tap in seen.plan.taps if tap.name == request.tap)  # another length has other cells
            cells = padding.without(columns(to_array(seen.tensors[request.tap], tap.batched), tap), tap)
            kept.append((item, statistic(params.statistic, cells)))
        due = pace.due()
        if due:
            job.progress(tr("{done} of {count}", done=done, count=len(items)), done / len(items))
        yield result(False) if due and kept else None
    if not kept:
        raise ExplorerError(tr("No input could be used."), ": ".join(skipped[0]), tr("Choose other inputs."))
    return result(True)
