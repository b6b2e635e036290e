"""Where pixels land: exact round trips for any picture and preprocessing, and torchvision's own rounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import crop_box, input_affine, placement, to_input, to_original
from explorer.core.models import Preprocess

SIZES = st.tuples(st.integers(1, 70_000), st.integers(1, 70_000))
PREPROCESSING = st.builds(
    Preprocess,
    height=st.integers(1, 1024),
    width=st.integers(1, 1024),
    fit=st.sampled_from(["crop", "letterbox", "stretch"]),
    resize=st.integers(1, 1024),
)
EDGES = st.floats(-2000, 70_000)


@given(SIZES, PREPROCESSING, EDGES, EDGES, EDGES, EDGES)
def test_there_and_back_is_exact(
    size: tuple[int, int], pre: Preprocess, y0: float, x0: float, y1: float, x1: float
) -> None:
    affine = input_affine(size, pre)
    back = to_original(affine, to_input(affine, Box(y0, x0, y1, x1)))
    assert (back.y0, back.x0, back.y1, back.x1) == pytest.approx((y0, x0, y1, x1), abs=1e-6, rel=1e-9)


@given(SIZES, PREPROCESSING)
def test_the_picture_lands_where_it_is_placed(size: tuple[int, int], pre: Preprocess) -> None:
    place = placement(size, pre)
    whole = to_input(input_affine(size, pre), Box(0, 0, *map(float, size)))
    edges = (place.top, place.left, place.top + place.height, place.left + place.width)
    assert (whole.y0, whole.x0, whole.y1, whole.x1) == pytest.approx(edges, abs=1e-6)


@given(SIZES, PREPROCESSING)
def test_what_is_seen_lies_in_picture_and_input(size: tuple[int, int], pre: Preprocess) -> None:
    box = crop_box(size, pre)
    assert 0 <= box.y0 < box.y1 <= size[0]
    assert 0 <= box.x0 < box.x1 <= size[1]
    seen = to_input(input_affine(size, pre), box)
    assert min(seen.y0, seen.x0) >= -1e-6
    assert seen.y1 <= pre.height + 1e-6
    assert seen.x1 <= pre.width + 1e-6


@given(SIZES, PREPROCESSING)
def test_letterbox_shows_all_and_stretch_fills(size: tuple[int, int], pre: Preprocess) -> None:
    if pre.fit == "crop":
        return
    place = placement(size, pre)
    box = crop_box(size, pre)
    assert (box.y0, box.x0, box.y1, box.x1) == pytest.approx((0, 0, *size))
    if pre.fit == "stretch":
        assert place == type(place)(pre.height, pre.width, 0, 0)
    else:
        # centred: what is left over on both sides differs by one pixel at most
        assert 0 <= (pre.height - place.height) - 2 * place.top <= 1
        assert 0 <= (pre.width - place.width) - 2 * place.left <= 1
        assert place.height == pre.height or place.width == pre.width


@pytest.mark.parametrize(
    ("size", "resize", "crop", "expected"),
    [
        # computed by hand from torchvision's rules
        ((432, 768), 256, 224, (256, 455, -16, -116)),  # 231 / 2 = 115.5 rounds to even: 116
        ((451, 300), 256, 224, (384, 256, -80, -16)),  # 384.85 is cut to 384
        ((300, 300), 256, 257, (256, 256, 0, 0)),  # one pixel of padding: after
        ((300, 300), 250, 255, (250, 250, 2, 2)),
        ((10, 100), 20, 64, (20, 200, 22, -68)),  # padded in one direction, cropped in the other
        ((1, 1), 256, 224, (256, 256, -16, -16)),
    ],
)
def test_rounding_of_resize_and_centre_crop(
    size: tuple[int, int], resize: int, crop: int, expected: tuple[int, int, int, int]
) -> None:
    place = placement(size, Preprocess(crop, crop, "crop", resize))
    assert (place.height, place.width, place.top, place.left) == expected


def test_a_usual_photo_is_seen_in_its_middle() -> None:
    assert crop_box((512, 768), Preprocess()) == Box(32.0, 160.0, 480.0, 608.0)


@pytest.mark.parametrize("pre", [Preprocess(height=0), Preprocess(width=-1), Preprocess(resize=0)])
def test_a_preprocessing_without_pixels_is_refused(pre: Preprocess) -> None:
    with pytest.raises(ExplorerError, match="cannot be used"):
        input_affine((10, 10), pre)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(ExplorerError, match="empty"):
        input_affine((0, 10), Preprocess())
