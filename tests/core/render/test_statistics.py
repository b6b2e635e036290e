from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core import render
from explorer.core.render import SortKey

steady = settings(deadline=None, derandomize=True)  # the same examples each time, however busy the machine


def flat(*values: float) -> np.ndarray:
    """One-cell maps."""
    return np.array(values, np.float32).reshape(-1, 1, 1)


def test_the_largest_come_first_and_equal_ones_by_index() -> None:
    assert render.sort_channels(flat(1, 3, 2, 3), SortKey.MEAN).tolist() == [1, 3, 2, 0]
    assert render.sort_channels(flat(1, 3, 2, 3), SortKey.INDEX).tolist() == [0, 1, 2, 3]


def test_broken_channels_come_last() -> None:
    for key in (SortKey.MEAN, SortKey.MAX, SortKey.VARIANCE, SortKey.SPARSITY):
        assert render.sort_channels(flat(np.nan, 1, 0), key)[-1] == 0, key


def test_each_key_sorts_by_its_number() -> None:
    maps = np.array([[[0, 0, 0, 8.0]], [[3, 3, 3, 3]], [[0, 0, 5, 5]]], np.float32)
    assert render.sort_channels(maps, SortKey.MAX).tolist() == [0, 2, 1]
    assert render.sort_channels(maps, SortKey.MEAN).tolist() == [1, 2, 0]
    assert render.sort_channels(maps, SortKey.VARIANCE).tolist() == [0, 2, 1]
    assert render.sort_channels(maps, SortKey.SPARSITY).tolist() == [0, 2, 1]


def test_distance_is_one_minus_correlation() -> None:
    rng = np.random.default_rng(0)
    maps = rng.standard_normal((6, 5, 5)).astype(np.float32)
    maps[4] = 3 * maps[2] + 7  # perfectly correlated
    maps[5] = 2.5  # constant: no correlation
    order = render.sort_channels(maps, SortKey.DISTANCE, selected=2)
    wanted = [-np.corrcoef(maps[2].ravel(), maps[c].ravel())[0, 1] for c in (0, 1, 3)]
    assert order[:2].tolist() == [2, 4]
    assert order[2:5].tolist() == [(0, 1, 3)[at] for at in np.argsort(wanted)]
    assert order[5] == 5


@steady
@given(st.integers(0, 20), st.sampled_from(SortKey))
def test_every_channel_is_there_once(count: int, key: SortKey) -> None:
    maps = np.random.default_rng(count).standard_normal((count, 3, 2))
    assert sorted(render.sort_channels(maps, key, 0).tolist()) == list(range(count))


def test_numbers_of_a_layer() -> None:
    values = np.random.default_rng(0).standard_normal((8, 20, 20)).astype(np.float32)
    values = np.maximum(values, 0)
    values[3] = 0
    numbers = render.layer_numbers(values, bins=10)
    assert numbers.minimum == 0
    assert numbers.maximum == values.max()
    assert numbers.mean == pytest.approx(values.mean(dtype=float))
    assert numbers.std == pytest.approx(values.std(dtype=float))
    assert numbers.zeros == (values == 0).mean()
    assert (numbers.dead, numbers.channels, numbers.bad) == (1, 8, 0)
    np.testing.assert_array_equal(numbers.counts.sum(), values.size)


def test_a_silent_negative_channel_is_not_dead() -> None:
    assert render.dead_channels(flat(-1, 0, 2, 0)) == 2


def test_broken_values_are_counted_and_left_out() -> None:
    numbers = render.layer_numbers(np.array([[1.0, np.nan, np.inf, 3.0]]))
    assert numbers.bad == 2
    assert (numbers.minimum, numbers.maximum, numbers.mean) == (1, 3, 2)
    assert numbers.counts.sum() == 2


def test_a_layer_without_a_finite_value_has_no_numbers() -> None:
    numbers = render.layer_numbers(np.full((2, 2, 2), np.nan))
    assert numbers.bad == 8
    assert np.isnan(numbers.mean)
    assert numbers.counts.sum() == 0


@steady
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=200), st.integers(1, 40))
def test_histogram_counts_like_numpy_up_to_the_edges(values: list[float], bins: int) -> None:
    data = np.array(values)
    counts, edges = render.histogram(data, bins)
    assert counts.sum() == len(values)
    assert len(edges) == bins + 1
    assert edges[0] <= data.min()
    assert data.max() <= edges[-1]
    # a value on an edge may fall to either side by rounding, so whole prefixes are compared with a tolerance
    width = (edges[-1] - edges[0]) * 1e-9
    below = np.array([(data <= e - width).sum() for e in edges[1:]])
    above = np.array([(data <= e + width).sum() for e in edges[1:]])
    assert (below <= counts.cumsum()).all()
    assert (counts.cumsum() <= above).all()
