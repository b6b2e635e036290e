"""A shard of an index as a pure function of the model, the pictures and the batch. Runs in a process of its own, maybe on another machine.

Knows nothing of Ray: `ray_run` makes an actor of it.
"""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import explorer
from explorer.core.arrays import Array
from explorer.core.models import AnyPreprocess, ModelSpec
from explorer.engine.data_index.index_inputs import InputLoader, Numbered, batches_ahead
from explorer.engine.data_index.index_pass import ChannelReader, channel_reader
from explorer.engine.data_index.index_taps import described
from explorer.engine.data_index.top_table import Candidates, TopTable
from explorer.engine.jobs import devices
from explorer.engine.models import open_model


@dataclass(frozen=True, slots=True, eq=False)
class WorkOrder:
    """What every worker is told once."""

    spec: ModelSpec
    preprocess: AnyPreprocess
    digest: str  # ModelCard.digest that must come of it
    taps: tuple[str, ...]  # names
    described: tuple[str, ...]  # with their shapes, as the index has them
    features: frozenset[int]
    top: int
    batch: int
    batches: bool  # whether the network takes several inputs at once
    example: Tensor  # one input, (1, …)
    folder: str
    trust_code: bool = False
    vectors: frozenset[int] = frozenset()  # numbers of taps of which every cell is read


@dataclass(frozen=True, slots=True, eq=False)
class ShardFound:
    """What the pictures of a shard gave: who may be among the best, all maxima (pictures, channels), features, vectors of
    cells, failures."""

    ids: list[int]
    candidates: Candidates
    maxima: Array
    features: dict[int, Array] = field(default_factory=dict)
    vectors: dict[int, Array] = field(default_factory=dict)
    failed: list[tuple[int, str]] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    digest: str
    described: tuple[str, ...]
    reader: ChannelReader


class ShardWorker:
    """A network that reads shards; it is opened with the first order, also again after its process has died."""

    def __init__(self) -> None:
        devices.keep_freed_memory()
        torch.set_num_threads(1)
        self._ready: _Ready | None = None

    def about(self, order: WorkOrder) -> dict[str, Any]:
        """What must be equal on every worker, and where it is."""
        ready = self._opened(order)
        there = {"digest": ready.digest, "described": ready.described, "pictures": os.path.exists(order.folder)}
        return {**machine(), **there}

    def _opened(self, order: WorkOrder) -> _Ready:
        if self._ready is None:
            loaded = open_model(order.spec, trust_code=order.trust_code)
            reader = channel_reader(
                loaded.module,
                "cpu",
                order.example,
                order.taps,
                order.features,
                order.batches,
                vectors=order.vectors,
            )
            self._ready = _Ready(loaded.card.digest, tuple(map(described, reader.taps)), reader)
        return self._ready

    def shard(
        self,
        order: WorkOrder,
        batches: Sequence[Sequence[Numbered]],
        floor: Array,
        ties: bool,
        files: dict[str, tuple[bytes, int]] | None,
    ) -> ShardFound:
        """`floor`: (channels,), what is known already; `ties`: whether what is at it may get in. `files`: the pictures themselves
        with their times of change, where they are not under the same path here."""
        with contextlib.ExitStack() as stack:
            folder = order.folder
            if files is not None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fme-shard-"))
                _put(Path(folder), files)
            return self._read(order, InputLoader(order.preprocess, folder), batches, floor, ties)

    def _read(
        self, order: WorkOrder, loader: InputLoader, batches: Sequence[Sequence[Numbered]], floor: Array, ties: bool
    ) -> ShardFound:
        begun = time.monotonic()
        reader = self._opened(order).reader
        table = TopTable(reader.channels, order.top)
        least = torch.from_numpy(np.array(floor))
        ids, maxima, failed = list[int](), list[Array](), list[tuple[int, str]]()
        features, vectors = dict[int, list[Array]](), dict[int, list[Array]]()
        for batch in batches_ahead(loader, batches, order.batch, order.example.shape[1:]):
            failed += batch.failed
            if batch.x is None:
                continue
            now = torch.maximum(least, torch.from_numpy(table.floor))
            found = reader.read(batch.x, len(batch.ids), now, ties)
            made = found.candidates
            numbers = np.array(batch.ids)[made.pictures]
            table.insert(Candidates(made.rows, made.values, made.cells, numbers))
            ids += batch.ids
            maxima.append(found.maxima)
            for kept, given in ((features, found.features), (vectors, found.vectors)):
                for number, rows in given.items():
                    kept.setdefault(number, []).append(rows)
        whole = np.concatenate(maxima) if maxima else np.empty((0, reader.channels), np.float32)
        pooled, celled = (
            {number: np.concatenate(rows) for number, rows in kept.items()} for kept in (features, vectors)
        )
        return ShardFound(ids, table.entries(), whole, pooled, celled, failed, machine(), time.monotonic() - begun)


def _put(folder: Path, files: dict[str, tuple[bytes, int]]) -> None:
    """The files of a shard in a folder of this machine."""
    for name, (held, changed) in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(held)
        os.utime(place, ns=(changed, changed))


def machine() -> dict[str, Any]:
    """Versions, and the processor, whose instructions make the last bits."""
    return {
        "host": platform.node(),
        "pid": os.getpid(),
        "python": platform.python_version().rpartition(".")[0],
        "torch": torch.__version__,
        "version": explorer.__version__,
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }
