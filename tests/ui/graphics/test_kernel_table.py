from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import pixels_of, point
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from explorer.core.activations import Kernel
from explorer.ui import theme
from explorer.ui.graphics.kernel_table import KernelTable

Show = Callable[..., KernelTable]


def kernel(*shape: int, groups: int = 1, bias: bool = True) -> Kernel:
    weight = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return Kernel(weight, np.arange(shape[0], dtype=np.float32) if bias else None, groups=groups)


@pytest.fixture
def table(show: Show) -> KernelTable:
    return show(KernelTable(), 280, 220)


def test_small_kernels_are_written_out(table: KernelTable, looks: theme.Theme) -> None:
    table.set_kernel(kernel(8, 4, 3, 3), 2)
    assert table.grid.isVisible()
    assert table.grid.written
    assert len(pixels_of(table.grid)) > 9


def test_large_kernels_are_pictures_with_a_read_out(table: KernelTable, qtbot: QtBot) -> None:
    table.set_kernel(kernel(8, 3, 16, 16), 2)
    assert not table.grid.written
    before = table.grid.grab().toImage()
    point(table.grid, table.grid.picture.center().toPoint())
    assert table.grid.grab().toImage() != before


@pytest.mark.parametrize("shape", [(10, 300), (10, 300, 1, 1)])
def test_rows_of_weights_are_bars(table: KernelTable, shape: tuple[int, ...]) -> None:
    table.set_kernel(kernel(*shape), 9)
    assert table.bars.isVisible()
    assert not table.grid.isVisible()
    assert not table.selector.isVisible()
    assert "300 weights" in table.accessibleDescription()


def test_choosing_an_input_channel_shows_its_slice(table: KernelTable, qtbot: QtBot) -> None:
    table.set_kernel(kernel(8, 4, 3, 3), 2, 1)
    before = table.grid.grab().toImage()
    with qtbot.waitSignal(table.in_channel_changed) as told:
        table.selector.setValue(3)
    assert told.args == [3]
    assert table.grid.grab().toImage() != before


def test_the_input_channel_stays_from_one_channel_to_the_next(table: KernelTable, qtbot: QtBot) -> None:
    weights = kernel(8, 4, 3, 3)
    table.set_kernel(weights, 2, 3)
    with qtbot.assertNotEmitted(table.in_channel_changed):
        table.set_kernel(weights, 5)
    assert table.selector.value() == 3


def test_grouped_input_channels_are_numbered_as_in_the_layer(table: KernelTable) -> None:
    table.set_kernel(kernel(8, 4, 3, 3, groups=2), 6)
    assert (table.selector.minimum(), table.selector.maximum()) == (4, 7)


def test_depthwise_kernels_have_nothing_to_choose(table: KernelTable) -> None:
    table.set_kernel(kernel(8, 1, 3, 3, groups=8, bias=False), 6)
    assert not table.selector.isVisible()
    assert table.accessibleDescription() == "3 × 3, depthwise, no bias"


@pytest.mark.parametrize("shape", [(4, 2, 5), (4, 2, 3, 3, 3), (4, 1, 1, 1), (4, 1)])
def test_other_shapes_are_shown_too(table: KernelTable, shape: tuple[int, ...]) -> None:
    table.set_kernel(kernel(*shape), 1)
    assert table.grid.isVisible()
    table.grab()


def test_broken_weights_are_magenta(table: KernelTable) -> None:
    weights = kernel(2, 2, 3, 3)
    weights.weight[1, 0, 1, 1] = np.nan
    table.set_kernel(weights, 1, 0)
    assert "#ff00ff" in pixels_of(table.grid)


def test_without_weights_the_reason_stands_there(table: KernelTable) -> None:
    table.set_kernel(kernel(8, 4, 3, 3), 2)
    table.clear("A ReLU has no weights.")
    assert not table.grid.isVisible()
    assert not table.bars.isVisible()
    assert table.accessibleDescription() == "A ReLU has no weights."


def test_the_read_out_goes_with_the_pointer(table: KernelTable, qtbot: QtBot) -> None:
    table.set_kernel(kernel(8, 4, 3, 3), 2)
    point(table.grid, QPoint(10, 10))
    assert theme.current().warm in pixels_of(table.grid)
    point(table.grid, QPoint(200, 70))
    assert theme.current().warm not in pixels_of(table.grid)
