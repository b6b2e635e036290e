"""Whether an index says what the files say: entries chosen by chance are computed anew."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch

from explorer.core.data_index import ChannelTop, IndexedTap, IndexEntry
from explorer.core.index_requests import Verified
from explorer.core.translation import tr
from explorer.engine.data_index.index_inputs import InputLoader
from explorer.engine.data_index.index_items import item_of
from explorer.engine.data_index.index_pass import ChannelReader, channel_reader
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.models import LoadedModel

TOLERANCE = 1e-4  # of the channel's range: another batch gives other last bits
# (tap, channel, entry, range) by the id of the picture
Chosen = dict[int, list[tuple[IndexedTap, int, IndexEntry, float]]]


def verified(
    device: str, loaded: LoadedModel, reader: IndexReader, digest: str, entries: int, seed: int, job: Job
) -> Generator[None, None, Verified]:
    """A picture a step, in a whole batch of itself. Raises CancelledError."""
    chosen = _chosen(reader, entries, np.random.default_rng(seed))
    loader = InputLoader(loaded.card.preprocess, reader.place, job.cancelled)
    passes: ChannelReader | None = None
    names = [tap.name for tap in reader.taps]
    gone, wrong, largest, checked = [], list[tuple[str, str]](), 0.0, 0
    try:
        for number, (picture, about) in enumerate(chosen.items()):
            if job.cancelled():
                raise CancelledError
            of = about[0][2].picture
            batch = loader.batch([(picture, item_of(of))], reader.settings.batch, None)
            if batch.x is None:
                gone.append((of.name, batch.failed[0][1]))
                continue
            passes = passes or channel_reader(loaded.module, device, batch.x[:1], names, cancelled=job.cancelled)
            floor = torch.full((passes.channels,), -float("inf"))
            found = passes.read(batch.x, 1, floor, cancelled=job.cancelled)
            cells = dict(zip(found.candidates.rows.tolist(), found.candidates.cells.tolist(), strict=True))
            for tap, channel, entry, spread in about:
                row = tap.start + channel
                now = float(found.maxima[0, row])
                difference = abs(now - entry.value) / spread if now != entry.value else 0.0
                largest, checked = max(largest, difference), checked + 1
                if difference > TOLERANCE:
                    wrong.append(
                        (
                            of.name,
                            tr(
                                "{tap} channel {channel}: {now:.6g}, the index has {entry:.6g}.",
                                tap=tap.name,
                                channel=channel,
                                now=now,
                                entry=entry.value,
                            ),
                        )
                    )
                elif cells.get(row) is not None and entry.cell != tap.cell(cells[row]) and now == entry.value:
                    wrong.append(
                        (
                            of.name,
                            tr(
                                "{tap} channel {channel}: the maximum is at {cell}.",
                                tap=tap.name,
                                channel=channel,
                                cell=tap.cell(cells[row]),
                            ),
                        )
                    )
            job.progress(tr("{number} of {count}", number=number + 1, count=len(chosen)), (number + 1) / len(chosen))
            yield
    finally:
        loader.close()
    notes = () if checked else (tr("Nothing could be compared."),)
    return Verified(str(Path(reader.store)), digest, checked, largest, tuple(wrong), tuple(gone), notes)


def _chosen(reader: IndexReader, count: int, chance: np.random.Generator) -> Chosen:
    """Entries of channels by chance, all channels alike, by picture."""
    total = reader.taps[-1].start + reader.taps[-1].channels
    found: Chosen = {}
    for row in sorted(chance.choice(total, min(count, total), replace=False).tolist()):
        tap = next(tap for tap in reversed(reader.taps) if tap.start <= row)
        channel = row - tap.start
        top = reader.top(tap.name, channel, count=reader.settings.top)
        if top.entries:
            entry = top.entries[int(chance.integers(len(top.entries)))]
            found.setdefault(entry.picture.id, []).append((tap, channel, entry, _range(top)))
    return found


def _range(top: ChannelTop) -> float:
    """What differences on a channel are told in parts of: the largest absolute value among its best."""
    return max(1e-6, *(abs(entry.value) for entry in top.entries))
