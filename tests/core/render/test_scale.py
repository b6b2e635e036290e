from __future__ import annotations

import numpy as np
import pytest

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.render import ScaleMode, colormaps

MAGENTA = 0xFFFF00FF


@pytest.fixture
def maps() -> Array:
    return np.random.default_rng(0).standard_normal((5, 6, 7)).astype(np.float32)


def test_signed_maps_are_symmetric_about_zero(maps: Array) -> None:
    limits = render.limits(maps, ScaleMode.PER_MAP)
    assert limits.signed
    np.testing.assert_array_equal(limits.hi, np.abs(maps).max(axis=(1, 2)))
    np.testing.assert_array_equal(limits.lo, -limits.hi)


def test_maps_from_zero_up_begin_at_zero(maps: Array) -> None:
    positive = np.abs(maps) + 1
    limits = render.limits(positive, ScaleMode.PER_MAP)
    assert not limits.signed
    assert (limits.lo == 0).all()
    np.testing.assert_array_equal(limits.hi, positive.max(axis=(1, 2)))


def test_rounding_noise_below_zero_does_not_make_a_layer_signed() -> None:
    assert not render.limits(np.array([[[-1e-9, 1.0]]]), ScaleMode.PER_MAP).signed
    assert render.limits(np.array([[[-1e-3, 1.0]]]), ScaleMode.PER_MAP).signed


def test_one_map_below_zero_makes_the_layer_signed(maps: Array) -> None:
    mixed = np.abs(maps)
    mixed[3, 0, 0] = -9
    limits = render.limits(mixed, ScaleMode.PER_LAYER)
    assert limits.signed
    assert limits.of(0) == limits.of(4) == (-9.0, 9.0)


def test_percentile_leaves_the_extremes_out() -> None:
    values = np.arange(1001, dtype=np.float32).reshape(1, 7, 143)
    assert render.limits(values, ScaleMode.PERCENTILE, percentile=98).of(0) == pytest.approx((20, 980))
    lo, hi = render.limits(values - 500, ScaleMode.PERCENTILE, percentile=98).of(0)
    assert hi == -lo == pytest.approx(490)


def test_fixed_limits_are_taken_as_given(maps: Array) -> None:
    limits = render.limits(maps, ScaleMode.FIXED, (-2, 5))
    assert limits.of(3) == (-2.0, 5.0)
    with pytest.raises(ValueError, match="lo < hi"):
        render.limits(maps, ScaleMode.FIXED, (1, 1))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("mode", [ScaleMode.PER_MAP, ScaleMode.PER_LAYER, ScaleMode.PERCENTILE])
def test_non_finite_values_are_left_out_counted_and_magenta(maps: Array, bad: float, mode: ScaleMode) -> None:
    broken = np.abs(maps)
    broken[2, 1:3, 4] = bad
    limits = render.limits(broken, mode)
    assert limits.bad.tolist() == [0, 0, 2, 0, 0]
    assert limits.bad_total == 2
    assert np.isfinite(limits.hi).all()
    pixels = render.colorize(broken, limits, "magma")
    assert np.argwhere(pixels == MAGENTA).tolist() == [[2, 1, 4], [2, 2, 4]]


def test_a_map_without_a_finite_value_is_all_magenta() -> None:
    maps = np.full((1, 2, 2), np.nan, np.float32)
    limits = render.limits(maps, ScaleMode.PER_MAP)
    assert limits.of(0) == (0.0, 0.0)
    assert (render.colorize(maps, limits, "grey") == MAGENTA).all()


def test_index_is_the_rounded_share_of_the_range() -> None:
    values = np.linspace(0, 3, 1000, dtype=np.float32).reshape(1, 10, 100)
    index = render.to_index(values, render.limits(values, ScaleMode.PER_MAP))
    np.testing.assert_array_equal(index, np.rint(values / 3 * 255).astype(int))


def test_values_past_the_limits_take_the_last_colours() -> None:
    values = np.array([[[-10.0, 0.0, 0.5, 1.0, 10.0]]])
    assert render.to_index(values, render.limits(values, ScaleMode.FIXED, (0, 1))).ravel().tolist() == [
        0,
        0,
        128,
        255,
        255,
    ]


def test_a_dead_map_looks_like_zero() -> None:
    maps = np.zeros((2, 3, 3), np.float32)
    assert (render.to_index(maps, render.limits(maps, ScaleMode.PER_MAP)) == 0).all()
    maps[1] = -1
    assert (render.to_index(maps, render.limits(maps, ScaleMode.PER_MAP))[0] == 128).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8, np.int64, np.uint8, np.bool_])
def test_any_number_type_has_colours(dtype: type) -> None:
    maps = np.array([[[0, 1], [1, 1]]], dtype=dtype)
    index = render.to_index(maps, render.limits(maps, ScaleMode.PER_MAP))
    assert index.ravel().tolist() == [0, 255, 255, 255]


@pytest.mark.parametrize("size", [1e-42, 1e-30, 1e30, 3e38])
def test_extreme_ranges_raise_no_warning_and_keep_their_order(size: float) -> None:
    maps = np.array([[[-1, 0, 1]]], np.float32) * np.float32(size)
    index = render.to_index(maps, render.limits(maps, ScaleMode.PER_MAP)).ravel()
    assert list(index) == sorted(index)


def test_one_map_of_a_layer_keeps_its_limits(maps: Array) -> None:
    maps[3, 0, 0] = np.nan
    limits = render.limits(maps, ScaleMode.PER_MAP)
    one = render.pick(limits, 3)
    assert one.of(0) == limits.of(3)
    assert one.bad_total == 1
    np.testing.assert_array_equal(render.colorize(maps[3], one, "viridis"), render.colorize(maps, limits, "viridis")[3])


def test_pixels_are_the_tables_colours(maps: Array) -> None:
    limits = render.limits(maps, ScaleMode.PER_LAYER)
    rgb = render.rgb_of(render.colorize(maps, limits, "cividis"))
    np.testing.assert_array_equal(rgb, colormaps.table("cividis")[render.to_index(maps, limits)])


def test_no_maps_have_limits() -> None:
    limits = render.limits(np.zeros((0, 4, 4)), ScaleMode.PER_MAP)
    assert len(limits.lo) == 0
    assert render.to_index(np.zeros((0, 4, 4)), limits).shape == (0, 4, 4)
