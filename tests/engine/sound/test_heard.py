"""What a channel lets through: whole where it is one everywhere, the sound with the rest, and only what it points at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.mel_scale import spread_to_bins, triangles
from explorer.core.sound_axes import EvenAxis
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.sound.heard import between, channel_heard, filter_heard
from explorer.engine.sound.sound_tensor import SoundTensor, prepared_sound
from tests.engine.sound.sound_files_made import noise

REF = InputRef("sound")
MELS = SoundPreprocess(16000, features="log-mel", log_mel=LogMel())


def made(array: np.ndarray, rate: int = 16000) -> Sound:
    return sound_from_array(np.asarray(array, np.float32), rate, REF, "a")


def tones(*parts: tuple[float, float, float], seconds: float = 1.0, rate: int = 16000) -> np.ndarray:
    """Sines of (Hz, from s, to s)."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(0.3 * np.sin(2 * np.pi * f * time) * ((time >= a) & (time < b)) for f, a, b in parts)


def power(samples: np.ndarray) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


def spectrogram_of(sound: Sound) -> SoundTensor:
    return prepared_sound(sound, MELS)


@pytest.mark.parametrize("count", [1, 100, 511, 16000, 50_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_ones_give_the_sound_back(count: int, channels: int) -> None:
    sound = made(noise(count, channels))
    found = spectrogram_of(sound)
    for values, bands in ((np.ones((64, found.time.count)), found.bands), (np.ones(found.time.count), None)):
        heard = channel_heard(sound, values, found.time, bands)
        np.testing.assert_allclose(heard.channel, sound.samples, atol=1e-6)
        np.testing.assert_allclose(heard.rest, 0, atol=1e-6)
        assert heard.share == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_channel_and_rest_are_the_sound(rate: int) -> None:
    sound = made(noise(rate * 2, 2), rate).cut(0.3, 1.5)
    heard = prepared_sound(sound, MELS)
    values = np.random.default_rng(0).standard_normal((64, heard.time.count))
    found = channel_heard(sound, values, heard.time, heard.bands)
    np.testing.assert_allclose(found.channel.astype(np.float64) + found.rest, sound.samples, atol=1e-6)
    assert 0 < found.share < 1
    opposite = channel_heard(sound, 1 - np.clip(values / values.max(), 0, 1), heard.time, heard.bands, largest=1.0)
    np.testing.assert_allclose(opposite.channel, found.rest, atol=1e-6)


def test_it_is_what_torch_makes_of_the_same_mask() -> None:
    """torch.stft, the mask by hand, torch.istft."""
    sound = made(noise(20_000))
    heard = spectrogram_of(sound)
    assert heard.bands is not None
    values = np.random.default_rng(1).random((64, heard.time.count))
    found = channel_heard(sound, values, heard.time, heard.bands)
    n_fft, hop, window = 512, 128, torch.hann_window(512, dtype=torch.float64)
    samples = torch.from_numpy(sound.samples.astype(np.float64))
    spectrum = torch.stft(samples, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
    columns = between(values / values.max(), np.arange(spectrum.shape[-1]) * hop / 160)
    bins = spread_to_bins(triangles(np.array(heard.bands.corners), np.arange(257) * 16000 / 512)) @ columns
    wanted = torch.istft(spectrum * torch.from_numpy(bins), n_fft, hop, window=window, length=20_000)
    # torch has no frame behind the last whole hop
    np.testing.assert_allclose(found.channel[:, :19_700], wanted.numpy()[:, :19_700], atol=1e-6)


@pytest.mark.parametrize("start", [0.0, 0.37])
def test_a_mask_takes_what_it_stands_over(start: float) -> None:
    """Two tones, one after the other, in a window of a file: a mask over the second's time, then over the first's band."""
    whole = made(tones((500, 0.4, 0.9), (3000, 0.9, 1.4), seconds=1.6))
    sound = whole.cut(start, 1.23)
    heard = spectrogram_of(sound)
    assert heard.bands is not None
    late = np.zeros((64, heard.time.count))
    late[:, heard.time.nearest(0.95) :] = 5.0
    found = channel_heard(sound, late, heard.time, heard.bands)
    edge = round((0.93 - start) * 16000)
    assert power(found.channel[:, edge:]) > 0.97 * power(found.channel)
    assert power(found.rest[:, edge + 800 :]) < 1e-6 * power(sound.samples)
    low = np.zeros((64, heard.time.count))
    low[: heard.bands.nearest(1200)] = 0.01
    found = channel_heard(sound, low, heard.time, heard.bands)
    tone = tones((500, 0.4, 0.9), seconds=1.6)[round(start * 16000) :][: sound.count]
    inner = slice(round((0.45 - start) * 16000), round((0.85 - start) * 16000))
    assert np.abs(found.channel[0] - tone)[inner].max() < 0.01
    assert power(found.channel) == pytest.approx(power(tone), rel=0.02)


def test_rows_of_a_layer_behind_stand_for_bands() -> None:
    """A pool of 2 x 2 over the spectrogram: row r is the bands 2 r and 2 r + 1."""
    sound = made(tones((600, 0, 1), (4000, 0, 1)))
    heard = spectrogram_of(sound)
    assert heard.bands is not None
    time = heard.time.behind(2, 0, 2, 50)
    rows = EvenAxis("frequency", "", 0.5, 2, 32)
    values = np.zeros((32, 50))
    values[: heard.bands.nearest(1500) // 2] = 1
    found = channel_heard(sound, values, time, heard.bands, rows)
    assert found.share == pytest.approx(0.5, abs=0.01)
    spectrum = np.abs(np.fft.rfft(found.channel[0])) ** 2
    assert spectrum[:1500].sum() > 0.999 * spectrum.sum()


def test_blocks_make_no_seam() -> None:
    sound = made(noise(16000 * 12))
    heard = spectrogram_of(sound)
    values = np.random.default_rng(2).random((64, heard.time.count))
    late = channel_heard(sound.cut(7.0, 4.0), values, heard.time, heard.bands)
    whole = channel_heard(sound, values, heard.time, heard.bands)
    inner = slice(600, 16000 * 4 - 600)
    # 7 s are 875 hops of 128 samples, the seam of blocks of 1024 frames lies at 8.192 s
    np.testing.assert_allclose(late.channel[:, inner], whole.channel[:, 16000 * 7 :][:, inner], atol=1e-6)


def test_below_zero_and_nothing_is_silence() -> None:
    sound = made(noise(4000))
    time = EvenAxis("time", "s", 0, 0.01, 25)
    for values in (np.zeros(25), -np.ones(25)):
        heard = channel_heard(sound, values, time)
        assert not heard.channel.any()
        np.testing.assert_array_equal(heard.rest, sound.samples)
        assert heard.share == 0
    half = channel_heard(sound, np.ones(25), time, largest=2.0)
    np.testing.assert_allclose(half.channel, sound.samples / 2, atol=1e-6)


def test_one_gain_for_the_three() -> None:
    loud = made(np.full((1, 4000), 4.0))
    heard = channel_heard(loud, np.ones(3), EvenAxis("time", "s", 0, 0.1, 3))
    assert heard.gain == pytest.approx(0.25, rel=1e-6)
    assert channel_heard(made(noise(4000)), np.ones(3), EvenAxis("time", "s", 0, 0.1, 3)).gain == 1.0


def test_what_does_not_fit() -> None:
    sound, time = made(noise(4000)), EvenAxis("time", "s", 0, 0.01, 25)
    bands = spectrogram_of(sound).bands
    with pytest.raises(ExplorerError, match="does not fit the sound"):
        channel_heard(sound, np.ones(24), time)
    with pytest.raises(ExplorerError, match="does not fit the sound"):
        channel_heard(sound, np.ones((3, 25)), time, bands)
    with pytest.raises(ExplorerError, match="does not fit the sound"):
        channel_heard(sound, np.ones((64, 25)), time)
    with pytest.raises(ExplorerError, match="no numbers"):
        channel_heard(sound, np.full(25, np.nan), time)
    with pytest.raises(CancelledError):
        channel_heard(sound, np.ones(25), time, cancelled=lambda: True)
    with pytest.raises(ExplorerError, match="filter does not fit"):
        filter_heard(sound, np.ones((2, 5)))


@pytest.mark.parametrize("taps", [1, 2, 5, 160])
@pytest.mark.parametrize("dilation", [1, 3])
def test_a_filter_at_the_full_rate(taps: int, dilation: int) -> None:
    """As the convolution itself, at every sample."""
    kernel = np.random.default_rng(taps).standard_normal((1, taps))
    sound = made(noise(4000))
    found = filter_heard(sound, kernel, dilation)
    spread = np.zeros((taps - 1) * dilation + 1)
    spread[::dilation] = kernel[0]
    reach = len(spread)
    response = np.abs(np.fft.rfft(spread, max(4096, 4 * reach))).max()
    padded = np.pad(sound.samples[0].astype(np.float64), (reach // 2, reach - 1 - reach // 2))
    wanted = np.array([padded[n : n + reach] @ spread for n in range(4000)]) / response
    np.testing.assert_allclose(found.channel[0], wanted, atol=1e-6)
    np.testing.assert_allclose(found.channel + found.rest, sound.samples, atol=1e-6)


def test_a_band_pass_keeps_its_tone_as_loud_as_it_was() -> None:
    time = np.arange(320) / 16000
    kernel = np.cos(2 * np.pi * 2000 * time) * np.hanning(320)
    found = filter_heard(made(tones((2000, 0, 1), (5000, 0, 1))), kernel)
    spectrum = np.abs(np.fft.rfft(found.channel[0, 1000:-1000]))
    hertz = np.fft.rfftfreq(14000, 1 / 16000)
    assert hertz[spectrum.argmax()] == pytest.approx(2000, abs=2)
    assert np.abs(found.channel[0, 1000:-1000]).max() == pytest.approx(0.3, rel=0.01)
