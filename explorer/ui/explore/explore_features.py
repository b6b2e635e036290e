"""Components and similarity of the layer that Explore shows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from explorer.core.activations import Tap
from explorer.core.boxes import Box
from explorer.core.errors import Failure
from explorer.core.geometry import affine
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import (
    BasisOrigin,
    Colouring,
    Directions,
    Painted,
    Palette,
    Sheet,
    Shows,
    box_of,
    cell_at,
    coloured,
    middle_of,
    placeless,
)
from explorer.core.representations import Similarity
from explorer.core.session.resolve import resolve
from explorer.engine.desk import Desk
from explorer.ui import theme
from explorer.ui.explore.view import ExploreView
from explorer.ui.features import words
from explorer.ui.features.similarity_asking import Asking
from explorer.ui.features.store import FeatureStore
from explorer.ui.graphics.cells_on_image import Legend
from explorer.ui.live import LiveControl
from explorer.ui.notices import Notices
from explorer.ui.state import Store

_SLOT = "explore"
_PIN = f"{_SLOT} pin"


class ExploreFeatures(QObject):
    """The controller says when session or capture have changed (`follow`) and where the pointer is (`point_at_input`)."""

    def __init__(
        self, state: Store, view: ExploreView, live: LiveControl, desk: Desk, notices: Notices, store: FeatureStore
    ) -> None:
        super().__init__(state)
        self._state, self._view, self._live, self._desk = state, view, live, desk
        self._notices, self._store = notices, store
        self.panel = view.workspace.maps.features
        self.painted: Painted | None = None  # what is drawn, or was drawn last
        self._palettes: dict[BasisOrigin, Palette] = {}  # that were pinned since the window was opened
        self.directions: Directions | None = None
        self.similarity: Similarity | None = None
        self._like: Painted | None = None  # the layer that was painted before this one
        self._sheet: Sheet | None = None  # what is drawn, where nothing is on its way
        self._frame: Sheet | None = None  # of what moves: the one that is on its way
        self._asked: Cell | None = None  # the place that similarity is drawn for
        self._pointed: Cell | None = None
        self._place: tuple[str, Cell, tuple[float, float]] | None = (
            None  # tap and cell that are kept, and where they stand
        )
        self._asking = Asking(self)
        self._asking.answered.connect(self._answered)
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
        return self._asking.busy

    def close(self) -> None:
        """Stops timers; called once, when the window closes."""
        self._asking.stop()

    def pin(self) -> None:
        """The colours that are shown are those of this layer for every other input."""
        shown = self.painted.palette if self.painted is not None and self._sheet is not None else None
        self._state.put(
            pinned=self._keep(shown) if shown is not None else None
        )  # the choice of these colours is the step

    def _keep(self, palette: Palette) -> BasisOrigin:
        self._palettes[palette.of] = palette
        return palette.of

    # --- what is shown ---

    def follow(self) -> None:
        """The session, the capture or an answer has changed."""
        session = self._state.session
        if session.shows is Shows.MAPS:
            self._store.drop(_SLOT)
            self._asking.stop()
            return
        tap, sheet = self._resolve()
        if tap is None:
            self.panel.say("Nothing is shown yet.")
        elif placeless(tap):
            self._store.drop(_SLOT)
            self._sheet = None
            self.panel.say(placeless(tap))
        elif sheet is None:
            self._wait(tap.name)
        elif session.shows is Shows.COMPONENTS:
            self._paint(self._in_turn(sheet))
        else:
            self._compare(self._in_turn(sheet))

    def _resolve(self) -> tuple[Tap | None, Sheet | None]:
        """The layer, and what it is painted from; None while that is still to come."""
        view = self._view
        found = resolve(self._state.session, view.capture)
        if found.tap is None or view.capture is None or view.card is None:
            return None, None
        if found.values is None or not found.values.size:
            return found.tap, None
        return found.tap, Sheet(view.capture, found.tap.name, view.card.preprocess)

    def _in_turn(self, sheet: Sheet) -> Sheet:
        """Of what moves, the frame that is on its way is drawn before a newer one is asked for: else none ever would be."""
        before, self._frame = self._frame, sheet if self._live.playing else None
        if self._frame is None or before is None or (before.key[0], before.tap) != (sheet.key[0], sheet.tap):
            return sheet
        self._frame = before if self._store.waits(_SLOT) else None
        return before

    def _wait(self, tap: str) -> None:
        """What is drawn stays, and says whose it is."""
        self._sheet = None
        last = self.painted if self._state.session.shows is Shows.COMPONENTS else self.directions
        of = last.tap if isinstance(last, Painted) else last.places.name if last is not None else ""
        if of != tap or not self._live.playing:  # else it is the last frame of what moves: another one comes at once
            self.panel.wait(of, tap)

    def _seen(self, sheet: Sheet) -> Box:
        return affine.crop_box(sheet.picture.size, sheet.pre)

    # --- components ---

    def _paint(self, sheet: Sheet) -> None:
        session = self._state.session
        if session.colouring is Colouring.PINNED and not self._made_again(sheet):
            self._wait(sheet.tap)
            return
        pinned = self._fitting(sheet) if session.colouring is Colouring.PINNED else None
        like = self._before(sheet) if session.colouring is Colouring.LIKE else None
        key = (sheet.key, session.foreground, pinned, like.number if like is not None else 0)
        found = self._store.get(
            _SLOT, key, lambda slot: self._desk.paint(sheet, slot, session.foreground, pinned, like)
        )
        if self._came(found, sheet):
            self._draw(sheet, found)

    def _came(self, found: Any, sheet: Sheet) -> bool:
        """Whether an answer is there; else it is said that it is still to come, or why there is none."""
        if found is None:
            self._wait(sheet.tap)
        elif isinstance(found, Failure):
            self._sheet = None
            self.panel.say(found.text)
        return found is not None and not isinstance(found, Failure)

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
        self.painted, self._sheet = found, sheet
        self.panel.places.set_picture(sheet.picture.shown, sheet.picture.size)
        self.panel.places.set_cells(
            found.colours.rgb,
            box_of(found.places, self._seen(sheet)),
            Legend(words.explained(found)),
            lambda cell: words.scores(found, cell),
        )
        self.panel.places.set_marks(self._kept(found.places.grid))
        self.panel.tell(words.coloured(found, session.colouring, self._state.session.pinned))

    # --- similarity ---

    def _compare(self, sheet: Sheet) -> None:
        found = self._store.get(_SLOT, ("directions", sheet.key), lambda slot: self._desk.directions(sheet, slot))
        if self._came(found, sheet):
            other = self.directions is not found
            self.directions, self._sheet = found, sheet
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
        """The kept place, else the one that is pointed at, else none."""
        found, sheet = self.directions, self._sheet
        if found is None or sheet is None:
            return
        kept = self._kept(found.places.grid)
        if kept is not None and (self._place is None or self._place[:2] != (sheet.tap, kept)):
            self._place = sheet.tap, kept, middle_of(found.places, kept)
        elif self._state.session.cell is None:
            self._place = None
        rows, columns = found.places.grid
        self._asked = kept or self._pointed or (rows // 2, columns // 2)  # the middle is a beginning
        self._asking.ask(found, found.units[found.places.row(self._asked)], self._asked)

    def _answered(self, found: Similarity) -> None:
        sheet, there, cell = self._sheet, self.directions, self._asked
        if sheet is None or there is None or cell is None or self._state.session.shows is not Shows.SIMILARITY:
            return
        self.similarity = found
        colormap = theme.current().diverging
        self.panel.places.set_picture(sheet.picture.shown, sheet.picture.size)
        self.panel.places.set_cells(
            coloured((found.values + 1) / 2, found.known, colormap),
            box_of(there.places, self._seen(sheet)),
            Legend(colormap=colormap),
            lambda at: words.cosine(found, at),
        )
        self.panel.places.set_marks(cell, found.best)
        self.panel.tell(words.asked(found, cell, self._kept(there.places.grid) is not None))

    # --- pointing ---

    def _hovered(self, y: int, x: int) -> None:
        self._view.point_at(y, x)
        self._point((y, x))

    def point_at_input(self, y: float, x: float) -> None:
        """A pixel of the original picture is pointed at."""
        shown = self.painted if self._state.session.shows is Shows.COMPONENTS else self.directions
        if self._state.session.shows is Shows.MAPS or self._sheet is None or shown is None:
            return
        cell = cell_at(shown.places, (y, x))
        self.panel.places.set_pointed(cell)
        self._point(cell)

    def _point(self, cell: Cell) -> None:
        if self._state.session.shows is Shows.SIMILARITY and cell != self._pointed:
            self._pointed = cell
            if self.directions is not None and self._kept(self.directions.places.grid) is None:
                self._ask()

    def _left(self) -> None:
        self._view.point_away()
        self.panel.places.set_pointed(None)


def _fits(origin: BasisOrigin, sheet: Sheet) -> bool:
    """Whether it is of this model's layer."""
    return (origin.model, origin.tap) == (sheet.key[0], sheet.tap)
