"""Makes an index on several processes or machines: an actor of Ray for each, one shard in flight for each actor.

The driver lists, joins and commits, as one process does; what is joined does not depend on who did it, nor on the order. Actors, not
Ray Data: its blocks would cut batches, which change last bits. An actor that dies is started again and given its shard again.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.core.data_index import IndexProgress
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import MakeIndex
from explorer.core.models import kind_of
from explorer.core.translation import tr
from explorer.engine.data_index.index_inputs import Numbered
from explorer.engine.data_index.index_items import listed
from explorer.engine.data_index.index_run import IndexRun, Steps, batches_of, opened_store
from explorer.engine.data_index.index_store import ShardValues
from explorer.engine.data_index.prepared_index import PreparedIndex, prepare
from explorer.engine.data_index.ray_cluster import LOCAL, cluster
from explorer.engine.data_index.shard_worker import ShardFound, ShardWorker, WorkOrder, machine
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.models import LoadedModel

SHARD = 128  # pictures
_TRIES = 4  # of a worker that dies
_WAIT_S = 0.2
_PACE_S = 0.5


def ray_steps(
    loaded: LoadedModel, request: MakeIndex, address: str, workers: int, job: Job, trust_code: bool = False
) -> Steps:
    """As `index_run.make_steps`, on workers. `workers` 0: one for each processor."""
    listing = yield from listed(request.data, kind_of(loaded.card.preprocess), job)
    prepared = prepare(loaded, "cpu", request, listing, job)
    store, notes = opened_store(loaded.card, request, listing, prepared)
    try:
        run = IndexRun(prepared, store, job, notes)
        shards = _shards(run.begin(), store.settings.batch)
        if shards:
            job.progress(tr("Starting Ray"))
            count = workers or (os.cpu_count() or 1)
            with cluster(address, min(count, len(shards)) if address == LOCAL else count) as ray:
                yield from _RayRun(ray, run, prepared, trust_code).steps(shards, min(count, len(shards)))
        return run.end()
    finally:
        store.close()


def _shards(waiting: list[Numbered], batch: int) -> list[list[list[Numbered]]]:
    """Runs of whole batches."""
    batches, each = batches_of(waiting, batch), max(SHARD // batch, 1)
    return [batches[n : n + each] for n in range(0, len(batches), each)]


class _RayRun:
    def __init__(self, ray: Any, run: IndexRun, prepared: PreparedIndex, trust_code: bool) -> None:
        self.ray, self.run, self.prepared = ray, run, prepared
        self.held: Any = None
        card, reader = prepared.loaded.card, prepared.reader
        self.order = WorkOrder(
            spec=replace(card.spec, preprocess=card.preprocess),
            preprocess=card.preprocess,
            digest=card.digest,
            taps=tuple(tap.name for tap in reader.taps),
            described=prepared.settings.taps,
            features=reader.features,
            top=prepared.settings.top,
            batch=prepared.settings.batch,
            batches=reader.batches,
            example=prepared.example,
            folder=prepared.listing.folder,
            trust_code=trust_code,
            vectors=reader.vectors,
        )

    def steps(self, shards: Sequence[list[list[Numbered]]], count: int) -> Generator[IndexProgress | None, None, None]:
        """A moment of waiting a step. Raises ExplorerError where a worker is another one than it must be."""
        actor = self.ray.remote(ShardWorker).options(num_cpus=1, max_restarts=_TRIES, max_task_retries=_TRIES)
        self.held = self.ray.put(self.order)  # once for all workers
        workers = [actor.remote() for _ in range(count)]
        without = yield from self._checked(workers)
        free, coming, running = list(workers), iter(shards), dict[Any, Any]()
        pace = Pace(_PACE_S)
        while True:
            while free and (shard := next(coming, None)) is not None:
                worker = free.pop()
                running[self._given(worker, shard, worker in without)] = worker
            if not running:
                return
            if self.run.job.cancelled():
                raise CancelledError
            for ready in self.ray.wait(list(running), num_returns=1, timeout=_WAIT_S)[0]:
                free.append(running.pop(ready))
                self._take(self._of(ready))
            yield self.run.now() if pace.due() else None

    def _given(self, worker: Any, shard: list[list[Numbered]], send: bool) -> Any:
        table = self.run.store.table
        ties = shard[0][0][0] < int(table.pictures.max(initial=-1))
        files = dict(self._files(shard)) if send else None
        return worker.shard.remote(self.held, shard, table.floor, ties, files)

    def _files(self, shard: list[list[Numbered]]) -> Iterator[tuple[str, tuple[bytes, int]]]:
        # once, also a video of which many frames are wanted
        for name in dict.fromkeys(item.path for batch in shard for _, item in batch):
            path = Path(self.prepared.listing.folder) / name
            try:
                yield name, (path.read_bytes(), path.stat().st_mtime_ns)
            except OSError:  # the worker says that it is not there
                continue

    def _of(self, ready: Any) -> Any:
        try:
            return self.ray.get(ready)
        except ExplorerError:
            raise
        except Exception as error:  # noqa: BLE001 - Ray raises a dozen kinds
            first = next((line for line in reversed(str(error).strip().splitlines()) if line.strip()), "")
            raise ExplorerError(tr("A worker failed."), first[:200], tr("What was committed is kept.")) from None

    def _take(self, found: ShardFound) -> None:
        shard = ShardValues(list(found.ids), [found.maxima] if found.ids else [], failed=list(found.failed))
        shard.features = {number: [rows] for number, rows in found.features.items()}
        shard.vectors = {number: [rows] for number, rows in found.vectors.items()}
        self.run.store.table.insert(found.candidates)
        self.run.take(shard, found.seconds, found.made)

    def _checked(self, workers: list[Any]) -> Generator[None, None, set[Any]]:
        """Waits for all workers, compares their versions and digests; those that the pictures must be sent to."""
        asked = {worker.about.remote(self.held): worker for worker in workers}
        waiting, without, other = list(asked), set(), set()
        own = machine()
        while waiting:
            if self.run.job.cancelled():
                raise CancelledError
            ready, waiting = self.ray.wait(waiting, num_returns=1, timeout=_WAIT_S)
            for each in ready:
                about = self._of(each)
                self._compare(about, own)
                if about["cpu"] != own["cpu"]:
                    other.add(f"{about['host']} ({about['cpu']})")
                if not about["pictures"] and self.prepared.listing.folder:
                    without.add(asked[each])
            yield
        if other:
            self.run.say(
                tr(
                    "Other processors took part: {list}, this one is {own}. Values are equal to 1e-4 of a "
                    "channel's range, not to the last bit; the digest is another one.",
                    list=", ".join(sorted(other)),
                    own=own["cpu"],
                )
            )
        return without

    def _compare(self, about: dict[str, Any], own: dict[str, Any]) -> None:
        named = {"python": "Python", "torch": "torch", "version": tr("this application")}
        for key, what in named.items():
            if about[key] != own[key]:
                why = tr("It has {about}, this machine {own}.", about=about[key], own=own[key])
                raise ExplorerError(
                    tr("The worker on {about} has another version of {what}.", about=about["host"], what=what),
                    why,
                    tr("Use one version."),
                )
        if about["digest"] != self.order.digest or tuple(about["described"]) != self.order.described:
            why = tr("Its weights, its preprocessing or its layers are others.")
            raise ExplorerError(
                tr("The model is another one on {about}.", about=about["host"]), why, tr("Copy the same files there.")
            )
