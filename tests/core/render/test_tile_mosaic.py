from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core import render
from explorer.core.render import ScaleMode, TileGrid

GAP = 0xFF123456
steady = settings(deadline=None, derandomize=True)  # the same examples each time, however busy the machine
side = st.integers(1, 9)
grids = st.builds(
    TileGrid,
    st.integers(1, 40),
    side,
    side,
    st.integers(1, 12),
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(0, 3),
)


def picture(grid: TileGrid, order: np.ndarray | None = None) -> tuple[np.ndarray, render.Mosaic]:
    """Maps whose every cell is another grey, as far as there are greys, and their mosaic."""
    count = grid.count if order is None else int(order.max()) + 1
    maps = np.random.default_rng(1).random((count, grid.height, grid.width), np.float32)
    scale = render.limits(maps, ScaleMode.FIXED, (0, 1))
    return maps, render.mosaic(maps, grid, scale, "grey", order, GAP)


@steady
@given(grids)
def test_every_pixel_shows_the_cell_it_leads_back_to(grid: TileGrid) -> None:
    maps, mosaic = picture(grid)
    assert mosaic.pixels.shape == grid.size
    grey, height, width = mosaic.rgb[..., 0], *grid.size
    rng = np.random.default_rng(grid.count)
    for y, x in zip(rng.integers(0, height, 400), rng.integers(0, width, 400), strict=True):
        found = mosaic.hit(y, x)
        if found is None:
            assert mosaic.pixels[y, x] == GAP
        else:
            _, channel, cell_y, cell_x = found
            assert grey[y, x] == np.rint(maps[channel, cell_y, cell_x] * 255)


@steady
@given(grids, st.randoms(use_true_random=False), st.data())
def test_from_channel_and_cell_to_pixel_and_back(grid: TileGrid, random: object, data: st.DataObject) -> None:
    order = np.array(random.sample(range(grid.count + 3), grid.count))  # type: ignore[attr-defined]
    mosaic = render.Mosaic(np.zeros(grid.size, np.uint32), grid, order)
    position = data.draw(st.integers(0, grid.count - 1))
    y, x, height, width = mosaic.tile_rect(int(order[position])) or (0, 0, 0, 0)
    inner_y, inner_x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    found = mosaic.hit(y + inner_y, x + inner_x)
    assert found is not None
    assert found[:2] == (position, order[position])
    top, left, high, wide = grid.cell_rect(position, found[2], found[3])
    assert top - 1 < y + inner_y + 0.5 < top + high + 1
    assert left - 1 < x + inner_x + 0.5 < left + wide + 1


@steady
@given(st.integers(1, 3000), side, side, st.integers(20, 2000), st.integers(20, 2000))
def test_a_fitted_grid_holds_all_tiles_and_wastes_no_row(n: int, h: int, w: int, view_h: int, view_w: int) -> None:
    grid = render.fit_grid(n, h, w, view_h, view_w)
    assert grid.rows * grid.columns >= n > (grid.rows - 1) * grid.columns
    high, wide = grid.size
    fits = high <= view_h and wide <= view_w
    assert fits or grid.tile_h <= grid.height


