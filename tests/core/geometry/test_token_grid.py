"""Cells and their pixels: worked out by hand, and against the nearest middle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.attention import Tokens
from explorer.core.attention_queries import query_of
from explorer.core.boxes import ReceptiveField
from explorer.core.geometry.token_grid import middle_of, nearest_cell, sides


def test_patches_cover_themselves_and_leave_what_no_patch_sees() -> None:
    down, across = sides(ReceptiveField(8, 8, 0, 0, 8, 8), (3, 4), (26, 32))
    assert [down.span(cell) for cell in range(3)] == [(0, 8), (8, 16), (16, 24)]
    assert down.cells(26).tolist() == [0] * 8 + [1] * 8 + [2] * 8 + [-1] * 2
    assert across.cells(32).tolist() == np.repeat(np.arange(4), 8).tolist()
    assert (down.rings(), across.rings()) == ((0, 0), (0, 0))


def test_cells_of_a_stem_go_on_to_the_edge_of_what_they_see() -> None:
    down, _ = sides(ReceptiveField(8, 8, -21, -21, 43, 43), (12, 12), (96, 96))
    assert down.span(0) == (0, 4.5)
    assert down.span(5) == (36.5, 44.5)
    assert down.span(11) == (84.5, 96)
    assert down.rings() == (0, 1)


def test_cells_without_padding_reach_both_edges() -> None:
    down, _ = sides(ReceptiveField(4, 4, 0, 0, 12, 12), (2, 2), (16, 16))  # middles 6 and 10
    assert [down.span(cell) for cell in range(2)] == [(0, 8), (8, 16)]
    assert down.rings() == (1, 1)


def test_one_cell_covers_what_it_sees() -> None:
    down, across = sides(ReceptiveField(0, 0, -5, 0, 60, 20), (1, 1), (40, 40))
    assert down.span(0) == (0, 40)
    assert across.cells(40).tolist() == [0] * 20 + [-1] * 20
    assert down.rings() == (0, 0)


@given(st.integers(1, 9), st.integers(1, 40), st.integers(1, 50), st.integers(-20, 8), st.integers(1, 120))
def test_a_pixel_belongs_to_the_token_that_it_asks(jump: int, size: int, count: int, start: int, length: int) -> None:
    field = ReceptiveField(jump, jump, start, start, size, size)
    tokens = Tokens(count, np.arange(count)[None], (count, 1), 0, field)
    down, _ = sides(field, (count, 1), (length, 1))
    cells = down.cells(length)
    for pixel, cell in enumerate(cells):
        if cell >= 0:
            assert query_of(tokens, (pixel + 0.5, 0.5)) == (cell, 0)
            first, last = down.span(int(cell))
            assert first <= pixel + 0.5 <= last
        else:
            # no cell stands there, and none sees it
            assert not start <= pixel + 0.5 < start + (count - 1) * jump + size


def test_no_place_without_a_jump_is_no_error() -> None:
    down, _ = sides(ReceptiveField(0, 0, 0, 0, 8, 8), (1, 1), (8, 8))
    assert down.cells(8).tolist() == [0] * 8
    assert down.span(0) == pytest.approx((0, 8))


@given(st.floats(0.5, 64), st.floats(-40, 40), st.floats(0, 200), st.integers(1, 60), st.data())
def test_a_cell_stands_at_its_middle_and_reaches_half_way_to_the_next(
    jump: float, start: float, size: float, count: int, data: st.DataObject
) -> None:
    field, grid = ReceptiveField(jump, 2 * jump, start, -start, size, size), (count, count + 1)
    cell = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count))
    y, x = middle_of(field, cell)
    box = field.box(*cell)
    assert (y, x) == pytest.approx(((box.y0 + box.y1) / 2, (box.x0 + box.x1) / 2))
    assert nearest_cell(field, grid, (y, x)) == cell
    assert nearest_cell(field, grid, (y + 0.49 * jump, x - 0.98 * jump)) == cell
    assert nearest_cell(field, grid, (-1e6, 1e6)) == (0, count)


def test_one_cell_for_everything() -> None:
    assert nearest_cell(ReceptiveField(0, 0, 0, 0, 224, 224), (1, 1), (100, 3)) == (0, 0)
