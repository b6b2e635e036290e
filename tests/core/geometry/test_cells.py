"""Which element a channel and a cell name, against the maps that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.activations import Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named, columns, extent, index_of, mask, title_of
from explorer.core.layouts import as_maps


def tap(layout: Layout, shape: tuple[int, ...], **more: object) -> Tap:
    return Tap("t", "t", 0, "T", "other", shape=shape, layout=layout, **more)


MAPS = [
    tap(Layout.NCHW, (1, 3, 4, 5), grid=(4, 5)),
    tap(Layout.NHWC, (1, 4, 5, 3), grid=(4, 5)),
    tap(Layout.NLC, (1, 22, 3), grid=(4, 5), prefix=2),
    tap(Layout.NLC, (1, 20, 3), grid=(4, 5), order=tuple(np.random.default_rng(0).permutation(20).tolist())),
    tap(Layout.NLC, (5, 4, 3), grid=(4, 5), batched=False),
]


@given(st.sampled_from(MAPS), st.integers(0, 2), st.integers(0, 3), st.integers(0, 4))
def test_the_element_is_the_one_that_is_drawn(of: Tap, channel: int, y: int, x: int) -> None:
    tensor = np.arange(np.prod(of.shape)).reshape(of.shape)
    values = tensor[0] if of.batched else tensor
    drawn = as_maps(values, of)
    assert drawn is not None
    assert tensor[index_of(of, channel, (y, x))] == drawn[channel, y, x]
    assert columns(values, of)[channel, y * 5 + x] == drawn[channel, y, x]
    chosen = np.broadcast_to(mask(of, (channel,), (y, x, y + 1, x + 1)), of.shape)
    assert np.argwhere(chosen).tolist() == [list(index_of(of, channel, (y, x)))]
    assert np.broadcast_to(mask(of, (channel,), None), of.shape).sum() == np.prod(of.shape) // 3


def test_vectors_sequences_and_prefix_tokens() -> None:
    assert index_of(tap(Layout.NC, (1, 7)), 3, (0, 0)) == (0, 3)
    assert index_of(tap(Layout.NCT, (1, 7, 9)), 3, (0, 8)) == (0, 3, 8)
    assert index_of(tap(Layout.NLC, (1, 9, 7)), 3, (0, 8)) == (0, 8, 3)
    assert index_of(MAPS[2], 1, (-1, 1)) == (0, 1, 1)
    assert extent(tap(Layout.NCT, (1, 7, 9))) == (1, 9)


@pytest.mark.parametrize(
    ("of", "channel", "cell"),
    [
        (MAPS[0], 3, (0, 0)),
        (MAPS[0], -1, (0, 0)),
        (MAPS[0], 0, (4, 0)),
        (MAPS[0], 0, (-1, 0)),
        (MAPS[2], 0, (-1, 2)),
        (tap(Layout.NC, (1, 7)), 0, (0, 1)),
        (tap(Layout.OTHER, (7,)), 0, (0, 0)),
    ],
)
def test_what_does_not_exist_is_an_error(of: Tap, channel: int, cell: tuple[int, int]) -> None:
    with pytest.raises(ExplorerError, match="t has no"):
        index_of(of, channel, cell)


def test_row_minus_one_names_prefix_tokens_in_regions_too() -> None:
    of = MAPS[2]
    found = mask(of, (1,), (-1, 1, 0, 2))
    expected = np.zeros(of.shape, bool)
    expected[0, 1, 1] = True
    assert (np.broadcast_to(found, of.shape) == expected).all()
    assert index_of(of, 1, (-1, 1)) == (0, 1, 1)
    assert [title_of(cell) for cell in ((2, 3), (-1, 0), (-1, 2))] == ["(2, 3)", "CLS", "REG2"]
    for wrong, region in ((of, (-1, 1, 0, 3)), (MAPS[0], (-1, 0, 0, 1))):
        with pytest.raises(ExplorerError, match="no cell"):
            mask(wrong, (), region)


def test_a_region_without_cells_is_an_error() -> None:
    with pytest.raises(ExplorerError, match="holds no cell"):
        mask(MAPS[0], (), (4, 0, 9, 9))


@pytest.mark.parametrize("of", MAPS)
def test_a_region_is_its_cells_whatever_the_layout(of: Tap) -> None:
    height, width = extent(of)
    found = np.broadcast_to(mask(of, (2,), (1, -3, height + 5, width - 1)), of.shape)
    expected = np.zeros(of.shape, bool)
    for y in range(1, height):
        for x in range(width - 1):
            expected[index_of(of, 2, (y, x))] = True
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("text", "cell"),
    [("3,5", (3, 5)), (" 0 , 12", (0, 12)), ("-1,2", (-1, 2)), ("CLS", (-1, 0)), ("cls", (-1, 0)), ("Reg4", (-1, 4))],
)
def test_a_cell_is_read_as_it_is_written(text: str, cell: tuple[int, int]) -> None:
    assert cell_named(text) == cell
    assert cell_named(title_of(cell).strip("()")) == cell


@pytest.mark.parametrize(
    "text", ["", "3", "3,", "a,b", "-2,0", "3,-1", "1,2,3", "REG", "REG0", "REG-1", "²,1", "1" * 12 + ",0"]
)
def test_what_is_no_cell_is_said(text: str) -> None:
    with pytest.raises(ExplorerError, match="is not a cell"):
        cell_named(text)
