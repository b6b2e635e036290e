"""Intervals, parameters and the confusion matrix of a probe."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.core.data_sets import DataClass, DataPicture, DataSet, Split, split
from explorer.core.errors import ExplorerError
from explorer.core.probe import (
    Point,
    Probe,
    ProbeParams,
    confusion,
    measured_counts,
    measured_probe,
    t_interval,
    wilson,
)


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


def _point(tap: str, per_class: int, accuracy: float, baseline: str = "", same_as: tuple[str, ...] = ()) -> Point:
    return Point(tap, per_class, "logreg", accuracy, 0.0, 1.0, 1, baseline=baseline, same_as=same_as)


def test_guides_are_told_the_accuracies_of_one_number_of_pictures() -> None:
    data = DataSet("d", "d", tuple(DataClass(name, ()) for name in "abcd"))
    curve = (
        _point("conv", 5, 0.3),
        _point("conv", 0, 0.6, same_as=("block",)),
        _point("pool", 0, 0.5),
        _point("all layers", 0, 0.7),
    )
    baselines = (_point("pixels", 0, 0.2, "pixels"), _point("conv", 0, 0.25, "untrained"))
    result = Probe("m", ProbeParams(), data, Split(0, 0.25, (), ()), ("conv", "pool"), curve, baselines, ("a", "b"))
    assert measured_probe(result, 0) == {
        "class_count": (4,),
        "tested": (2,),
        "chance": (0.25,),
        "accuracy.conv": (0.6,),
        "accuracy.block": (0.6,),
        "accuracy.pool": (0.5,),
        "accuracy.all layers": (0.7,),
        "pixels": (0.2,),
        "untrained.conv": (0.25,),
        "best": ("conv",),
        "best_accuracy": (0.6,),
    }
    counts = Probe("m", ProbeParams(), data, Split(0, 0.25, (), ()), ("conv",), curve[:2], baselines)
    expected = {"accuracy.5": (0.3,), "accuracy.all": (0.6,), "pixels.all": (0.2,), "untrained.all": (0.25,)}
    assert measured_counts(counts) == expected
