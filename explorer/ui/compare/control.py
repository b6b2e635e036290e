"""The Compare workspace: its document <-> its columns. What goes for one column never disturbs what Explore asks for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core import compare, difference
from explorer.core.compare import Column, Comparison, Link, Shared
from explorer.core.types import Capture, InputRef, ModelCard, ModelSpec, Picture
from explorer.engine.runner import Event
from explorer.ui.compare import depth, drawing
from explorer.ui.compare.alike_control import AlikeControl
from explorer.ui.compare.sources import Sources
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_SETTLE = 60  # ms of rest after which the numbers follow


class CompareControl(QObject):
    """Makes the columns when the workspace is opened first; `doc` is what they show. The signals ask for a menu to be filled:
    that of a column's models, and that of its inputs."""

    model_menu = Signal(int, object)
    input_menu = Signal(int, object)

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller)
        self.controller, self.workspace = controller, workspace
        self.doc = Comparison()
        self.views: dict[int, ColumnView] = {}
        self.sources = Sources(controller.desk, self._came, self._said, self._failed)
        self.focus = -1  # key of the column in which a channel was chosen last
        self.alike = AlikeControl(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._follow)
        workspace.linked.connect(self.link)
        workspace.scaled.connect(self.scale)
        workspace.shared.connect(lambda on: self.change(replace(self.doc, share=on)))
        workspace.unfolded.connect(lambda _on: self.alike.follow())
        controller.captured.connect(self._first_capture)
        workspace.added.connect(lambda: self.duplicate(self.doc.columns[-1].key))

    @property
    def busy(self) -> bool:
        """Whether answers, numbers or pictures are still to follow."""
        waiting = self.sources.waiting or self.alike.waiting or self._settle.isActive()
        return waiting or any(view.busy for view in self.views.values())

    def receive(self, event: Event) -> None:
        """An event of Compare."""
        if not self.alike.receive(event):
            self.sources.receive(event)

    # --- the columns ---

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
        panel = view.panel
        panel.strip.scrubbed.connect(lambda index: self.scrub(key, index))
        panel.mosaic.scrubbed.connect(partial(self.step, key=key))
        panel.mosaic.selected.connect(lambda channel, _y, _x: self.select(key, channel))
        panel.vector.selected.connect(partial(self.select, key))
        panel.mosaic.hovered.connect(lambda _c, y, x: self.point(view.place_of(y, x)))
        panel.channel.hovered.connect(lambda y, x: self.point(view.place_of(y, x)))
        panel.picture.hovered.connect(partial(self._point_at_picture, view))
        for canvas in (panel.mosaic, panel.channel, panel.picture):
            canvas.left.connect(lambda: self.point(None))
        panel.locked.connect(partial(self.lock, key))
        panel.frozen.connect(partial(self.freeze, key))
        panel.minus.connect(lambda on: self.change(self.doc.change(key, minus=on)))
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
            self._arrange()
            self._ask_capture(fresh.key)

    def remove(self, key: int) -> None:
        before, self.doc = self.doc, compare.without(self.doc, key)
        if self.doc is not before:
            self.sources.drop(key)
            view = self.views.pop(key)
            self.controller.desk.hold(self._cards())
            view.stop()
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
        self.alike.columns_changed()
        self.show()

    # --- sources ---

    def set_model(self, key: int, spec: ModelSpec, allow_download: bool = False) -> None:
        """Another model for a column; one that is open already is not opened again."""
        self.controller.asked_anew()
        self.doc = self.doc.change(key, model=spec)
        open_already = next((card for card in self._cards() if card.spec == spec), None)
        if open_already is not None:
            self._came(key, open_already)
            return
        self._said(key, f"Opening {spec.id} …")
        self.sources.model(key, spec, self.controller.trust_code, allow_download, self._cards())

    def _cards(self) -> list[ModelCard]:
        every = [self.controller.card, *(view.card for view in self.views.values())]
        return [card for card in every if card is not None]

    def set_input(self, key: int, ref: InputRef | None) -> None:
        """Another input for a column; None: the one that all share."""
        self.controller.asked_anew()
        self.doc = self.doc.change(key, input=ref)
        if ref is not None:
            self.sources.input(key, ref)
        elif self.controller.picture is not None:
            self._came(key, self.controller.picture)

    def picture_changed(self) -> None:
        """The input that the columns share is another one; what is frozen keeps its own."""
        for column in self.doc.columns:
            if column.input is None and not column.frozen and self.controller.picture is not None:
                self._came(column.key, self.controller.picture)

    def _came(self, key: int, value: Any) -> None:
        view = self.views.get(key)
        if view is None:
            return
        if isinstance(value, Capture):
            self._take(view, value)
            return
        if isinstance(value, ModelCard):
            view.card = value
        elif isinstance(value, Picture):
            view.picture = value
        self._ask_capture(key)
        self.show()

    def _ask_capture(self, key: int) -> None:
        view = self.views[key]
        if view.fits:
            view.status = ""
        elif view.card is not None and view.picture is not None:
            view.status = f"Computing {view.card.name} …"
            self.sources.capture(key, view.card, view.picture)

    def _take(self, view: ColumnView, capture: Capture) -> None:
        before, of = view.film, view.of
        view.set_capture(capture)
        if view.film != before or view.of is not of:
            self.alike.columns_changed()
        if view.film != before:
            self.doc = self.doc.change(view.key, tap=depth.tap_for(self.doc, self.views, view.key))
        self.show()

    def _said(self, key: int, words: str) -> None:
        self.views[key].status = words
        self.show()

    def _failed(self, key: int, event: Event) -> None:
        """What was shown stays, and the document says again what that is."""
        assert event.failure is not None
        view = self.views[key]
        if view.card is not None:
            shared = view.picture is None or view.picture is self.controller.picture
            self.doc = self.doc.change(key, model=view.card.spec, input=None if shared else view.picture.ref)
        self.controller.fail(event.failure)
        self._said(key, "" if view.fits else event.failure.text)

    # --- layers ---

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
        self.doc = depth.relinked(self.doc, link)
        self.step(0)
        if link is Link.PATH:
            self.alike.need()

    def lock(self, key: int, on: bool) -> None:
        self.change(depth.locked(self.doc, self.views, key, on))

    def freeze(self, key: int, on: bool) -> None:
        """Keeps a column as it is; thawed, it takes the shared input again."""
        self.change(self.doc.change(key, frozen=on))
        if not on:
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
        self._show_shares()
        self.alike.follow()

    def _show_shares(self) -> None:
        """The large maps on one scale, where that is wanted and means something."""
        shown = drawing.shares(self.doc, self.views)
        for key, view in self.views.items():
            view.panel.show_map_always(key in shown)
            if key in shown:
                view.show_share(*shown[key])

    def scale(self, scale: Shared) -> None:
        """Other limits for the colours."""
        self.change(replace(self.doc, scale=scale))

    def next_scale(self) -> None:
        every = list(Shared)
        self.scale(every[(every.index(self.doc.scale) + 1) % len(every)])

    # --- pointing ---

    def _point_at_picture(self, view: ColumnView, y: float, x: float) -> None:
        if view.capture is not None:
            height, width = view.capture.picture.size
            self.point((y / height, x / width))

    def point(self, cursor: tuple[float, float] | None) -> None:
        """The one cursor: (y, x) as shares of the picture, None for nowhere."""
        self.doc = replace(self.doc, cursor=cursor)
        for view in self.views.values():
            view.point(cursor)
        self.workspace.cursor.setText(self._where(cursor))

    def _where(self, cursor: tuple[float, float] | None) -> str:
        capture = next((view.capture for view in self.views.values() if view.capture is not None), None)
        if cursor is None or capture is None:
            return ""
        height, width = capture.picture.size
        return f"row {cursor[0] * height:.0f}, column {cursor[1] * width:.0f} of the picture"

    # --- showing ---

    def change(self, doc: Comparison) -> None:
        """Another document, shown at once."""
        self.doc = doc
        self.show()

    def show(self) -> None:
        """Everything that the document says, from what is there; what is missing is asked for."""
        self.workspace.show_comparison(self.doc)
        if not self.doc.columns:
            return
        self.alike.partners.arrange()
        shown = drawing.resolved(self.doc, self.views)
        first = self.views[self.doc.columns[0].key]
        for at, column in enumerate(self.doc.columns):
            view = self.views[column.key]
            view.show_source("ABCD"[at], column.input is not None)
            self._offer_difference(view, first)
            view.show(column, *shown[column.key], self.doc.link)
            view.point(self.doc.cursor)
            self._ask_missing(view, column)
        self.workspace.share.setVisible(drawing.mixed(self.doc, self.views))
        self._show_shares()
        self.alike.follow()
        self._settle.start()

    def _offer_difference(self, view: ColumnView, first: ColumnView) -> None:
        view.panel.minus_button.setVisible(drawing.alike(first, view))
        view.panel.minus_button.setText(f"{view.letter} − A")
        view.panel.minus_button.setToolTip(
            "Show this column's values minus those of the first column in the same layer"
        )

    def _ask_missing(self, view: ColumnView, column: Column) -> None:
        """Taps that the byte budget dropped: the column's own, and those that are to be taken away from it."""
        if view.capture is None or not view.fits:
            return
        first = column is self.doc.columns[0]
        wanted = {column.tap, *(c.tap for c in self.doc.columns if first and c.minus)}
        dropped = wanted & set(view.capture.dropped)
        if dropped:
            self.sources.recompute(view.key, view.capture, dropped)

    def _follow(self) -> None:
        """The numbers, once the hand rests."""
        if not self.doc.columns:
            return
        first = self.views[self.doc.columns[0].key]
        for view in self.views.values():
            view.follow(None if view is first else drawing.likeness(view, first))

    def restyle(self) -> None:
        """The theme has changed: pictures are drawn again."""
        for view in self.views.values():
            view.redraw_film()
        self.show()

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        self._settle.stop()
        for view in self.views.values():
            view.stop()


def twin_of(spec: ModelSpec) -> ModelSpec:
    """A demo model's untrained twin where there is one, else the same model."""
    from explorer.engine.models import catalogue

    name = f"{spec.id}-untrained"
    return ModelSpec(name) if any(entry.id == name and entry.ready for entry in catalogue()) else spec
