"""Plain arrays become pictures of their own, or are refused in words."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.engine.inputs import image_arrays
from explorer.engine.inputs.image_arrays import picture_from_array

REF = InputRef("camera")


@pytest.mark.parametrize(
    ("array", "shape", "dtype"),
    [
        (np.zeros((4, 5, 3), np.uint8), (4, 5, 3), np.uint8),
        (np.zeros((4, 5), np.uint8), (4, 5, 1), np.uint8),
        (np.zeros((4, 5, 1), np.uint16), (4, 5, 1), np.uint16),
        (np.ones((4, 5, 3), np.float64), (4, 5, 3), np.float32),
        (np.full((4, 5, 4), 255, np.uint8), (4, 5, 3), np.uint8),
        (np.zeros((4, 5, 6), np.uint8)[:, :, ::2], (4, 5, 3), np.uint8),
    ],
)
def test_shapes_and_types(array: np.ndarray, shape: tuple[int, ...], dtype: type) -> None:
    picture = picture_from_array(array, REF, "frame")
    assert picture.pixels.shape == shape
    assert picture.pixels.dtype == dtype
    assert picture.pixels.flags.c_contiguous
    assert (picture.ref, picture.name) == (REF, "frame")


def test_the_picture_does_not_change_with_the_buffer_it_came_from() -> None:
    buffer = np.zeros((4, 5, 3), np.uint8)
    picture = picture_from_array(buffer, REF)
    buffer[:] = 9
    assert picture.pixels.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0, 0] = 1
    buffer[:] = 0  # still the caller's to write


def test_alpha_over_white_is_noted() -> None:
    array = np.zeros((300, 2, 4), np.uint8)
    array[..., 3] = 51  # one fifth of black over white
    picture = picture_from_array(array, REF, notes=("pasted",))
    assert np.array_equal(picture.pixels, np.full((300, 2, 3), 204, np.uint8))
    assert picture.notes == ("pasted", "alpha composed over white")


def test_digest_depends_on_shape_type_and_every_byte() -> None:
    base = np.zeros((4, 6, 1), np.uint8)
    changed = base.copy()
    changed[-1, -1] = 1
    different = [base, changed, base.reshape(6, 4, 1), np.zeros((4, 3, 1), np.uint16), np.zeros((4, 6, 3), np.uint8)]
    assert len({picture_from_array(array, REF).digest for array in different}) == len(different)
    assert picture_from_array(base.copy(), REF).digest == picture_from_array(base, REF).digest


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((4, 5, 2), np.uint8), "shape is"),
        (np.zeros((1, 3, 4, 5), np.uint8), "shape is"),
        (np.zeros((0, 5, 3), np.uint8), "shape is"),
        (np.zeros(5, np.uint8), "shape is"),
        (np.zeros((4, 5), np.int32), "int32"),
        (np.zeros((4, 5), bool), "bool"),
        (np.full((4, 5), 1.5), "0 .. 1.5|1.5 .. 1.5"),
        (np.full((4, 5), -0.1), "0 .. 1"),
        (np.full((4, 5), np.nan), "nan"),
    ],
)
def test_what_is_no_picture_is_refused(array: np.ndarray, why: str) -> None:
    with pytest.raises(ExplorerError, match=why):
        picture_from_array(array, REF)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_arrays, "PIXEL_LIMIT", 99)
    with pytest.raises(ExplorerError, match="too large: 10 × 10"):
        picture_from_array(np.zeros((10, 10), np.uint8), REF)


def test_what_the_window_shows_is_made_along() -> None:
    ordinary = picture_from_array(np.full((30, 40, 3), 7, np.uint8), InputRef("clipboard"))
    assert ordinary.small is None
    assert ordinary.shown is ordinary.pixels
    deep = picture_from_array(np.full((3000, 40, 1), 7 * 257, np.uint16), InputRef("clipboard"))
    assert deep.size == (3000, 40)
    assert (deep.shown.shape, deep.shown.dtype) == ((1500, 20, 3), np.uint8)
    assert (deep.shown == 7).all()
