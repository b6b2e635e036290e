"""Which layer and channel the columns of Compare are at, and what links them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core import compare, difference
from explorer.core.compare import Comparison, Link, Shared
from explorer.core.features import Shows
from explorer.ui.compare import depth
from explorer.ui.compare.live import Live
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace

if TYPE_CHECKING:
    from explorer.ui.controller import Controller


class Layers(Live):
    """One column is moved, those that are linked to it follow."""

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller, workspace)
        self.focus = -1  # key of the column in which a channel was chosen last

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
            return self.views[key]
        column = next((c for c in self.doc.columns if c.follows), None) or next(iter(self.doc.columns), None)
        return self.views[column.key] if column is not None else None

    def scrub(self, key: int, index: int) -> None:
        """One column goes to a place of its film; those linked to it follow."""
        self.change(depth.scrubbed(self.doc, self.views, key, index))

    def link(self, link: Link) -> None:
        """Another link; the columns follow the first of them."""
        if link is not self.doc.link:
            self.step_made()
        self.doc = depth.relinked(self.doc, link)
        self.step(0)
        if link is Link.PATH:
            self.alike.need()

    def lock(self, key: int, on: bool) -> None:
        self.change(depth.locked(self.doc, self.views, key, on))

    def freeze(self, key: int, on: bool) -> None:
        """Keeps a column as it is; thawed, it takes the shared input again."""
        self.change(self.doc.change(key, frozen=on))
        if on:
            self._ask_capture(key)  # of a live frame only the layer on the screen is there
        else:
            self.picture_changed()

    def select(self, key: int, channel: int) -> None:
        """A channel of a column, and the same one of those of the same architecture."""
        doc, one = self.doc.change(key, channel=channel), self.views[key].capture
        for column in doc.columns:
            other = self.views[column.key].capture
            if one is not None and other is not None and column.follows and difference.same_build(one, other):
                doc = doc.change(column.key, channel=channel)
        self.focus = key
        self._show_channels(doc)

    def select_alone(self, key: int, channel: int) -> None:
        """A channel of one column, whatever is selected in the others."""
        self._show_channels(self.doc.change(key, channel=channel))

    def _show_channels(self, doc: Comparison) -> None:
        self.doc = doc
        for column in doc.columns:
            self.views[column.key].show_channel(column)
        self.show_shares()
        self.alike.follow()

    def scale(self, scale: Shared) -> None:
        """Other limits for the colours."""
        self.change(replace(self.doc, scale=scale))

    def next_scale(self) -> None:
        every = list(Shared)
        self.scale(every[(every.index(self.doc.scale) + 1) % len(every)])

    def view_all(self, shows: Shows) -> None:
        """The same of every column's layer."""
        self.change(compare.viewed(self.doc, shows))

    def next_view(self) -> None:
        if self.doc.columns:
            every = list(Shows)
            self.view_all(every[(every.index(self.doc.columns[0].shows) + 1) % len(every)])
