"""The way between films along a path, in both directions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.session.cka_path import along, back, marked


def test_a_layer_that_is_not_compared_goes_with_the_one_before_it() -> None:
    assert [marked((2, 5, 6), at) for at in range(9)] == [0, 0, 0, 0, 0, 1, 2, 2, 2]
    assert along((2, 5, 6), (0, 4, 9), (0, 0, 2), 9) == (0, 0, 0, 0, 0, 0, 9, 9, 9)


def test_a_container_that_comes_late_stands_where_its_values_are() -> None:
    assert [marked((0, 4, 2), at) for at in range(6)] == [0, 0, 2, 2, 1, 1]


def test_the_way_back_takes_the_row_most_alike() -> None:
    values = np.array([[0.9, 0.1, 0.0], [0.5, 0.2, 0.0], [0.0, 0.3, 0.7]])
    assert back((0, 0, 2), values) == (0, 0, 2)  # column 1 is as near to both: the earlier one
    assert back((0, 0, 2), values[[1, 0, 2]]) == (1, 1, 2)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_neither_way_goes_back_and_they_agree_on_the_path(rows: int, columns: int, data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(0, columns - 1), min_size=rows, max_size=rows))
    path = tuple(sorted(steps))
    values = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(-1, 1, (rows, columns))
    home = back(path, values)
    assert list(home) == sorted(home)
    assert all(path[home[column]] == column for column in path)
    assert all(path[home[path[row]]] == path[row] for row in range(rows))
