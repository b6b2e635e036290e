"""Places of a sound: milliseconds of the original, samples or frames of the model, and back."""

from __future__ import annotations

import pytest

from explorer.core.boxes import Box
from explorer.core.geometry.affine import crop_box, input_affine, original_box, point_seen, to_input, to_original
from explorer.core.sound_preprocess import LogMel, SoundPreprocess

WAVE = SoundPreprocess(8000, 0.5)
MELS = SoundPreprocess(8000, 0.5, features="log-mel", log_mel=LogMel(mels=32, n_fft=256, hop=80), layout="NCHW")


def test_a_millisecond_is_eight_samples_at_8_khz() -> None:
    affine = input_affine((1, 500), WAVE)
    assert to_input(affine, Box(0, 10, 1, 20)) == Box(0, 80, 1, 160)
    assert to_original(affine, Box(0, 80, 1, 160)) == Box(0, 10, 1, 20)
    assert point_seen((1, 500), WAVE, (0.5, 10.0)) == (0.5, 80.0)


def test_the_middle_of_a_frame_stands_over_its_sample() -> None:
    affine = input_affine((1, 500), MELS)
    box = to_original(affine, Box(0, 7, 32, 8))
    assert ((box.x0 + box.x1) / 2, box.y0, box.y1) == (pytest.approx(7 * 80 / 8), 0, 1)
    late = SoundPreprocess(
        8000, 0.5, features="log-mel", log_mel=LogMel(mels=32, n_fft=256, hop=80, centred=False), layout="NCHW"
    )
    box = to_original(input_affine((1, 500), late), Box(0, 7, 32, 8))
    assert (box.x0 + box.x1) / 2 == pytest.approx((7 * 80 + 128) / 8)  # the middle of samples 560 to 815


def test_a_frame_is_made_of_its_whole_window() -> None:
    box = original_box((1, 500), MELS, Box(0, 7, 32, 8))
    assert (box.x0, box.x1) == (pytest.approx((560 - 128) / 8), pytest.approx((560 + 128) / 8))
    assert original_box((1, 500), WAVE, Box(0, 80, 1, 160)) == Box(0, 10, 1, 20)


def test_only_so_much_is_seen_as_the_model_takes() -> None:
    assert crop_box((1, 2000), WAVE) == Box(0, 0, 1, 500)
    assert crop_box((1, 300), WAVE) == Box(0, 0, 1, 300)
    assert crop_box((1, 2000), SoundPreprocess(8000)) == Box(0, 0, 1, 2000)
    assert point_seen((1, 2000), WAVE, (0.5, 700.0)) is None


def test_sides_of_the_tensor() -> None:
    assert (WAVE.height, WAVE.width, WAVE.UNIT) == (1, 4000, "samples")
    assert (MELS.height, MELS.width, MELS.UNIT) == (32, 51, "frames")
