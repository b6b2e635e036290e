"""CKA against the published numbers, plain numpy, and what must not happen: NaN, and high values by chance."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.engine.representations.hsic import RunningHsic, debiased_cka, linear_cka


def published() -> tuple[np.ndarray, np.ndarray]:
    """The features of the notebook that comes with Kornblith et al. 2019."""
    rng = np.random.RandomState(1337)
    x = rng.randn(100, 10)
    return x, rng.randn(100, 10) + x


def test_the_published_numbers() -> None:
    x, y = published()
    assert linear_cka(x, y) == pytest.approx(0.55761, abs=1e-5)
    assert debiased_cka(x, y) == pytest.approx(0.51346, abs=1e-5)


def song(x: np.ndarray, y: np.ndarray) -> float:
    """The unbiased estimator as Song et al. 2012 write it, equation 5."""
    n = len(x)
    k, m = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(m, 0)
    one = np.ones(n)
    total = np.trace(k @ m) + one @ k @ one * (one @ m @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * one @ k @ m @ one
    return float(total / (n * (n - 3)))


def test_batches_are_songs_estimator_added_up_and_no_input_is_lost() -> None:
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(41, 7)), rng.normal(size=(41, 3))]
    y = [x[0] @ rng.normal(size=(7, 5)) + rng.normal(size=(41, 5))]
    values, known = RunningHsic(2, 1, batch=16).of(x, y)
    parts = [slice(0, 16), slice(16, 32), slice(32, 41)]

    def hsic(a: np.ndarray, b: np.ndarray) -> float:
        return sum((p.stop - p.start) * song(a[p], b[p]) for p in parts)

    assert known.all()
    for i in range(2):
        oracle = hsic(x[i], y[0]) / np.sqrt(hsic(x[i], x[i]) * hsic(y[0], y[0]))
        assert values[i, 0] == pytest.approx(oracle, abs=1e-10)


@pytest.mark.parametrize("count", [4, 19, 20, 21, 35, 36, 37])
def test_the_batches_of_any_number_of_inputs_have_four_or_more(count: int) -> None:
    x = np.random.default_rng(count).normal(size=(count, 6))
    values, known = RunningHsic(1, 1, batch=16).of([x], [x * 3 + 1])
    assert known[0, 0]
    assert values[0, 0] == pytest.approx(1.0)


def test_unrelated_features_are_near_zero_where_the_biased_estimate_is_near_one() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 16, 512))
    biased = linear_cka(x, y)
    assert biased is not None
    assert biased > 0.9
    assert abs(debiased_cka(x, y) or 9.0) < 0.2


def test_a_large_offset_changes_nothing() -> None:
    x, y = published()
    moved = debiased_cka((x + 200).astype(np.float32), y)
    assert moved == pytest.approx(0.51346, abs=1e-4)


def test_features_that_do_not_vary_are_undetermined_not_a_number() -> None:
    x = np.random.default_rng(2).normal(size=(12, 5))
    still = np.full((12, 3), 0.1)
    values, known = RunningHsic(2, 2).of([x, still], [x, np.zeros((12, 2))])
    assert np.isfinite(values).all()
    assert known.tolist() == [[True, False], [False, False]]
    assert values[0].tolist() == pytest.approx([1.0, 0.0])
    assert linear_cka(x, still) is None
    assert debiased_cka(still, still) is None


@pytest.mark.parametrize("scale", [1e-150, 1e-38, 1e38, 1e150])
def test_no_scale_is_too_small_or_too_large(scale: float) -> None:
    x, y = published()
    assert debiased_cka(x * scale, y) == pytest.approx(0.51346, abs=1e-5)
    assert linear_cka(x, y * scale) == pytest.approx(0.55761, abs=1e-5)


def test_streamed_float32_at_its_limits_is_no_nan() -> None:
    x, y = (v.astype(np.float32) for v in published())
    for scale in (np.float32(1e-30), np.float32(1e37)):
        values, known = RunningHsic(1, 1, batch=25).of([x * scale], [y])
        assert known[0, 0]
        assert values == pytest.approx(RunningHsic(1, 1, batch=25).of([x], [y])[0], abs=1e-6)


def test_not_finite_is_an_error() -> None:
    x, y = published()
    x[3, 3] = np.inf
    for method in (linear_cka, debiased_cka):
        with pytest.raises(ExplorerError, match="not finite"):
            method(x, y)


def test_three_inputs_are_refused() -> None:
    with pytest.raises(ExplorerError, match="at least 4"):
        debiased_cka(np.eye(3), np.eye(3))
