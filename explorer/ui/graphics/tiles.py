"""Where the tiles of a mosaic and their cells are in a view, and what lies at a point of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from explorer.core.render import TileGrid


@dataclass(frozen=True)
class Tiles:
    """The tiles of a grid, drawn into a rectangle of the view that begins at its origin."""

    grid: TileGrid
    content: QRectF

    def tile(self, position: int) -> QRectF:
        """A tile in the view's units."""
        return self._scaled(*self.grid.rect(position))

    def cell(self, position: int, y: int, x: int) -> QRectF:
        """A cell of a tile in the view's units."""
        return self._scaled(*self.grid.cell_rect(position, y, x))

    def _scaled(self, y: float, x: float, height: float, width: float) -> QRectF:
        rows, columns = self.grid.size
        down, across = self.content.height() / max(rows, 1), self.content.width() / max(columns, 1)
        return QRectF(x * across, y * down, width * across, height * down)

    def hit(self, at: QPointF) -> tuple[int, int, int] | None:
        """(position, cell y, cell x) at a point; None beside all tiles."""
        if not self.content.contains(at):
            return None
        rows, columns = self.grid.size
        return self.grid.hit(at.y() / self.content.height() * rows, at.x() / self.content.width() * columns)

    @property
    def pitch(self) -> tuple[float, float]:
        """From one tile to the next: down and across."""
        grid, (rows, columns) = self.grid, self.grid.size
        down, across = self.content.height() / max(rows, 1), self.content.width() / max(columns, 1)
        return (grid.tile_h + grid.gap) * down, (grid.tile_w + grid.gap) * across

    def seen(self, view: QRectF) -> list[int]:
        """Positions that are at least partly in a part of the view, row by row."""
        grid, seen = self.grid, view.intersected(self.content)
        if not grid.count:
            return []
        pitch_y, pitch_x = self.pitch
        rows = range(int(seen.top() / pitch_y), min(int(seen.bottom() / pitch_y) + 1, grid.rows))
        columns = range(int(seen.left() / pitch_x), min(int(seen.right() / pitch_x) + 1, grid.columns))
        positions = [row * grid.columns + column for row in rows for column in columns]
        return [position for position in positions if position < grid.count]
