"""Intervals, parameters and the confusion matrix of a probe."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.core.data_sets import DataClass, DataPicture, DataSet, split
from explorer.core.errors import ExplorerError
from explorer.core.probe import Point, Probe, ProbeParams, confusion, t_interval, wilson


@pytest.mark.parametrize(("right", "total"), [(0, 10), (10, 10), (87, 100), (513, 590)])
def test_the_wilson_interval_is_that_of_scipy(right: int, total: int) -> None:
    expected = stats.binomtest(right, total).proportion_ci(0.95, "wilson")
    assert wilson(right, total) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize("count", [2, 5, 10, 30, 45])
def test_the_interval_of_draws_is_students(count: int) -> None:
    values = np.random.default_rng(count).normal(0.5, 0.03, count)
    expected = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    assert t_interval(list(values)) == pytest.approx(expected, abs=2e-5)


def test_sizes_and_baselines_are_read() -> None:
    assert ProbeParams().sizes == (0,)
    assert ProbeParams(per_class="20, 1,5,all").sizes == (1, 5, 20, 0)
    assert ProbeParams(baseline="none").baselines == ()
    assert ProbeParams().baselines == ("pixels", "untrained")
    for wrong in ("five", "-1", "0"):
        with pytest.raises(ExplorerError, match="number of pictures"):
            _ = ProbeParams(per_class=wrong).sizes
    with pytest.raises(ExplorerError, match="no baseline"):
        _ = ProbeParams(baseline="noise").baselines


def test_a_matrix_of_a_thousand_classes_holds_what_there_is() -> None:
    labels = tuple(map(str, range(1000)))
    found = confusion(labels, ("x", "y", "z"), (0, 0, 999), (1, 1, 999))
    assert dict(found.cells) == {(0, 1): ("x", "y"), (999, 999): ("z",)}
    assert found.counts.sum() == 3


def test_a_cell_of_the_matrix_holds_its_pictures() -> None:
    classes = (DataClass(c, tuple(DataPicture(f"{c}/{n}.png", c) for n in range(8))) for c in "ab")
    whole = DataSet("set", "set", tuple(classes))
    taken = np.array([[0, 1, 1], [0, 0, 1]], np.int16)
    point = Point("fc", 0, "logreg", 0.5, 0.4, 0.6, 2, predicted=taken)
    probe = Probe("m", ProbeParams(), whole, split(whole), tested=("x", "y", "z"), truth=np.array([0, 0, 1], np.int16))
    first, second = probe.confusion(point), probe.confusion(point, 1)
    assert first.counts.tolist() == [[1, 1], [0, 1]]
    assert first.pictures(0, 1) == ("y",)
    assert first.pictures(1, 0) == ()
    assert second.counts.tolist() == [[2, 0], [0, 1]]
    assert first.recalls[0] == pytest.approx((0.5, *wilson(1, 2)))
