"""Attention in the columns of Compare: each asks for itself, all about the one cursor."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.core.attention_queries import AttentionMode, tap_of
from explorer.core.interventions import Under
from explorer.core.layer_views import Shows
from explorer.core.session.comparison import Column
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.attention_column import ColumnAttention
from explorer.ui.compare.attention_places import Places, Share
from explorer.ui.compare.board import Board
from explorer.ui.compare.contents import Contents
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.live_columns import LiveColumns
from explorer.ui.jobs.client import JobClient


class CompareAttention(QObject):
    """The control says when its document or a capture has changed (`follow`), and when the cursor has moved (`point`). A column
    that shows something else, or nothing because another workspace is in front, asks for nothing."""

    def __init__(
        self, board: Board, contents: Contents, live: LiveColumns, links: LayerLinks, client: JobClient
    ) -> None:
        super().__init__(board)
        self._board, self._contents, self._live, self._links, self._client = board, contents, live, links, client
        self.columns: dict[int, ColumnAttention] = {}
        board.workspace.came.connect(self.follow)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(each.busy for each in self.columns.values())

    def drop(self, key: int) -> None:
        """A column goes."""
        if key in self.columns:
            self.columns.pop(key).close()

    def follow(self) -> None:
        """The document, a capture or an answer has changed."""
        seen = self._board.workspace.isVisible()
        for column in self._board.doc.columns:
            if column.shows is Shows.ATTENTION and seen:
                self._follow(column)
            elif column.key in self.columns:
                self.columns[column.key].leave()

    def _follow(self, column: Column) -> None:
        view = self._board.views[column.key]
        moves = self._live.playing and view.takes_frames(column)
        frozen = self._contents.frozen_of(view.of) if view.of is not None and view.of_edits else {}
        under, why = Under(view.of_edits, frozen), words.LIVE if moves else ""
        self._column(column.key).follow(column, self._board.doc.attention, self._places_of(column.key), why, under)

    def point(self) -> None:
        """The cursor, or the place that is kept, is another one."""
        for key, each in self.columns.items():
            each.point(self._places_of(key))

    def _places_of(self, key: int) -> Places:
        """The cursor and the place that is kept, in the input of a column."""
        return self._board.cursor_in(key)[0], self._board.kept_in(key)

    def _column(self, key: int) -> ColumnAttention:
        if key not in self.columns:
            self.columns[key] = ColumnAttention(self._board.views[key], self._client, self.follow)
        return self.columns[key]

    # --- hands ---

    def hovered(self, key: int, y: int, x: int) -> None:
        """A cell of a column's tiles is pointed at."""
        self._board.point(self._place(key, y, x), key)

    def chosen(self, key: int, tile: int, y: int, x: int) -> None:
        """A head with a click on its tile, and the place that was clicked; by keys the head alone. Of lengths the block, of
        what goes through all blocks the place."""
        column, mode = self._column(key), self._board.doc.attention
        if mode is AttentionMode.NORMS:
            self._go(column, tile)
            return
        if mode is AttentionMode.HEADS:
            self._board.note(self._board.doc.change(key, head=column.drawing.head_of(tile)))
        place = self._place(key, y, x) if y >= 0 and mode is not AttentionMode.RELEVANCE else None
        if place is not None:
            self._board.keep(place, key)
        self.follow()

    def taken(self, key: int, block: int, head: int) -> None:
        """A head of any block: to the layer of that block."""
        column = self._column(key)
        if column.asking.attending is None:
            return
        self._board.note(self._board.doc.change(key, head=head))
        tap = tap_of(column.asking.attending.calls[block], column.view.film)
        if tap is not None:
            self._links.scrub(key, column.view.layers.index(tap.name))
        else:
            self.follow()

    def _go(self, column: ColumnAttention, tile: int) -> None:
        """To the layer whose lengths a tile shows."""
        view, taps = column.view, column.through.taps
        if tile < len(taps) and view.layers.holds(taps[tile]):
            self._links.scrub(view.key, view.layers.index(taps[tile]))

    def walked(self, key: int, down: int, right: int) -> None:
        """The place that is kept goes on by cells of a column, from the one that asks now."""
        column = self._column(key)
        if column.asks is None:
            return
        (rows, columns), query = column.asks
        y, x = query if isinstance(query, tuple) else (rows // 2 - down, columns // 2 - right)
        self._board.keep(column.place_of((min(max(y + down, 0), rows - 1), min(max(x + right, 0), columns - 1))), key)

    def _place(self, key: int, y: int, x: int) -> Share | None:
        column = self._column(key)
        return column.place_of(column.panel.tiles.grid_cell(y, x)) if column.panel.tiles.names else None
