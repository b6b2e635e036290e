"""Sounds and how models want them, as values."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array

REF = InputRef("sound", "a.wav")


def made(array: np.ndarray, rate: int = 16000) -> Sound:
    return sound_from_array(array, rate, REF, "a.wav")


def test_what_a_sound_says_of_itself() -> None:
    sound = made(np.array([[0.5, -0.75, 0.0], [0.25, 0.25, -1.0]]), 8000)
    assert (sound.channels, sound.count, sound.seconds, sound.peak) == (2, 3, 3 / 8000, 1.0)
    assert sound.samples.dtype == np.float32
    np.testing.assert_array_equal(sound.mono, np.float32([0.375, -0.25, -0.5]))
    told = hashlib.sha256(b"(2, 3)<f48000" + np.float32([[0.5, -0.75, 0], [0.25, 0.25, -1]]).tobytes()).hexdigest()
    assert sound.digest == told[:16]
    for array in (sound.samples, sound.mono):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = 1


def test_the_digest_tells_rates_and_samples_apart() -> None:
    a, b = np.zeros((1, 4), np.float32), np.zeros((2, 2), np.float32)
    assert len({made(a).digest, made(a, 8000).digest, made(b).digest, made(a + 1).digest}) == 4
    assert made(a).digest == made(a.copy()).digest


def test_a_cut_knows_where_it_was() -> None:
    sound = made(np.arange(1000, dtype=np.float32)[None] / 1000, 1000)
    part = sound.cut(0.25, 0.5).cut(0.1, 9.0)
    assert (part.count, part.first) == (400, pytest.approx(0.35))
    assert part.samples[0, 0] == sound.samples[0, 350]
    assert part.digest == made(sound.samples[:, 350:750].copy(), 1000).digest
    for start, length in ((1.0, 0.1), (-0.1, 0.5), (0.5, 0.0), (0.5, -1.0), (float("nan"), 1.0), (0.5, 1e-9)):
        with pytest.raises(ExplorerError, match=r"“a\.wav” has nothing from"):
            sound.cut(start, length)
    assert sound.cut(0.0, float("inf")).count == 1000


@pytest.mark.parametrize("array", [np.zeros((1, 2, 3)), np.zeros((2, 0)), np.zeros(3, np.int16), np.float32(0)])
def test_what_is_no_sound(array: np.ndarray) -> None:
    with pytest.raises(ExplorerError, match=r"is not a sound|holds no sample"):
        made(array)


@pytest.mark.parametrize(("channels", "rate"), [(1, 0), (1, 10**9), (65, 16000)])
def test_rates_and_channels_that_no_sound_has(channels: int, rate: int) -> None:
    with pytest.raises(ExplorerError, match="of a sound"):
        made(np.zeros((channels, 4)), rate)


def test_doubles_beyond_float32_are_no_numbers() -> None:
    sound = made(np.array([[1e300, -1e300, 0.5]]))
    assert sound.samples.tolist() == [[0, 0, 0.5]]
    assert sound.notes == ("2 samples that are no number became 0",)


def test_a_missing_rate_is_asked_for() -> None:
    with pytest.raises(ExplorerError, match=r'names no rate.*"rate": 16000'):
        SoundPreprocess()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"rate": 0}, "a rate is a whole number of Hz"),
        ({"rate": 16000.0}, "a rate is a whole number of Hz"),
        ({"features": "mfcc"}, "There are no features 'mfcc'"),
        ({"layout": "NCHW"}, "'none' has no layout 'NCHW'; it has NCT, NT"),
        ({"layout": "NT", "channels": 2}, "2 channels do not go into 'none' as 'NT'"),
        ({"seconds": 0.0}, "a length is more than 0"),
        ({"rate": 8000, "features": "whisper"}, "defined at 16,000 Hz"),
        ({"features": "whisper", "mels": 64}, "80 or 128 mels"),
        ({"features": "log-mel"}, "are to be said there"),
        ({"log_mel": LogMel()}, "are to be said there"),
        ({"features": "log-mel", "log_mel": LogMel(high=9000.0)}, "they end at 8000 Hz"),
        ({"features": "log-mel", "log_mel": LogMel(window_length=500)}, "A window of 500 samples"),
        ({"features": "log-mel", "log_mel": LogMel(hop=0)}, "out of reach"),
        ({"features": "log-mel", "log_mel": LogMel(floor=0.0)}, "must be more than 0"),
    ],
)
def test_preprocessing_that_cannot_be(fields: dict[str, object], says: str) -> None:
    with pytest.raises(ExplorerError, match=says):
        SoundPreprocess(**{"rate": 16000, **fields})  # type: ignore[arg-type]


def test_what_a_model_takes_in_a_sentence() -> None:
    assert SoundPreprocess(16000, 1.0).says == "Takes sounds, 1 s at 16 kHz, mono: the samples, −1 … 1."
    mel = SoundPreprocess(44100, None, 2, "log-mel", LogMel(mels=96), layout="NCHW")
    assert mel.says == "Takes sounds, any length at 44.1 kHz, 2 channels: 96 log-mels."
