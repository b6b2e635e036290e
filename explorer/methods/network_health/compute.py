"""One forward an input through the whole network; a few sums of every channel of every layer."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable

import numpy as np

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import columns
from explorer.core.method import MethodRequest
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, Discovery, capture
from explorer.engine.capture.values import to_array
from explorer.engine.data_sets.inputs_over import inputs_over
from explorer.engine.data_sets.padding_count import PaddingCount
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.studies import Studies
from explorer.methods.network_health.spec import LayerHealth, NetworkHealth, NetworkHealthParams


class LayerSums:
    """What is kept of a layer: two flags a channel, five numbers."""

    def __init__(self, number: int, tap: Tap, channels: int) -> None:
        self.number, self.tap = number, tap
        self.ever, self.always = np.zeros(channels, bool), np.ones(channels, bool)
        self.cells = self.above = self.not_finite = 0
        self.sum, self.largest = 0.0, math.nan

    def add(self, values: Array) -> None:
        """values (channels, cells) of one input."""
        finite = np.isfinite(values)
        above = (values > 0) & finite
        self.ever |= above.any(1)
        self.always &= above.all(1)
        self.cells += int(finite.sum())
        self.above += int(above.sum())
        self.not_finite += int(finite.size - finite.sum())
        known = values[finite].astype(np.float64)
        if known.size:
            self.sum += float(known.sum())
            self.largest = float(np.fmax(self.largest, np.abs(known).max()))

    @property
    def health(self) -> LayerHealth:
        """As far as it was measured."""
        zeros = 1 - self.above / self.cells if self.cells else math.nan
        mean = self.sum / self.cells if self.cells else math.nan
        silent, always = int((~self.ever).sum()), int(self.always.sum())
        tap, channels = self.tap, len(self.ever)
        return LayerHealth(
            self.number, tap.name, tap.kind, channels, silent, always, zeros, mean, self.largest, self.not_finite
        )


def run(
    engine: Studies, request: MethodRequest[NetworkHealthParams, NetworkHealth], job: Job, pace: Pace | None = None
) -> Generator[NetworkHealth | None, None, NetworkHealth]:
    """One input a step. Inputs that cannot be used are named; out of memory ends it with what was reached. Raises
    ExplorerError where no input can be used, CancelledError."""
    pace = pace or Pace()
    loaded, _, plan = engine.given(request, job)
    padding = PaddingCount(loaded.card.preprocess)
    items = padding.counted(inputs_over(request.params.inputs, request.picture, loaded.card.preprocess))
    total, count = len(items), 0
    layers: dict[str, LayerSums] = {}
    skipped: list[tuple[str, str]] = []
    notes: list[str] = []

    def result(final: bool) -> NetworkHealth:
        rows = tuple(layer.health for layer in sorted(layers.values(), key=lambda layer: layer.number))
        return NetworkHealth(count, rows, tuple(skipped), (*notes, *padding.notes), total, final)

    for done, item in enumerate(items, 1):
        if job.cancelled():
            raise CancelledError
        try:
            x = as_input(item.load(), loaded.module, engine.bench.device)
            seen = devices.or_why(lambda x=x: capture(loaded.module, x, plan, _names(plan), cancelled=job.cancelled))  # type: ignore[misc]
        except ExplorerError as error:
            seen = error.what
        if isinstance(seen, str):
            if seen.startswith(devices.OUT_OF_MEMORY):
                notes.append(tr("Out of memory at {item}: the values cover the inputs before it.", item=item.name))
                break
            skipped.append((item.name, seen))
        else:
            notes += [note for note in _add(layers, seen, padding) if note not in notes]
            count += 1
        due = pace.due()
        if due:
            job.progress(tr("{done} of {total}", done=done, total=total), done / total)
        yield result(False) if due and count else None
    if not count:
        raise ExplorerError(
            tr("No input could be used."), ": ".join(skipped[0]) if skipped else notes[0], tr("Choose other inputs.")
        )
    return result(True)


def _names(plan: CapturePlan) -> list[str]:
    return [tap.name for tap in _measurable(plan.taps)]


def _measurable(taps: Iterable[Tap]) -> list[Tap]:
    return [tap for tap in taps if tap.observable and tap.layout != Layout.OTHER]


def _add(layers: dict[str, LayerSums], seen: Discovery, padding: PaddingCount) -> list[str]:
    """One input to all layers; what is said of layers that have other channels for it."""
    notes = []
    for number, tap in enumerate(_measurable(seen.plan.taps)):
        values = columns(to_array(seen.tensors[tap.name], tap.batched), tap)
        layer = layers.setdefault(tap.name, LayerSums(number, tap, len(values)))
        if len(values) == len(layer.ever):
            layer.add(padding.without(values, tap))
        else:
            notes.append(
                tr("{tap} has another number of channels for some inputs, which are not counted there.", tap=tap.name)
            )
    return notes
