"""Spectrograms against those who defined them: transformers' extractors, and the definition in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.core.mel_scale import mel_filters
from explorer.core.sound_preprocess import LogMel
from explorer.engine.sound import features
from explorer.engine.sound.stft_frames import frame_count, spectra, window_of


def sound(count: int, seed: int = 0) -> np.ndarray:
    """(count,) float32: a rising tone in noise, and silence in the middle."""
    rng = np.random.default_rng(seed)
    time = np.arange(count) / 16000
    made = 0.3 * np.sin(2 * np.pi * (200 + 1500 * time) * time) + 0.05 * rng.standard_normal(count)
    made[count // 3 : count // 2] *= 1e-5
    return made.astype(np.float32)


@pytest.mark.parametrize("count", [1, 399, 16000, 100_001, 480_000, 500_000])
@pytest.mark.parametrize("mels", [80, 128])
def test_whisper(count: int, mels: int) -> None:
    from transformers import WhisperFeatureExtractor

    given = sound(count)
    theirs = WhisperFeatureExtractor(feature_size=mels)(given, sampling_rate=16000, return_tensors="np")
    ours = features.whisper(torch.from_numpy(given), mels)
    assert ours.shape == (mels, 3000)
    np.testing.assert_allclose(ours.numpy(), theirs["input_features"][0], atol=1e-6)


@pytest.mark.parametrize("count", [400, 559, 16000, 164_080, 200_000])
@pytest.mark.filterwarnings("ignore:At least one mel filter")
def test_ast(count: int) -> None:
    from transformers import ASTFeatureExtractor

    given = sound(count)
    theirs = ASTFeatureExtractor()(given, sampling_rate=16000, return_tensors="np")["input_values"][0]
    ours = features.ast(torch.from_numpy(given))
    assert ours.shape == (1024, 128)
    np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-6)


def test_ast_of_less_than_a_frame_is_what_zero_is_there() -> None:
    ours = features.ast(torch.from_numpy(sound(399)))
    np.testing.assert_allclose(ours.numpy(), 4.2677393 / (2 * 4.5689974), atol=1e-6)


@pytest.mark.parametrize("count", [1, 400, 16000, 100_000])
def test_wav2vec2(count: int) -> None:
    from transformers import Wav2Vec2FeatureExtractor

    given = sound(count) + np.float32(0.1)
    theirs = Wav2Vec2FeatureExtractor(return_attention_mask=True)(given, sampling_rate=16000, return_tensors="np")
    np.testing.assert_allclose(features.wav2vec2(torch.from_numpy(given)), theirs["input_values"][0], atol=1e-6)


def by_definition(given: np.ndarray, rate: int, numbers: LogMel) -> np.ndarray:
    """(mels, frames), one frame after the other, in float64."""
    n_fft, width = numbers.n_fft, numbers.window_length or numbers.n_fft
    place = np.arange(width)
    period = width - 1 if numbers.window == "hann-symmetric" else width
    window = {"rectangular": np.ones(width), "hamming": 0.54 - 0.46 * np.cos(2 * np.pi * place / period)}.get(
        numbers.window, 0.5 - 0.5 * np.cos(2 * np.pi * place / period)
    )
    before = (n_fft - width) // 2
    window = np.pad(window, (before, n_fft - width - before))
    x = given.astype(np.float64)
    if numbers.centred:
        x = np.pad(x, n_fft // 2, mode="reflect" if numbers.padding == "reflect" else "constant")
    frames = [x[at : at + n_fft] * window for at in range(0, len(x) - n_fft + 1, numbers.hop)]
    size = np.abs(np.fft.rfft(frames, axis=1)) ** numbers.power
    high = rate / 2 if numbers.high is None else numbers.high
    values = (size @ mel_filters(numbers.mels, n_fft, rate, numbers.low, high, numbers.scale, numbers.norm)).T
    values = values + numbers.floor if numbers.floored == "add" else np.maximum(values, numbers.floor)
    values = {"ln": np.log, "log10": np.log10, "db": lambda v: (10 if numbers.power == 2 else 20) * np.log10(v)}[
        numbers.log
    ](values)
    values = values - values.max() if numbers.reference == "max" else values
    values = values if numbers.top is None else np.maximum(values, values.max() - numbers.top)
    return (values - numbers.mean) / numbers.std


@pytest.mark.parametrize(
    "numbers",
    [
        LogMel(),
        LogMel(mels=80, n_fft=1024, hop=256, scale="slaney", norm="slaney", padding="zeros", reference="max", top=80.0),
        LogMel(log="ln", floor=1e-6, floored="add", power=1, low=50.0, high=7600.0, mean=-3.0, std=4.0),
        LogMel(n_fft=512, window_length=400, centred=False, log="log10", window="hamming"),
        LogMel(n_fft=401, hop=100, window="hann-symmetric", power=1),
        LogMel(n_fft=512, window_length=333, window="rectangular", centred=False),
    ],
)
def test_log_mel_by_its_definition(numbers: LogMel) -> None:
    given = sound(16000)
    ours = features.log_mel(torch.from_numpy(given), 16000, numbers)
    wanted = by_definition(given, 16000, numbers)
    assert ours.dtype == torch.float32
    assert tuple(ours.shape) == wanted.shape
    assert ours.shape[1] == frame_count(16000, numbers.n_fft, numbers.hop, numbers.centred)
    np.testing.assert_allclose(ours.numpy(), wanted, rtol=1e-6, atol=1e-6)


def test_log_mel_is_that_of_transformers() -> None:
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    given = sound(16000)
    filters = mel_filter_bank(201, 64, 0.0, 8000.0, 16000, None, "htk")
    theirs = spectrogram(given, window_function(400), 400, 160, power=2.0, mel_filters=filters, log_mel="log10")
    ours = features.log_mel(torch.from_numpy(given), 16000, LogMel(log="log10"))
    np.testing.assert_allclose(ours.numpy(), theirs, atol=3e-6)


@pytest.mark.parametrize("centred", [True, False])
def test_blocks_make_no_seam(centred: bool) -> None:
    given = torch.from_numpy(sound(200_000)).double()
    window = window_of("hann", 64, 64)
    blocks = list(spectra(given, window, 16, centred, "reflect"))
    assert len(blocks) > 5
    whole = torch.stft(given, 64, 16, window=window, center=centred, return_complex=True)
    torch.testing.assert_close(torch.cat(blocks, -1), whole)


@pytest.mark.parametrize("count", [1, 2, 150, 200])
def test_what_is_too_short_to_be_reflected(count: int) -> None:
    values = features.log_mel(torch.from_numpy(sound(count)), 16000, LogMel())
    assert values.shape[0] == 64
    assert values.isfinite().all()
    assert values.shape[1] >= 1


def test_several_sounds_at_once_are_as_each_alone() -> None:
    both = torch.from_numpy(np.stack([sound(4000), 0.01 * sound(4000, 1)]))
    numbers = LogMel(reference="max", top=80.0)
    torch.testing.assert_close(
        features.log_mel(both, 16000, numbers), torch.stack([features.log_mel(one, 16000, numbers) for one in both])
    )
