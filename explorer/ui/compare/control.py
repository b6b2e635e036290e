"""The Compare workspace: its document <-> its columns. What goes for one column never disturbs what Explore asks for.

In parts, each adding to the one before: `showing.py`, `given.py`, `layers.py`, and here the columns as such.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from explorer.core import compare
from explorer.core.compare import Column, Comparison
from explorer.core.types import ModelCard, ModelSpec, Picture
from explorer.ui.compare.layers import Layers
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace

if TYPE_CHECKING:
    from explorer.ui.controller import Controller


class CompareControl(Layers):
    """Makes the columns when the workspace is opened first. The signals ask for a menu to be filled: that of a column's models,
    and that of its inputs."""

    model_menu = Signal(int, object)
    input_menu = Signal(int, object)

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller, workspace)
        workspace.linked.connect(self.link)
        workspace.scaled.connect(self.scale)
        workspace.viewed.connect(self.view_all)
        controller.captured.connect(self._first_capture)
        workspace.added.connect(lambda: self.duplicate(self.doc.columns[-1].key))

    def start(self, specs: tuple[ModelSpec, ...] = ()) -> None:
        """The first time: what is open in Explore, and beside it its untrained twin or itself; or the models named."""
        if self.doc.columns or self.controller.card is None:
            return
        session = self.controller.session
        first = self.controller.card.spec
        specs = specs or (first, twin_of(first))
        columns = tuple(Column(key, spec, None, session.tap, session.channel) for key, spec in enumerate(specs))
        self.doc = Comparison(columns)
        for column in columns:
            self._make(column.key, self.controller.picture)
        self._arrange()
        self.views[0].panel.mosaic.setFocus()  # arrows and letters work from the first moment
        for column, spec in zip(columns, specs, strict=True):
            self.set_model(column.key, spec)

    def _first_capture(self) -> None:
        """The workspace was opened before there was a model."""
        if not self.doc.columns and self.workspace.isVisible():
            self.start()

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
        panel.viewed.connect(lambda shows: self._change(self.doc.change(key, shows=shows)))
        panel.features.to_first.connect(lambda on: self._change(self.doc.change(key, to_first=on)))
        panel.locked.connect(partial(self.lock, key))
        panel.frozen.connect(partial(self.freeze, key))
        panel.minus.connect(lambda on: self._change(self.doc.change(key, minus=on)))
        panel.swapped.connect(lambda: self.swap(key))
        panel.duplicated.connect(lambda: self.duplicate(key))
        panel.removed.connect(lambda: self.remove(key))
        for button, wanted in ((panel.model, self.model_menu), (panel.input, self.input_menu)):
            button.menu().aboutToShow.connect(partial(wanted.emit, key, button.menu()))

    def duplicate(self, key: int) -> None:
        before, self.doc = self.doc, compare.duplicated(self.doc, key)
        if self.doc is not before:
            fresh, like = self.doc.columns[before.index(key) + 1], self.views[key]
            self._make(fresh.key, like.picture, like.card)
            self.views[fresh.key].edits = like.edits
            self._arrange()
            self._ask_capture(fresh.key)

    def remove(self, key: int) -> None:
        before, self.doc = self.doc, compare.without(self.doc, key)
        if self.doc is not before:
            self.sources.drop(key)
            view = self.views.pop(key)
            self.controller.desk.hold(self._cards())
            view.stop()
            self.features.drop(key)
            self.workspace.columns.removeWidget(view.panel)
            view.panel.hide()
            view.panel.deleteLater()
            self._arrange()

    def swap(self, key: int) -> None:
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
        self.show()


def twin_of(spec: ModelSpec) -> ModelSpec:
    """A demo model's untrained twin where there is one, else the same model."""
    from explorer.engine.models import catalogue

    name = f"{spec.id}-untrained"
    return ModelSpec(name) if any(entry.id == name and entry.ready for entry in catalogue()) else spec
