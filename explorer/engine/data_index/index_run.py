"""Makes an index: the data set is listed, the network looked at, then a batch a step until all pictures are done.

Batches are of the pictures whose numbers begin alike, whatever was done before: the values of a picture depend, in their last bits, on
the size of the batch. What a shard is does not matter to what comes of it; here it is what was done in some seconds.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer.core.data_index import SUFFIX, IndexProgress, IndexSettings
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import MakeIndex
from explorer.core.models import ModelCard, Preprocess, kind_of
from explorer.core.stored_preprocess import stored
from explorer.core.translation import tr
from explorer.engine.data_index import index_file
from explorer.engine.data_index.index_inputs import InputLoader, LoadedBatch, Numbered, batches_ahead
from explorer.engine.data_index.index_items import Listing, listed
from explorer.engine.data_index.index_store import IndexStore, ShardValues, check_same, settings_in
from explorer.engine.data_index.local_disk import network_disk
from explorer.engine.data_index.prepared_index import PreparedIndex, prepare
from explorer.engine.data_index.shard_worker import machine
from explorer.engine.data_index.top_table import Candidates
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.models import LoadedModel

SHARD_S = 10.0  # seconds of work between two commits, or
_SHARE = 0.01  # more where committing would take a larger share of the time
_LONGEST_S = 30.0
MOST = 1024  # pictures of a shard
_PACE_S = 0.5
_SAID = 20  # failures that are told
Steps = Generator[IndexProgress | None, None, IndexProgress]


@dataclass(frozen=True, slots=True)
class Sharding:
    """When what was found is committed: after so many pictures (whole batches), or seconds."""

    pictures: int = MOST
    seconds: float = SHARD_S


def make_steps(
    loaded: LoadedModel, device: str, request: MakeIndex, job: Job, sharding: Sharding | None = None
) -> Steps:
    """An index of an open model. Yields how far it is. Raises ExplorerError and CancelledError; what was committed is kept, and
    the same request goes on from there."""
    listing = yield from listed(request.data, kind_of(loaded.card.preprocess), job)
    prepared = prepare(loaded, device, request, listing, job)
    yield None
    store, notes = opened_store(loaded.card, request, listing, prepared)
    try:
        return (yield from IndexRun(prepared, store, job, notes, sharding or Sharding()).steps())
    finally:
        store.close()


def opened_store(
    card: ModelCard, request: MakeIndex, listing: Listing, prepared: PreparedIndex
) -> tuple[IndexStore, list[str]]:
    """(the store, made where it is not there, with the pictures of the data set; what must be said). Raises ExplorerError."""
    settings = prepared.settings
    path = Path(request.store).expanduser().absolute() if request.store else default_store(card, settings)
    if path.exists():
        there, taps = settings_in(path)
        check_same(path, there, settings)
        store = IndexStore(path, taps, settings)
    else:
        store = IndexStore.create(path, settings, prepared.taps, _about(card, listing))
    try:
        notes = [*prepared.notes, *store.take_in(listing, request.retry)]
        where = network_disk(Path(listing.folder)) if listing.folder else ""
        if where:
            notes.append(
                tr(
                    "The data set is on a network disk ({where}): reading it may take longer than the network.",
                    where=where,
                )
            )
        store.say(notes)
        index_file.remember(path)
    except BaseException:
        store.close()
        raise
    return store, notes


def default_store(card: ModelCard, settings: IndexSettings) -> Path:
    """Where an index lies that was given no place: in the application's cache."""
    names = (card.spec.id.rpartition("/")[2], Path(settings.data).name)
    plain = "-".join("".join(c if c.isalnum() else "-" for c in name).strip("-")[:40] for name in names)
    return index_file.own_folder() / f"{plain}-{settings.key[:8]}{SUFFIX}"


def _about(card: ModelCard, listing: Listing) -> dict[str, Any]:
    own = card.spec.preprocess if isinstance(card.spec.preprocess, Preprocess) else None  # as in a session file
    spec = asdict(replace(card.spec, preprocess=own))
    return {"model": card.name, "spec": spec, "folder": listing.folder, "preprocess": stored(card.preprocess)}


