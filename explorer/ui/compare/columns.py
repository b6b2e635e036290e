"""The columns of Compare as such: made, doubled, swapped, taken away, and what is pressed in them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from explorer.core.any_input import Input
from explorer.core.attention_queries import AttentionMode
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.models import ModelCard
from explorer.core.session import comparison
from explorer.ui.compare.attention_columns import CompareAttention
from explorer.ui.compare.board import Board
from explorer.ui.compare.column_features import CompareFeatures
from explorer.ui.compare.contents import Contents
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.live_columns import LiveColumns
from explorer.ui.compare.view import ColumnView


class Columns(QObject):
    """The signals carry the number of a column. Two ask for a menu to be filled: that of its models, and that of its inputs;
    `files_dropped` carries the paths of files that were let go over it. `arranged`: there are other columns, or in another order."""

    model_menu = Signal(int, object)
    input_menu = Signal(int, object)
    files_dropped = Signal(int, list)
    arranged = Signal()

    def __init__(
        self,
        board: Board,
        contents: Contents,
        links: LayerLinks,
        live: LiveColumns,
        features: CompareFeatures,
        attention: CompareAttention,
    ) -> None:
        super().__init__(board)
        self._board, self._contents, self._links, self._live = board, contents, links, live
        self._features, self._attention = features, attention

    def make(self, key: int, picture: Input | None, card: ModelCard | None = None) -> None:
        """One more column, which stands nowhere yet."""
        view = self._board.views[key] = ColumnView(key)
        view.picture, view.card = picture, card
        self._connect(view, key)

    def _connect(self, view: ColumnView, key: int) -> None:
        panel, places, board, step = view.panel, view.panel.features.places, self._board, self._links.step
        panel.strip.scrubbed.connect(partial(self._links.scrub, key))
        panel.mosaic.scrubbed.connect(partial(step, key=key))
        panel.mosaic.selected.connect(partial(self._select_map, key))
        panel.vector.selected.connect(partial(self._links.select, key))
        panel.mosaic.hovered.connect(partial(board.point_at_map, view))
        panel.channel.hovered.connect(partial(board.point_at_cell, view))
        panel.picture.hovered.connect(partial(board.point_at_picture, view))
        panel.picture.selected.connect(partial(board.keep_at_picture, view))
        panel.sequence.hovered.connect(partial(board.point_at_step, view))
        panel.sequence.selected.connect(partial(self._select_step, key))
        panel.sequence.scrubbed.connect(partial(step, key=key))
        panel.text.hovered.connect(partial(board.point_at_token, view))
        panel.text.edited.connect(partial(self._write, key))
        for canvas in (panel.mosaic, panel.channel, panel.picture, panel.sequence, panel.text, places):
            canvas.left.connect(board.point_away)
        places.hovered.connect(partial(self._point_at_place, key))
        places.selected.connect(partial(self._keep_place, key))
        places.released.connect(board.release)
        places.scrubbed.connect(partial(step, key=key))
        self._connect_attention(view, key)
        panel.viewed.connect(partial(self._show_view, key))
        panel.features.to_first.connect(partial(self._compare_to_first, key))
        panel.locked.connect(partial(self._links.lock, key))
        panel.frozen.connect(partial(self.freeze, key))
        panel.minus.connect(partial(self._take_first_away, key))
        panel.swapped.connect(partial(self.swap, key))
        panel.duplicated.connect(partial(self.duplicate, key))
        panel.released.connect(self._attention.release)
        panel.removed.connect(partial(self.remove, key))
        panel.dropped.connect(partial(self.files_dropped.emit, key))
        for button, wanted in ((panel.model, self.model_menu), (panel.input, self.input_menu)):
            button.menu().aboutToShow.connect(partial(wanted.emit, key, button.menu()))

    def _connect_attention(self, view: ColumnView, key: int) -> None:
        page = view.panel.attention
        page.tiles.hovered.connect(partial(self._attention.hovered, key))
        page.tiles.left.connect(self._board.point_away)
        page.tiles.selected.connect(partial(self._attention.chosen, key))
        page.tiles.walked.connect(partial(self._attention.walked, key))
        page.tiles.scrubbed.connect(partial(self._links.step, key=key))
        view.panel.attended.connect(self._show_attention)
        page.blocks.chosen.connect(partial(self._attention.taken, key))
        between, lines, matrix = page.between, page.between.lines, page.between.matrix
        between.head_chosen.connect(partial(self._attention.choose_head, key))
        lines.hovered.connect(partial(self._attention.over_line, key))
        lines.chosen.connect(partial(self._attention.lock_line, key))
        matrix.hovered.connect(partial(self._attention.over_row, key))
        matrix.chosen.connect(partial(self._attention.lock_row, key))
        for part in (lines, matrix):
            part.left.connect(self._attention.off_token)
            part.released.connect(self._attention.release)
        page.maps.connect(partial(self._show_view, key, Shows.MAPS))

    # --- what is pressed ---

    def _select_map(self, key: int, channel: int, _y: int, _x: int) -> None:
        self._links.select(key, channel)

    def _select_step(self, key: int, channel: int, _step: int) -> None:
        self._links.select(key, channel)

    def _write(self, key: int, written: str) -> None:
        """A text of this column alone, while it is written."""
        if written.strip():
            self._contents.set_input(key, InputRef("text", written))

    def _point_at_place(self, key: int, y: int, x: int) -> None:
        self._board.point(self._features.place_of(key, (y, x)), key)

    def _keep_place(self, key: int, y: int, x: int) -> None:
        self._board.keep(self._features.place_of(key, (y, x)), key)

    def _show_view(self, key: int, shows: str) -> None:
        self._board.change_column(key, shows=shows)

    def _compare_to_first(self, key: int, on: bool) -> None:
        self._board.change_column(key, to_first=on)

    def _take_first_away(self, key: int, on: bool) -> None:
        self._board.change_column(key, minus=on)

    def _show_attention(self, mode: AttentionMode) -> None:
        self._board.change_all(attention=mode)

    def freeze(self, key: int, on: bool) -> None:
        """Keeps a column as it is; thawed, it takes the shared input again."""
        self._board.change_column(key, frozen=on)
        if on:
            self._contents.ask(key)  # of a live frame only the layer on the screen is there
        else:
            self._live.picture_changed()

    # --- which columns there are ---

    def duplicate(self, key: int) -> None:
        """Duplicate this column to the right."""
        board = self._board
        before, doc = board.doc, comparison.duplicated(board.doc, key)
        if doc is not before:
            board.note(doc)
            fresh, like = doc.columns[before.index(key) + 1], board.views[key]
            self.make(fresh.key, like.picture, like.card)
            board.views[fresh.key].edits = like.edits
            self.arrange()
            self._contents.ask(fresh.key)

    def duplicate_last(self) -> None:
        """One more column at the right."""
        self.duplicate(self._board.doc.columns[-1].key)

    def remove(self, key: int) -> None:
        """Takes a column away; two stay."""
        doc = comparison.without(self._board.doc, key)
        if doc is not self._board.doc:
            self._board.note(doc)
            self.drop(key)
            self.arrange()

    def drop(self, key: int) -> None:
        """The column goes, with what was asked for it."""
        self._contents.sources.drop(key)
        view = self._board.views.pop(key)
        self._contents.hold()
        view.layers.stop()
        self._features.drop(key)
        self._attention.drop(key)
        self._board.workspace.columns.removeWidget(view.panel)
        view.panel.hide()
        view.panel.deleteLater()

    def swap(self, key: int) -> None:
        """A column in the place of its neighbour."""
        self._board.note(comparison.swapped(self._board.doc, key))
        self.arrange()

    def arrange(self) -> None:
        """Columns in their order, with letters and what can be done with so many."""
        board = self._board
        count = len(board.doc.columns)
        board.workspace.place([board.views[column.key].panel for column in board.doc.columns])
        for column in board.doc.columns:
            panel = board.views[column.key].panel
            panel.copy.setVisible(count < comparison.MOST)
            panel.remove.setVisible(count > comparison.LEAST)
        self.arranged.emit()
        board.show()

    # --- the keyboard ---

    def focus_on(self, at: int) -> None:
        """To the maps of the column at this place, counted from 0."""
        columns = self._board.doc.columns
        if 0 <= at < len(columns):
            panel = self._board.views[columns[at].key].panel
            panel.centre.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_beside(self, steps: int) -> None:
        """To the maps of the column so many places beside the one with the focus."""
        panels = [self._board.views[column.key].panel for column in self._board.doc.columns]
        held = QApplication.focusWidget()
        here = next((at for at, panel in enumerate(panels) if held is not None and panel.isAncestorOf(held)), 0)
        self.focus_on(here + steps)
