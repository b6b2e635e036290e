"""Patch, kernel and products: a kernel of any shape is seen, and stays in the panel."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.ui.graphics.value_grid import PatchGrid


@pytest.mark.parametrize("shape", [(1, 160), (160, 1), (1, 3), (7, 7)])
def test_a_kernel_of_one_line_is_seen(qtbot: QtBot, shape: tuple[int, int]) -> None:
    grid = PatchGrid()
    qtbot.addWidget(grid)
    grid.resize(260, 150)
    values = np.ones(shape, np.float32)
    grid.set_patch((values, values, values), (1.0, 1.0, 1.0), np.zeros(shape, bool))
    for area in grid.areas():
        assert min(area.width(), area.height()) >= 20
        assert area.right() <= 260
