"""Answers the requests of `core/index_requests.py`, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from explorer.core.any_input import kind_of_input
from explorer.core.arrays import Array
from explorer.core.data_index import ChannelTop, IndexedTap, IndexEntry, Near, Scatter
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell
from explorer.core.index_requests import (
    FindByName,
    FindNear,
    FindNearPicture,
    FindPlane,
    LocateCells,
    MakeIndex,
    Verified,
    VerifyIndex,
)
from explorer.core.kind_words import several
from explorer.core.models import kind_of
from explorer.core.translation import tr
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.data_index.index_inputs import InputLoader
from explorer.engine.data_index.index_items import item_of
from explorer.engine.data_index.index_pass import BatchValues, ChannelReader, channel_reader
from explorer.engine.data_index.index_reader import IndexReader, place_of
from explorer.engine.data_index.index_run import Steps, make_steps
from explorer.engine.data_index.verification import verified
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.job import Job
from explorer.engine.models import LoadedModel
from explorer.engine.worker import Worker


def make_index(worker: Worker, request: MakeIndex, job: Job) -> Steps:
    """A batch a step, so that forwards of the window go first."""
    bench = worker.bench
    return worker.studies.streamed(lambda: make_steps(bench.model(request.model), bench.device, request, job))


def locate_cells(worker: Worker, request: LocateCells, job: Job) -> ChannelTop:
    """What is known stays; the others are looked up by forwards of whole batches."""
    lacking = [entry for entry in request.of.entries if entry.cell is None]
    if not lacking:
        return request.of
    with IndexReader(request.store) as reader:
        loaded = _same_model(worker, request.model, reader)
        found = worker.studies.guarded(lambda: _cells(worker, loaded, reader, request.of, lacking, job))
        tap = reader.tap(request.of.tap)
        entries = tuple(
            entry if entry.cell is not None else _at(reader, tap, entry, found.get(entry.picture.id))
            for entry in request.of.entries
        )
    return replace(request.of, entries=entries)


def _at(reader: IndexReader, tap: IndexedTap, entry: IndexEntry, place: int | None) -> IndexEntry:
    if place is None:
        return entry
    cell = tap.cell(place)
    return replace(entry, cell=cell, words=reader.words(tap, entry.picture, cell))


def _cells(
    worker: Worker, loaded: LoadedModel, reader: IndexReader, of: ChannelTop, entries: Sequence[IndexEntry], job: Job
) -> dict[int, int]:
    """The place of the largest cell by the id of the picture."""
    tap, loader = reader.tap(of.tap), InputLoader(loaded.card.preprocess, reader.place, job.cancelled)
    size = reader.settings.batch
    found: dict[int, int] = {}
    passes: ChannelReader | None = None
    try:
        for n in range(0, len(entries), size):
            # as the files are now, whatever they were
            part = [(e.picture.id, replace(item_of(e.picture), changed=0)) for e in entries[n : n + size]]
            batch = loader.batch(part, size, None)
            if batch.x is None:
                continue
            passes = passes or _reader_of(worker, loaded, batch.x[:1], tap.name, job)
            floor = torch.full((passes.channels,), float("inf"))
            floor[of.channel] = -float("inf")
            got = passes.read(batch.x, len(batch.ids), floor, cancelled=job.cancelled).candidates
            found.update({batch.ids[int(p)]: int(c) for p, c in zip(got.pictures, got.cells, strict=True)})
    finally:
        loader.close()
    return found


def _reader_of(worker: Worker, loaded: LoadedModel, x: torch.Tensor, name: str, job: Job) -> ChannelReader:
    """Reads one tap of a model, with its features and its cells."""
    one = frozenset({0})
    return channel_reader(loaded.module, worker.bench.device, x, [name], one, cancelled=job.cancelled, vectors=one)


def find_near(worker: Worker, request: FindNear, job: Job) -> tuple[Near, ...]:
    """By its pooled features."""
    with IndexReader(request.store) as reader:
        loaded = _same_model(worker, request.model, reader)
        _check_kind(loaded, request, reader)
        if request.cell is not None:
            return _near_cell(worker, loaded, reader, request, request.cell, job)
        name = request.tap or (reader.feature_taps[-1] if reader.feature_taps else "")
        tap = reader.tap(name) if name else None
        if tap is None or not tap.features:
            raise ExplorerError(
                tr("The index has no features of {name}.", name=name or tr("any tap")),
                tr("It has those of {list}.", list=", ".join(reader.feature_taps) or tr("none")),
                tr("Make one with --features TAP."),
            )
        x = input_tensor(request.picture, loaded.card.preprocess)
        size = reader.settings.batch
        vector = worker.studies.guarded(lambda: _features(worker, loaded, x, tap.name, size, job))
        return reader.nearest(vector, tap.name, request.count, request.label)


def _check_kind(loaded: LoadedModel, request: FindNear, reader: IndexReader) -> None:
    if kind_of_input(request.picture) != kind_of(loaded.card.preprocess):
        raise ExplorerError(
            tr("The index is of {kinds}.", kinds=several(reader.settings.kind)),
            tr("The input is not."),
        )


def _near_cell(
    worker: Worker, loaded: LoadedModel, reader: IndexReader, request: FindNear, cell: Cell, job: Job
) -> tuple[Near, ...]:
    name = request.tap or (reader.cell_taps[-1] if reader.cell_taps else reader.taps[-1].name)
    tap = reader.with_cells(name)
    place = place_of(tap, cell)
    x, size = input_tensor(request.picture, loaded.card.preprocess), reader.settings.batch
    vectors = worker.studies.guarded(lambda: _read_one(worker, loaded, x, tap.name, size, job).vectors[0][0])
    if len(vectors) != tap.grid[0] * tap.grid[1]:
        raise ExplorerError(tr("{tap} has another number of cells for this input.", tap=tap.name), f"{len(vectors)}.")
    return reader.nearest_cells(vectors[place], tap.name, request.count, request.label)


def _features(worker: Worker, loaded: LoadedModel, x: torch.Tensor, name: str, batch: int, job: Job) -> Array:
    """(channels,) of an input (1, …)."""
    return np.asarray(_read_one(worker, loaded, x, name, batch, job).features[0][0])


def _read_one(worker: Worker, loaded: LoadedModel, x: torch.Tensor, name: str, batch: int, job: Job) -> BatchValues:
    """Of an input (1, …): in a whole batch, as the pictures of the index were."""
    passes = _reader_of(worker, loaded, x, name, job)
    many = x.repeat(batch, *[1] * (x.dim() - 1))
    floor = torch.full((passes.channels,), float("inf"))
    return passes.read(many, 1, floor, cancelled=job.cancelled)


def find_near_picture(_worker: Worker, request: FindNearPicture, _job: Job) -> tuple[Near, ...]:
    """Without a forward."""
    with IndexReader(request.store) as reader:
        if request.cell is not None:
            vector = reader.cell(request.picture, request.tap, request.cell)
            return reader.nearest_cells(vector, request.tap, request.count, without=request.picture)
        vector = reader.feature(request.picture, request.tap)
        return reader.nearest(vector, request.tap, request.count, without=request.picture)


def find_by_name(_worker: Worker, request: FindByName, _job: Job) -> tuple[int, ...]:
    """Without a forward."""
    with IndexReader(request.store) as reader:
        return tuple(reader.ids(request.label, request.state, request.text, request.most).tolist())


def find_plane(_worker: Worker, request: FindPlane, _job: Job) -> Scatter:
    """Without a forward."""
    with IndexReader(request.store) as reader:
        return reader.scatter(request.tap)


def verify_index(worker: Worker, request: VerifyIndex, job: Job) -> Generator[None, None, Verified]:
    """In steps of one forward."""
    with IndexReader(request.store) as reader:
        loaded = _same_model(worker, request.model, reader)
        digest = digest_of(Path(request.store))
        return (yield from verified(worker.bench.device, loaded, reader, digest, request.entries, request.seed, job))


def _same_model(worker: Worker, model: str, reader: IndexReader) -> LoadedModel:
    loaded = worker.bench.model(model)
    if model != reader.model:
        raise ExplorerError(
            tr("The index is not of this model: {card}.", card=loaded.card.name),
            tr("Its weights or its preprocessing are others."),
            tr("Open the model that it was made of."),
        )
    return loaded
