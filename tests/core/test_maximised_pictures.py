"""Maximised pictures side by side and small."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.maximised_pictures import sheet, thumb, tiles


def made(count: int, height: int, width: int, channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def test_colours_stay_and_grey_is_grey() -> None:
    pictures = made(2, 4, 5, 3)
    assert all(np.array_equal(a, b) for a, b in zip(tiles(pictures), pictures, strict=True))
    (grey,) = tiles(pictures[:1, ..., :1])
    assert np.array_equal(grey, np.repeat(pictures[0, ..., :1], 3, axis=2))


def test_every_other_channel_is_a_picture_of_its_own() -> None:
    pictures = made(2, 4, 5, 4)
    found = tiles(pictures)
    assert len(found) == 8
    assert np.array_equal(found[5][..., 0], pictures[1, ..., 1])


def test_a_sheet_has_white_between_the_pictures() -> None:
    pictures = made(3, 4, 5, 3)
    whole = sheet(pictures)
    assert whole.shape == (4, 3 * 5 + 2 * 2, 3)
    assert np.array_equal(whole[:, 7:12], pictures[1])
    assert (whole[:, 5:7] == 255).all()
    assert np.array_equal(sheet(pictures[:1]), pictures[0])


def test_small_ones_are_means_of_blocks() -> None:
    picture = made(1, 128, 192, 3)[0]
    small = thumb(picture)
    assert small.shape == (42, 64, 3)
    assert small[2, 3].tolist() == np.rint(picture[6:9, 9:12].reshape(-1, 3).mean(0)).tolist()
    assert np.array_equal(thumb(picture[:20, :20]), picture[:20, :20])


@pytest.mark.parametrize("shape", [(1, 1, 1), (300, 1, 3), (1, 300, 5), (65, 64, 2)])
def test_small_ones_of_odd_shapes(shape: tuple[int, int, int]) -> None:
    small = thumb(made(1, *shape)[0])
    assert small.dtype == np.uint8
    assert small.shape[2] == 3
    assert min(small.shape[:2]) >= 1
    assert max(small.shape[:2]) <= 64
