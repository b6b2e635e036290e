"""Where a layer's cells stand on the picture, why some stand nowhere, and the colours of what is not known."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.layer_views import Colouring, Shows, box_of, cell_at, coloured, middle_of, placeless
from explorer.core.render import colormaps
from explorer.core.representations import Vectors
from explorer.core.session.session import Session, from_json, to_json


def places(rows: list[float], columns: list[float]) -> Vectors:
    grid = len(rows), len(columns)
    return Vectors("t", np.empty((grid[0] * grid[1], 0)), grid, np.array(rows), np.array(columns))


def test_cells_cover_half_a_step_on_each_side_and_a_single_one_all_that_is_seen() -> None:
    seen = Box(10, 20, 90, 100)
    assert box_of(places([14, 22, 30], [25, 35]), seen) == Box(10, 20, 34, 40)
    assert box_of(places([50], [25, 35]), seen) == Box(10, 20, 90, 40)


def test_a_place_of_the_picture_has_the_cell_whose_middle_is_nearest() -> None:
    where = places([4, 12, 20], [3, 9])
    assert [cell_at(where, at) for at in ((0, 0), (13, 5.9), (99, 6.1))] == [(0, 0), (1, 0), (2, 1)]
    assert all(cell_at(where, middle_of(where, (y, x))) == (y, x) for y in range(3) for x in range(2))


@pytest.mark.parametrize(
    ("layout", "grid", "reason", "said"),
    [
        (Layout.NCHW, (3, 4), "", ""),
        (Layout.NLC, (1, 9), "", ""),
        (Layout.NCHW, (1, 1), "", "one vector"),
        (Layout.NC, None, "", "one vector"),
        (Layout.NLC, None, "its tokens form no grid", "its tokens form no grid"),
        (Layout.NCT, None, "", "are unknown"),
    ],
)
def test_a_layer_without_places_says_why(layout: Layout, grid: tuple[int, int] | None, reason: str, said: str) -> None:
    tap = Tap("t", "t", 0, "Linear", Kind.LINEAR, layout=layout, grid=grid, reason=reason)
    assert (said in placeless(tap)) if said else placeless(tap) == ""


def test_shares_take_the_colours_of_the_table_and_what_is_not_known_is_grey() -> None:
    shares = np.array([[0.0, 0.5], [1.0, 0.2]])
    found = coloured(shares, np.array([[True, True], [True, False]]), "blue-white-red")
    table = colormaps.table("blue-white-red")
    np.testing.assert_array_equal(found[0], [table[0], table[128]])
    np.testing.assert_array_equal(found[1], [table[255], (128, 128, 128)])


def test_the_view_is_part_of_the_session() -> None:
    session = Session(shows=Shows.SIMILARITY, colouring=Colouring.PINNED, foreground=True)
    assert from_json(to_json(session)) == session
    for wrong in ('{"shows": "dreams"}', '{"colouring": 3}', '{"foreground": "yes"}'):
        with pytest.raises(ExplorerError, match="session"):
            from_json(wrong)
