from __future__ import annotations

import numpy as np
import pytest

from explorer.core import render
from explorer.core.activations import Kind, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.slices import slices_of


def tap(layout: Layout, **fields: object) -> Tap:
    return Tap("t", "t", 0, "Thing", Kind.OTHER, layout=layout, **fields)  # type: ignore[arg-type]


def arange(*shape: int) -> Array:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_channels_first_is_handed_on_without_a_copy() -> None:
    values = arange(3, 4, 5)
    assert render.as_maps(values, tap(Layout.NCHW)) is values


def test_channels_last_becomes_a_view() -> None:
    values = arange(4, 5, 3)
    maps = render.as_maps(values, tap(Layout.NHWC))
    assert maps is not None
    assert maps.shape == (3, 4, 5)
    assert np.shares_memory(maps, values)
    assert maps[2, 1, 3] == values[1, 3, 2]


def test_tokens_lie_on_their_grid_behind_the_prefix() -> None:
    values = arange(2 + 6, 4)
    where = tap(Layout.NLC, grid=(2, 3), prefix=2)
    maps, prefix = render.as_maps(values, where), render.prefix_tokens(values, where)
    assert maps is not None
    assert prefix is not None
    assert np.shares_memory(maps, values)
    assert maps[1, 1, 2] == values[2 + 5, 1]
    np.testing.assert_array_equal(prefix, values[:2])


def test_windowed_tokens_go_back_to_their_cells() -> None:
    grid = np.arange(16).reshape(4, 4)
    order = grid.reshape(2, 2, 2, 2).swapaxes(1, 2).reshape(4, 4)  # four windows of four cells
    picture = arange(16, 3)
    windows = picture[order]
    assert windows.shape == (4, 4, 3)
    maps = render.as_maps(windows, tap(Layout.NLC, grid=(4, 4), order=tuple(order.reshape(-1).tolist())))
    assert maps is not None
    np.testing.assert_array_equal(maps, picture.T.reshape(3, 4, 4))


def test_padding_tokens_are_left_out() -> None:
    values = arange(4, 2)
    maps = render.as_maps(values, tap(Layout.NLC, grid=(1, 3), order=(2, -1, 0, 1)))
    assert maps is not None
    np.testing.assert_array_equal(maps[:, 0], values[[2, 3, 0]].T)


@pytest.mark.parametrize("order", [None, (0, 1, 2, 3), (0, 0, 1, 2, 3), (0, 1, 2, 3, 9)])
def test_tokens_that_do_not_fill_the_grid_are_an_error(order: tuple[int, ...] | None) -> None:
    with pytest.raises(ExplorerError, match="t cannot be shown"):
        render.as_maps(arange(5, 2), tap(Layout.NLC, grid=(2, 2), order=order))


def test_vectors_and_sequences_have_no_maps() -> None:
    vector, sequence, tokens = arange(7), arange(7, 5), arange(5, 7)
    assert render.as_maps(vector, tap(Layout.NC)) is None
    assert render.as_maps(sequence, tap(Layout.NCT)) is None
    assert render.as_maps(tokens, tap(Layout.NLC)) is None
    assert render.prefix_tokens(vector, tap(Layout.NC)) is None
    np.testing.assert_array_equal(render.as_vector(vector, tap(Layout.NC)), vector)
    np.testing.assert_array_equal(render.as_sequence(sequence, tap(Layout.NCT)), sequence)
    np.testing.assert_array_equal(render.as_sequence(tokens, tap(Layout.NLC)), tokens.T)


def test_lines_are_drawn_as_sequences_whatever_their_layout() -> None:
    sequence, tokens = arange(5, 9), arange(10, 5)
    assert render.as_line(sequence, tap(Layout.NCT, grid=(1, 9))).shape == (5, 9)
    np.testing.assert_array_equal(render.as_line(sequence, tap(Layout.NCT, grid=(9, 1))), sequence)
    np.testing.assert_array_equal(render.as_line(tokens, tap(Layout.NLC, grid=(1, 9), prefix=1)), tokens[1:].T)
    np.testing.assert_array_equal(render.as_line(arange(3, 1, 7), tap(Layout.NCHW, grid=(1, 7))), arange(3, 7))
    assert render.as_line(arange(3, 2, 7), tap(Layout.NCHW, grid=(2, 7))) is None
    assert render.as_line(arange(3, 1, 1), tap(Layout.NCHW, grid=(1, 1))) is None


@pytest.mark.parametrize("count", [1, 2, 5, 6, 8, 16])
def test_slices_stand_side_by_side_and_every_cell_is_found_again(count: int) -> None:
    volume = np.random.default_rng(0).normal(size=(3, count, 2, 4))
    for layout, shape, values in (
        (Layout.NCDHW, (1, 3, count, 2, 4), volume),
        (Layout.NCHW, (count, 3, 2, 4), np.moveaxis(volume, 1, 0)),
    ):
        slices = slices_of(layout, shape)
        if slices is None:
            continue
        maps = render.as_maps(values, tap(layout, shape=shape, grid=slices.grid, batched=layout is Layout.NCDHW))
        assert maps.shape == (3, *slices.grid)
        assert slices.grid[0] * slices.grid[1] == count * 8
        for y in range(slices.grid[0]):
            for x in range(slices.grid[1]):
                part, row, column = slices.at((y, x))
                np.testing.assert_array_equal(maps[:, y, x], volume[:, part, row, column])
