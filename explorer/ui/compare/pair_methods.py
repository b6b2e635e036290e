"""The methods over two models of the catalogue, each between the columns: what they are about, and what their results lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from explorer import catalogue
from explorer.core.dataset import Over
from explorer.core.guides.result_values import LastValues, flattened
from explorer.core.kind_words import several
from explorer.core.method import Measured, MethodSpec
from explorer.core.models import kind_of
from explorer.core.pairs import LayerRoute, PairParams, ShownPair, ShownSide
from explorer.core.registry import Problem, load
from explorer.core.render import best_columns
from explorer.core.session.comparison import Comparison, Link
from explorer.core.session.session import Order, Session
from explorer.core.translation import tr
from explorer.ui.compare import depth, figures_words, routes
from explorer.ui.compare.board import Board
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.view import ColumnView
from explorer.ui.method_page.opened import tried
from explorer.ui.method_page.pair_page import PairPage
from explorer.ui.method_page.pair_presenter import PairPresenter
from explorer.ui.method_page.pair_results import KeptPair
from explorer.ui.method_page.pair_view import PairView
from explorer.ui.method_page.remembered import from_text, noted, remembered

NEEDED = tr("The link by CKA path needs this matrix: press Start.")


class PairMethods(QObject):
    """The first column and one of the others, over the pictures `inputs`. `broken`: methods whose page cannot be made."""

    def __init__(self, board: Board, links: LayerLinks, host: CompareHost) -> None:
        super().__init__(board)
        self._board, self._links, self._host = board, links, host
        self.settings, self.panel = host.settings, board.workspace.pairs
        self.parts: dict[str, PairPresenter] = {}
        self._values: dict[str, LastValues] = {}
        self.broken: list[Problem] = []
        self._other = -1  # key of the column that the first is compared with
        self._due: set[str] = set()  # methods that a file says had a result, which is computed again
        self._measured: tuple[object, ...] = ()  # what the figures beneath are about
        for spec in catalogue.methods:
            if spec.pair is not None:
                self._add(spec)
        kept = [remembered(host.settings, part.spec) for part in self.parts.values()]
        self.inputs: Over = next((params.inputs for params in kept), PairParams().inputs)
        self.panel.inputs.set_values(PairParams(self.inputs))
        host.state.put(methods=self._params())
        self.panel.inputs.changed.connect(self._chosen)
        self.panel.inputs.folder_asked.connect(self._ask_folder)
        self.panel.against.connect(self.set_other)

    def _add(self, spec: MethodSpec[Any, Any]) -> None:
        page = tried(spec, partial(_page, spec), self.broken)
        if page is None:
            return
        view = PairView(spec, page)
        part = self.parts[spec.id] = PairPresenter(spec, view, self._host.client, self)
        self._values[spec.id] = LastValues()
        self.panel.add_part(view)
        page.layers_chosen.connect(partial(self.go, part))
        page.channel_chosen.connect(self._select)
        page.ordered.connect(partial(self.set_ordered, part))

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(part.waiting for part in self.parts.values())

    def known(self) -> Mapping[str, Measured]:
        """Of each method that has a whole result for the two columns, what guides and lessons can ask of it."""
        found: dict[str, Measured] = {}
        for name, part in self.parts.items():
            kept = self.kept(name)
            if kept is not None and not part.waiting:
                found[name] = self._values[name].of(kept.result, partial(_values, part.spec, kept.result))
        return found

    @property
    def _routed(self) -> PairPresenter | None:
        """The method that says which layers go together."""
        return next((part for part in self.parts.values() if part.spec.pair and part.spec.pair.route), None)

    # --- what is shown ---

    @property
    def columns(self) -> tuple[ColumnView, ColumnView] | None:
        """The columns that are compared; None while there are none."""
        doc, views = self._board.doc, self._board.views
        if not doc.columns:
            return None
        keys = [column.key for column in doc.columns[1:]]
        key = self._other if self._other in keys else keys[0]
        return views[doc.columns[0].key], views[key]

    def columns_changed(self) -> None:
        """Columns, their models or their layer strips are others: the ways between them are laid anew."""
        doc, views, card = self._board.doc, self._board.views, self._host.card
        every = [views[column.key] for column in doc.columns]
        cards = [card, *(view.of for view in every), *(view.card for view in every)]
        digests = {card.digest for card in cards if card is not None}
        for part in self.parts.values():
            part.results.forget(digests)
        routes.lay(every, self._route_of)

    def _route_of(self, one: ColumnView, other: ColumnView) -> LayerRoute | None:
        part = self._routed
        kept = _known(part, one, other) if part is not None else None
        return kept.route if kept is not None else None

    def kept(self, name: str) -> KeptPair[Any] | None:
        """What a method knows of the two columns."""
        return _known(self.parts[name], *self.columns) if self.columns is not None else None

    def follow(self) -> None:
        """The layers or channels of the columns may be others."""
        columns = self.columns
        if columns is None or not self.panel.isVisible():
            return
        one, other = columns
        others = [(c.key, _name_of(self._board.views[c.key])) for c in self._board.doc.columns[1:]]
        self.panel.set_others(others, other.key)
        pair = ShownPair((self._side(one), self._side(other)), int(self._board.focus == other.key))
        needing = self._routed if self._board.doc.link is Link.PATH else None
        for part in self.parts.values():
            part.needed = NEEDED if part is needing else ""
            part.follow(pair)
        self._compute_due()
        self._follow_figures()

    def _compute_due(self) -> None:
        """What a file says was there, once both columns have their models and layers."""
        for name in sorted(self._due):
            part = self.parts[name]
            if part.sides is not None and not self._host.state.on_its_way:
                self._due.discard(name)
                if not part.waiting and part.results.of(part.sides) is None:
                    part.toggle()

    def _side(self, view: ColumnView) -> ShownSide:
        column, capture = self._board.doc.column(view.key), view.capture
        count = len(view.shown.plain) if view.shown is not None else 1
        return ShownSide(
            view.letter,
            view.of,
            view.layers.index,
            view.layers.index(column.tap),
            view.shown.tap.name if view.shown is not None else "",
            min(column.channel, max(count - 1, 0)),
            bool(view.of_edits),
            capture.repeat if capture is not None else None,
        )

    def _follow_figures(self) -> None:
        """The figures of all columns, not only of the two that are compared."""
        views = [self._board.views[column.key] for column in self._board.doc.columns]
        about = tuple((view.letter, view.of, view.of_edits) for view in views)
        if about != self._measured:
            self._measured = about
            self.panel.figures.set_figures([view.letter for view in views], *figures_words.rows_of(views))

    def taken(self, part: PairPresenter, final: bool) -> None:
        """A method has another result of the columns, also a partial one."""
        self.columns_changed()
        if final and part is self._routed and self._board.doc.link is Link.PATH:
            self._links.step(0)
        if final and part.ordered:
            self._board.show()
        self.follow()

    # --- what results lead to ---

    def go(self, part: PairPresenter, row: str, column: str) -> None:
        """Both columns to these layers."""
        columns, doc = self.columns, self._board.doc
        if columns is None:
            return
        one, other = columns
        there = one.layers.index(row), other.layers.index(column)
        self._board.change(depth.jumped(doc, self._board.views, one.key, there[0], other.key, there[1]))
        frozen = [view.letter for view in columns if doc.column(view.key).frozen]
        self.follow()
        if frozen:
            part.view.set_status(tr("{list} is frozen and keeps its layer.", list=tr(" and ").join(frozen)))

    def _select(self, side: int, channel: int) -> None:
        """A channel of one of the two columns, whatever is selected in the other."""
        if self.columns is not None:
            self._links.select_alone(self.columns[side].key, channel)

    def set_ordered(self, part: PairPresenter, on: bool) -> None:
        """The maps of both columns so that channels which go together stand at the same place, or by number."""
        part.ordered = on
        self._board.show()

    def arrange(self) -> None:
        """Puts the orders into the columns, before they are drawn."""
        for view in self._board.views.values():
            view.order, view.across = None, 0
        part = next((part for part in self.parts.values() if part.ordered), None)
        columns, pair = self.columns, part.spec.pair if part is not None else None
        if columns is None or part is None or pair is None or pair.orders is None:
            return
        taps = [view.tap(self._board.doc.column(view.key)) for view in columns]
        names = [tap.name if tap is not None else "" for tap in taps]
        sides = part.sides_of([(_layer(view)[0], name) for view, name in zip(columns, names, strict=True)])
        kept = part.results.of(sides)
        if kept is None:
            return
        orders = pair.orders(kept.result)
        across = _across(columns, max(map(len, orders)))
        for view, name, order in zip(columns, names, orders, strict=True):
            view.order, view.across = Order(name, part.spec.id, order), across

    # --- what is asked of them ---

    def set_other(self, key: int) -> None:
        """Another column is compared with the first."""
        self._other = key
        self.follow()

    def need(self) -> None:
        """The link goes along the path: without a result this says what is missing, and offers to compute it."""
        part, columns = self._routed, self.columns
        if part is not None and columns is not None and self._route_of(*columns) is None:
            self._board.workspace.set_pairs(True)
            self.follow()
            part.view.offer()

    def _chosen(self) -> None:
        self.choose(self.panel.inputs.values.inputs)

    def choose(self, inputs: Over) -> None:
        """Other pictures for all methods."""
        self.inputs = inputs
        self.panel.inputs.set_values(PairParams(inputs))
        for part in self.parts.values():
            part.inputs_chosen()

    def _ask_folder(self, _name: str) -> None:
        first, window, old = self._board.doc.columns[0], self.panel.window(), self.settings.text("compare_folder")
        card = self._board.views[first.key].card
        kind = kind_of(card.preprocess) if card is not None else "picture"
        if kind == "text":
            title, lines = tr("A file with a text on each line, 32 or more"), tr("Lines of text (*.txt)")
            path, _ = QFileDialog.getOpenFileName(window, title, old, lines)
        else:
            path = QFileDialog.getExistingDirectory(
                window, tr("A folder of {kinds}, 32 or more", kinds=several(kind)), old
            )
        if path:
            self.settings.put("compare_folder", path)
            self.choose(Over("folder", path))

    # --- the session ---

    def _params(self) -> tuple[tuple[str, str], ...]:
        """Of the session, with those of every method."""
        specs = (part.spec for part in self.parts.values())
        return noted(self.settings, specs, self._host.state.session.methods)

    def note_params(self) -> None:
        """The parameters of a method have been changed by hand."""
        self._host.state.note(methods=self._params())

    def reopen(self, session: Session, compute: bool) -> None:
        """The compared column and the order of the maps as a file says; with `compute` also the results."""
        self._due = {*session.results} & self.parts.keys() if compute else set()
        self._other = session.comparison.against
        for name, part in self.parts.items():
            part.ordered = name == session.comparison.ordered
            part.view.set_ordered(part.ordered)

    def as_file(self) -> tuple[str, ...]:
        """`Session.results` of the two columns."""
        return tuple(name for name, part in self.parts.items() if name in self._due or part.results.of(part.sides))

    def noted_in(self, doc: Comparison) -> Comparison:
        """The document with the compared column and the order of the maps."""
        ordered = next((name for name, part in self.parts.items() if part.ordered), "")
        against = self._other if any(column.key == self._other for column in doc.columns) else -1
        return replace(doc, against=against, ordered=ordered)

    def restore(self) -> None:
        """The parameters that the session says; what is not known is passed over."""
        now = dict(self._params())
        for name, text in self._host.state.session.methods:
            if name in self.parts and text != now[name]:
                params = from_text(self.parts[name].spec, text)
                self.choose(params.inputs)
                self.parts[name].set_params(params)
        self._host.state.put(methods=self._params())


def _values(spec: MethodSpec[Any, Any], result: Any) -> Measured:
    return {**flattened(spec.to_json(result)), **spec.facts(result)}


def _page(spec: MethodSpec[Any, Any]) -> PairPage[Any]:
    page: PairPage[Any] = load(f"{spec.package}.page:ResultPage")()
    return page


def _known(part: PairPresenter, *columns: ColumnView) -> KeptPair[Any] | None:
    return part.results.of(part.sides_of([_layer(view) for view in columns]))


def _layer(view: ColumnView) -> tuple[str, str]:
    """The model whose values a column shows, and their layer; "" where there is none yet."""
    return view.of.digest if view.of is not None else "", view.shown.tap.name if view.shown is not None else ""


def _name_of(view: ColumnView) -> str:
    """The letter of a column and its model."""
    return f"{view.letter}  {(view.card.name if view.card is not None else tr('no model yet'))}"


def _across(columns: tuple[ColumnView, ColumnView], count: int) -> int:
    """How many maps stand in a row of either column, so that the same place means the same."""
    mosaics = [view.panel.mosaic for view in columns]
    height, width = (min(getattr(m, side)() for m in mosaics) for side in ("height", "width"))
    return best_columns(count, 1, 1, height, width)
