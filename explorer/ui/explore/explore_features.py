"""Components and similarity of the layer that Explore shows: whose colours they are, and which cell is asked about."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.core.errors import Failure
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import (
    BasisOrigin,
    Colouring,
    Directions,
    Painted,
    Palette,
    Sheet,
    Shows,
    cell_at,
    middle_of,
)
from explorer.core.session.resolve import resolve
from explorer.core.translation import tr
from explorer.engine.desk import Desk
from explorer.ui.explore.view import ExploreView
from explorer.ui.features import added_views, words
from explorer.ui.features.frame_turns import FrameTurns
from explorer.ui.features.layer_picture import LayerPicture
from explorer.ui.features.store import FeatureStore
from explorer.ui.live import LiveControl
from explorer.ui.notices import Notices
from explorer.ui.state import Store

_SLOT = "explore"
_PIN = f"{_SLOT} pin"


class ExploreFeatures(QObject):
    """The controller says when session or capture have changed (`follow`); where the pointer is, the panels say themselves."""

    def __init__(
        self, state: Store, view: ExploreView, live: LiveControl, desk: Desk, notices: Notices, store: FeatureStore
    ) -> None:
        super().__init__(state)
        self._state, self._view, self._desk = state, view, desk
        self._notices, self._store = notices, store
        self.panel = view.workspace.maps.features
        self.picture = LayerPicture(self.panel, live)
        self.painted: Painted | None = None  # the layer that was painted last
        self._palettes: dict[BasisOrigin, Palette] = {}  # that were pinned since the window was opened
        self._like: Painted | None = None  # the layer that was painted before this one
        self._turns = FrameTurns(live, store, _SLOT)
        self._pointed: Cell | None = None
        # tap and cell that are kept, and where they stand
        self._place: tuple[str, Cell, tuple[float, float]] | None = None
        store.came.connect(self._come)
        self._connect()

    def _connect(self) -> None:
        panel, places = self.panel, self.panel.places
        panel.pinned.connect(self.pin)
        places.hovered.connect(self._hovered)
        places.left.connect(self._left)
        places.selected.connect(self._select)
        places.released.connect(self._release)
        picture = self._view.workspace.input.picture
        picture.hovered.connect(self.point_at_input)
        picture.left.connect(self._left)

    def _come(self, slot: str) -> None:
        if slot in (_SLOT, _PIN):
            self.follow()

    def _select(self, y: int, x: int) -> None:
        self._state.update(cell=(y, x))

    def _release(self) -> None:
        self._state.update(cell=None)

    @property
    def busy(self) -> bool:
        """Whether an answer of the UI thread's own is still to come."""
        return self.picture.busy

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        self.picture.stop()

    def pin(self) -> None:
        """The colours that are shown are those of this layer for every other input."""
        shown = self.picture.painted.palette if self.picture.painted is not None else None
        # the choice of these colours is the step
        self._state.put(pinned=self._keep(shown) if shown is not None else None)

    def _keep(self, palette: Palette) -> BasisOrigin:
        self._palettes[palette.of] = palette
        return palette.of

    # --- what is shown ---

    def follow(self) -> None:
        """The session, the capture or an answer has changed."""
        session, pane = self._state.session, self._view.pane
        if session.shows is Shows.MAPS:
            self._store.drop(_SLOT)
            self.picture.stop()
            return
        sheet = self.picture.sheet_of(pane, resolve(session, pane.capture).tap, tr("Nothing is shown yet."))
        if sheet is None:
            return
        sheet = self._turns.take({0: sheet})[0] or sheet
        if session.shows is Shows.COMPONENTS:
            self._paint(sheet)
        elif session.shows is Shows.SIMILARITY:
            self._compare(sheet)
        else:
            added_views.draw(self.picture, self._store, self._desk, _SLOT, session.shows, sheet)

    # --- components ---

    def _paint(self, sheet: Sheet) -> None:
        session = self._state.session
        if session.colouring is Colouring.PINNED and not self._made_again(sheet):
            self.picture.wait(sheet.tap)
            return
        pinned = self._fitting(sheet) if session.colouring is Colouring.PINNED else None
        like = self._before(sheet) if session.colouring is Colouring.LIKE else None
        key = (sheet.key, session.foreground, pinned, like.number if like is not None else 0)
        found = self._store.get(
            _SLOT, key, lambda slot: self._desk.paint(sheet, slot, session.foreground, pinned, like)
        )
        if isinstance(found, Painted):
            self._draw(sheet, found)
        else:
            self.picture.lack(sheet, found)

    def _fitting(self, sheet: Sheet) -> Palette | None:
        """The pinned palette, on the layer it is of."""
        origin = self._state.session.pinned
        return self._palettes.get(origin) if origin is not None and _fits(origin, sheet) else None

    def _made_again(self, sheet: Sheet) -> bool:
        """Whether nothing of a session file is still to be made for this layer. What cannot be made is said once."""
        origin = self._state.session.pinned
        if origin is None or not _fits(origin, sheet) or origin in self._palettes:
            return True
        found = self._store.get(_PIN, origin, lambda slot: self._desk.palette(origin, slot))
        if found is None:
            return False
        if isinstance(found, Failure):
            self._state.amend(pinned=None)
            self._notices.fail(found)
        else:
            self._keep(found)
        return True

    def _before(self, sheet: Sheet) -> Painted | None:
        """The layer of the same picture that was painted last, and is another one."""
        last = self.painted
        if last is not None and last.tap != sheet.tap:
            self._like = last
        like = self._like
        same = like is not None and like.tap != sheet.tap and like.sheet[:3] == sheet.key[:3]
        return like if same else None

    def _draw(self, sheet: Sheet, found: Painted) -> None:
        session = self._state.session
        if session.colouring is Colouring.PINNED and session.pinned is None:
            self._state.amend(pinned=self._keep(found.palette))
        said = words.coloured(found, session.colouring, self._state.session.pinned)
        self.painted = found
        self.picture.paint(sheet, found, said, self._kept(found.places.grid))

    # --- similarity ---

    def _compare(self, sheet: Sheet) -> None:
        found = self._store.get(_SLOT, ("directions", sheet.key), lambda slot: self._desk.directions(sheet, slot))
        if not isinstance(found, Directions):
            self.picture.lack(sheet, found)
            return
        other = self.picture.directions is not found
        self.picture.compare(sheet, found)
        if other:
            self._pointed = None
            self._carry(found)
        self._ask()

    def _carry(self, found: Directions) -> None:
        """The place that is kept stays where it is on the picture, whatever cells another layer has."""
        cell, tap = self._state.session.cell, found.places.name
        if self._place is not None and self._place[:2] != (tap, cell) and self._place[1] == cell:
            there = cell_at(found.places, self._place[2])
            self._place = tap, there, self._place[2]
            self._state.update(cell=there)

    def _kept(self, grid: tuple[int, int]) -> Cell | None:
        """The selected cell, where this layer has it."""
        cell = self._state.session.cell
        return cell if cell is not None and 0 <= cell[0] < grid[0] and 0 <= cell[1] < grid[1] else None

    def _ask(self) -> None:
        """The kept place, else the one that is pointed at, else the middle."""
        found = self.picture.directions
        if found is None:
            return
        places = found.places
        kept = self._kept(places.grid)
        if kept is not None and (self._place is None or self._place[:2] != (places.name, kept)):
            self._place = places.name, kept, middle_of(places, kept)
        elif self._state.session.cell is None:
            self._place = None
        rows, columns = places.grid
        self.picture.ask(kept or self._pointed or (rows // 2, columns // 2), kept is not None)

    # --- pointing ---

    def _hovered(self, y: int, x: int) -> None:
        self._view.point_at(y, x)
        self._point((y, x))

    def point_at_input(self, y: float, x: float) -> None:
        """A pixel of the original picture is pointed at."""
        places = self.picture.places
        if places is not None and self._state.session.shows is not Shows.MAPS:
            cell = cell_at(places, (y, x))
            self.panel.places.set_pointed(cell)
            self._point(cell)

    def _point(self, cell: Cell) -> None:
        if self._state.session.shows is Shows.SIMILARITY and cell != self._pointed:
            self._pointed = cell
            there = self.picture.directions
            if there is not None and self._kept(there.places.grid) is None:
                self._ask()

    def _left(self) -> None:
        self._view.point_away()
        self.panel.places.set_pointed(None)


def _fits(origin: BasisOrigin, sheet: Sheet) -> bool:
    """Whether it is of this model's layer."""
    return (origin.model, origin.tap) == (sheet.key[0], sheet.tap)
