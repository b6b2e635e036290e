"""Another rate: sines stay sines, what cannot be kept goes, nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.sounds import sound_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.sound.resampling import RESAMPLER, at_rate, resampled
from tests.engine.sound.sound_files_made import noise

REF = InputRef("sound")


def sine(hertz: float, rate: int, seconds: float = 2.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)[None]


def level(samples: np.ndarray) -> float:
    """dB of a sine's amplitude, without the ends."""
    return float(10 * np.log10(2 * np.square(samples[0, 1000:-1000], dtype=np.float64).mean()))


def test_its_name_is_what_manifests_say() -> None:
    assert RESAMPLER == "aresample=filter_size=64:cutoff=0.97"


@pytest.mark.parametrize(
    ("source", "target"),
    [(48000, 16000), (44100, 16000), (8000, 16000), (22050, 16000), (192000, 44100), (16000, 48000)],
)
def test_a_sine_stays_a_sine(source: int, target: int) -> None:
    error = np.abs(resampled(sine(1000, source), source, target) - sine(1000, target))[0, 500:-500].max()
    assert error <= 1e-5


@pytest.mark.parametrize(("source", "target"), [(48000, 16000), (44100, 16000), (96000, 44100)])
def test_what_cannot_be_kept_does_not_come_back_as_another_tone(source: int, target: int) -> None:
    assert level(resampled(sine(target * 0.5625, source), source, target)) <= -90
    assert level(resampled(sine(target * 0.46875, source), source, target)) >= -1.5


@pytest.mark.parametrize("count", [1, 2, 3, 10, 159, 441, 1000, 10_007, 44_101])
@pytest.mark.parametrize(("source", "target"), [(44100, 16000), (48000, 16000), (8000, 44100), (22050, 11025)])
def test_the_length_is_exact_and_every_sample_is_made(count: int, source: int, target: int) -> None:
    made = resampled(np.ones((2, count), np.float32), source, target)
    assert made.shape == (2, max(1, round(count * target / source)))
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made).min() > 0
    if count > 1000:
        np.testing.assert_allclose(made[:, 200:-200], 1.0, atol=2e-5)


@pytest.mark.parametrize(("source", "target"), [(48000, 16000), (44100, 16000), (16000, 44100)])
def test_a_click_stays_where_it_was(source: int, target: int) -> None:
    for second in (0.0, 0.1, 0.43, 0.9):
        click = np.zeros((1, source), np.float32)
        click[0, round(second * source)] = 1
        assert resampled(click, source, target)[0].argmax() == pytest.approx(second * target, abs=0.5)


def test_against_the_ideal_interpolation_by_fourier() -> None:
    """SciPy's resampling of a periodic sound in the frequency domain, away from the ends; noise below 6 kHz."""
    from scipy import signal

    rng = np.random.default_rng(0)
    spectrum = np.zeros(44101 // 2 + 1, complex)
    spectrum[20:6000] = rng.standard_normal(5980) + 1j * rng.standard_normal(5980)
    sound = np.fft.irfft(spectrum, 44100)
    sound /= np.abs(sound).max()
    wanted = signal.resample(sound, 16000)
    made = resampled(sound[None].astype(np.float32), 44100, 16000)[0]
    assert np.abs(made - wanted)[300:-300].max() < 5e-5


def test_channels_are_mixed_copied_or_chosen() -> None:
    stereo = sound_from_array(noise(4800, 2), 48000, REF, "a")
    mono = at_rate(stereo, 16000, 1)
    np.testing.assert_allclose(mono.samples, resampled(stereo.samples, 48000, 16000).mean(0, keepdims=True), atol=1e-6)
    assert (mono.rate, mono.count) == (16000, 1600)
    assert not mono.samples.flags.writeable
    twice = at_rate(mono, 16000, 2)
    np.testing.assert_array_equal(twice.samples, np.repeat(mono.samples, 2, 0))
    many = sound_from_array(noise(100, 6), 16000, REF, "b")
    np.testing.assert_array_equal(at_rate(many, 16000, 2).samples, many.samples[:2])
    assert at_rate(mono, 16000, 1) is mono
    with pytest.raises(ExplorerError, match="“a” has 2 channels, the model wants 3"):
        at_rate(stereo, 16000, 3)


def test_it_can_be_cancelled() -> None:
    with pytest.raises(CancelledError):
        resampled(noise(160_000), 48000, 16000, lambda: True)
