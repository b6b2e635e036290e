"""Matched channels from either side, and the order in which they stand beside each other."""

from __future__ import annotations

import numpy as np

from explorer.core.channel_matching import Partner, assigned_to, best_of, orders, turned, turned_cka
from explorer.core.representations import Cka, Matches
from explorer.engine.health.running_statistics import Moments
from explorer.engine.representations.channel_correlation import matched


def found() -> Matches:
    """Three channels against four; the third of the first and the second of the second are constant."""
    values = np.random.default_rng(3).normal(size=(50, 7))
    values[:, 2], values[:, 4] = 1.0, 2.0
    values[:, 3] = values[:, 1] * 2 + 0.1 * values[:, 3]
    moments = Moments(7)
    moments.add(values.T)
    return matched(moments, 3, 1)


def test_from_the_other_side_it_is_what_the_engine_says_of_that_side() -> None:
    values = np.random.default_rng(3).normal(size=(50, 7))
    values[:, 2], values[:, 4] = 1.0, 2.0
    values[:, 3] = values[:, 1] * 2 + 0.1 * values[:, 3]
    moments = Moments(7)
    moments.add(np.concatenate([values[:, 3:], values[:, :3]], 1).T)
    oracle, back = matched(moments, 4, 1), turned(found())
    np.testing.assert_allclose(back.correlation, oracle.correlation, atol=1e-12)
    assert back.best.tolist() == oracle.best.tolist()
    assert back.assigned.tolist() == oracle.assigned.tolist()
    again = turned(back)
    assert again.assigned.tolist() == found().assigned.tolist()


def test_partners_of_one_channel() -> None:
    matches = found()
    best = best_of(matches, 1)
    assert best == Partner(0, float(matches.correlation[1, 0]))
    assert assigned_to(matches, 1) == best
    assert best_of(matches, 2) is assigned_to(matches, 2) is None


def test_partners_stand_at_the_same_place_and_nothing_is_lost() -> None:
    matches = found()
    first, second = orders(matches)
    assert sorted(first) == [0, 1, 2]
    assert sorted(second) == [0, 1, 2, 3]
    assert [int(matches.assigned[c]) for c in first[:2]] == list(second[:2])
    assert first[2] == 2


def test_a_matrix_turned_over() -> None:
    values = np.arange(6.0).reshape(2, 3)
    cka = Cka(("a", "b"), ("c", "d", "e"), values, values > 1, 9, 64)
    back = turned_cka(cka)
    assert (back.rows, back.columns) == (cka.columns, cka.rows)
    np.testing.assert_array_equal(back.values, values.T)
    np.testing.assert_array_equal(back.known, values.T > 1)
