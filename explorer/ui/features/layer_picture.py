"""All channels of a layer in one picture: what is drawn of it, and whose it still is while another one is on its way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.core.activations import Tap
from explorer.core.any_input import as_picture
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.errors import Failure
from explorer.core.geometry import affine
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import Picture
from explorer.core.layer_views import (
    CellPicture,
    Directions,
    Painted,
    Sheet,
    box_of,
    cell_at,
    coloured,
    middle_of,
    placeless,
)
from explorer.core.representations import Similarity, Vectors
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.features import words
from explorer.ui.features.feature_panel import FeaturesPanel
from explorer.ui.features.similarity_asking import Asking
from explorer.ui.graphics.cells_on_image import Legend, text_of
from explorer.ui.live import LiveControl
from explorer.ui.model_pane.model_pane import ModelPane

Share = tuple[float, float]


class LayerPicture(QObject):
    """One for a pane. A `Share` is a place (y, x) as shares of the picture."""

    def __init__(self, panel: FeaturesPanel, live: LiveControl) -> None:
        super().__init__(panel)
        self.panel, self._live = panel, live
        self.sheet: Sheet | None = None  # what is drawn, also while another one is on its way
        # what it is drawn from, where nothing is on its way: one of the three
        self.painted: Painted | None = None
        self.directions: Directions | None = None
        self.added: CellPicture | None = None
        self.similarity: Similarity | None = None
        self.mutual: bool | None = None  # whether the most similar place's own most similar one is the one asked about
        self._asked: Cell | None = None
        self._pinned = False
        self._elsewhere: tuple[Directions, Cell] | None = None  # where and what was asked, of another picture
        self._asking, self._back = Asking(self), Asking(self)
        self._asking.answered.connect(self._answered)
        self._back.answered.connect(self._answered_back)

    @property
    def busy(self) -> bool:
        """Whether an answer of the UI thread's own is still to come."""
        return self._asking.busy or self._back.busy

    def stop(self) -> None:
        """What is being compared is not wanted any more."""
        self._asking.stop()
        self._back.stop()

    # --- what there is not ---

    def sheet_of(self, pane: ModelPane, tap: Tap | None, why: str) -> Sheet | None:
        """What a layer is painted from; None where there is nothing yet, or never will be, and it says so: `why` there is no layer."""
        sheet = pane.sheet(tap)
        if tap is None:
            self.nothing(why)
        elif placeless(tap):
            self.nothing(placeless(tap))
        elif sheet is None:
            self.wait(tap.name)
        elif not isinstance(sheet.picture, Picture):
            self.nothing(tr("This view is drawn on a picture, which the input is not: see its maps instead."))
        else:
            return sheet
        return None

    def nothing(self, message: str) -> None:
        """There is nothing to draw, and why."""
        self.stop()
        self.sheet = self.painted = self.directions = self.added = self.similarity = self.mutual = None
        self.panel.say(message)

    def wait(self, tap: str) -> None:
        """What is drawn stays, and says whose it is. The last frame of what moves does not: another one comes at once."""
        of = self.sheet.tap if self.sheet is not None else ""
        if self._live.playing and of == tap:
            return
        self.stop()
        self.painted = self.directions = self.added = None
        self.panel.wait(of, tap)

    def lack(self, sheet: Sheet, failure: Failure | None) -> None:
        """There is no answer about a layer: it is still to come, or could not be had."""
        if failure is None:
            self.wait(sheet.tap)
        else:
            self.nothing(failure.text)

    # --- components ---

    def paint(self, sheet: Sheet, found: Painted, said: str, kept: Cell | None = None) -> None:
        """Colours, what is said of them, and the cell that is kept."""
        self.stop()
        self.sheet, self.painted, self.directions, self.similarity, self.added = sheet, found, None, None, None
        self._draw(found.colours.rgb, found.places, Legend(words.explained(found)), lambda at: words.scores(found, at))
        self.panel.places.set_marks(kept)
        self.panel.tell(said)

    def _draw(self, rgb: Array, places: Vectors, legend: Legend, read: Callable[[Cell], str]) -> None:
        assert self.sheet is not None
        self.panel.places.set_picture(as_picture(self.sheet.picture).shown, self.sheet.picture.size)
        self.panel.places.set_cells(rgb, box_of(places, self._seen(self.sheet)), legend, read)

    # --- views of packages ---

    def draw_added(self, sheet: Sheet, found: CellPicture, said: str) -> None:
        """What such a view makes of the layer."""
        self.stop()
        self.sheet, self.added = sheet, found
        self.painted = self.directions = self.similarity = None
        self._draw(found.rgb, found.places, Legend(), text_of)
        self.panel.places.set_marks(None)
        self.panel.tell(said)

    # --- similarity ---

    def compare(self, sheet: Sheet, found: Directions) -> None:
        """What a place is going to be compared with."""
        self.sheet, self.directions, self.painted, self.added = sheet, found, None, None

    def ask(self, cell: Cell, pinned: bool) -> None:
        """How similar every place is to a cell; `pinned`: whatever is pointed at."""
        there = self.directions
        if there is not None:
            self._begin(cell, pinned, None)
            self._asking.ask(there, there.units[there.places.row(cell)], cell)

    def ask_place(self, place: Share, pinned: bool) -> None:
        """How similar every place is to one of the picture."""
        if self.directions is None:
            return
        cell = self.cell(place)
        if cell is not None:
            self.ask(cell, pinned)
        else:
            self._begin(None, pinned, None)
            self.similarity = None
            self.panel.say(tr("This model does not see this location: choose one inside its crop."))

    def ask_elsewhere(self, there: Directions, cell: Cell) -> None:
        """How similar every place is to a cell of another picture."""
        if self.directions is not None:
            self._begin(None, False, (there, cell))
            self._asking.ask(self.directions, there.units[there.places.row(cell)], None)

    def _begin(self, cell: Cell | None, pinned: bool, elsewhere: tuple[Directions, Cell] | None) -> None:
        self.stop()
        self._asked, self._pinned, self._elsewhere, self.mutual = cell, pinned, elsewhere, None

    def _answered(self, found: Similarity) -> None:
        assert self.directions is not None
        self.similarity, there, colormap = found, self.directions, theme.current().diverging
        rgb = coloured((found.values + 1) / 2, found.known, colormap)
        self._draw(rgb, there.places, Legend(colormap=colormap), lambda at: words.cosine(found, at))
        self.panel.places.set_marks(self._asked, found.best)
        if self._elsewhere is not None:
            self.panel.tell(words.of_first(found, self._elsewhere[1], None))
            self._back.ask(self._elsewhere[0], there.units[there.places.row(found.best)], None)
        elif self._asked is not None:
            self.panel.tell(words.asked(found, self._asked, self._pinned))

    def _answered_back(self, found: Similarity) -> None:
        if self._elsewhere is not None and self.similarity is not None:
            self.mutual = found.best == self._elsewhere[1]
            self.panel.tell(words.of_first(self.similarity, self._elsewhere[1], self.mutual))

    # --- places ---

    @property
    def places(self) -> Vectors | None:
        """Where the cells stand; None while nothing is drawn, or something else is on its way."""
        there = self.painted or self.directions or self.added
        return there.places if there is not None else None

    def _seen(self, sheet: Sheet) -> Box:
        return affine.crop_box(sheet.picture.size, sheet.pre)

    def cell(self, place: Share) -> Cell | None:
        """The cell nearest to a place; None where the model does not see it."""
        if self.sheet is None or self.places is None:
            return None
        (height, width), seen = self.sheet.picture.size, self._seen(self.sheet)
        y, x = place[0] * height, place[1] * width
        return cell_at(self.places, (y, x)) if seen.y0 <= y < seen.y1 and seen.x0 <= x < seen.x1 else None

    def place(self, cell: Cell) -> Share | None:
        """Where a cell stands; None while nothing is drawn."""
        if self.sheet is None or self.places is None:
            return None
        (y, x), (height, width) = middle_of(self.places, cell), self.sheet.picture.size
        return y / height, x / width

    def point(self, place: Share | None) -> None:
        """Frames the cell at a place that is pointed at, here or elsewhere."""
        self.panel.places.set_pointed(self.cell(place) if place is not None else None)
