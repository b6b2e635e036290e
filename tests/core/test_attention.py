"""Laying out rows, the mass mask and outliers, against the words of their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from explorer.core.attention import Tokens, lay_out, mass_mask, outliers, over_input
from explorer.core.boxes import ReceptiveField
from explorer.core.errors import ExplorerError

WINDOWED = Tokens(4, np.array([[0, 1, 4, 5], [2, 3, 6, -1]], np.int32), (2, 4), 0, ReceptiveField(8, 8, 2, 0, 4, 8))


def test_a_row_is_laid_out_over_its_window() -> None:
    found = lay_out(WINDOWED, np.array([[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0]]), 1)
    assert found.maps[0] == pytest.approx(np.array([[0, 0, 0.1, 0.2], [0, 0, 0.3, 0]]))
    assert found.maps[1] == pytest.approx(np.array([[0, 0, 1, 0], [0, 0, 0, 0]]))
    assert found.seen.tolist() == [[False, False, True, True], [False, False, True, False]]
    assert found.rest == pytest.approx([0.4, 0])
    assert found.prefix.shape == (2, 0)
    assert found.sums == pytest.approx([1, 1])


def test_tokens_before_the_grid_are_kept_apart() -> None:
    keys = Tokens(4, np.array([[-1, -1, 1, 0]], np.int32), (1, 2), 2)
    found = lay_out(keys, np.array([[0.5, 0.25, 0.125, 0.0625]]))
    assert found.maps[0].tolist() == [[0.0625, 0.125]]
    assert found.prefix.tolist() == [[0.5, 0.25]]
    assert found.rest.tolist() == [0]
    assert found.sums.tolist() == [0.9375]


def test_finding_a_token() -> None:
    assert WINDOWED.find((1, 2)) == (1, 2)
    assert WINDOWED.find((0, 0)) == (0, 0)
    for cell, words in (((2, 0), "no cell 2, 0"), ((0, -1), "no cell"), ((1, 3), "no token at cell")):
        with pytest.raises(ExplorerError, match=words):
            WINDOWED.find(cell)
    with pytest.raises(ExplorerError, match="no position"):
        Tokens(3).find((0, 0))


def test_centres_lie_in_the_middle_of_what_cells_see() -> None:
    centres = WINDOWED.centres()
    assert centres[1, 2].tolist() == [2 + 2 + 8, 4 + 16]
    assert np.isnan(centres[1, 3]).all()


def test_the_mass_mask_of_a_known_map() -> None:
    values = np.array([[0.4, 0.3], [0.2, 0.1]])
    assert mass_mask(values, 0.6).tolist() == [[True, True], [False, False]]
    assert mass_mask(values, 0.35).tolist() == [[True, False], [False, False]]
    assert mass_mask(values, 1.0).all()
    assert not mass_mask(np.zeros((2, 2))).any()


@given(npst.arrays(np.float64, (3, 4, 5), elements=st.floats(1e-3, 1)), st.sampled_from((0.1, 0.5, 0.6, 0.9)))
def test_the_mask_holds_the_share_and_no_cell_more(values: np.ndarray, share: float) -> None:
    kept = mass_mask(values, share)
    for one, mask in zip(values, kept, strict=True):
        mass = one[mask].sum() / one.sum()
        assert share - 1e-9 <= mass <= share + one.max() / one.sum() + 1e-9
        assert one[mask].min() >= one[~mask].max(initial=0)


def test_a_share_that_is_none() -> None:
    with pytest.raises(ExplorerError, match="not a valid mass"):
        mass_mask(np.ones((2, 2)), 0)


def test_outliers_are_far_from_the_median() -> None:
    norms = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 11.5]])
    marked, limit = outliers(norms)  # median 3.5, distances 2.5 1.5 .5 .5 1.5 8: MAD 1.5
    assert limit == 3.5 + 8 * 1.5
    assert not marked.any()
    marked, _ = outliers(np.append(norms, 100.0))
    assert marked.tolist() == [False] * 6 + [True]


def test_a_map_over_the_input_stands_where_its_cells_do() -> None:
    keys = Tokens(4, np.array([[0, 1, 2, 3]], np.int32), (2, 2), 0, ReceptiveField(4, 3, 1, 0, 4, 3))
    drawn = over_input(np.array([[1.0, 2.0], [3.0, 4.0]]), keys, (10, 6))
    expected = np.zeros((10, 6))
    expected[1:5, :3], expected[1:5, 3:], expected[5:9, :3], expected[5:9, 3:] = 1, 2, 3, 4
    assert drawn.tolist() == expected.tolist()
    with pytest.raises(ExplorerError, match="no position"):
        over_input(np.ones((2, 2)), Tokens(4), (4, 4))
