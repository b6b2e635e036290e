"""What the parts of the Dataset workspace share: the index that is shown, the layer and channel, and where a person stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.core.data_index import IndexedPicture, IndexedTap, IndexFacts
from explorer.core.errors import Failure
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.session import serialize
from explorer.core.session.dataset_place import DatasetPlace
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.engine.data_index.index_reader import IndexReader
from explorer.ui.added_workspaces import WorkspaceHost

NAME = "dataset"


class IndexLab(QObject):
    """`index_changed`: another index is shown, or there is more of it; `moved` carries the old and the new session when the place,
    the layer, channel, cell or input has changed; `model_changed`: Explore has another model."""

    index_changed = Signal()
    moved = Signal(object, object)
    model_changed = Signal()

    def __init__(self, host: WorkspaceHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host = host
        host.state.changed.connect(self._follow)
        host.state.arrived.connect(self._follow)
        host.model_opened.connect(self._opened)
        host.indexes.changed.connect(self.tell)

    # --- where a person stands ---

    @property
    def place(self) -> DatasetPlace:
        return self.host.session.dataset

    @property
    def front(self) -> bool:
        """Whether the workspace is looked at."""
        return self.host.session.workspace == NAME

    def move(self, **fields: Any) -> None:
        """Another place: a step of the history."""
        if any(getattr(self.place, name) != value for name, value in fields.items()):
            self.host.change(dataset=replace(self.place, **fields))

    def _opened(self) -> None:
        self.model_changed.emit()
        self.tell()

    def _follow(self, old: Session, new: Session) -> None:
        if old.dataset.store != new.dataset.store:
            self.tell()
        names = ("dataset", "tap", "channel", "cell", "input", "workspace")
        if any(getattr(old, name) != getattr(new, name) for name in names):
            self.moved.emit(old, new)

    def tell(self) -> None:
        """Says that the index is another one or has grown, where it is looked at."""
        if self.front:
            self.index_changed.emit()

    # --- the index ---

    @property
    def card(self) -> ModelCard | None:
        return self.host.card

    @property
    def facts(self) -> IndexFacts | None:
        """Of the chosen index, else the largest of the open model; None: there is none."""
        shelf = self.host.indexes
        chosen = shelf.facts(self.place.store) if self.place.store else None
        if chosen is not None or self.card is None:
            return chosen
        return next(iter(shelf.of(self.card.digest)), None)

    @property
    def reader(self) -> IndexReader | None:
        """Of that index. Raises ExplorerError where it cannot be read."""
        facts = self.facts
        return None if facts is None else self.host.indexes.reader(facts.path)

    @property
    def own(self) -> bool:
        """Whether the index is of the model in Explore."""
        facts, card = self.facts, self.card
        return facts is not None and card is not None and facts.settings.model == card.digest

    @property
    def tap(self) -> IndexedTap | None:
        """The layer in Explore where the index has it, else the chosen one, else the last that has all values."""
        reader = self.reader
        if reader is None or not reader.taps:
            return None
        for name in (self.host.session.tap if self.own else "", self.place.tap):
            if name and reader.has(name):
                return reader.tap(name)
        kept = [tap for tap in reader.taps if tap.maxima and tap.grid != (1, 1)]
        return (kept or list(reader.taps))[-1]

    @property
    def channel(self) -> int:
        """Of that layer."""
        tap, session = self.tap, self.host.session
        if tap is None:
            return 0
        follows = self.own and self.reader is not None and session.tap in (tap.name, *tap.same_as)
        return min(session.channel if follows else self.place.channel, tap.channels - 1)

    def choose_channel(self, tap: str, channel: int) -> None:
        """In Explore too where the index is of its model."""
        if self.own:
            if (self.host.session.tap, self.host.session.channel) != (tap, channel):
                self.host.change(tap=tap, channel=channel, cell=None)
        else:
            self.move(tap=tap, channel=channel)

    def folder(self, facts: IndexFacts) -> str:
        """Where the data lies now."""
        return self.host.indexes.folder(facts)

    def picture_named(self, name: str) -> IndexedPicture | None:
        """By `IndexedPicture.name`; None where the index has none."""
        reader = self.reader
        if reader is None or not name:
            return None
        path, _, number = name.rpartition("#")
        found = reader.find(path, int(number)) if number.isdigit() and "#" in name else None
        return found or reader.find(name)

    def picture_of(self, ref: InputRef | None) -> IndexedPicture | None:
        """Of an input that the index holds; None where it does not."""
        reader, facts = self.reader, self.facts
        if reader is None or facts is None or ref is None:
            return None
        path, folder = PurePath(ref.path), PurePath(self.folder(facts) or ".")
        short = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ref.path
        found = reader.find("" if short == "." else short, ref.frame)
        return found if found is not None and found.kind == ref.kind else None

    # --- to Explore ---

    def model_spec(self, facts: IndexFacts) -> ModelSpec | None:
        """How the index's model is opened again; None: it is open, or nobody knows."""
        if self.own:
            return None
        try:
            return serialize.model(facts.spec)
        except (TypeError, ValueError):
            return None

    def open_picture(self, picture: IndexedPicture, cell: Cell | None = None) -> None:
        """In Explore, with the model of the index: one step of the history."""
        facts = self.facts
        if facts is None:
            return
        spec = self.model_spec(facts)
        if spec is None and not self.own:
            self.host.fail(Failure(tr("It is not known how the model of this index is opened."), facts.model))
            return
        tap = self.tap
        fields: dict[str, Any] = {"input": picture.ref(self.folder(facts)), "workspace": "explore"}
        if spec is not None:
            fields["model"] = spec
        if spec is not None and tap is not None:
            fields |= {"tap": tap.name, "channel": self.channel}
        if cell is not None:
            fields["cell"] = cell
        self.host.go(**fields)

    def open_channel(self, tap: str, channel: int) -> None:
        """That channel in Explore, with the page Examples: one step of the history."""
        facts = self.facts
        if facts is None:
            return
        spec = self.model_spec(facts)
        fields: dict[str, Any] = {
            "tap": tap,
            "channel": channel,
            "cell": None,
            "workspace": "explore",
            "page": "examples",
        }
        if spec is not None:
            fields["model"] = spec
        self.host.go(**fields)
