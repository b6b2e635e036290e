"""The labels of the tiles of a mosaic, drawn once for as long as no tile moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem

from explorer.core.arrays import Array
from explorer.ui import text_size
from explorer.ui.graphics.glyphs import Glyphs
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.tiles import Tiles

LABEL_FROM = 30, 18  # logical pixels across and down: smaller tiles have no room for a number
MOST_LABELS = 1200


class TileLabels(QGraphicsItem):
    """Names of channels in the corners of their tiles, where there is room."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self._glyphs: Glyphs | None = None
        self._glyphs_for: tuple[object, ...] = ()
        self._tiles: Tiles | None = None
        self._order: Array | None = None
        self._names: Sequence[str] | None = None
        self._light = False
        self._layer = QPixmap()
        self._layer_for: tuple[object, ...] = ()
        self._seen = QRectF()
        self.hide()

    def set_tiles(self, tiles: Tiles, order: Array, names: Sequence[str] | None, light: bool) -> None:
        """Tiles in an order of channels, each with its name (None: its number), on a picture that is mostly `light` or dark."""
        first, seen = self._panel.on_screen(tiles.tile(0)), self._panel.box.seen
        if seen != self._seen:
            self.prepareGeometryChange()
            self._seen = seen
        self._tiles, self._order, self._names, self._light = tiles, order, names, light
        self.setVisible(first.width() >= text_size.px(LABEL_FROM[0]) and first.height() >= text_size.px(LABEL_FROM[1]))

    # --- Qt's names

    def boundingRect(self) -> QRectF:
        return self._seen

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        if self._tiles is None or self._order is None:
            return
        kind = (self._panel.devicePixelRatioF(), self._light, text_size.factor())
        wanted = (kind, self._seen.getRect(), self._tiles, self._names, self._order.tobytes(), self._panel.size())
        if wanted != self._layer_for:
            if self._glyphs is None or self._glyphs_for != kind:
                self._glyphs, self._glyphs_for = Glyphs(self._panel.small_font(), *kind[:2]), kind
            self._layer, self._layer_for = self._drawn(self._glyphs, self._tiles, self._order), wanted
        painter.save()
        painter.resetTransform()
        painter.drawPixmap(0, 0, self._layer)
        painter.restore()

    def _drawn(self, glyphs: Glyphs, tiles: Tiles, order: Array) -> QPixmap:
        """The labels on nothing, as large as the panel."""
        panel, names, ratio = self._panel, self._names, self._panel.devicePixelRatioF()
        room = int(panel.on_screen(tiles.tile(0)).width()) - 6
        layer = QPixmap(panel.viewport().size() * ratio)
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        corner, grid = panel.on_screen(tiles.tile(0)).topLeft(), tiles.grid
        down, across = panel.scale_of_view
        step_y, step_x = tiles.pitch[0] * down, tiles.pitch[1] * across
        for position in tiles.seen(self._seen)[:MOST_LABELS]:
            row, column = divmod(position, grid.columns)
            channel = int(order[position])
            name = str(channel) if names is None or channel >= len(names) else names[channel]
            # on whole pixels, where characters stay sharp
            x, y = round(corner.x() + column * step_x) + 3, round(corner.y() + row * step_y) + 1
            painter.drawPixmap(x, y, glyphs.label(name, room))
        painter.end()
        return layer
