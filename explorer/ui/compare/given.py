"""What stands in the columns of Compare: models, inputs, and the captures of both as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.core.edits import Edits, Frozen, Thawed, digest_of
from explorer.core.types import Capture, InputRef, ModelCard, ModelSpec, Picture, Preprocess
from explorer.engine.runner import Event
from explorer.ui.compare import depth
from explorer.ui.compare.showing import Showing
from explorer.ui.compare.sources import INPUT, MODEL, Sources, kind_of
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace
from explorer.ui.understand.kept import KeptValues

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_NOT_KEPT = (
    "The values held by these edits are no longer stored. Repeat the edits in Explore, or choose “Without edits”."
)


class Given(Showing):
    """Asks the engine for what a column is to show, and takes what comes."""

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller, workspace)
        self.sources = Sources(controller.desk, self._came, self._said, self._failed)
        self._kept: defaultdict[str, KeptValues] = defaultdict(KeptValues)  # by the digest of the model
        self._own: dict[ModelSpec, Preprocess] = {}  # by the model as it is without another preprocessing
        self._settled: set[int] = set()  # columns whose layer is known before their model has come

    def receive(self, event: Event) -> None:
        """An event of Compare."""
        if not (self.attention.receive(event) or self.alike.receive(event)):
            self.sources.receive(event)

    # --- sources ---

    def set_model(self, key: int, spec: ModelSpec, allow_download: bool = False) -> None:
        """Another model for a column; one that is open already is not opened again."""
        self.controller.asked_anew()
        if spec != self.doc.column(key).model:
            self.step_made()
            self.doc = self.doc.change(key, model=spec, edits=())  # they are about layers of the last one
        self._open(key, spec, allow_download)

    def _open(self, key: int, spec: ModelSpec, allow_download: bool = False) -> None:
        open_already = next((card for card in self._cards() if card.spec == spec), None)
        if open_already is not None:
            self.sources.drop(key, MODEL)
            self._came(key, open_already)
            return
        self._said(key, f"Opening {spec.id} …")
        self.sources.model(key, spec, self.controller.trusts(spec), allow_download, self._cards())

    def set_preprocess(self, key: int, preprocess: Preprocess) -> None:
        """Another preprocessing for a column; its model and edits stay."""
        card = self.views[key].card
        if card is None or card.preprocess == preprocess:
            return
        self.controller.asked_anew()
        self.step_made()
        self.doc = self.doc.change(key, model=replace(card.spec, preprocess=preprocess))
        self._said(key, "Another preprocessing …")
        self.sources.preprocess(key, card, preprocess)

    def own_preprocess(self, card: ModelCard) -> Preprocess:
        """What came with a model, as far as it has been seen; else what it has now."""
        return self._own.get(replace(card.spec, preprocess=None), card.preprocess)

    def model_opened(self, card: ModelCard) -> None:
        """A model has come: columns that wait for the same one take it."""
        if card.spec.preprocess is None:
            self._own[card.spec] = card.preprocess
        for column in self.doc.columns:
            if column.model == card.spec and self.sources.opening(column.key):
                self.sources.drop(column.key, MODEL)
                self._came(column.key, card)

    def _cards(self) -> list[ModelCard]:
        views = self.views.values()
        every = [self.controller.card, *(view.card for view in views), *(view.of for view in views)]
        return [card for card in every if card is not None]

    def set_input(self, key: int, ref: InputRef | None) -> None:
        """Another input for a column; None: the one that all share."""
        self.controller.asked_anew()
        if ref != self.doc.column(key).input:
            self.step_made()
        self.doc = self.doc.change(key, input=ref)
        self.sources.drop(key, INPUT)
        if ref is not None:
            self.sources.input(key, ref)
        elif self.controller.picture is not None:
            self._came(key, self.controller.picture)

    def picture_changed(self) -> None:
        """The input that the columns share is another one; what is frozen keeps its own."""
        for column in self.doc.columns:
            if column.input is None and not column.frozen and self.controller.picture is not None:
                self._came(column.key, self.controller.picture)

    def _came(self, key: int, value: Any) -> None:
        view = self.views.get(key)
        if view is None:
            return
        if isinstance(value, Capture):
            self._take(view, value)
            return
        if isinstance(value, Thawed) and view.card is not None:
            self._kept[view.card.digest].take(value.frozen)
        if isinstance(value, ModelCard):
            view.card, view.edits = value, self.doc.column(key).edits
            self.controller.desk.hold(self._cards())
        elif isinstance(value, Picture):
            view.picture = value
        self._ask_capture(key)
        self.show()
        if isinstance(value, ModelCard):
            self.model_opened(value)

    def _ask_capture(self, key: int) -> None:
        view = self.views[key]
        if view.fits:
            view.status = ""
        elif view.card is not None and view.picture is not None:
            view.status = f"Computing {view.card.name} …"
            if view.edits:
                self.ask_edited(view)
            else:
                self.sources.capture(key, view.card, view.picture)

    def ask_edited(self, view: ColumnView, names: Iterable[str] = ()) -> None:
        """Asks for a column's capture under its edits, these taps in it."""
        assert view.card is not None
        assert view.picture is not None
        frozen = self.frozen_of(view.card)
        lost = tuple(edit for edit in view.edits if edit.source and edit.tap not in frozen.get(edit.source, {}))
        if not lost:
            self.sources.edited(view.key, view.card, view.picture, view.edits, frozen, names)
        elif all(edit.origin is not None for edit in lost):
            view.status = "Recomputing the held values …"
            self.sources.thawed(view.key, view.card, lost)
        else:
            view.status = _NOT_KEPT

    def frozen_of(self, card: ModelCard) -> Frozen:
        """The values that edits of this model in any column freeze."""
        docs = (self.doc, *self.past.every)
        return self._kept[card.digest].of(column.edits for doc in docs for column in doc.columns)

    def edits_in_explore(self, key: int) -> Edits:
        """The edits that are active in Explore, if the model of this column is open there."""
        card = self.views[key].card
        return self.controller.understand.ablation.of(card.digest) if card is not None else ()

    def set_edits(self, key: int, edits: Edits) -> None:
        """What is replaced in a column's model: the edits of Explore as they are now, or none."""
        self.controller.asked_anew()
        view = self.views[key]
        if view.card is not None:
            self._kept[view.card.digest].take(self.controller.understand.ablation.frozen())
        self.step_made()
        self.doc, view.edits = self.doc.change(key, edits=edits), edits
        self._ask_capture(key)
        self.show()

    def _take(self, view: ColumnView, capture: Capture) -> None:
        if view.card is None or (capture.model, capture.edits) != (view.card.digest, digest_of(view.edits)):
            return  # of what was wanted before
        before, of = view.film, view.of
        view.set_capture(capture)
        settled = view.key in self._settled and self.doc.column(view.key).tap in {tap.name for tap in view.film}
        self._settled.discard(view.key)
        if view.film != before or view.of is not of:
            self.alike.columns_changed()
        if view.film != before and not settled:
            self.doc = self.doc.change(view.key, tap=depth.tap_for(self.doc, self.views, view.key))
        self.show()

    def _said(self, key: int, words: str) -> None:
        self.views[key].status = words
        self.show()

    def _failed(self, key: int, event: Event) -> None:
        """What was shown stays, and the document says again what that is."""
        assert event.failure is not None
        view, kind = self.views[key], kind_of(event)
        if kind == MODEL and view.card is not None:
            self.doc = self.doc.change(key, model=view.card.spec, edits=view.edits)
        elif kind == INPUT and view.picture is not None:
            shared = view.picture is self.controller.picture
            self.doc = self.doc.change(key, input=None if shared else view.picture.ref)
        self.past.failed(self.doc)
        self.controller.show_history()
        self.controller.fail(event.failure)
        self._said(key, "" if view.fits else event.failure.text)
