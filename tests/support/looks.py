"""What panels and tables show, read in one place: tests ask here and not the widgets' insides."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget


def _view(panel: Any) -> Any:
    """The view of a panel that has a bar beside it, or the panel itself."""
    return getattr(panel, "view", panel)


def message(panel: Any) -> str:
    """The sentence in the place of a picture; also while one is shown: what would stand there."""
    return str(_view(panel).message.text())


def heat(picture: Any) -> np.ndarray | None:
    """(h, w, 4) over the input picture; None where nothing lies over it."""
    item = picture.heat
    return None if not item.isVisible() or item.empty else np.asarray(item.image)


def borders(picture: Any) -> int:
    """How many lines go round cells of the heat."""
    return int(picture._border.path().elementCount()) // 2 if picture._border.isVisible() else 0


def field(picture: Any) -> Any:
    """The receptive field that is drawn, None for none."""
    return picture.field_box


def window_on(picture: Any) -> Any:
    """The window that is drawn, None for none."""
    return picture.window_box


def table_rows(table: Any) -> tuple[Any, ...]:
    """The rows of a table of numbers."""
    return tuple(table.model().rows)


def pointed(tiles: Any) -> tuple[int, int] | None:
    """The cell that is marked in every tile."""
    cell: tuple[int, int] | None = tiles._pointed
    return cell


def selected(tiles: Any) -> tuple[int | None, tuple[int, int] | None]:
    """The channel whose tile is framed, and its marked cell."""
    return tiles._channel, tiles._cell


def hovered(panel: Any) -> tuple[int, int] | None:
    """The cell of a map that is pointed at."""
    cell: tuple[int, int] | None = _view(panel).hover
    return cell


def shown_map(panel: Any) -> np.ndarray | None:
    """The values of the large map."""
    values: np.ndarray | None = _view(panel).values
    return values


def marks(tiles: Any) -> np.ndarray | None:
    """(tiles, h, w): the cells that stick out."""
    found: np.ndarray | None = tiles._marks
    return found


def here(blocks: Any) -> tuple[int, int | None]:
    """The block and the head that are framed."""
    place: tuple[int, int | None] = blocks._here
    return place


def token(tokens: Any) -> int | None:
    """The token before the grid whose entry is framed."""
    chosen: int | None = tokens._token
    return chosen


def read_out(cells: Any, cell: tuple[int, int]) -> str:
    """What is said while a cell of a picture of cells is pointed at."""
    return str(cells.view._read(cell))


def histogram(plot: Any) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of the bins."""
    return plot._counts, plot._edges


def order(tiles: Any) -> list[int]:
    """Channels in the order of their tiles."""
    return [int(channel) for channel in tiles.order]


def tile_centre(tiles: Any, tile: int, cell: tuple[int, int] | None = None) -> QPoint:
    """Where a tile, or a cell of it, is in the panel."""
    assert tiles.mosaic is not None
    position = tiles.mosaic.position(tile)
    place = tiles.tile(position) if cell is None else tiles.cell(position, *cell)
    return tiles.on_screen(place).center().toPoint()


def classes(prediction: Any) -> tuple[Any, ...]:
    """Rows of the prediction: index, name, share, share before an edit."""
    return tuple(prediction._model.rows)


def curves(plot: Any) -> list[str]:
    """Names of the curves of a plot, up to the first comma."""
    return [curve.name.split(",")[0] for curve in plot.view._curves]


def curve_values(plot: Any) -> np.ndarray:
    """The values of the only curve of a plot."""
    (curve,) = plot.view._curves
    return np.asarray(curve.y)


def pictures(still: Any) -> list[np.ndarray]:
    """The pictures that are looked at."""
    return [np.asarray(item.image) for item in still._pictures]


def frame_of(still: Any) -> tuple[int, int, int, int] | None:
    """(y0, x0, y1, x1) of the window on a picture."""
    rect = still._frame.path().boundingRect()
    if not still._frame.isVisible():
        return None
    return round(rect.top()), round(rect.left()), round(rect.bottom()), round(rect.right())


def inside(widget: QWidget, y: float, x: float) -> QPoint:
    """A point of the picture of a panel, both from 0 to 1."""
    place = widget.picture  # type: ignore[attr-defined]
    return QPoint(int(place.left() + x * place.width()), int(place.top() + y * place.height()))
