"""All channels of a layer in one picture: as colours of its principal components, or as similarity to one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess
from explorer.core.render import colormaps
from explorer.core.render.colormaps import looked_up
from explorer.core.representations import Basis, Colours, Vectors
from explorer.core.slices import slices_of
from explorer.core.translation import tr


class Shows(StrEnum):
    """What of a layer is looked at."""

    MAPS = "maps"  # every channel on its own
    COMPONENTS = "components"
    SIMILARITY = "similarity"
    ATTENTION = "attention"  # in a column of Compare; Explore has a page for it


OF_LAYER = (Shows.MAPS, Shows.COMPONENTS, Shows.SIMILARITY)  # of the values of the layer itself


def view_named(name: str) -> str:
    """A layer view by its name: one of `Shows`, or that of a package, which has a dot in it. Raises ValueError for another."""
    return str(name) if "." in name else Shows(name)


class Colouring(StrEnum):
    """What the colours of components are made with."""

    OWN = "own"  # of this layer and picture alone
    LIKE = "like the layer before"  # turned onto those of the layer that was shown before it
    PINNED = "pinned"  # those of one picture, for every other one


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One layer on one picture."""

    capture: Capture
    tap: str
    pre: AnyPreprocess

    @property
    def picture(self) -> Input:
        return self.capture.picture

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Equal for equal values: model, picture, edits and layer name them."""
        c = self.capture
        return c.model, c.picture.digest, c.edits, self.tap, repr(self.pre)


@dataclass(frozen=True, slots=True)
class BasisOrigin:
    """The layer on a picture that colours were made of: enough to make them again."""

    model: str  # ModelCard.digest
    tap: str
    input: InputRef
    digest: str  # Picture.digest
    picture: str = ""  # its name, for the person
    edits: str = ""  # core.interventions.digest_of those it was under
    foreground: bool = False  # whether the basis was fitted where the first component is positive


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """What colours are made with. `whole` is fitted on every cell; `basis` maybe on those alone where it is positive."""

    basis: Basis
    whole: Basis
    of: BasisOrigin


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A layer's components as colours, and how they were made."""

    sheet: tuple[str, ...]  # Sheet.key
    tap: str
    places: Vectors  # where the cells stand, without their values
    colours: Colours
    palette: Palette
    shares: Array  # (3,) of the variance that red, green and blue stand for: of what the basis is of, or this picture's (pinned)
    number: int  # no two have the same
    like: str = ""  # the layer whose colours these were turned onto
    joint: int = 1  # pictures that the basis was fitted on
    foreground: bool = False  # only where the first component is positive

    @property
    def shown(self) -> int:
        """Cells that have a colour."""
        return int(np.count_nonzero(self.colours.shown))


@dataclass(frozen=True, slots=True, eq=False)
class CellPicture:
    """A layer as a view of a package draws it."""

    places: Vectors  # where the cells stand, without their values
    rgb: Array  # (h, w, 3) uint8


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """The vectors of all cells at length 1, so that a product is a cosine."""

    places: Vectors  # where the cells stand, without their values
    units: Array  # (cells, channels) float64; zeros where there is no direction
    known: Array  # (cells,) bool: False where the vector is zero or not finite

    @property
    def channels(self) -> int:
        return int(self.units.shape[1])

    @property
    def nbytes(self) -> int:
        return self.units.nbytes + self.known.nbytes


def placeless(tap: Tap) -> str:
    """Why a layer cannot be painted on the picture; "" where it can."""
    if tap.grid is not None and tap.grid != (1, 1):
        return tap.reason if tap.receptive is None and slices_of(tap.layout, tap.shape) is not None else ""
    if tap.grid == (1, 1) or tap.layout == "NC":
        return tr("This layer is one vector for the whole picture: it has no locations to colour or to compare.")
    return tap.reason or tr("The positions of this layer's cells on the picture are unknown.")


def coloured(shares: Array, known: Array, colormap: str) -> Array:
    """(h, w, 3) uint8 of shares 0..1 of a colour map; grey where not known."""
    return looked_up(colormaps.table(colormap), shares, known)


def without_values(cells: Vectors) -> Vectors:
    """Only where the cells stand: what is kept of them beside a picture."""
    return Vectors(cells.name, np.empty((len(cells.values), 0)), cells.grid, cells.rows, cells.columns)


def box_of(places: Vectors, seen: Box) -> Box:
    """What the cells cover together, in pixels of the original picture; one line of cells covers what is seen that way."""
    y0, y1 = _span(places.rows, seen.y0, seen.y1)
    x0, x1 = _span(places.columns, seen.x0, seen.x1)
    return Box(y0, x0, y1, x1)


def _span(centres: Array, first: float, last: float) -> tuple[float, float]:
    if len(centres) < 2:
        return first, last
    half = float(centres[1] - centres[0]) / 2
    return float(centres[0]) - half, float(centres[-1]) + half


def middle_of(places: Vectors, cell: Cell) -> tuple[float, float]:
    """(y, x) of a cell's centre in pixels of the original picture."""
    return float(places.rows[cell[0]]), float(places.columns[cell[1]])


def cell_at(places: Vectors, at: tuple[float, float]) -> Cell:
    """The cell whose centre is nearest to a place (y, x) of the original picture."""
    return int(np.abs(places.rows - at[0]).argmin()), int(np.abs(places.columns - at[1]).argmin())


def reads(sheets: Iterable[Sheet]) -> tuple[tuple[str, ...], ...]:
    """Which values a painting is made of."""
    return tuple(sheet.key for sheet in sheets)
