"""Which layer and channel the columns of Compare are at, and what links them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from explorer import catalogue
from explorer.core.session import comparison, difference
from explorer.core.session.comparison import Link, SharedScale
from explorer.ui.compare import depth
from explorer.ui.compare.board import Board
from explorer.ui.compare.view import ColumnView


class LayerLinks(QObject):
    """One column is moved, those that are linked to it follow. `path_needed`: the link goes along the CKA path."""

    path_needed = Signal()

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._board = board

    def step(self, steps: int, key: int | None = None) -> None:
        """So many layers on, in one column and what is linked to it."""
        view = self._leader(key)
        if view is not None and view.film:
            self.scrub(view.key, view.panel.strip.current + steps)

    def page(self, direction: int) -> None:
        """To the next or previous stage."""
        view = self._leader(None)
        if view is not None:
            view.panel.strip.page(direction)

    def _leader(self, key: int | None) -> ColumnView | None:
        if key is not None:
            return self._board.views[key]
        column = next((c for c in self._board.doc.columns if c.follows), None) or next(
            iter(self._board.doc.columns), None
        )
        return self._board.views[column.key] if column is not None else None

    def scrub(self, key: int, index: int) -> None:
        """One column goes to a place of its film; those linked to it follow."""
        self._board.change(depth.scrubbed(self._board.doc, self._board.views, key, index))

    def link(self, link: Link) -> None:
        """Another link; the columns follow the first of them."""
        doc, view = depth.relinked(self._board.doc, link), self._leader(None)
        if view is not None and view.film:
            doc = depth.scrubbed(doc, self._board.views, view.key, view.panel.strip.current)
        self._board.change(doc)
        if link is Link.PATH:
            self.path_needed.emit()

    def lock(self, key: int, on: bool) -> None:
        self._board.change(depth.locked(self._board.doc, self._board.views, key, on))

    def select(self, key: int, channel: int) -> None:
        """A channel of a column, and the same one of those of the same architecture."""
        doc, one = self._board.doc.change(key, channel=channel), self._board.views[key].capture
        for column in doc.columns:
            other = self._board.views[column.key].capture
            if one is not None and other is not None and column.follows and difference.same_build(one, other):
                doc = doc.change(column.key, channel=channel)
        self._board.focus = key
        self._board.show_channels(doc)

    def select_alone(self, key: int, channel: int) -> None:
        """A channel of one column, whatever is selected in the others."""
        self._board.show_channels(self._board.doc.change(key, channel=channel))

    def scale(self, scale: SharedScale) -> None:
        """Other limits for the colours."""
        self._board.change(replace(self._board.doc, scale=scale))

    def next_scale(self) -> None:
        every = list(SharedScale)
        self.scale(every[(every.index(self._board.doc.scale) + 1) % len(every)])

    def view_all(self, shows: str) -> None:
        """The same of every column's layer."""
        self._board.change(comparison.viewed(self._board.doc, shows))

    def next_view(self) -> None:
        if self._board.doc.columns:
            every = [view.id for view in catalogue.views_of("compare")]
            shows = self._board.doc.columns[0].shows
            self.view_all(every[((every.index(shows) if shows in every else -1) + 1) % len(every)])
