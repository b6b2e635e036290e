"""Whether an index says what the files say: entries chosen by chance are computed anew."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch

from explorer.core.data_index import IndexedTap, IndexEntry
from explorer.core.index_requests import Verified
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import discover
from explorer.engine.data_index.index_inputs import InputLoader
from explorer.engine.data_index.index_items import IndexItem
from explorer.engine.data_index.index_pass import ChannelReader
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.models import LoadedModel

TOLERANCE = 1e-4  # of the channel's range: another batch gives other last bits
Chosen = dict[int, list[tuple[IndexedTap, int, IndexEntry]]]  # by the id of the picture


def verified(
    device: str, loaded: LoadedModel, reader: IndexReader, digest: str, entries: int, seed: int, job: Job
) -> Generator[None, None, Verified]:
    """A picture a step, in a whole batch of itself. Raises CancelledError."""
    chosen = _chosen(reader, entries, np.random.default_rng(seed))
    loader = InputLoader(loaded.card.preprocess, reader.place, job.cancelled)
    passes: ChannelReader | None = None
    gone, wrong, largest, checked, forwards = [], list[tuple[str, str]](), 0.0, 0, 0
    try:
        for number, (picture, about) in enumerate(chosen.items()):
            if job.cancelled():
                raise CancelledError
            of = about[0][2].picture
            item = IndexItem(of.path, of.kind, of.frame, of.label, of.size, of.changed, of.text)
            batch = loader.batch([(picture, item)], reader.settings.batch, None)
            if batch.x is None:
                gone.append((of.name, batch.failed[0][1]))
                continue
            passes = passes or _reader(device, loaded, reader, batch.x[:1], job)
            floor = torch.full((passes.channels,), -float("inf"), device=device)
            found = passes.read(batch.x, 1, floor, cancelled=job.cancelled)
            forwards += 1
            cells = dict(zip(found.candidates.rows.tolist(), found.candidates.cells.tolist(), strict=True))
            for tap, channel, entry in about:
                row = tap.start + channel
                now, spread = float(found.maxima[0, row]), _range(reader, tap, channel)
                difference = abs(now - entry.value) / spread if now != entry.value else 0.0
                largest, checked = max(largest, difference), checked + 1
                if difference > TOLERANCE:
                    wrong.append(
                        (of.name, f"{tap.name} channel {channel}: {now:.6g}, the index has {entry.value:.6g}.")
                    )
                elif cells.get(row) is not None and entry.cell != tap.cell(cells[row]) and now == entry.value:
                    wrong.append((of.name, f"{tap.name} channel {channel}: the maximum is at {tap.cell(cells[row])}."))
            job.progress(f"{number + 1} of {len(chosen)}", (number + 1) / len(chosen))
            yield
    finally:
        loader.close()
    notes = () if checked else ("Nothing could be compared.",)
    return Verified(str(Path(reader.store)), digest, checked, largest, tuple(wrong), tuple(gone), notes, forwards)


def _reader(device: str, loaded: LoadedModel, reader: IndexReader, x: torch.Tensor, job: Job) -> ChannelReader:
    seen = discover(loaded.module, as_input(x, loaded.module, device).clone(), job.cancelled)
    by_name = {tap.name: tap for tap in seen.plan.taps}
    return ChannelReader(loaded.module, device, seen.plan, [by_name[tap.name] for tap in reader.taps])


def _chosen(reader: IndexReader, count: int, chance: np.random.Generator) -> Chosen:
    """Entries of channels by chance, all channels alike, by picture."""
    total = reader.taps[-1].start + reader.taps[-1].channels
    found: Chosen = {}
    for row in sorted(chance.choice(total, min(count, total), replace=False).tolist()):
        tap = next(tap for tap in reversed(reader.taps) if tap.start <= row)
        entries = reader.top(tap.name, row - tap.start, count=reader.settings.top).entries
        if entries:
            entry = entries[int(chance.integers(len(entries)))]
            found.setdefault(entry.picture.id, []).append((tap, row - tap.start, entry))
    return found


def _range(reader: IndexReader, tap: IndexedTap, channel: int) -> float:
    """Of a channel: its maximum, or the spread of its best where that is small."""
    values = [abs(entry.value) for entry in reader.top(tap.name, channel, count=reader.settings.top).entries]
    return max(*values, 1e-6) if values else 1e-6
