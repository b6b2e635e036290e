"""What is known before the first batch: which taps there are, whether a batch gives what a picture alone gives, what the index is of."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from explorer.core.data_index import IndexedTap, IndexSettings
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import MakeIndex
from explorer.core.models import kind_of
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import discover
from explorer.engine.data_index.index_inputs import InputLoader
from explorer.engine.data_index.index_items import Listing
from explorer.engine.data_index.index_pass import ChannelReader
from explorer.engine.data_index.index_taps import chosen_taps, described, indexed
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.models import LoadedModel

_SAME = 1e-3  # of a layer's largest maximum: how far an input alone and in a batch may differ


@dataclass(slots=True, eq=False)
class PreparedIndex:
    """A network with the taps that are indexed."""

    loaded: LoadedModel
    listing: Listing
    settings: IndexSettings
    taps: tuple[IndexedTap, ...]
    reader: ChannelReader
    example: Tensor  # one input, (1, …)
    notes: list[str] = field(default_factory=list)


def prepare(loaded: LoadedModel, device: str, request: MakeIndex, listing: Listing, job: Job) -> PreparedIndex:
    """From one watched forward of the first input that can be read. Raises ExplorerError and CancelledError."""
    if request.top < 1 or request.batch < 1:
        raise ExplorerError("--top and --batch must be 1 or more.", "")
    job.progress(tr("Looking at the network"))
    x = _first(loaded, listing, job)
    given = as_input(x, loaded.module, device)
    seen = discover(loaded.module, given.clone(), job.cancelled)
    taps, pooled, celled = chosen_taps(loaded.module, seen.plan.taps, request.taps, request.features, request.cells)
    numbers, vectors = (
        frozenset(number for number, tap in enumerate(taps) if tap.name in names) for names in (pooled, celled)
    )
    notes: list[str] = []
    batch = request.batch
    reader = ChannelReader(loaded.module, device, seen.plan, taps, numbers, vectors=vectors)
    if batch > 1 and not _agrees(reader, x, batch):
        reader.batches, batch = False, 1
        notes.append(tr("The network takes one input at a time: a batch gives other values."))
    classes = len({item.label for item in listing.items})
    stored = indexed(loaded.module, seen.plan.taps, taps, pooled, celled, max(classes, 1), len(listing.items))
    notes += _left_out(stored)
    settings = IndexSettings(
        model=loaded.card.digest,
        kind=kind_of(loaded.card.preprocess),
        data=listing.data,
        taps=tuple(map(described, taps)),
        features=tuple(pooled),
        cells=tuple(celled),
        top=request.top,
        batch=batch,
        torch=torch.__version__,
        cpu=torch.backends.cpu.get_cpu_capability() if device == "cpu" else device,
    )
    return PreparedIndex(loaded, listing, settings, stored, reader, x, notes)


def _left_out(taps: tuple[IndexedTap, ...]) -> list[str]:
    notes = []
    if any(not tap.maxima for tap in taps):
        notes.append(
            tr(
                "Histograms, the least and the best of a class are kept for the taps with features alone: of all taps they would take "
                "too much room."
            )
        )
    if any(not tap.sums for tap in taps):
        notes.append(
            tr("Sums by class are kept for the taps with features alone: of all taps they would take too much room.")
        )
    return notes


def _first(loaded: LoadedModel, listing: Listing, job: Job) -> Tensor:
    """The first input that can be read, (1, …)."""
    loader = InputLoader(loaded.card.preprocess, listing.folder, job.cancelled)
    why = listing.failed[0][1] if listing.failed else ""
    try:
        for item in listing.items:
            if job.cancelled():
                raise CancelledError
            found = loader.loaded(item)
            if isinstance(found, Tensor):
                return found
            why = f"{item.path}: {found}"
    finally:
        loader.close()
    raise ExplorerError(tr("Nothing could be read."), why, tr("Choose other files."))


def _agrees(reader: ChannelReader, x: Tensor, batch: int) -> bool:
    """Whether an input has the same maxima alone and in a batch, up to rounding."""
    floor = torch.full((reader.channels,), float("inf"))
    try:
        one = torch.from_numpy(reader.read(x, 1, floor).maxima[0])
        many = torch.from_numpy(reader.read(x.repeat(batch, *[1] * (x.dim() - 1)), batch, floor).maxima)
    except ExplorerError:
        return False
    for start, end in zip(reader.starts, reader.starts[1:], strict=False):
        a, b = one[start:end].nan_to_num(), many[:, start:end].nan_to_num()
        if not bool(((a - b).abs() <= _SAME * max(float(a.abs().max()), 1e-6)).all()):
            return False
    return True
