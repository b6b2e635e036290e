"""The Compare workspace, composed: a board of columns, what stands in them, what links them, what is computed of them.

What goes for one column never disturbs what Explore asks for.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from explorer import catalogue
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.ui.compare.attention_columns import CompareAttention
from explorer.ui.compare.board import Board
from explorer.ui.compare.column_features import CompareFeatures
from explorer.ui.compare.columns import Columns
from explorer.ui.compare.compare_host import CompareHost
from explorer.ui.compare.contents import Contents
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.live_columns import LiveColumns
from explorer.ui.compare.pair_methods import PairMethods
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace


class CompareControl(QObject):
    """Makes the columns when the workspace is opened first. Their document is part of the session, in the store."""

    def __init__(self, host: CompareHost, workspace: CompareWorkspace) -> None:
        super().__init__(workspace)
        self._host, self.workspace = host, workspace
        board = self.board = Board(workspace, host.state)
        contents = self.contents = Contents(board, host)
        self.links = LayerLinks(board)
        self.live = LiveColumns(board, contents, host)
        self.features = CompareFeatures(board, host.store, host.desk, host.live)
        self.attention = CompareAttention(board, contents, self.live, self.links, host.client)
        self.pairs = PairMethods(board, self.links, host)
        self.columns = Columns(board, contents, self.links, self.live, self.features, self.attention)
        self._connect()
        # what others ask for
        self.change, self.show, self.point, self.keep = board.change, board.show, board.point, board.keep
        self.scrub, self.step, self.page, self.link = (
            self.links.scrub,
            self.links.step,
            self.links.page,
            self.links.link,
        )
        self.select, self.lock, self.scale = self.links.select, self.links.lock, self.links.scale
        self.next_scale, self.next_view, self.view_all = (
            self.links.next_scale,
            self.links.next_view,
            self.links.view_all,
        )
        self.set_model, self.set_input, self.set_edits = contents.set_model, contents.set_input, contents.set_edits
        self.set_preprocess, self.own_preprocess = contents.set_preprocess, contents.own_preprocess
        self.edits_in_explore, self.model_opened = contents.edits_in_explore, contents.model_opened
        self.duplicate, self.remove, self.swap = self.columns.duplicate, self.columns.remove, self.columns.swap
        self.freeze, self.focus_on, self.focus_beside = (
            self.columns.freeze,
            self.columns.focus_on,
            self.columns.focus_beside,
        )
        self.model_menu, self.input_menu = self.columns.model_menu, self.columns.input_menu
        self.files_dropped, self.restyle = self.columns.files_dropped, board.restyle
        self.live_changed, self.picture_changed = self.live.changed, self.live.picture_changed
        self.show_frame = self.live.show_frame

    def _connect(self) -> None:
        board, workspace, links = self.board, self.workspace, self.links
        board.arranging.connect(self.pairs.arrange)
        for part in (self.features, self.attention):
            board.drawn.connect(part.follow)
            board.pointed.connect(part.point)
        board.followed.connect(self.pairs.follow)
        board.selected.connect(self.pairs.follow)
        self.contents.films_changed.connect(self.pairs.columns_changed)
        self.columns.arranged.connect(self.pairs.columns_changed)
        links.path_needed.connect(self.pairs.need)
        workspace.linked.connect(links.link)
        workspace.scaled.connect(links.scale)
        workspace.viewed.connect(links.view_all)
        workspace.shared.connect(self._share)
        workspace.fore.connect(self._show_foreground)
        workspace.unfolded.connect(self.pairs.follow)
        workspace.added.connect(self.columns.duplicate_last)

    def _share(self, on: bool) -> None:
        self.board.change_all(share=on)
        self.board.details()

    def _show_foreground(self, on: bool) -> None:
        self.board.change_all(foreground=on)

    @property
    def doc(self) -> Comparison:
        """What the columns show."""
        return self.board.doc

    @property
    def views(self) -> dict[int, ColumnView]:
        """What is there for each column, by its key."""
        return self.board.views

    @property
    def busy(self) -> bool:
        """Whether answers, numbers or pictures are still to follow."""
        waiting = self.contents.sources.waiting or self.pairs.waiting or self.board.busy
        return waiting or self.features.busy or self.attention.busy

    @property
    def playing(self) -> bool:
        """Whether a live input runs through the columns."""
        return self.live.playing

    # --- how it begins ---

    def start(self, specs: tuple[ModelSpec, ...] = ()) -> None:
        """The first time: what the session says, else what is open in Explore, and beside it its untrained twin or itself; or the
        models named."""
        if self.views:
            return
        said = self._host.session.comparison
        if said.columns:
            self._adopt(said)
        elif self._host.card is not None:
            self._begin(specs, self._host.card.spec)

    def _begin(self, specs: tuple[ModelSpec, ...], first: ModelSpec) -> None:
        session = self._host.session
        specs = specs or (first, twin_of(first))
        columns = tuple(Column(key, spec, None, session.tap, session.channel) for key, spec in enumerate(specs))
        doc = Comparison(columns)
        self.board.settle(doc)
        self._adopt(doc, settled=False)

    def first_capture(self) -> None:
        """The workspace was opened before there was a model."""
        if self.workspace.isVisible():
            self.start()

    # --- the document as a whole ---

    def follow(self) -> None:
        """The session has another document: a step, or a file. Columns are not made for a workspace that has not been opened."""
        if self.views:
            self._adopt(self.doc)

    def _adopt(self, doc: Comparison, settled: bool = True) -> None:
        """Makes the columns what a document says; what is there already stays. `settled`: also the layers are as it says, not
        as the link would have them."""
        first = not self.views
        for key in self.views.keys() - {column.key for column in doc.columns}:
            self.columns.drop(key)
        for column in doc.columns:
            if column.key not in self.views:
                self.columns.make(column.key, None)
        self.contents.settled = {column.key for column in doc.columns if settled}
        self.columns.arrange()
        for column in doc.columns:
            self._bring(column)
        if first:
            self.board.first.panel.mosaic.setFocus()  # arrows and letters work from the first moment

    def _bring(self, column: Column) -> None:
        """Model, edits and input of a column as the document says; what was asked for it before is not wanted any more."""
        view, sources = self.views[column.key], self.contents.sources
        sources.drop(column.key)
        if column.input is None and (not column.frozen or view.picture is None):
            view.picture = self._host.picture
        if column.input is not None and (view.picture is None or view.picture.ref != column.input):
            sources.input(column.key, column.input)
        if column.model is not None and (view.card is None or view.card.spec != column.model):
            self.contents.open(column.key, column.model)
        else:
            view.edits = column.edits
            self.contents.ask(column.key)
            self.board.show()

    def saved(self) -> Comparison:
        """The document for a session file; a frozen column keeps its picture there too, where it can be opened again."""
        doc = self.pairs.noted_in(self._host.session.comparison)
        return replace(doc, columns=tuple(self._as_file(column) for column in doc.columns))

    def _as_file(self, column: Column) -> Column:
        picture = self.views[column.key].picture if column.key in self.views else None
        if not column.frozen or column.input is not None or picture is None or picture is self._host.picture:
            return column
        return replace(column, input=picture.ref) if catalogue.lasts(picture.ref.kind) else column

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        self.board.close()
        self.features.close()


def twin_of(spec: ModelSpec) -> ModelSpec:
    """A demo model's untrained twin where there is one, else the same model."""
    from explorer.engine.models import catalogue

    name = f"{spec.id}-untrained"
    return ModelSpec(name) if any(entry.id == name and entry.ready for entry in catalogue()) else spec
