"""The columns of Compare as such: made, doubled, swapped, taken away, and what is pressed in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication

from explorer.core import compare
from explorer.core.features import Shows
from explorer.core.types import ModelCard, Picture
from explorer.ui.compare.layers import Layers
from explorer.ui.compare.view import ColumnView


class Columns(Layers):
    """The signals carry the number of a column. Two ask for a menu to be filled: that of its models, and that of its inputs;
    `files_dropped` carries the paths of files that were let go over it."""

    model_menu = Signal(int, object)
    input_menu = Signal(int, object)
    files_dropped = Signal(int, list)

    def _make(self, key: int, picture: Picture | None, card: ModelCard | None = None) -> None:
        view = self.views[key] = ColumnView(key)
        view.picture, view.card = picture, card
        self._connect(view, key)

    def _connect(self, view: ColumnView, key: int) -> None:
        panel, places = view.panel, view.panel.features.places
        panel.strip.scrubbed.connect(lambda index: self.scrub(key, index))
        panel.mosaic.scrubbed.connect(partial(self.step, key=key))
        panel.mosaic.selected.connect(lambda channel, _y, _x: self.select(key, channel))
        panel.vector.selected.connect(partial(self.select, key))
        panel.mosaic.hovered.connect(lambda _c, y, x: self.point(view.place_of(y, x)))
        panel.channel.hovered.connect(lambda y, x: self.point(view.place_of(y, x)))
        panel.picture.hovered.connect(partial(self._point_at_picture, view))
        for canvas in (panel.mosaic, panel.channel, panel.picture, places):
            canvas.left.connect(lambda: self.point(None))
        places.hovered.connect(lambda y, x: self.point(self.features.place_of(key, (y, x))))
        places.selected.connect(lambda y, x: self.keep(self.features.place_of(key, (y, x))))
        places.released.connect(lambda: self.keep(None))
        places.scrubbed.connect(partial(self.step, key=key))
        self._connect_attention(view, key)
        panel.viewed.connect(lambda shows: self.change(self.doc.change(key, shows=shows)))
        panel.features.to_first.connect(lambda on: self.change(self.doc.change(key, to_first=on)))
        panel.locked.connect(partial(self.lock, key))
        panel.frozen.connect(partial(self.freeze, key))
        panel.minus.connect(lambda on: self.change(self.doc.change(key, minus=on)))
        panel.swapped.connect(lambda: self.swap(key))
        panel.duplicated.connect(lambda: self.duplicate(key))
        panel.released.connect(lambda: self.keep(None))
        panel.removed.connect(lambda: self.remove(key))
        panel.dropped.connect(partial(self.files_dropped.emit, key))
        for button, wanted in ((panel.model, self.model_menu), (panel.input, self.input_menu)):
            button.menu().aboutToShow.connect(partial(wanted.emit, key, button.menu()))

    def _connect_attention(self, view: ColumnView, key: int) -> None:
        page, picture = view.panel.attention, view.panel.picture
        page.tiles.hovered.connect(lambda _tile, y, x: self.attention.hovered(key, y, x))
        page.tiles.left.connect(lambda: self.point(None))
        page.tiles.selected.connect(partial(self.attention.chosen, key))
        page.tiles.walked.connect(partial(self.attention.walked, key))
        page.tiles.scrubbed.connect(partial(self.step, key=key))
        view.panel.attended.connect(lambda mode: self.change(replace(self.doc, attention=mode)))
        page.blocks.chosen.connect(partial(self.attention.taken, key))
        page.maps.connect(lambda: self.change(self.doc.change(key, shows=Shows.MAPS)))
        picture.selected.connect(partial(self._keep_at_picture, view))

    def duplicate(self, key: int) -> None:
        before, doc = self.doc, compare.duplicated(self.doc, key)
        if doc is not before:
            self.step_made()
            self.doc = doc
            fresh, like = self.doc.columns[before.index(key) + 1], self.views[key]
            self._make(fresh.key, like.picture, like.card)
            self.views[fresh.key].edits = like.edits
            self._arrange()
            self._ask_capture(fresh.key)

    def remove(self, key: int) -> None:
        doc = compare.without(self.doc, key)
        if doc is not self.doc:
            self.step_made()
            self.doc = doc
            self._drop(key)
            self._arrange()

    def _drop(self, key: int) -> None:
        """The column goes, with what was asked for it."""
        self.sources.drop(key)
        view = self.views.pop(key)
        self.controller.desk.hold(self._cards())
        view.stop()
        self.features.drop(key)
        self.attention.drop(key)
        self.workspace.columns.removeWidget(view.panel)
        view.panel.hide()
        view.panel.deleteLater()

    def focus_on(self, at: int) -> None:
        """To the maps of the column at this place, counted from 0."""
        if 0 <= at < len(self.doc.columns):
            panel = self.views[self.doc.columns[at].key].panel
            panel.centre.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_beside(self, steps: int) -> None:
        """To the maps of the column so many places beside the one with the focus."""
        panels = [self.views[column.key].panel for column in self.doc.columns]
        held = QApplication.focusWidget()
        here = next((at for at, panel in enumerate(panels) if held is not None and panel.isAncestorOf(held)), 0)
        self.focus_on(here + steps)

    def swap(self, key: int) -> None:
        self.step_made()
        self.doc = compare.swapped(self.doc, key)
        self._arrange()

    def _arrange(self) -> None:
        """Columns in their order, with letters and what can be done with so many."""
        count = len(self.doc.columns)
        self.workspace.place([self.views[column.key].panel for column in self.doc.columns])
        for column in self.doc.columns:
            panel = self.views[column.key].panel
            panel.copy.setVisible(count < compare.MOST)
            panel.remove.setVisible(count > compare.LEAST)
        self.alike.columns_changed()
        self.show()
