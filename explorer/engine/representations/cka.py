"""The CKA matrix of two models, which grows while pictures stream through both."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.representations import FEWEST, Cka, Vectors
from explorer.core.translation import tr
from explorer.engine.data_sets.inputs_over import Shot
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.representations.hsic import BATCH, RunningHsic
from explorer.engine.representations.paired_stream import ComparedModel, Reader, pairs

_LARGEST = 1e60  # its fourth power, summed, is still a number; float32 does not reach it
_POOLS: dict[str, Callable[[Vectors], Array]] = {
    "mean": lambda cells: (cells.values if cells.padded is None else cells.values[~cells.padded]).mean(0),
    "flat": lambda cells: cells.values.reshape(-1),
}


def cka(
    first: ComparedModel,
    second: ComparedModel,
    shots: Iterable[Shot],
    pool: str = "mean",
    batch: int = BATCH,
    cancelled: Cancelled = never,
) -> Generator[Cka | None, None, Cka]:
    """One picture a step, through both models. Yields the matrix after 4, 8, 16, ... pictures and at the end, else None.

    pool "mean": the mean over the cells of a tap, without those over padding of a text; "flat": all its cells as they are,
    which keeps `batch` whole activations.
    Pictures that cannot be used, or whose features are not finite, are skipped and named. Raises ExplorerError for fewer
    than 4 pictures and for taps that do not exist; CancelledError when cancelled.
    """
    one, other = (Reader(side, _POOLS[pool], cancelled, left_out=pool == "mean") for side in (first, second))
    readers = one, other
    skipped: list[tuple[str, str]] = []
    running: RunningHsic | None = None
    shape: tuple[int, ...] = ()
    for found in pairs(*readers, shots, skipped):
        if found is None:
            yield None
            continue
        name, *rows = found
        why = _unfit(rows, shape)
        if why:
            skipped.append((name, why))
            yield None
            continue
        shape = tuple(len(row) for side in rows for row in side)
        running = running or RunningHsic(len(rows[0]), len(rows[1]), batch)
        running.add(rows[0], rows[1])
        told = running.count >= FEWEST and running.count & (running.count - 1) == 0
        yield _result(running, readers, skipped, pool, final=False) if told else None
    if running is None or running.count < FEWEST:
        raise _too_few(running, skipped)
    last = _result(running, readers, skipped, pool, final=True)
    yield last
    return last


def _unfit(rows: Sequence[Sequence[Array]], shape: tuple[int, ...]) -> str:
    every = [row for side in rows for row in side]
    if not all((np.abs(row) < _LARGEST).all() for row in every):
        return tr("A tap holds values that are not finite or too large.")
    if shape and tuple(len(row) for row in every) != shape:
        return tr("A tap has another size than for the inputs before.")
    return ""


def _too_few(running: RunningHsic | None, skipped: list[tuple[str, str]]) -> ExplorerError:
    count = 0 if running is None else running.count
    why = tr(
        "{count} could be used.{skipped}", count=count, skipped=f" {skipped[0][0]}: {skipped[0][1]}" if skipped else ""
    )
    return ExplorerError(
        tr("CKA needs at least {fewest} inputs.", fewest=FEWEST),
        why,
        tr("Choose a folder or a file with more of them."),
    )


def _result(
    running: RunningHsic,
    readers: tuple[Reader[Array], Reader[Array]],
    skipped: list[tuple[str, str]],
    pool: str,
    final: bool,
) -> Cka:
    values, known = running.result()
    first, second = readers
    taps, strides = (first.taps, second.taps), (first.strides, second.strides)
    names = (first.names, second.names)
    notes = tuple(dict.fromkeys((*first.padding.notes, *second.padding.notes)))
    return Cka(*names, values, known, running.count, running.batch, tuple(skipped), final, taps, strides, pool, notes)
