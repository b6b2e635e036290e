"""Attributions as pictures, and how alike two maps are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.models import Preprocess
from explorer.core.render.correlation import rank_correlation, ranks, ssim
from explorer.core.render.overlay import as_rgb, combine, heat, on_picture, overlay, view_size

DRAW = np.random.default_rng(0)


def test_channels_are_summed_or_the_largest_counts() -> None:
    values = np.array([[[1.0, -3.0]], [[-2.0, 1.0]]])
    assert combine(values, signed=True).tolist() == [[-1.0, -2.0]]
    assert combine(values, signed=False).tolist() == [[2.0, 3.0]]


def test_an_outlier_does_not_darken_the_map() -> None:
    values = np.ones((1, 100, 100), np.float32)
    values[0, 0, 0] = 1e6
    found = heat(values, signed=True)
    assert found.top == 1.0
    assert found.values.min() == found.values.max() == 1.0


def test_zero_single_and_broken_values() -> None:
    nothing = heat(np.zeros((3, 4, 4), np.float32), signed=True)
    assert (nothing.top, nothing.values.any()) == (0.0, False)
    single = np.zeros((1, 50, 50), np.float32)
    single[0, 3, 3] = -2.0
    assert heat(single, signed=True).values.min() == -1.0
    assert heat(single, signed=False).values.max() == 1.0
    single[0, 4, 4] = np.nan
    assert heat(single, signed=True).bad == 1
    assert np.isfinite(heat(single, signed=True).values).all()


@pytest.mark.parametrize("fit", ["crop", "letterbox", "stretch"])
def test_a_map_lies_where_the_model_saw_the_picture(fit: str) -> None:
    """A bright square of the picture, seen through the preprocessing and drawn back, is where it was."""
    from explorer.core.inputs import InputRef
    from explorer.engine.inputs.image_arrays import picture_from_array
    from explorer.engine.inputs.preprocess import to_tensor

    pre = Preprocess(64, 64, fit, 72, mean=(0.0,), std=(1.0,))
    pixels = np.zeros((120, 200, 3), np.uint8)
    pixels[40:70, 80:130] = 255
    x = to_tensor(picture_from_array(pixels, InputRef("picture")), pre)
    drawn, seen = on_picture(x[0, 0].numpy(), (120, 200), pre, (120, 200))
    assert seen[40:70, 80:130].all()
    assert seen.all() == (fit != "crop")
    wanted = pixels[..., 0] / 255
    assert np.abs(drawn - wanted).mean() < 0.02
    rows, columns = np.nonzero(drawn > 0.5)
    assert abs(rows.mean() - 54.5) < 0.7
    assert abs(columns.mean() - 104.5) < 0.7


def test_sizes_of_overlays() -> None:
    assert view_size((100, 100), Preprocess(224, 224, resize=256)) == (896, 896)
    assert view_size((2000, 1000), Preprocess()) == (1600, 800)
    height, width = view_size((1, 60000), Preprocess())
    assert (height, width) == (1, 1600)


@pytest.mark.parametrize("shape", [(30, 50, 1), (30, 50, 3), (60, 100, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_pixels_of_every_kind_as_rgb(shape: tuple[int, ...], dtype: type) -> None:
    top = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    pixels = (np.full(shape, 0.5) * top).astype(dtype)
    for size in ((30, 50), (15, 25), (90, 150), (7, 11)):
        rgb = as_rgb(pixels, size)
        assert rgb.shape == (*size, 3)
        assert np.abs(rgb.astype(int) - 127).max() <= 1


def test_shrinking_is_the_mean() -> None:
    pixels = DRAW.integers(0, 256, (40, 60, 3), np.uint8)
    expected = pixels.reshape(20, 2, 30, 2, 3).mean((1, 3))
    assert np.abs(as_rgb(pixels, (20, 30)) - expected).max() <= 0.5


def test_where_nothing_matters_the_picture_shows() -> None:
    picture = DRAW.integers(0, 256, (20, 20, 3), np.uint8)
    seen = np.ones((20, 20), bool)
    plain = overlay(picture, np.zeros((20, 20)), seen, signed=True)
    grey = picture @ np.array([0.299, 0.587, 0.114]) * 0.8
    assert np.abs(plain - grey[..., None]).max() <= 1
    for signed in (True, False):
        off = overlay(picture, np.ones((20, 20)), seen, signed, strength=0.0)
        assert np.abs(off - grey[..., None]).max() <= 1
    low, high = (overlay(picture, np.full((20, 20), v), seen, signed=True).reshape(-1, 3).mean(0) for v in (-1.0, 1.0))
    assert low[2] > low[0]  # blue against
    assert high[0] > high[2]  # amber for
    hidden = overlay(picture, np.ones((20, 20)), ~seen, signed=False)
    assert (hidden <= plain).all()


def test_ranks_share_ties() -> None:
    assert ranks(np.array([10, 20, 10, 5])).tolist() == [2.5, 4, 2.5, 1]


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=30))
@settings(max_examples=50, deadline=None)
def test_rank_correlation_sees_order_only(values: list[float]) -> None:
    a = np.unique(np.round(values, 3))
    if a.size < 2:
        assert np.isnan(rank_correlation(a, a))
        return
    assert rank_correlation(a, np.exp(a / 50)) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)


def test_rank_correlation_by_hand() -> None:
    # 1 - 6 * sum of squared differences of ranks / (n (n^2 - 1)), where there are no ties
    a, b = DRAW.permutation(40), DRAW.permutation(40)
    expected = 1 - 6 * ((a - b) ** 2).sum() / (40 * (40**2 - 1))
    assert rank_correlation(a.astype(float), b.astype(float)) == pytest.approx(expected)


def test_structural_similarity_window_by_window() -> None:
    a, b = DRAW.random((12, 15)), DRAW.random((12, 15))
    found = []
    for i in range(12 - 6):
        for j in range(15 - 6):
            p, q = a[i : i + 7, j : j + 7].ravel(), b[i : i + 7, j : j + 7].ravel()
            c = np.cov(p, q)
            found.append(
                (2 * p.mean() * q.mean() + 1e-4)
                * (2 * c[0, 1] + 9e-4)
                / ((p.mean() ** 2 + q.mean() ** 2 + 1e-4) * (c[0, 0] + c[1, 1] + 9e-4))
            )
    assert ssim(a, b) == pytest.approx(np.mean(found))
    assert ssim(a, a) == pytest.approx(1)
    assert ssim(a[:1, :1], b[:1, :1]) <= 1
