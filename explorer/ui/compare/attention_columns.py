"""Attention in the columns of Compare: each asks for itself, all about the one cursor."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from explorer.core.attention_queries import AttentionMode, tap_of
from explorer.core.interventions import Under
from explorer.core.layer_views import Shows
from explorer.core.session import difference
from explorer.core.session.comparison import Column
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.attention_column import ColumnAttention
from explorer.ui.compare.attention_places import AS_QUERY, Pointing, Share, TokenSide
from explorer.ui.compare.board import Board
from explorer.ui.compare.contents import Contents
from explorer.ui.compare.links import LayerLinks
from explorer.ui.compare.live_columns import LiveColumns
from explorer.ui.jobs.client import JobClient


@dataclass(frozen=True, slots=True)
class Locked:
    """A token that stays looked at: where it stands in which column; `noted` is the place that the document keeps of it, None
    where it has none in the first column. Another place that is kept takes its place."""

    column: int
    place: Share | None
    side: TokenSide
    noted: Share | None


class CompareAttention(QObject):
    """The control says when its document or a capture has changed (`follow`), and when the cursor has moved (`point`). A column
    that shows something else, or nothing because another workspace is in front, asks for nothing."""

    def __init__(
        self, board: Board, contents: Contents, live: LiveColumns, links: LayerLinks, client: JobClient
    ) -> None:
        super().__init__(board)
        self._board, self._contents, self._live, self._links, self._client = board, contents, live, links, client
        self.columns: dict[int, ColumnAttention] = {}
        self._over = AS_QUERY  # the token that is pointed at
        self._locked: Locked | None = None
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
        self._column(column.key).follow(column, self._board.doc.attention, self._pointing(column.key), why, under)

    def point(self) -> None:
        """The cursor, or the place that is kept, is another one."""
        for key, each in self.columns.items():
            each.point(self._pointing(key))

    def _pointing(self, key: int) -> Pointing:
        """The cursor and the place that is kept, in the input of a column, and as what tokens there are looked at."""
        here, locked = self._board.cursor_in(key)[0], self._locked
        if locked is None or locked.noted != self._board.doc.kept:
            return Pointing((here, self._board.kept_in(key)), self._over)
        return Pointing((here, self._board.linked(locked.place, locked.column, key)[0]), self._over, locked.side)

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
            self._note_head(key, column.drawing.head_of(tile))
        place = self._place(key, y, x) if y >= 0 and mode is not AttentionMode.RELEVANCE else None
        if place is not None:
            self._board.keep(place, key)
        self.follow()

    def taken(self, key: int, block: int, head: int) -> None:
        """A head of any block: to the layer of that block."""
        column = self._column(key)
        if column.asking.attending is None:
            return
        self._note_head(key, head)
        tap = tap_of(column.asking.attending.calls[block], column.view.film)
        if tap is not None:
            self._links.scrub(key, column.view.layers.index(tap.name))
        else:
            self.follow()

    def choose_head(self, key: int, head: int | None) -> None:
        """The head between whose tokens the weights are shown, None: the mean."""
        self._note_head(key, head)
        self.follow()

    def _note_head(self, key: int, head: int | None) -> None:
        """The head of a column, and the same one of those that are linked and of the same architecture: elsewhere heads of one
        number have nothing in common."""
        doc, one = self._board.doc.change(key, head=head), self._board.views[key].capture
        for column in doc.columns:
            other = self._board.views[column.key].capture
            if one is not None and other is not None and column.follows and difference.same_build(one, other):
                doc = doc.change(column.key, head=head)
        self._board.note(doc)

    # --- tokens among lines, or in the matrix

    def over_line(self, key: int, of_keys: bool, line: int) -> None:
        """An end of the lines is pointed at."""
        self._point_at(key, *self._column(key).between.tokens.token(of_keys, line))

    def over_row(self, key: int, row: int) -> None:
        """A row of the matrix is pointed at."""
        self.over_line(key, False, row)

    def off_token(self) -> None:
        """No token is pointed at."""
        self._over = AS_QUERY
        self._board.point_away()

    def _point_at(self, key: int, of_keys: bool, number: int) -> None:
        place = self._column(key).place_of_token(of_keys, number)
        prefix, at = (place, None) if isinstance(place, int) else (None, place)
        self._over = TokenSide(of_keys, prefix)
        self._board.point(at, key)

    def lock_line(self, key: int, of_keys: bool, line: int) -> None:
        """An end of the lines is chosen: its weights alone, until it is let go."""
        self._lock(key, *self._column(key).between.tokens.token(of_keys, line))

    def lock_row(self, key: int, row: int) -> None:
        """A row of the matrix is chosen."""
        self.lock_line(key, False, row)

    def _lock(self, key: int, of_keys: bool, number: int) -> None:
        place = self._column(key).place_of_token(of_keys, number)
        prefix, at = (place, None) if isinstance(place, int) else (None, place)
        side, before = TokenSide(of_keys, prefix), self._locked
        if before is not None and (before.column, before.place, before.side) == (key, at, side):
            self.release()
            return
        self._locked = None
        self._board.keep(at, key)
        self._locked = Locked(key, at, side, self._board.doc.kept)
        self.point()

    def release(self) -> None:
        """No token is locked any more, and no place is kept."""
        self._locked = None
        self._board.release()

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
