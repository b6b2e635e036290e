"""The health of a layer: which of its channels are dead, always on, duplicates, selective, and how many there really are."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable

import numpy as np
import torch
from torch import nn

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import columns
from explorer.core.health import ChannelHealth, Health, correlations, likeness, selectivity, spectrum
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, capture, discover
from explorer.engine.capture.values import to_array
from explorer.engine.health.running_statistics import LARGEST, ClassMeans, Extremes, Histogram, Moments
from explorer.engine.inputs.dataset_samples import DatasetItem
from explorer.engine.jobs import devices
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


def health(
    module: nn.Module,
    name: str,
    samples: Iterable[DatasetItem],
    plan: CapturePlan | None = None,
    device: str = "cpu",
    cancelled: Cancelled = never,
    counted: Callable[[Array, Tap], Array] = lambda values, _tap: values,
) -> Generator[Health | None, None, Health]:
    """One input a step, a forward up to the tap. Yields what is known after 1, 2, 4, 8, ... inputs that could be used, and
    once more at the end, else None. `counted`: the cells of (C, cells) that count, of the input that was loaded last.

    Inputs that cannot be opened or do not fit the model are skipped, counted and named. Raises ExplorerError when the tap
    does not exist or has no channels, and when no input at all could be used; CancelledError when cancelled. Out of memory
    ends the measurement early, with what was reached and a note.
    """
    found: _Running | None = None
    skipped: list[tuple[str, str]] = []
    notes: list[str] = []
    for sample in samples:
        if cancelled():
            raise CancelledError
        try:
            x = as_input(sample.load(), module, device)
            if plan is None:
                plan = discover(module, x, cancelled).plan
            plan.key_of(name)
        except ExplorerError as error:
            if plan is not None and name not in {tap.name for tap in plan.taps if tap.observable}:
                raise
            skipped.append((sample.name, error.what))
            yield None
            continue
        result = _values(module, x, plan, name, cancelled)
        if isinstance(result, str):
            if result.startswith(devices.OUT_OF_MEMORY):
                notes.append(
                    tr("Out of memory at {sample}: the values cover the inputs before it.", sample=sample.name)
                )
                break
            skipped.append((sample.name, result))
            yield None
            continue
        plan, tap, values = result
        if found is None:
            found = _Running(tap, values.shape[0])
        if values.shape[0] != found.channels:
            skipped.append(
                (
                    sample.name,
                    tr("It gives {shape} channels, not {channels}.", shape=values.shape[0], channels=found.channels),
                )
            )
            yield None
            continue
        found.add(counted(values, tap), sample.label)
        yield found.result(skipped, notes, final=False) if found.count & (found.count - 1) == 0 else None
    if found is None:
        why = f"{skipped[0][0]}: {skipped[0][1]}" if skipped else notes[0] if notes else tr("There is none.")
        raise ExplorerError(tr("No input could be used."), why, tr("Choose other inputs."))
    last = found.result(skipped, notes, final=True)
    yield last
    return last


def _values(
    module: nn.Module, x: torch.Tensor, plan: CapturePlan, name: str, cancelled: Cancelled
) -> tuple[CapturePlan, Tap, Array] | str:
    """(plan, tap, (C, cells) in float64), or why this input cannot be used."""

    def measured() -> tuple[CapturePlan, Tap, Array]:
        seen = capture(module, x, plan, [name], cancelled=cancelled)
        tap = next(t for t in seen.plan.taps if t.name == name)
        return seen.plan, tap, columns(to_array(seen.tensors[name], tap.batched), tap).astype(np.float64)

    return devices.or_why(measured)


class _Running:
    """All sums of one tap."""

    def __init__(self, tap: Tap, channels: int) -> None:
        self.tap, self.channels, self.count, self.cells = tap, channels, 0, 0
        self.moments, self.histogram = Moments(channels), Histogram(channels)
        self.extremes, self.classes = Extremes(channels), ClassMeans(channels)
        self.broken = np.zeros(channels, bool)  # not finite over more than half of an input: told of, but not measured
        self.lost = 0  # cells left out of moments and histogram, because another channel is not finite there

    def add(self, values: Array, label: str) -> None:
        """values (C, cells) of one input."""
        self.count += 1
        self.cells += values.shape[1]
        finite = np.isfinite(values)
        self.extremes.add(values, finite)
        usable = values
        if not bool(finite.all()):
            self.broken |= finite.mean(1) < 0.5
            good = finite[~self.broken].all(0)
            self.lost += int((~good).sum())
            usable = values[:, good]
        if bool(self.broken.any()):
            usable = np.where(self.broken[:, None], 0.0, usable)
        self.moments.add(usable)
        self.histogram.add(usable)
        if label and usable.shape[1]:
            self.classes.add(label, usable.mean(1))

    def result(self, skipped: list[tuple[str, str]], notes: list[str], final: bool) -> Health:
        covariance = self.moments.covariance
        rank, ratio = spectrum(covariance[np.ix_(~self.broken, ~self.broken)] if covariance.size else covariance)
        covariance[np.diag_indices(len(covariance))] *= ~self.broken[: len(covariance)]
        alike = likeness(correlations(covariance)) if covariance.size else [(-1, -1, math.nan)] * self.channels
        chosen = selectivity(np.where(self.broken, np.nan, self.classes.means), self.classes.names)
        std = self.moments.std
        rows = tuple(self._row(c, std, *alike[c], *chosen[c]) for c in range(self.channels))
        return Health(
            tap=self.tap.name,
            count=self.count,
            cells=self.cells,
            channels=rows,
            effective_rank=rank,
            participation_ratio=ratio,
            histogram=self.histogram.counts * ~self.broken[:, None],
            edges=self.histogram.edges,
            classes=self.classes.names,
            skipped=tuple(skipped),
            notes=(*notes, *self._notes()),
            final=final,
        )

    def _row(
        self, c: int, std: Array, duplicate: int, like: int, correlation: float, index: float, prefers: str
    ) -> ChannelHealth:
        e = self.extremes
        cells, above = int(e.cells[c]), int(e.above[c])
        known = self.moments.count > 0 and not self.broken[c]
        return ChannelHealth(
            channel=c,
            dead=cells > 0 and above == 0,
            always_on=cells > 0 and above == cells,
            sparsity=1 - above / cells if cells else math.nan,
            mean=float(self.moments.mean[c]) if known else math.nan,
            std=float(std[c]) if known else math.nan,
            minimum=float(e.low[c]) if cells else math.nan,
            maximum=float(e.high[c]) if cells else math.nan,
            inputs_active=int(e.inputs_active[c]),
            duplicate_of=duplicate,
            correlation=correlation,
            most_like=like,
            selectivity=index,
            prefers=prefers,
            not_finite=int(e.not_finite[c]),
        )

    def _notes(self) -> list[str]:
        said = []
        if self.lost:
            said.append(
                tr("{lost} cells hold values that are not finite; means and correlations exclude them.", lost=self.lost)
            )
        if self.channels > LARGEST:
            said.append(tr("More than {largest} channels: no correlations and no rank.", largest=LARGEST))
        if self.moments.count <= self.channels:
            said.append(
                tr(
                    "{count} cells for {channels} channels: rank and duplicates are bounded by that.",
                    count=self.moments.count,
                    channels=self.channels,
                )
            )
        return said
