"""Shares of the whole, and one colour for one share of an equal area."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.render.normalized_mass import share_limits, shares


def test_shares_are_percent_of_the_sum_of_sizes() -> None:
    found = shares(np.array([[1.0, -3.0], [0.0, 4.0]], np.float32))
    assert found.tolist() == [[12.5, 37.5], [0.0, 50.0]]
    assert shares(np.zeros((2, 2))).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_what_is_not_finite_stays_so_and_counts_for_nothing() -> None:
    values = np.array([[1.0, np.inf], [np.nan, 3.0]])
    found = shares(values)
    assert found[0, 0] == 25
    assert found[1, 1] == 75
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1, 0])
    (limits,) = share_limits([found])
    assert limits.bad_total == 2
    assert limits.of(0) == (0.0, 75.0)


def test_the_same_spread_on_a_finer_grid_has_the_same_colours() -> None:
    coarse = shares(np.random.default_rng(0).uniform(size=(4, 4)))
    fine = np.kron(coarse, np.full((3, 3), 1 / 9))
    one, other = share_limits([coarse, fine])
    np.testing.assert_allclose(np.kron(coarse / one.of(0)[1], np.ones((3, 3))), fine / other.of(0)[1])
    assert one.of(0)[1] == pytest.approx(coarse.max())
    assert share_limits([]) == []
