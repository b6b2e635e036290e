"""No peak is lost when a long line becomes a few columns."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.render.waveform_reduced import waveform_reduced

SIZES = [
    (1, 1),
    (1, 7),
    (7, 1),
    (10, 3),
    (1000, 999),
    (999, 1000),
    (16000, 1400),
    (16000, 1600),
    (100_000, 317),
    (5, 12),
]


@pytest.mark.parametrize(("count", "width"), SIZES)
def test_columns_hold_exactly_their_values(count: int, width: int) -> None:
    """Against a loop: from where a column begins to where the next one does."""
    lines = np.random.default_rng(count).standard_normal((3, count)).astype(np.float32)
    found = waveform_reduced(lines, width)
    assert found.low.shape == found.high.shape == (3, width)
    for column in range(width):
        first = column * count // width
        last = max(first + 1, (column + 1) * count // width)
        part = lines[:, first:last]
        np.testing.assert_array_equal(found.high[:, column], part.max(1))
        np.testing.assert_array_equal(found.low[:, column], part.min(1))
    np.testing.assert_array_equal(found.high.max(1), lines.max(1))
    np.testing.assert_array_equal(found.low.min(1), lines.min(1))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("width", [1400, 1399, 1000, 700, 37])
def test_forty_hot_cells_of_one_sample_are_seen_where_they_are(sign: float, width: int) -> None:
    rng = np.random.default_rng(width)
    lines = (0.1 * rng.standard_normal((512, 16000))).astype(np.float32)
    rows, places = rng.choice(512, 40, replace=False), rng.integers(0, 16000, 40)
    lines[rows, places] = 9 * sign
    largest = waveform_reduced(lines, width).largest
    for row, place in zip(rows, places, strict=True):
        (columns,) = np.nonzero(largest[row] == 9 * sign)
        assert len(columns) == 1
        assert abs(columns[0] - place * width / 16000) <= 1


@pytest.mark.parametrize(("count", "width"), SIZES)
def test_every_value_is_in_a_column(count: int, width: int) -> None:
    hot = np.zeros((min(count, 200), count), np.float32)
    hot[np.arange(len(hot)), np.linspace(0, count - 1, len(hot)).astype(int)] = 1
    assert (waveform_reduced(hot, width).high.max(1) == 1).all()


def test_the_larger_of_two_signs() -> None:
    found = waveform_reduced(np.float32([1, -2, 3, -1, 2, -2]), 3)
    assert found.largest.tolist() == [-2, 3, 2]
    assert found.low.tolist() == [-2, -1, -2]


def test_no_number_stays_none() -> None:
    line = np.zeros((9, 1000), np.float32)
    line[3, 500] = np.nan
    for width in (10, 30, 333):
        assert np.isnan(waveform_reduced(line, width).high).sum() == 1


def test_shapes_types_and_views() -> None:
    values = np.arange(24, dtype=np.float64).reshape(2, 3, 4)[:, :, ::-1]
    values.flags.writeable = False
    assert waveform_reduced(values, 2).high.tolist() == [[[3, 1], [7, 5], [11, 9]], [[15, 13], [19, 17], [23, 21]]]
    assert waveform_reduced(np.array([True, False, False]), 3).high.tolist() == [1, 0, 0]


@pytest.mark.parametrize(("values", "width"), [(np.zeros((3, 0)), 5), (np.zeros(3), 0), (np.float32(1), 4)])
def test_nothing_to_draw(values: np.ndarray, width: int) -> None:
    with pytest.raises(ExplorerError, match="nothing to draw"):
        waveform_reduced(values, width)
