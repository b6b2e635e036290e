"""What stands in the columns of Compare: models, inputs, and the captures of both as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from explorer import catalogue
from explorer.core.activations import Capture
from explorer.core.any_input import Input, kind_of_input
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits, Frozen, Thawed, digest_of
from explorer.core.models import AnyPreprocess, ModelCard, ModelSpec
from explorer.core.translation import tr
from explorer.ui.compare import depth
from explorer.ui.compare.board import Board
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.sources import INPUT, MODEL, Sources
from explorer.ui.compare.view import ColumnView
from explorer.ui.model_pane.fitting_inputs import FOR_KINDS, fitting_inputs
from explorer.ui.model_pane.kept import KeptValues

_NOT_KEPT = tr(
    "The values held by these edits are no longer stored. Repeat the edits in Explore, or choose “Without edits”."
)


class Contents(QObject):
    """Asks the engine for what a column is to show, and takes what comes. `films_changed`: a column has other layers now."""

    films_changed = Signal()

    def __init__(self, board: Board, host: CompareHost) -> None:
        super().__init__(board)
        self._board, self._host = board, host
        self.sources = Sources(host.desk, host.client, self._came, self._said, self._failed)
        self.settled: set[int] = set()  # columns whose layer is known before their model has come
        self._kept: defaultdict[str, KeptValues] = defaultdict(KeptValues)  # by the digest of the model
        self._tried: defaultdict[int, set[InputRef]] = defaultdict(set)  # inputs that were to fit the model of a column
        self._last: defaultdict[int, dict[str, InputRef]] = defaultdict(dict)  # by kind what a column was shown on
        self._asked: dict[int, InputRef] = {}  # what a person has asked for
        self._own: dict[ModelSpec, AnyPreprocess] = {}  # by the model as it is without another preprocessing
        self._held: set[int] = set()  # columns that wait for the input that all share
        board.missing.connect(self._ask_missing)
        host.state.history_changed.connect(self._look_again)

    # --- models ---

    def set_model(self, key: int, spec: ModelSpec, allow_download: bool = False) -> None:
        """Another model for a column; one that is open already is not opened again."""
        board = self._board
        self._host.asked_anew()
        if spec != board.doc.column(key).model:
            board.note(board.doc.change(key, model=spec, edits=()))  # they are about layers of the last one
        self.open(key, spec, allow_download)

    def open(self, key: int, spec: ModelSpec, allow_download: bool = False) -> None:
        """Asks for a column's model as the document names it."""
        open_already = next((card for card in self.cards if card.spec == spec), None)
        if open_already is not None:
            self.sources.drop(key, MODEL)
            self._came(key, open_already)
            return
        self._said(key, tr("Opening {id} …", id=spec.id))
        self.sources.model(key, spec, self._host.trusts(spec), allow_download, self.cards)

    def set_preprocess(self, key: int, preprocess: AnyPreprocess) -> None:
        """Another preprocessing for a column; its model and edits stay."""
        board = self._board
        card = board.views[key].card
        if card is None or card.preprocess == preprocess:
            return
        self._host.asked_anew()
        board.note(board.doc.change(key, model=replace(card.spec, preprocess=preprocess)))
        self._said(key, tr("Another preprocessing …"))
        self.sources.preprocess(key, card, preprocess)

    def own_preprocess(self, card: ModelCard) -> AnyPreprocess:
        """What came with a model, as far as it has been seen; else what it has now."""
        return self._own.get(replace(card.spec, preprocess=None), card.preprocess)

    def model_opened(self, card: ModelCard) -> None:
        """A model has come: columns that wait for the same one take it."""
        if card.spec.preprocess is None:
            self._own[card.spec] = card.preprocess
        for column in self._board.doc.columns:
            if column.model == card.spec and self.sources.opening(column.key):
                self.sources.drop(column.key, MODEL)
                self._came(column.key, card)

    @property
    def cards(self) -> list[ModelCard]:
        """Models that are open in Explore or shown in a column."""
        views = self._board.views.values()
        every = [self._host.card, *(view.card for view in views), *(view.of for view in views)]
        return [card for card in every if card is not None]

    def hold(self) -> None:
        """The models of the columns stay open."""
        self._host.desk.hold(self.cards)

    # --- inputs ---

    def set_input(self, key: int, ref: InputRef | None) -> None:
        """Another input for a column; None: the one that all share."""
        board = self._board
        self._host.asked_anew()
        board.note(board.doc.change(key, input=ref))
        self.sources.drop(key, INPUT)
        self._tried[key].clear()
        self._asked.pop(key, None)
        if ref is not None:
            self._asked[key] = ref
            self.sources.input(key, ref)
        elif self._host.picture is not None:
            self._came(key, self._host.picture)

    def _model_for(self, key: int, given: Input) -> None:
        """A person has given a column an input that its model does not take: the model that is opened for such inputs follows."""
        view, kind = self._board.views[key], kind_of_input(given)
        if kind in FOR_KINDS:
            view.forget(tr("{unfit} {id} is opened for it.", unfit=view.unfit, id=FOR_KINDS[kind].id))
            self.films_changed.emit()
            self.set_model(key, FOR_KINDS[kind])
        else:
            self.ask(key)
            self._board.show()

    def picture_changed(self) -> None:
        """The input that the columns share is another one; what is frozen keeps its own."""
        for column in self._board.doc.columns:
            if column.input is None and not column.frozen and self._host.picture is not None:
                self._came(column.key, self._host.picture)

    # --- captures ---

    def ask(self, key: int) -> None:
        """Asks for a column's capture, unless it is there."""
        view = self._board.views[key]
        if view.fits:
            view.status = ""
        elif view.unfit:
            self._fit(view)
        elif view.card is not None and view.picture is not None:
            view.status = tr("Computing {card} …", card=view.card.name)
            if view.edits:
                self.ask_edited(view)
            else:
                self.sources.capture(key, view.card, view.picture)

    def _fit(self, view: ColumnView) -> None:
        """The model does not take the input: what it showed before goes, and the column gets an input of its own that it takes.
        Each is tried once, for a file may be gone."""
        assert view.card is not None
        assert view.picture is not None
        key, tried = view.key, self._tried[view.key]
        if self.sources.waits_for_input(key):
            return
        if self._board.doc.column(key).input is None and self._shared_is_coming:
            view.forget(tr("Opening the input …"))
            self._held.add(key)
            return
        last = {kind_of_input(seen): seen.ref for seen in self._inputs if catalogue.lasts(seen.ref.kind)}
        last |= self._last[key]
        ref = next((ref for ref in fitting_inputs(view.card, view.picture, last) if ref not in tried), None)
        view.forget(view.unfit)
        self.films_changed.emit()
        if ref is not None:
            tried.add(ref)
            board = self._board
            board.settle(board.doc.change(key, input=ref))
            self.sources.input(key, ref)

    @property
    def _shared_is_coming(self) -> bool:
        """Whether a session is being opened that has another input than the one that is there still."""
        target, there = self._host.state.target, self._host.picture
        return target is not None and there is not None and target.input not in (None, there.ref)

    def _look_again(self) -> None:
        """The input that columns have waited for is there, or cannot be had."""
        if self._held and not self._shared_is_coming:
            held, self._held = self._held & self._board.views.keys(), set()
            for key in held:
                self.ask(key)
            self._board.show()

    @property
    def _inputs(self) -> list[Input]:
        """What is open in Explore or in a column."""
        every = [self._host.picture, *(view.picture for view in self._board.views.values())]
        return [each for each in every if each is not None]

    def _ask_missing(self, key: int) -> None:
        """Taps that the byte budget dropped: the column's own, and those that are to be taken away from it."""
        board = self._board
        view, column = board.views[key], board.doc.column(key)
        if view.capture is None or not view.fits or self.sources.capturing(key):
            return
        first = column is board.doc.columns[0]
        wanted = {column.tap, *(c.tap for c in board.doc.columns if first and c.minus)}
        dropped = wanted & set(view.capture.dropped)
        if dropped and view.edits:
            self.ask_edited(view, dropped)
        elif dropped:
            self.sources.recompute(key, view.capture, dropped)

    def ask_edited(self, view: ColumnView, names: Iterable[str] = ()) -> None:
        """Asks for a column's capture under its edits, these taps in it."""
        assert view.card is not None
        assert view.picture is not None
        frozen = self.frozen_of(view.card)
        lost = tuple(edit for edit in view.edits if edit.source and edit.tap not in frozen.get(edit.source, {}))
        if not lost:
            self.sources.edited(view.key, view.card, view.picture, view.edits, frozen, names)
        elif all(edit.origin is not None for edit in lost):
            view.status = tr("Recomputing the held values …")
            self.sources.thawed(view.key, view.card, lost)
        else:
            view.status = _NOT_KEPT

    # --- edits ---

    def frozen_of(self, card: ModelCard) -> Frozen:
        """The values that edits of this model in any column freeze."""
        steps = (self._host.state.session, *self._host.state.history.every)
        docs = {id(step.comparison): step.comparison for step in steps}  # most steps share one
        return self._kept[card.digest].of(column.edits for doc in docs.values() for column in doc.columns)

    def edits_in_explore(self, key: int) -> Edits:
        """The edits that are active in Explore, if the model of this column is open there."""
        card = self._board.views[key].card
        return self._host.interventions.of(card.digest) if card is not None else ()

    def set_edits(self, key: int, edits: Edits) -> None:
        """What is replaced in a column's model: the edits of Explore as they are now, or none."""
        board = self._board
        self._host.asked_anew()
        view = board.views[key]
        if view.card is not None:
            self._kept[view.card.digest].take(self._host.interventions.frozen())
        board.note(board.doc.change(key, edits=edits))
        view.edits = edits
        self.ask(key)
        board.show()

    # --- what comes ---

    def _came(self, key: int, value: ModelCard | Input | Capture | Thawed) -> None:
        view = self._board.views.get(key)
        if view is None:
            return
        if isinstance(value, Capture):
            self._take(view, value)
            return
        if isinstance(value, Thawed):
            if view.card is not None:
                self._kept[view.card.digest].take(value.frozen)
        elif isinstance(value, ModelCard):
            view.card, view.edits = value, self._board.doc.column(key).edits
            self._tried[key].clear()
            self.hold()
        else:
            view.picture = value
            if view.card is not None and not view.unfit:
                self._last[key][kind_of_input(value)] = value.ref
            elif view.card is not None and self._asked.pop(key, None) == value.ref:
                self._model_for(key, value)
                return
        self.ask(key)
        self._board.show()
        if isinstance(value, ModelCard):
            self.model_opened(value)

    def _take(self, view: ColumnView, capture: Capture) -> None:
        board = self._board
        if view.card is None or (capture.model, capture.edits) != (view.card.digest, digest_of(view.edits)):
            return  # of what was wanted before
        before, of = view.film, view.of
        view.set_capture(capture)
        tap = board.doc.column(view.key).tap
        settled = view.key in self.settled and tap in {tap.name for tap in capture.taps}
        self.settled.discard(view.key)
        if view.film != before or view.of is not of:
            self.films_changed.emit()
        if view.film != before:
            index = view.layers.index(tap)  # of a block it is the last layer in it
            name = view.film[index].name if settled else depth.tap_for(board.doc, board.views, view.key)
            board.settle(board.doc.change(view.key, tap=name))
        board.show()

    def _said(self, key: int, words: str) -> None:
        self._board.views[key].status = words
        self._board.show()

    def _failed(self, key: int, kind: str, failure: Failure) -> None:
        """What was shown stays, and the document says again what that is."""
        board = self._board
        view = board.views[key]
        if kind == MODEL and view.card is not None:
            board.settle(board.doc.change(key, model=view.card.spec, edits=view.edits))
        elif kind == INPUT and view.picture is not None:
            shared = view.picture is self._host.picture
            board.settle(board.doc.change(key, input=None if shared else view.picture.ref))
        self._host.fail(failure)
        self._said(key, "" if view.fits else failure.text)
        if kind == INPUT and view.unfit:
            self.ask(key)  # another one may fit
            board.show()
