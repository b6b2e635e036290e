"""Indexes of data sets: what excites each channel in a whole folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from explorer.api.opened_models import AnyModel, Shown, busy, input_of, opened, workbench
from explorer.api.workbench import Workbench
from explorer.core.arrays import Array
from explorer.core.data_index import BATCH, TOP, ChannelTop, IndexFacts, IndexProgress, Near
from explorer.core.errors import ExplorerError
from explorer.core.index_requests import FindNear, LocateCells, MakeIndex
from explorer.core.models import ModelSpec
from explorer.core.session import serialize
from explorer.core.translation import tr
from explorer.engine.data_index.index_reader import IndexReader

Order = Literal["top", "least", "above-half"]


@dataclass(frozen=True, eq=False, repr=False)
class Index:
    """An index on disk. path: its file; made: how the run that made it ended, None where it was only opened."""

    path: Path
    made: IndexProgress | None = None
    trust_code: bool = False

    @property
    def facts(self) -> IndexFacts:
        """Model, data set, how many inputs are done, bytes."""
        with IndexReader(self.path) as reader:
            return reader.facts()

    @property
    def taps(self) -> tuple[str, ...]:
        """The layers that are indexed."""
        with IndexReader(self.path) as reader:
            return tuple(tap.name for tap in reader.taps)

    def top(self, tap: str, channel: int, *, label: str = "", order: Order = "top", count: int = 0) -> ChannelTop:
        """The inputs that excite a channel most (or least, or a sample of those above half of the most), with the cell of each, as
        the command top lists them. label: of this class alone; count: 0 for all that are kept. Raises ExplorerError."""
        with IndexReader(self.path) as reader:
            ask = {"top": reader.top, "least": reader.least, "above-half": reader.above_half}
            if order not in ask or count < 0:
                raise ExplorerError(tr("There is no order “{order}” of {count} inputs.", order=order, count=count))
            found: ChannelTop = ask[order](tap, channel, label, count or reader.settings.top)
        if all(entry.cell is not None for entry in found.entries):
            return found
        with busy():
            bench = workbench()
            model = model_of(bench, self.path, self.trust_code)
            return bench.answer(LocateCells(str(self.path), model, found))

    def values(self, tap: str, channel: int, label: str = "") -> tuple[Array, Array]:
        """(numbers of the inputs, the largest value of the channel in each). Raises ExplorerError."""
        with IndexReader(self.path) as reader:
            return reader.values(tap, channel, label)

    def nearest(self, given: Shown, *, tap: str = "", top: int = 12, label: str = "") -> tuple[Near, ...]:
        """The inputs whose pooled features are most like those of another input (cosine), as the command nearest lists them."""
        seen = input_of(given)
        with IndexReader(self.path) as reader:
            name = reader.tap(tap or (reader.feature_taps or (reader.taps[-1].name,))[-1]).name
        with busy():
            bench = workbench()
            model = model_of(bench, self.path, self.trust_code)
            found: tuple[Near, ...] = bench.answer(FindNear(str(self.path), model, seen, name, top, label, None))
            return found

    def __repr__(self) -> str:
        return f"<explorer.Index: {self.path.name}>"

    def _repr_html_(self) -> str:
        from explorer.api.notebook import table

        facts = self.facts
        rows = [(tr("model"), facts.model), (tr("data set"), facts.settings.data)]
        rows += [(tr("inputs"), tr("{done:,} of {pictures:,}", done=facts.done, pictures=facts.pictures))]
        return table(self.path.name, (), rows)


def index(
    model: AnyModel | Path,
    data: str | Path = "",
    *,
    taps: str = "blocks",
    features: str = "",
    cells: str = "",
    top: int = TOP,
    batch: int = BATCH,
    store: str | Path = "",
    retry: bool = False,
    trust_code: bool = False,
    each: Callable[[IndexProgress], None] | None = None,
) -> Index:
    """Makes the index of a data set, or goes on with it, as the command index does; without `data`, opens the file `model`.

    data: a folder, a text file, "gallery" or "demo:NAME". taps: "blocks", "activations", or patterns with commas. features: taps whose
    pooled features are kept (default: the last). cells: taps of which every cell is kept. top: kept of each channel. batch: inputs
    of a forward. store: the file (default: in the cache). retry: try again what failed. each: hears how far it is.

    Raises ExplorerError, among others where the disk is full; what was committed is kept, and the same call goes on from there.
    """
    if not data:
        if not isinstance(model, str | Path):
            raise ExplorerError(tr("No data set was named."), "", tr("Give data=FOLDER."))
        path = Path(model).expanduser().absolute()
        with IndexReader(path):  # says what is wrong with it
            return Index(path, None, trust_code)
    with busy():
        loaded, _ = opened(model)  # type: ignore[arg-type]
        request = MakeIndex(loaded.card.digest, str(data), taps, features, top, batch, str(store), retry, cells)
        last: IndexProgress = workbench().answer(request, each)
    return Index(Path(last.store), last, trust_code)


def model_of(bench: Workbench, store: str | Path, trust: bool) -> str:
    """Opens the model that an index is of; its digest. Raises ExplorerError where it is another one by now."""
    with IndexReader(store) as reader:
        facts = reader.facts()
    if facts.settings.model in bench.bench.open_digests:
        return facts.settings.model
    card = bench.bench.open(_spec_of(facts), bench.job, trust, False).card
    if card.digest != facts.settings.model:
        raise ExplorerError(
            tr("{model} is not the model of the index any more.", model=facts.model),
            tr("Its weights or its preprocessing are others."),
            tr("Make the index anew."),
        )
    return card.digest


def _spec_of(facts: IndexFacts) -> ModelSpec:
    try:
        found = serialize.model(facts.spec)
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise ExplorerError(
            tr("The model of “{name}” cannot be told.", name=Path(facts.path).name), "", tr("Make the index anew.")
        )
    return found
