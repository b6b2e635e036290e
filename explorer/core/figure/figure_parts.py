"""A figure as frozen plain values: parts in rows, a title, a caption with provenance. What is drawn is what stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.core.arrays import Array
from explorer.core.render import colormaps
from explorer.core.render.scale import Limits
from explorer.core.translation import tr

MM_PER_INCH = 25.4
WIDTHS = (10.0, 2000.0)  # mm, least and most
DPIS = (30, 2400)
FONTS = (2.0, 72.0)  # pt
SUFFIXES = (".png", ".svg", ".pdf")  # of the files that a figure is written to


@dataclass(frozen=True, slots=True, eq=False)
class ColourScale:
    """A colour bar: `colours` (n, 3) uint8, or (n, 4) over the paper, between the values `low` and `high`. `ends`: words in the
    place of these two, where every picture has limits of its own. `by_theme`: a diverging colour map that nobody chose, so that
    the paper decides which one; the pixels of the part must be its colours unmixed."""

    colours: Array
    low: float
    high: float
    label: str = ""
    unit: str = ""
    ends: tuple[str, str] | None = None
    by_theme: bool = False


@dataclass(frozen=True, slots=True)
class FigureFrame:
    """A rectangle over a picture, in its pixels."""

    y: float
    x: float
    height: float
    width: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class FigureAxis:
    """What an axis is called, its unit, and its range (None: that of the values)."""

    label: str = ""
    unit: str = ""
    range: tuple[float, float] | None = None

    @property
    def words(self) -> str:
        """ "frequency (Hz)"."""
        unit = self.unit.strip()
        return f"{self.label} ({unit})" if unit and self.label else self.label or unit


@dataclass(frozen=True, slots=True, eq=False)
class PicturePart:
    """One picture, `rgb` (H, W, 3) uint8, every pixel a rectangle. `values` (H, W) are the numbers behind it, if it has any.
    `aspect`: height over width of the whole where the pixels are not squares; 0: they are. `note` stands beneath.
    `most`: em that it is wide at most."""

    title: str
    rgb: Array
    scale: ColourScale | None = None
    values: Array | None = None
    frames: tuple[FigureFrame, ...] = ()
    note: str = ""
    aspect: float = 0.0
    x: FigureAxis | None = None
    most: float = 1000.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class TilesPart:
    """Many small pictures of one size (h, w, 3), each with a label. `measures` are numbers of each, named by `measured`.
    `numbers`: whether the labels are channel numbers, which can be left out."""

    title: str
    tiles: tuple[Array, ...]
    labels: tuple[str, ...]
    scale: ColourScale | None = None
    measured: tuple[str, ...] = ()
    measures: tuple[tuple[float, ...], ...] = ()
    chosen: int = -1  # the place of the tile that has a frame
    columns: int = 0  # 0: as many as fit
    numbers: bool = True
    note: str = ""
    weight: float = 1.0
    on_dark: tuple[Array, ...] = ()  # in the place of `tiles` on a dark paper; empty: the same


@dataclass(frozen=True, slots=True, eq=False)
class FigureCurve:
    """A line through (x, y); `low` and `high` are a band about it. `dashed`: a line for comparison."""

    name: str
    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None
    dashed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CurvesPart:
    """Curves over one pair of axes. `names`: words in the place of numbers below the axis, one a step of x from 0 on."""

    title: str
    curves: tuple[FigureCurve, ...]
    x: FigureAxis = FigureAxis()
    y: FigureAxis = FigureAxis()
    names: tuple[str, ...] = ()
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class HistogramPart:
    """Counts (n,) between edges (n + 1,)."""

    title: str
    counts: Array
    edges: Array
    x: FigureAxis = FigureAxis(tr("value"))
    y: FigureAxis = FigureAxis(tr("count"))
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class BarsPart:
    """Bars from zero, one a line, with a label and the value as it is to be read. `signed`: amber above zero, blue below."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    words: tuple[str, ...]
    signed: bool = False
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class MatrixPart:
    """A matrix with named rows and columns, `rgb` (rows, columns, 3) uint8. `marks`: cells (row, column) with a dot, such as a
    path; `texts`: words in the cells, where there is room for all."""

    title: str
    values: Array
    rgb: Array
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_axis: str = ""
    column_axis: str = ""
    scale: ColourScale | None = None
    marks: tuple[tuple[int, int], ...] = ()
    texts: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TablePart:
    """Rows of cells beneath a header (empty: none). Columns of numbers stand at the right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ScatterPart:
    """Points (n,) x and y; `group` (n,) is the number of each in `groups`, -1: in none."""

    title: str
    x: Array
    y: Array
    group: Array
    groups: tuple[str, ...]
    horizontal: FigureAxis = FigureAxis()
    vertical: FigureAxis = FigureAxis()
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class WordsPart:
    """Words in their order, each on a colour: `rgba` (n, 4) uint8."""

    title: str
    words: tuple[str, ...]
    rgba: Array
    values: tuple[float, ...] = ()
    scale: ColourScale | None = None
    note: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class NotePart:
    """Sentences."""

    text: str
    title: str = ""
    note: str = ""
    weight: float = 1.0


FigurePart = (
    PicturePart
    | TilesPart
    | CurvesPart
    | HistogramPart
    | BarsPart
    | MatrixPart
    | TablePart
    | ScatterPart
    | WordsPart
    | NotePart
)


@dataclass(frozen=True, slots=True, eq=False)
class FigureDescription:
    """Parts side by side in rows. `name` is what a file would be called, without a suffix."""

    title: str
    rows: tuple[tuple[FigurePart, ...], ...]
    caption: str = ""
    name: str = "figure"

    @property
    def parts(self) -> tuple[FigurePart, ...]:
        """All of them, row by row."""
        return tuple(part for row in self.rows for part in row)


@dataclass(frozen=True, slots=True)
class FigureStyle:
    """How a figure is drawn. `width_mm`: of the whole; `font_pt`: of its text; `dpi`: of a PNG, and of how many pixels `width_px` is."""

    width_mm: float = 120.0
    dpi: int = 300
    font_pt: float = 8.0
    theme: Literal["light", "dark"] = "light"
    numbers: bool = True
    colour_bar: bool = True
    caption: bool = True

    @property
    def width_px(self) -> int:
        """Of a PNG."""
        return max(round(self.width_mm / MM_PER_INCH * self.dpi), 1)


def scale_of(
    limits: Limits, colormap: str, unit: str = "", channel: int | None = None, label: str = "", chosen: bool = False
) -> ColourScale:
    """The bar of maps with these limits: of one channel, or of all. `chosen`: a person chose this diverging colour map."""
    colours, by_theme = colormaps.table(colormap), colormap in colormaps.DIVERGING and not chosen
    if channel is not None or len(limits.lo) == 1:
        return ColourScale(colours, *limits.of(channel or 0), label, unit, by_theme=by_theme)
    ends = (tr("−max |value|"), tr("+max |value|")) if limits.signed else ("0", "maximum")
    low, high = float(limits.lo.min(initial=0.0)), float(limits.hi.max(initial=0.0))
    return ColourScale(colours, low, high, label or tr("each map on its own scale"), unit, ends, by_theme)
