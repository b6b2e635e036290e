"""Components and similarity in the columns of Compare: colours that can be compared, one place asked of all of them."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.core.errors import Failure
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import Directions, Sheet, Shows, cell_at, placeless
from explorer.core.session.comparison import Column
from explorer.core.translation import tr
from explorer.engine.desk import Desk
from explorer.ui.compare.board import Board
from explorer.ui.compare.view import ColumnView
from explorer.ui.features import added_views, words
from explorer.ui.features.frame_turns import FrameTurns, Sheets
from explorer.ui.features.layer_picture import LayerPicture
from explorer.ui.features.store import FeatureStore
from explorer.ui.live import LiveControl

_SLOT = "columns"
_MIDDLE = (0.5, 0.5)
_PAINTED = (Shows.COMPONENTS, Shows.SIMILARITY)
_ELSEWHERE = (Shows.MAPS, Shows.ATTENTION)


class CompareFeatures(QObject):
    """The control says when its document or a capture has changed (`follow`), and when the cursor has moved (`point`)."""

    def __init__(self, board: Board, store: FeatureStore, desk: Desk, live: LiveControl) -> None:
        super().__init__(board)
        self._board, self._store, self._desk, self._live = board, store, desk, live
        self.columns: dict[int, LayerPicture] = {}
        self._turns = FrameTurns(live, store, _SLOT)
        # of the first column, where another one asks about its place
        self._first: tuple[Sheet, Directions] | None = None
        store.came.connect(self._come)

    def _come(self, slot: str) -> None:
        if slot.startswith(_SLOT):
            self.follow()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._store.waiting or any(each.busy for each in self.columns.values())

    def drop(self, key: int) -> None:
        """A column goes."""
        self._store.drop(f"{_SLOT} {key}")
        if key in self.columns:
            self.columns.pop(key).stop()

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        for each in self.columns.values():
            each.stop()

    def place_of(self, key: int, cell: Cell) -> tuple[float, float] | None:
        """Where a cell of a column's picture stands, as shares of the original."""
        return self._column(key).place(cell)

    def _column(self, key: int) -> LayerPicture:
        if key not in self.columns:
            self.columns[key] = LayerPicture(self._view(key).panel.features, self._live)
        return self.columns[key]

    def _view(self, key: int) -> ColumnView:
        return self._board.views[key]

    # --- what is drawn ---

    def follow(self) -> None:
        """The document, a capture or an answer has changed."""
        sheets = self._turns.take({column.key: self._sheet(column) for column in self._board.doc.columns})
        painted = [c for c in self._board.doc.columns if c.shows is Shows.COMPONENTS and sheets[c.key] is not None]
        self._paint(painted, [sheet for c in painted if (sheet := sheets[c.key]) is not None])
        self._first_place(sheets)
        self._compare(sheets)
        self._draw_added(sheets)
        self._offer()
        self.point()

    def _sheet(self, column: Column) -> Sheet | None:
        """What a column is painted from; None where it says why not, or shows something else."""
        if column.shows in _ELSEWHERE:
            return None
        view = self._view(column.key)
        why = view.status or tr("Choose a model for this column.")
        return self._column(column.key).sheet_of(view.pane, view.tap(column), why)

    def _draw_added(self, sheets: Sheets) -> None:
        """Views that packages bring."""
        for column in self._board.doc.columns:
            sheet, slot = sheets[column.key], f"{_SLOT} added {column.key}"
            if sheet is None or column.shows in _PAINTED:
                self._store.drop(slot)
            else:
                added_views.draw(self._column(column.key), self._store, self._desk, slot, column.shows, sheet)

    # --- components ---

    def _paint(self, columns: list[Column], sheets: list[Sheet]) -> None:
        """All in one go: what the colours of the others are depends on those of the first."""
        if not columns:
            self._store.drop(_SLOT)
            return
        desk, foreground = self._desk, self._board.doc.foreground
        key = ("columns", foreground, *(sheet.key for sheet in sheets))
        found = self._store.get(_SLOT, key, lambda slot: desk.paint_columns(sheets, slot, foreground))
        for at, (column, sheet) in enumerate(zip(columns, sheets, strict=True)):
            mine = self._column(column.key)
            if isinstance(found, tuple):
                mine.paint(sheet, found[at], words.beside(found[at], self._view(columns[0].key).letter, at))
            else:
                mine.lack(sheet, found)

    # --- similarity ---

    def _compare(self, sheets: Sheets) -> None:
        """Each column as soon as it can; the frames of what moves all together."""
        found: dict[int, Directions | Failure | None] = {}
        for column in self._board.doc.columns:
            sheet = sheets[column.key]
            if column.shows is Shows.SIMILARITY and sheet is not None:
                found[column.key] = self._directions(str(column.key), sheet)
            else:
                self._store.drop(f"{_SLOT} {column.key}")
        partly = self._live.playing and any(each is None for each in found.values())
        for key, directions in found.items():
            mine, sheet = self._column(key), sheets[key]
            assert sheet is not None
            if isinstance(directions, Directions) and not partly:
                mine.compare(sheet, directions)
            else:
                mine.lack(sheet, directions if isinstance(directions, Failure) else None)

    def _directions(self, slot: str, sheet: Sheet) -> Directions | Failure | None:
        desk, key = self._desk, ("directions", sheet.key)
        found: Directions | Failure | None = self._store.get(
            f"{_SLOT} {slot}", key, lambda name: desk.directions(sheet, name)
        )
        return found

    def _first_place(self, sheets: Sheets) -> None:
        """The first column's vectors, as soon as another column asks about a place in it."""
        doc = self._board.doc
        wanted = any(c.to_first and c.shows is Shows.SIMILARITY for c in doc.columns[1:])
        first = self._view(doc.columns[0].key) if doc.columns else None
        tap = first.tap(doc.columns[0]) if first is not None else None
        sheet = sheets[doc.columns[0].key] if doc.columns else None
        if sheet is None and first is not None and tap is not None and not placeless(tap):
            sheet = first.pane.sheet(tap)
        found = self._directions("first", sheet) if wanted and sheet is not None else None
        self._first = (sheet, found) if sheet is not None and isinstance(found, Directions) else None
        if not wanted or sheet is None:
            self._store.drop(f"{_SLOT} first")

    def _offer(self) -> None:
        """Whether a column can be asked about the place in the first one."""
        for at, column in enumerate(self._board.doc.columns):
            wanted = at > 0 and column.shows is Shows.SIMILARITY
            self._view(column.key).panel.features.offer_first(
                wanted, self._unlike(column) if wanted else "", column.to_first
            )

    def _unlike(self, column: Column) -> str:
        """Why a column's places cannot be compared with one of the first column; "" where they can."""
        head = self._board.doc.columns[0]
        first, other = self._view(head.key), self._view(column.key)
        one, two = first.tap(head), other.tap(column)
        if one is None or two is None or placeless(one) or placeless(two):
            return tr("One of the two layers has no spatial map")
        if first.of is None or other.of is None or first.of.digest != other.of.digest:
            return tr("A is a different model with different channels: their vectors have no cosine")
        if one.channels != two.channels:
            return tr(
                "A's layer has {channels} channels, this one {channels2}: their vectors have no cosine",
                channels=one.channels,
                channels2=two.channels,
            )
        return ""

    def point(self) -> None:
        """The cursor has moved: the place that is kept, else the cursor, else the middle is asked of every column."""
        doc = self._board.doc
        for at, column in enumerate(doc.columns):
            if column.key not in self.columns or column.shows not in _PAINTED:
                continue
            mine, cursor = self.columns[column.key], self._board.cursor_in(column.key)[0]
            kept = self._board.kept_in(column.key)
            place = kept or cursor or _MIDDLE
            mine.point(cursor)
            if column.shows is not Shows.SIMILARITY:
                continue
            if not (at > 0 and column.to_first and not self._unlike(column)):
                mine.ask_place(place, kept is not None)
            elif self._first is not None:  # else on its way
                first = doc.columns[0].key
                mine.ask_elsewhere(*self._of_first(doc.kept or self._board.cursor_in(first)[0] or _MIDDLE))

    def _of_first(self, place: tuple[float, float]) -> tuple[Directions, Cell]:
        """The first column's cell at a place."""
        assert self._first is not None
        sheet, found = self._first
        height, width = sheet.picture.size
        return found, cell_at(found.places, (place[0] * height, place[1] * width))
