"""Points inside a polygon: against the painter path of Qt."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

from explorer.core.geometry.polygons import inside


@pytest.mark.parametrize("corners", [3, 4, 17, 200])
def test_the_same_as_a_path_filled_by_the_even_odd_rule(corners: int) -> None:
    chance = np.random.default_rng(corners)
    points = chance.normal(size=(2000, 2)).astype(np.float32)
    polygon = tuple(
        map(tuple, chance.normal(size=(corners, 2)).round(1).tolist())
    )  # it crosses itself; some edges are level
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in polygon]))
    path.closeSubpath()
    expected = [path.contains(QPointF(float(x), float(y))) for x, y in points]
    assert 0 < sum(expected) < 2000
    assert inside(points, polygon).tolist() == expected


def test_a_point_on_the_border_of_two_belongs_to_one() -> None:
    points = np.array([(1.0, 0.5), (1.0, 0.0), (0.0, 0.0), (2.0, 0.5), (np.nan, 0.5), (0.5, np.nan)])
    left, right = ((0, 0), (1, 0), (1, 1), (0, 1)), ((1, 0), (2, 0), (2, 1), (1, 1))
    assert (inside(points, left) ^ inside(points, right))[:3].all()
    assert not (inside(points, left) & inside(points, right)).any()
    assert not (inside(points, left) | inside(points, right))[3:].any()
