"""Rows over time as they are painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor

from explorer.core import render
from explorer.core.render.waveform_reduced import waveform_reduced
from explorer.ui.graphics.time_panel import TimePanel

CHANNELS, STEPS = 512, 16000


def hot_lines() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forty single cells among half a million columns' worth of small values; one a row."""
    rng = np.random.default_rng(3)
    lines = (0.1 * rng.random((CHANNELS, STEPS))).astype(np.float32)
    rows, steps = rng.choice(CHANNELS, 40, replace=False), rng.integers(0, STEPS, 40)
    lines[rows, steps] = 9
    return lines, rows, steps


@pytest.mark.parametrize("ahead", [False, True])
def test_forty_of_forty_single_cells_are_painted(show: Callable[..., Any], ahead: bool) -> None:
    """Also where the columns were reduced before, at the width that is drawn or at another one."""
    lines, rows, steps = hot_lines()
    panel = show(TimePanel(), 1400, 700)
    assert panel.view.area.height() > CHANNELS
    limits = render.limits(lines[None], render.ScaleMode.PER_LAYER)
    columns = waveform_reduced(lines, panel.view.wide).largest if ahead else None
    panel.set_values(lines, limits, "grey", columns=columns)
    image = panel.view.grab().toImage()
    place, white = panel.picture, QColor("white").rgb()
    seen = 0
    for row, step in zip(rows, steps, strict=True):
        x = int(place.left() + (step + 0.5) / STEPS * place.width())
        y = int(place.top() + (row + 0.5) / CHANNELS * place.height())
        near = [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        seen += any(image.pixel(*at) == white for at in near if image.valid(*at))
    assert seen == 40


def test_columns_of_another_width_are_not_drawn(show: Callable[..., Any]) -> None:
    lines, _, _ = hot_lines()
    panel = show(TimePanel(), 1400, 700)
    limits = render.limits(lines[None], render.ScaleMode.PER_LAYER)
    panel.set_values(lines, limits, "grey")
    right = panel.grab().toImage()
    panel.set_values(lines, limits, "grey", columns=waveform_reduced(0 * lines, panel.view.wide - 1).largest)
    assert panel.grab().toImage() == right
