"""Figures of several models side by side."""

from __future__ import annotations

from explorer.core.model_figures import shared, written
from explorer.core.models import Figure


def figure(key: str, value: float = 1.0, unit: str = "%", digits: int = 1) -> Figure:
    return Figure(key, key, f"all about {key}", unit, digits, value)


def test_a_figure_that_only_one_model_has_compares_nothing() -> None:
    one, other = (figure("a", 1), figure("b", 2)), (figure("b", 3), figure("c", 4))
    (row,) = shared((one, other))
    assert (row.key, row.values) == ("b", (one[1], other[0]))
    assert row.like is one[1]
    assert shared((one, ())) == shared(()) == shared((one,)) == ()


def test_models_without_a_figure_leave_a_gap_in_their_column() -> None:
    a, b = figure("a"), figure("b")
    rows = shared(((b,), (), (a, b), (a,)))
    assert [(row.key, row.values) for row in rows] == [("b", (b, None, b, None)), ("a", (None, None, a, a))]
    assert rows[1].like is a


def test_a_figure_is_written_with_its_unit_and_no_more_digits_than_were_measured() -> None:
    assert written(figure("knn", 84.4)) == "84.4 %"
    assert written(figure("iou", 0.46369, "", 3)) == "0.464"
    assert written(figure("entropy", 2.6159, "nats", 2), 4.9765) == "4.98 nats"
