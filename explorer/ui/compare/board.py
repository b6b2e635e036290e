"""The document of Compare, what its columns hold, and how all of them are drawn."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.core.geometry.cells import step_cell
from explorer.core.inputs import Text
from explorer.core.layer_views import Shows
from explorer.core.linked_places import linked_place, place_of_token
from explorer.core.session.comparison import Comparison
from explorer.core.session.session import Session
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.ui.compare import column_displays, words
from explorer.ui.compare.view import ColumnView
from explorer.ui.compare.workspace import CompareWorkspace
from explorer.ui.state import Store

_OF_PLACES = (Shows.SIMILARITY, Shows.ATTENTION)
_SOON = 20  # ms from a step to what stands around the layers: less than from one repeat of a key to the next
_SETTLE = 60  # ms of rest after which the numbers follow


class Board(QObject):
    """`doc` is what the columns show, `views` hold what is there for each by its key; `cursor` is (y, x) as shares of the picture,
    0..1: the same pixel wherever the picture is the same.

    `arranging`: the columns are about to be drawn; `drawn`: their layers were; `followed`: and what stands around them;
    `selected`: only their channels are others; `pointed`: the cursor or the kept place is another one; `missing`: a column, by
    its key, may lack values.
    """

    arranging = Signal()
    drawn = Signal()
    followed = Signal()
    selected = Signal()
    pointed = Signal()
    missing = Signal(int)

    def __init__(self, workspace: CompareWorkspace, store: Store) -> None:
        super().__init__(workspace)
        self.workspace, self._store = workspace, store
        self.views: dict[int, ColumnView] = {}
        self.cursor: tuple[float, float] | None = None  # in the input of the column `cursor_of`
        self.cursor_of: int | None = None
        self.focus = -1  # key of the column in which a channel was chosen last
        self._soon, self._settle = (QTimer(self, singleShot=True, interval=ms) for ms in (_SOON, _SETTLE))
        self._soon.timeout.connect(self.details)
        self._settle.timeout.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether numbers or pictures are still to follow."""
        return self._soon.isActive() or self._settle.isActive() or any(view.layers.busy for view in self.views.values())

    @property
    def first(self) -> ColumnView:
        """What the first column holds; there must be one."""
        return self.views[self.doc.columns[0].key]

    # --- the document ---

    @property
    def doc(self) -> Comparison:
        """What the columns show: that of the session once there are columns."""
        return self._store.session.comparison if self.views else Comparison()

    def note(self, doc: Comparison) -> None:
        """Another document, as a step of the history."""
        self._store.note(comparison=doc)

    def settle(self, doc: Comparison) -> None:
        """What the columns show has come out otherwise than was asked for, or needed no asking: no step."""
        self._store.amend(comparison=doc)

    def change(self, doc: Comparison) -> None:
        """Another document, shown at once."""
        self.note(doc)
        self.show()

    def change_column(self, key: int, **fields: object) -> None:
        """Other fields of one column, shown at once."""
        self.change(self.doc.change(key, **fields))

    def change_all(self, **fields: object) -> None:
        """Other fields of the document, shown at once."""
        self.change(replace(self.doc, **fields))  # type: ignore[arg-type]

    # --- drawing ---

    def show(self) -> None:
        """Everything that the document says, from what is there; what is missing is asked for."""
        self.workspace.show_comparison(self.doc)
        if not self.doc.columns:
            return
        self.arranging.emit()
        shown = column_displays.resolved(self.doc, self.views)
        for at, column in enumerate(self.doc.columns):
            view = self.views[column.key]
            view.letter = "ABCD"[at]
            view.show(column, *shown[column.key], self.doc.link)
            view.point(*self.cursor_in(column.key))
            self.missing.emit(column.key)
        self.drawn.emit()
        self._soon.start()
        self._settle.start()

    def details(self) -> None:
        """Whose the layers are, the selected channels, what the columns share: now, where they were to follow."""
        self._soon.stop()
        edited = any(view.of_edits for view in self.views.values())
        names = words.without_common([self.views[column.key].source_name(column) for column in self.doc.columns])
        for column, brief in zip(self.doc.columns, names, strict=True):
            view = self.views[column.key]
            view.show_source(column, brief)
            view.panel.show_edits(words.edits_line(view.of_edits), edited)
            self._offer_difference(view)
            view.panel.show_attention(self.doc.attention)
            view.details(column)
        self.workspace.share.setVisible(column_displays.mixed(self.doc, self.views))
        self.show_shares()
        self.followed.emit()

    def show_frame(self, moving: set[int]) -> None:
        """Only what moves: pictures, maps, the selected map of these columns."""
        shown = column_displays.resolved(self.doc, self.views)
        for column in self.doc.columns:
            if column.key in moving:
                self.views[column.key].show_frame(column, shown[column.key][0])
        self.show_shares()

    def show_channels(self, doc: Comparison) -> None:
        """A document in which only the channels are others."""
        self.note(doc)
        for column in doc.columns:
            self.views[column.key].show_channel(column)
        self.show_shares()
        self.selected.emit()

    def show_shares(self) -> None:
        """The large maps on one scale, where that is wanted and means something."""
        shown = column_displays.shares(self.doc, self.views)
        for key, view in self.views.items():
            view.panel.show_map_always(key in shown)
            if key in shown:
                view.show_share(*shown[key])

    def _offer_difference(self, view: ColumnView) -> None:
        maps = self.doc.column(view.key).shows is Shows.MAPS
        why = column_displays.steps_differ(self.first, view)
        view.panel.show_minus(
            f"{view.letter} − A",
            why or tr("Show this column's values minus those of the first column in the same layer"),
            maps and column_displays.alike(self.first, view),
            not why or self.doc.column(view.key).minus,
        )

    def _follow(self) -> None:
        """The numbers, once the hand rests."""
        if self.doc.columns:
            for view in self.views.values():
                view.follow(None if view is self.first else column_displays.likeness(view, self.first))

    def restyle(self) -> None:
        """The theme has changed: pictures are drawn again."""
        for view in self.views.values():
            view.layers.redraw(Session())
        self.show()

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        self._soon.stop()
        self._settle.stop()
        for view in self.views.values():
            view.layers.stop()

    # --- pointing ---

    def point_at_picture(self, view: ColumnView, y: float, x: float) -> None:
        """A pixel of a column's picture is pointed at."""
        if view.capture is not None:
            height, width = view.capture.picture.size
            self.point((y / height, x / width), view.key)

    def point_at_token(self, view: ColumnView, token: int) -> None:
        """A token of a column's text is pointed at."""
        if view.capture is not None and isinstance(view.capture.picture, Text):
            self.point(place_of_token(token, view.capture.picture), view.key)

    def point_at_step(self, view: ColumnView, _channel: int, step: int) -> None:
        """A step of a sequence is pointed at."""
        if view.shown is not None:
            self.point(view.place_of(*step_cell(view.shown.tap, step)), view.key)

    def point_at_cell(self, view: ColumnView, y: int, x: int) -> None:
        """A cell of a column's layer is pointed at."""
        self.point(view.place_of(y, x), view.key)

    def point_at_map(self, view: ColumnView, _channel: int, y: int, x: int) -> None:
        """As `point_at_cell`, in one of the maps."""
        self.point(view.place_of(y, x), view.key)

    def keep_at_picture(self, view: ColumnView, y: float, x: float) -> None:
        """A click on a picture, where a view asks about one place."""
        if view.capture is not None and any(c.shows in _OF_PLACES for c in self.doc.columns):
            height, width = view.capture.picture.size
            self.keep((y / height, x / width), view.key)
            view.panel.centre.setFocus()  # Esc lets it go

    def point_away(self) -> None:
        """Nothing is pointed at."""
        self.point(None)

    def point(self, cursor: tuple[float, float] | None, key: int | None = None) -> None:
        """The one cursor, None for nowhere. `key`: in the input of which column; None: of the first one."""
        self.cursor, self.cursor_of = cursor, key
        for view in self.views.values():
            view.point(*self.cursor_in(view.key))
        self.pointed.emit()
        self.workspace.where.setText(self._where(cursor))

    def cursor_in(self, key: int) -> tuple[tuple[float, float] | None, str]:
        """The cursor in the input of a column; (None, why) where nothing there stands for what is pointed at."""
        return self.linked(self.cursor, self.cursor_of, key)

    def kept_in(self, key: int) -> tuple[float, float] | None:
        """The place that is kept, in the input of a column."""
        return self.linked(self.doc.kept, None, key)[0]

    def linked(
        self, at: tuple[float, float] | None, here: int | None, there: int | None
    ) -> tuple[tuple[float, float] | None, str]:
        """A place in the input of one column (None: the first), in that of another one."""
        first = self.doc.columns[0].key if self.doc.columns else None
        one, other = (
            self.views.get(first if key is None else key) if first is not None else None for key in (here, there)
        )
        if at is None or one is None or other is None or one is other or one.seen is None or other.seen is None:
            return at, ""
        return linked_place(at, one.seen, other.seen)

    def keep(self, place: tuple[float, float] | None, key: int | None = None) -> None:
        """Similarity is about this place (y, x), shares of the input of the column `key`, wherever the cursor goes, and attention
        while it is nowhere; None: there is none. It is noted as a place of the first column's input."""
        kept, _ = self.linked(place, key, None)
        self.note(replace(self.doc, kept=kept))
        self.pointed.emit()

    def release(self) -> None:
        """No place is kept any more."""
        self.keep(None)

    def _where(self, cursor: tuple[float, float] | None) -> str:
        held = self.views.get(self.cursor_of if self.cursor_of is not None else -1)
        found = (view.capture for view in (held, *self.views.values()) if view is not None)
        capture = next((capture for capture in found if capture is not None), None)
        if cursor is None or capture is None:
            return ""
        height, width = capture.picture.size
        if isinstance(capture.picture, Sound):
            return tr("{cursor:.3f} s of the sound", cursor=cursor[1] * capture.picture.seconds)
        if isinstance(capture.picture, Text):
            return ""  # its places are words, which the columns name
        return tr(
            "row {cursor:.0f}, column {cursor2:.0f} of the picture",
            cursor=cursor[0] * height,
            cursor2=cursor[1] * width,
        )
