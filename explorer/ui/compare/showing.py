"""What the columns of Compare show, from what is there: drawing, the one cursor, the numbers that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from explorer.core.compare import Column, Comparison, Past
from explorer.core.edits import Frozen
from explorer.core.features import Shows
from explorer.core.types import ModelCard
from explorer.ui.compare import drawing, words
from explorer.ui.compare.attention import CompareAttention
from explorer.ui.compare.sources import Sources
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace
from explorer.ui.features.columns import CompareFeatures

if TYPE_CHECKING:
    from explorer.ui.compare.alike_control import AlikeControl
    from explorer.ui.controller import Controller

_OF_PLACES = (Shows.SIMILARITY, Shows.ATTENTION)
_SETTLE = 60  # ms of rest after which the numbers follow


class Showing(QObject):
    """`doc` is what the columns show, `views` hold what is there for each by its key."""

    sources: Sources
    alike: AlikeControl

    def __init__(self, controller: Controller, workspace: CompareWorkspace) -> None:
        super().__init__(controller)
        self.controller, self.workspace = controller, workspace
        self.doc = Comparison()
        self.past = Past()
        self.views: dict[int, ColumnView] = {}
        self.features = CompareFeatures(self, controller.store)
        self.attention = CompareAttention(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether answers, numbers or pictures are still to follow."""
        own = self.sources.waiting or self.alike.waiting or self._settle.isActive()
        own = own or self.features.busy or self.attention.busy
        return own or any(view.busy for view in self.views.values())

    @property
    def playing(self) -> bool:
        """Whether a live input runs through the columns."""
        return self.controller.live.playing and self.controller.live.together

    def step_made(self) -> None:
        """What stands in the columns is about to change: the way back leads here."""
        self.past.push(self.doc)
        self.controller.show_history()

    # --- drawing ---

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
        edited = any(view.of_edits for view in self.views.values())
        for at, column in enumerate(self.doc.columns):
            view = self.views[column.key]
            view.show_source("ABCD"[at], column)
            view.panel.show_edits(words.edits_line(view.of_edits), edited)
            self._offer_difference(view, first)
            view.panel.show_attention(self.doc.attention)
            view.show(column, *shown[column.key], self.doc.link)
            view.point(self.doc.cursor)
            self._ask_missing(view, column)
        self.features.follow()
        self.attention.follow()
        self.workspace.share.setVisible(drawing.mixed(self.doc, self.views))
        self.show_shares()
        self.alike.follow()
        self._settle.start()

    def show_shares(self) -> None:
        """The large maps on one scale, where that is wanted and means something."""
        shown = drawing.shares(self.doc, self.views)
        for key, view in self.views.items():
            view.panel.show_map_always(key in shown)
            if key in shown:
                view.show_share(*shown[key])

    def _offer_difference(self, view: ColumnView, first: ColumnView) -> None:
        maps = self.doc.column(view.key).shows is Shows.MAPS
        view.panel.minus_button.setVisible(maps and drawing.alike(first, view))
        view.panel.minus_button.setText(f"{view.letter} − A")
        view.panel.minus_button.setToolTip(
            "Show this column's values minus those of the first column in the same layer"
        )

    def _ask_missing(self, view: ColumnView, column: Column) -> None:
        """Taps that the byte budget dropped: the column's own, and those that are to be taken away from it."""
        if view.capture is None or not view.fits or self.sources.capturing(view.key):
            return
        first = column is self.doc.columns[0]
        wanted = {column.tap, *(c.tap for c in self.doc.columns if first and c.minus)}
        dropped = wanted & set(view.capture.dropped)
        if dropped and view.edits:
            self.ask_edited(view, dropped)
        elif dropped:
            self.sources.recompute(view.key, view.capture, dropped)

    def ask_edited(self, view: ColumnView, names: Iterable[str] = ()) -> None:
        """Asks for a column's capture under its edits, these taps in it."""
        raise NotImplementedError

    def scrub(self, key: int, index: int) -> None:
        """One column goes to a place of its film."""
        raise NotImplementedError

    def frozen_of(self, card: ModelCard) -> Frozen:
        """The values that edits of this model in any column freeze."""
        raise NotImplementedError

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
        self.features.close()
        for view in self.views.values():
            view.stop()

    # --- pointing ---

    def _point_at_picture(self, view: ColumnView, y: float, x: float) -> None:
        if view.capture is not None:
            height, width = view.capture.picture.size
            self.point((y / height, x / width))

    def _keep_at_picture(self, view: ColumnView, y: float, x: float) -> None:
        """A click on a picture, where a view asks about one place."""
        if view.capture is not None and any(c.shows in _OF_PLACES for c in self.doc.columns):
            height, width = view.capture.picture.size
            self.keep((y / height, x / width))
            view.panel.centre.setFocus()  # Esc lets it go

    def point(self, cursor: tuple[float, float] | None) -> None:
        """The one cursor: (y, x) as shares of the picture, None for nowhere."""
        self.doc = replace(self.doc, cursor=cursor)
        for view in self.views.values():
            view.point(cursor)
        self.features.point()
        self.attention.point()
        self.workspace.cursor.setText(self._where(cursor))

    def keep(self, place: tuple[float, float] | None) -> None:
        """Similarity is about this place (y, x), shares of the picture, wherever the cursor goes, and attention while it is
        nowhere; None: there is none."""
        self.doc = replace(self.doc, kept=place)
        self.features.point()
        self.attention.point()

    def _where(self, cursor: tuple[float, float] | None) -> str:
        capture = next((view.capture for view in self.views.values() if view.capture is not None), None)
        if cursor is None or capture is None:
            return ""
        height, width = capture.picture.size
        return f"row {cursor[0] * height:.0f}, column {cursor[1] * width:.0f} of the picture"
