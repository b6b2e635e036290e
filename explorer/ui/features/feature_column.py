"""One column's layer as one picture: what is drawn of it, and whose it still is while another one is on its way."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.core.boxes import Box
from explorer.core.geometry import affine
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import Directions, Painted, Sheet, box_of, cell_at, coloured, middle_of
from explorer.core.representations import Similarity
from explorer.ui import theme
from explorer.ui.features import words
from explorer.ui.features.feature_panel import ColumnFeaturesPanel
from explorer.ui.features.similarity_asking import Asking
from explorer.ui.graphics.cells_on_image import Legend

Share = tuple[float, float]


class ColumnFeatures(QObject):
    """Places of the picture are (y, x) as shares of it."""

    def __init__(self, panel: ColumnFeaturesPanel) -> None:
        super().__init__(panel)
        self.panel = panel
        self.sheet: Sheet | None = None  # what is drawn, where nothing is on its way
        self.painted: Painted | None = None
        self.directions: Directions | None = None
        self.similarity: Similarity | None = None
        self.mutual: bool | None = None  # whether the most similar place's own most similar one is the one asked about
        self._first: tuple[Directions, Cell] | None = None  # where and what was asked, of the first column
        self._asked: Cell | None = None
        self._kept = False
        self._asking, self._back = Asking(self), Asking(self)
        self._asking.answered.connect(self._answered)
        self._back.answered.connect(self._answered_back)

    @property
    def busy(self) -> bool:
        return self._asking.busy or self._back.busy

    def stop(self) -> None:
        """What is being compared is not wanted any more."""
        self._asking.stop()
        self._back.stop()

    def nothing(self, message: str) -> None:
        """There is nothing to draw, and why."""
        self.stop()
        self.sheet = self.painted = self.directions = self.similarity = self.mutual = None
        self.panel.say(message)

    def wait(self, tap: str) -> None:
        """What is drawn stays, and says whose it is."""
        self.stop()
        self.panel.wait(self.sheet.tap if self.sheet is not None else "", tap)

    # --- components ---

    def paint(self, sheet: Sheet, found: Painted, said: str) -> None:
        """Colours, and what is said of them."""
        self.stop()
        self.sheet, self.painted, self.directions, self.similarity = sheet, found, None, None
        self.panel.places.set_picture(sheet.picture.shown, sheet.picture.size)
        self.panel.places.set_cells(
            found.colours.rgb, self._box(), Legend(words.explained(found)), lambda cell: words.scores(found, cell)
        )
        self.panel.places.set_marks(None)
        self.panel.tell(said)

    # --- similarity ---

    def compare(self, sheet: Sheet, found: Directions) -> None:
        """What a place is going to be compared with."""
        self.sheet, self.directions, self.painted = sheet, found, None

    def ask(self, place: Share, kept: bool, first: tuple[Directions, Cell] | None) -> None:
        """How similar every place is to the one here or, if `first` is given, to that cell of the first column."""
        if self.directions is None or self.sheet is None:
            return
        self.stop()
        self._kept, self._first, self.mutual = kept, first, None
        if first is not None:
            there, cell = first
            self._asked = None
            self._asking.ask(self.directions, there.units[there.places.row(cell)], None)
        elif not self.seen(place):
            self._asked = self.similarity = None
            self.panel.say("This model does not see this location: choose one inside its crop.")
        else:
            self._asked = cell = self.cell(place)
            self._asking.ask(self.directions, self.directions.units[self.directions.places.row(cell)], cell)

    def _answered(self, found: Similarity) -> None:
        assert self.directions is not None
        assert self.sheet is not None
        self.similarity = found
        colormap, there = theme.current().diverging, self.directions
        self.panel.places.set_picture(self.sheet.picture.shown, self.sheet.picture.size)
        self.panel.places.set_cells(
            coloured((found.values + 1) / 2, found.known, colormap),
            self._box(),
            Legend(colormap=colormap),
            lambda cell: words.cosine(found, cell),
        )
        self.panel.places.set_marks(self._asked, found.best)
        if self._first is not None:
            self.panel.tell(words.of_first(found, self._first[1], None))
            self._back.ask(self._first[0], there.units[there.places.row(found.best)], None)
        elif self._asked is not None:
            self.panel.tell(words.asked(found, self._asked, self._kept))

    def _answered_back(self, found: Similarity) -> None:
        if self._first is not None and self.similarity is not None:
            self.mutual = found.best == self._first[1]
            self.panel.tell(words.of_first(self.similarity, self._first[1], self.mutual))

    # --- places ---

    @property
    def _where(self) -> Directions | Painted | None:
        return self.painted or self.directions

    def _box(self) -> Box:
        assert self.sheet is not None
        assert self._where is not None
        return box_of(self._where.places, affine.crop_box(self.sheet.picture.size, self.sheet.pre))

    def seen(self, place: Share) -> bool:
        """Whether the model sees this place of the picture."""
        if self.sheet is None:
            return False
        (height, width), seen = self.sheet.picture.size, affine.crop_box(self.sheet.picture.size, self.sheet.pre)
        y, x = place[0] * height, place[1] * width
        return seen.y0 <= y < seen.y1 and seen.x0 <= x < seen.x1

    def cell(self, place: Share) -> Cell:
        """The cell nearest to a place."""
        assert self.sheet is not None
        assert self._where is not None
        height, width = self.sheet.picture.size
        return cell_at(self._where.places, (place[0] * height, place[1] * width))

    def place(self, cell: Cell) -> Share | None:
        """Where a cell stands; None while nothing is drawn."""
        if self.sheet is None or self._where is None:
            return None
        (y, x), (height, width) = middle_of(self._where.places, cell), self.sheet.picture.size
        return y / height, x / width

    def point(self, place: Share | None) -> None:
        """Frames the cell at a place that is pointed at, here or elsewhere."""
        inside = place is not None and self._where is not None and self.seen(place)
        self.panel.places.set_pointed(self.cell(place) if inside and place is not None else None)