def test_best_columns_is_what_trying_them_all_finds() -> None:
    def scale(columns: int, n: int, h: int, w: int) -> float:
        rows = -(-n // columns)
        return min((900 - (columns - 1) * 2) / (columns * w), (500 - (rows - 1) * 2) / (rows * h))

    for n, h, w in ((1, 7, 7), (7, 10, 3), (64, 112, 112), (144, 28, 28), (2048, 7, 7)):
        found = render.best_columns(n, h, w, 500, 900)
        assert scale(found, n, h, w) == max(scale(c, n, h, w) for c in range(1, n + 1))


def test_columns_that_are_given_are_kept_and_the_rest_fits() -> None:
    for n, across, view in ((32, 6, (240, 480)), (5, 8, (300, 300)), (96, 14, (2, 2))):
        grid = render.fit_grid(n, 7, 7, *view, across=across)
        assert (grid.columns, grid.rows) == (across, -(-n // across))
        best = render.fit_grid(n, 7, 7, *view)
        assert grid.tile_h <= best.tile_h


def test_tiny_maps_get_tiles_of_a_readable_size() -> None:
    grid = render.fit_grid(48, 7, 7, 700, 900)
    assert grid.tile_w >= 84
    assert grid.tile_w % 7 == 0  # a whole factor costs little here, so the cells are even


def test_huge_maps_do_not_make_a_huge_picture() -> None:
    grid = render.fit_grid(64, 1024, 1024, 900, 1400)
    high, wide = grid.size
    assert high * wide <= 4 * 900 * 1400


def test_the_order_decides_who_is_where() -> None:
    order = np.array([4, 0, 2])
    grid = TileGrid(3, 2, 2, 2, 2, 2, 1)
    maps, mosaic = picture(grid, order)
    assert mosaic.position(2) == 2
    assert mosaic.position(1) is None
    assert mosaic.tile_rect(1) is None
    np.testing.assert_array_equal(mosaic.rgb[:2, 3:, 0], np.rint(maps[0] * 255))


def test_non_finite_cells_are_magenta_wherever_they_go() -> None:
    maps = np.ones((3, 2, 2), np.float32)
    maps[1, 0, 1] = np.nan
    scale = render.limits(maps, ScaleMode.PER_LAYER)
    mosaic = render.mosaic(maps, TileGrid(3, 2, 2, 3, 4, 4, 1), scale, "magma", np.array([2, 1, 0]), GAP)
    bad = np.argwhere(mosaic.pixels == render.BAD)
    assert {mosaic.hit(y, x) for y, x in bad} == {(1, 1, 0, 1)}
    assert len(bad) == 4


def test_a_grid_for_other_maps_is_refused() -> None:
    maps = np.zeros((3, 2, 2))
    with pytest.raises(ValueError, match="cannot show"):
        render.mosaic(maps, TileGrid(3, 2, 3, 3, 4, 4), render.limits(maps, ScaleMode.PER_MAP), "grey")


def test_nothing_makes_an_empty_picture() -> None:
    maps = np.zeros((0, 2, 2))
    mosaic = render.mosaic(maps, render.fit_grid(0, 2, 2, 50, 50), render.limits(maps, ScaleMode.PER_MAP), "grey")
    assert mosaic.pixels.size == 0
    assert mosaic.hit(0, 0) is None


def test_strided_maps_make_the_same_picture() -> None:
    maps = np.random.default_rng(0).random((6, 5, 9), np.float32)
    last = np.moveaxis(np.ascontiguousarray(np.moveaxis(maps, 0, -1)), -1, 0)
    grid = render.fit_grid(9, 6, 5, 100, 100)
    pictures = []
    for values in (maps, last):
        stack = values.transpose(2, 0, 1) if values is maps else np.moveaxis(last, -1, 0)
        scale = render.limits(stack, ScaleMode.PER_MAP)
        pictures.append(render.mosaic(stack, grid, scale, "magma").pixels)
    np.testing.assert_array_equal(*pictures)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 50), (2000, 7, 7), (64, 112, 112)])
def test_a_thumbnail_is_small_whatever_the_layer(shape: tuple[int, int, int]) -> None:
    maps = np.random.default_rng(0).random(shape, np.float32)
    pixels = render.thumbnail(maps, "magma", "blue-white-red", side=24)
    assert max(pixels.shape) <= 49
    assert pixels.min() != pixels.max() or maps.size == 1


def test_a_thumbnail_of_broken_maps_shows_that() -> None:
    pixels = render.thumbnail(np.full((4, 3, 3), np.nan, np.float32), "magma", "blue-white-red")
    assert (pixels == render.BAD).any()


def test_a_vectors_thumbnail_is_a_square() -> None:
    assert render.strip_of(np.arange(1000.0), "magma", "blue-white-red", 49).shape == (49, 49)
