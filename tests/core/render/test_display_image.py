"""What the screen gets of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.render.display_image import displayable


@pytest.mark.parametrize(
    ("pixels", "value"),
    [
        (np.full((5, 6, 1), 200, np.uint8), 200),
        (np.full((5, 6, 3), 200 * 257, np.uint16), 200),
        (np.full((5, 6, 3), 200 / 255, np.float32), 200),
        (np.full((5, 6, 1), np.nan, np.float32), 0),
        (np.full((5, 6, 3), 7.0, np.float32), 255),
    ],
)
def test_every_kind_of_picture_is_displayable(pixels: np.ndarray, value: int) -> None:
    shown = displayable(pixels)
    assert shown.dtype == np.uint8
    assert shown.shape == (5, 6, 3)
    assert (shown == value).all()


def test_huge_pictures_are_thinned_out() -> None:
    assert max(displayable(np.zeros((10, 9000, 3), np.uint8)).shape) <= 2048


def test_what_is_as_the_screen_wants_it_is_not_copied() -> None:
    pixels = np.zeros((2048, 7, 3), np.uint8)
    assert displayable(pixels) is pixels


def test_every_so_manieth_pixel_of_both_sides_is_taken() -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (5000, 10, 1), dtype=np.uint16)
    expected = np.repeat(pixels[::3, ::3] // 256, 3, axis=2)
    np.testing.assert_array_equal(displayable(pixels), expected)