def batches_of(waiting: list[Numbered], batch: int) -> list[list[Numbered]]:
    """Pictures by the batch that their numbers say."""
    return [list(group) for _, group in groupby(waiting, key=lambda each: each[0] // batch)]


def _holds_something(folder: str) -> bool:
    """A place where nothing is mounted any more is a folder without anything in it, or none."""
    try:
        if not os.path.isdir(folder):
            return os.path.isfile(folder)
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


@dataclass(slots=True, eq=False)
class IndexRun:
    """One run: what is done of the pictures that wait."""

    prepared: PreparedIndex
    store: IndexStore
    job: Job
    notes: list[str]
    sharding: Sharding = field(default_factory=Sharding)
    done: int = 0
    failed: int = 0
    total: int = 0
    shards: int = 0
    seen: int = 0  # pictures of this run
    began: float = field(default_factory=time.monotonic)
    failures: list[tuple[str, str]] = field(default_factory=list)
    recent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=64))
    names: dict[int, str] = field(default_factory=dict)
    broken: bool = False  # what was found last could not be written

    def begin(self) -> list[Numbered]:
        """Looks at what is there; the pictures that wait."""
        self.total, self.done, self.failed = self.store.counts()
        waiting = self.store.waiting()
        self.names = {number: item.name for number, item in waiting}
        return waiting

    def steps(self) -> Steps:
        """A batch a step."""
        waiting = self.begin()
        pre = self.prepared.loaded.card.preprocess
        loader = InputLoader(pre, self.prepared.listing.folder, self.job.cancelled)
        batches = batches_of(waiting, self.store.settings.batch)
        coming = batches_ahead(loader, batches, self.store.settings.batch, self.prepared.example.shape[1:])
        pace = Pace(_PACE_S)
        try:
            yield from self._batches(coming, pace)
        finally:
            coming.close()
        return self.end()

    def end(self) -> IndexProgress:
        """The last word. Raises ExplorerError where nothing could be read."""
        if not self.done:
            why = self.failures[0] if self.failures else ("", "")
            raise ExplorerError(
                tr("Nothing could be read."),
                ": ".join(part for part in why if part),
                "--retry tries those that failed again.",
            )
        return self.now(True)

    def _batches(self, coming: Iterator[LoadedBatch], pace: Pace) -> Iterator[IndexProgress | None]:
        shard, since, rest = ShardValues(), time.monotonic(), 0.0
        floor = torch.from_numpy(self.store.table.floor)
        newest = int(self.store.table.pictures.max(initial=-1))
        try:
            for batch in coming:
                if self.job.cancelled():
                    raise CancelledError
                self._check_there(batch.failed)
                if batch.x is not None:
                    ties = (
                        batch.ids[0] < newest
                    )  # else pictures come in ascending order: what is at the floor stays out
                    floor = self._read(batch, shard, floor, ties)
                    newest = max(newest, batch.ids[-1])
                shard.failed += batch.failed
                self._saw(batch.failed, batch.count)
                spent = time.monotonic() - since
                if len(shard) >= self.sharding.pictures or spent >= max(self.sharding.seconds, rest):
                    self._commit(shard, spent)
                    shard, since, before = ShardValues(), time.monotonic(), since + spent
                    rest = min((since - before) / _SHARE, _LONGEST_S)
                yield self.now() if pace.due() else None
        finally:
            # also where it was cancelled: what was read is kept, unless the disk is why it ends
            if len(shard) and not self.broken:
                self._commit(shard, time.monotonic() - since)

    def _read(self, batch: LoadedBatch, shard: ShardValues, floor: torch.Tensor, ties: bool) -> torch.Tensor:
        """One forward; its pictures go into the table. Returns the floor for the next."""
        assert batch.x is not None
        reader = self.prepared.reader
        found = reader.read(batch.x, len(batch.ids), floor, ties)
        ids = np.array(batch.ids)
        made = found.candidates
        self.store.table.insert(Candidates(made.rows, made.values, made.cells, ids[made.pictures]))
        shard.ids += batch.ids
        shard.maxima.append(found.maxima)
        for number, rows in found.features.items():
            shard.features.setdefault(number, []).append(rows)
        for number, rows in found.vectors.items():
            shard.vectors.setdefault(number, []).append(rows)
        return torch.from_numpy(self.store.table.floor)

    def _saw(self, failed: list[tuple[int, str]], count: int) -> None:
        self.failures += [(self.names[number], why) for number, why in failed][: _SAID - len(self.failures)]
        self.seen += count
        self.recent.append((time.monotonic(), self.seen))

    def say(self, note: str) -> None:
        """A note that stays with the index."""
        if note not in self.notes:
            self.notes.append(note)
            self.store.say(self.notes)

    def _check_there(self, failed: list[tuple[int, str]]) -> None:
        """Raises ExplorerError where pictures could not be read because all of the data set has gone: they stay as they were."""
        folder = self.prepared.listing.folder
        if failed and folder and not _holds_something(folder):
            raise ExplorerError(
                tr("The data set has gone while it was read."),
                tr("There is nothing in {folder}: a disk or a network drive was disconnected.", folder=folder),
                tr("What was indexed is kept. Connect it again; the same command goes on."),
            )

    def take(self, shard: ShardValues, seconds: float, made: Mapping[str, Any]) -> None:
        """Commits what somebody else has read and put into the table. Raises ExplorerError where the data set has gone."""
        self._check_there(shard.failed)
        self._saw(shard.failed, len(shard))
        self._commit(shard, seconds, made)

    def _commit(self, shard: ShardValues, seconds: float, made: Mapping[str, Any] | None = None) -> None:
        self.broken = True
        self.store.add(shard)
        self.store.commit(shard, seconds, made or machine())
        self.broken = False
        self.shards += 1
        self.done += len(shard.ids)
        self.failed += len(shard.failed)

    def now(self, final: bool = False) -> IndexProgress:
        """How far it is."""
        (first, before), (last, seen) = (self.recent[0], self.recent[-1]) if self.recent else ((0.0, 0), (0.0, 0))
        rate = (seen - before) / (last - first) if last > first else 0.0
        spent = time.monotonic() - self.began
        if final:
            rate = self.seen / spent if spent > 0 else 0.0
        left = self.total - self.done - self.failed
        found = IndexProgress(
            store=str(self.store.path),
            done=self.done,
            total=self.total,
            failed=self.failed,
            rate=rate,
            left=None if not rate else left / rate,
            nbytes=index_file.nbytes_of_index(self.store.path),
            shards=self.shards,
            notes=tuple(self.notes),
            failures=tuple(self.failures),
            final=final,
        )
        self.job.progress(tr("{done:,} of {total:,}", done=found.done, total=found.total), found.fraction)
        return found
