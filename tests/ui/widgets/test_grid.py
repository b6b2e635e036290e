"""Cells of a table: where they are, and which is where."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.grid import cell_at, cell_rect, write_cells

PLACE, SHAPE = QRectF(10, 20, 90, 40), (4, 3)


def test_every_cell_is_found_where_it_is_drawn() -> None:
    for y in range(SHAPE[0]):
        for x in range(SHAPE[1]):
            box = cell_rect(PLACE, SHAPE, (y, x))
            assert (box.width(), box.height()) == (30, 10)
            assert cell_at(PLACE, SHAPE, box.center()) == (y, x)


@pytest.mark.parametrize(("x", "y"), [(9, 30), (101, 30), (50, 19), (50, 61)])
def test_beside_the_table_there_is_no_cell(x: float, y: float) -> None:
    assert cell_at(PLACE, SHAPE, QPointF(x, y)) is None


def test_the_far_edges_belong_to_the_last_cells() -> None:
    assert cell_at(PLACE, SHAPE, PLACE.bottomRight()) == (3, 2)


def test_long_numbers_stay_in_their_cell(qtbot: QtBot) -> None:
    image = QImage(120, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#00ff00"))
    pixels = np.full((1, 1), 0xFF000000, np.uint32)
    painter = QPainter(image)
    write_cells(painter, QRectF(50, 10, 20, 20), pixels, lambda _y, _x: "−0.000123456")
    painter.end()
    inside = {image.pixelColor(x, y).name() for x in range(50, 69) for y in range(10, 29)}
    outside = {image.pixelColor(x, y).name() for x in (*range(49), *range(71, 120)) for y in range(40)}
    assert outside == {"#00ff00"}
    assert len(inside) > 1
