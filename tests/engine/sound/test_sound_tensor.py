"""The tensor a model wants, and what its places stand for in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.sound_axes import BandAxis, EvenAxis
from explorer.core.sound_preprocess import LogMel, SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array
from explorer.engine.sound import features
from explorer.engine.sound.resampling import resampled
from explorer.engine.sound.sound_files import open_sound
from explorer.engine.sound.sound_tensor import prepared_sound, sound_tensor
from tests.engine.sound.sound_files_made import noise

REF = InputRef("sound")


def made(count: int, rate: int = 16000, channels: int = 1) -> Sound:
    return sound_from_array(noise(count, channels), rate, REF, "a")


def test_the_waveform_itself() -> None:
    sound = made(8000)
    found = prepared_sound(sound, SoundPreprocess(16000))
    np.testing.assert_array_equal(found.values.numpy(), sound.samples[None])
    assert found.notes == ()
    assert found.bands is None
    assert sound_tensor(sound, SoundPreprocess(16000, layout="NT")).shape == (1, 8000)
    two = made(8000, channels=2)
    assert sound_tensor(two, SoundPreprocess(16000, channels=2)).shape == (1, 2, 8000)


@pytest.mark.parametrize(
    ("count", "said"), [(8000, "0.5 s of silence put behind it"), (24000, "only the first 1 s of 1.5 s")]
)
def test_a_length_is_kept(count: int, said: str) -> None:
    sound = made(count)
    found = prepared_sound(sound, SoundPreprocess(16000, 1.0))
    there = min(count, 16000)
    assert found.values.shape == (1, 1, 16000)
    np.testing.assert_array_equal(found.values[0, :, :there], sound.samples[:, :there])
    assert not found.values[..., there:].any()
    assert found.notes == (said,)
    assert found.time.inside == found.heard.count == there


def test_a_cut_before_resampling_is_not_heard() -> None:
    """Only what is wanted is resampled, with a margin: as if the whole had been."""
    sound = made(44100 * 5, 44100, 2)
    found = prepared_sound(sound, SoundPreprocess(16000, 1.0))
    whole = resampled(sound.mono[None], 44100, 16000)[:, :16000]
    np.testing.assert_allclose(found.values[0].numpy(), whole, atol=1e-6)
    assert found.notes == (
        "mean of 2 channels",
        "44.1 kHz resampled to 16 kHz (aresample=filter_size=64:cutoff=0.97)",
        "only the first 1 s of 5 s",
    )


@pytest.mark.parametrize(("layout", "shape"), [("NCHW", (1, 1, 64, 101)), ("NCT", (1, 64, 101)), ("NTC", (1, 101, 64))])
def test_a_spectrogram_in_every_layout(layout: str, shape: tuple[int, ...]) -> None:
    sound = made(16000)
    found = prepared_sound(sound, SoundPreprocess(16000, features="log-mel", log_mel=LogMel(), layout=layout))
    assert found.values.shape == shape
    assert tuple(axis.count for axis in found.axes) == shape
    plain = features.log_mel(torch.from_numpy(sound.samples.copy()), 16000, LogMel())[0]
    values = found.values.squeeze()
    torch.testing.assert_close(values.T if layout == "NTC" else values, plain)


@pytest.mark.parametrize(
    ("preprocess", "shape"),
    [
        (SoundPreprocess(16000, features="whisper"), (1, 80, 3000)),
        (SoundPreprocess(16000, features="whisper", mels=128), (1, 128, 3000)),
        (SoundPreprocess(16000, features="ast", layout="NTC"), (1, 1024, 128)),
        (SoundPreprocess(16000, 2.0, features="wav2vec2", layout="NT"), (1, 32000)),
    ],
)
def test_recipes(preprocess: SoundPreprocess, shape: tuple[int, ...]) -> None:
    sound = made(20000)
    found = prepared_sound(sound, preprocess)
    assert found.values.shape == shape
    assert tuple(axis.count for axis in found.axes) == shape
    assert found.values.dtype == torch.float32
    given = torch.from_numpy(sound.samples[0].copy())
    wanted = {
        "whisper": lambda: features.whisper(given, preprocess.mels),
        "ast": lambda: features.ast(given),
        "wav2vec2": lambda: torch.nn.functional.pad(features.wav2vec2(given), (0, 12000)),
    }[preprocess.features]()
    assert torch.equal(found.values[0], wanted)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
@pytest.mark.parametrize("layout", ["wave", "centred", "not centred", "whisper", "ast"])
def test_an_event_is_found_where_it_is_in_the_file(rate: int, layout: str) -> None:
    """A burst of 3 kHz at 2.3 s of a file, of which a window from 1.5 s on is opened: largest where the axes say."""
    time = np.arange(4 * rate) / rate
    burst = np.where(
        np.abs(time - 2.3) < 0.01, np.sin(2 * np.pi * 3000 * time) * np.cos((time - 2.3) * np.pi / 0.02), 0.0
    )
    sound = sound_from_array(burst, rate, REF, "a").cut(1.5, 2.0)
    preprocess = {
        "wave": SoundPreprocess(16000),
        "centred": SoundPreprocess(16000, features="log-mel", log_mel=LogMel()),
        "not centred": SoundPreprocess(16000, features="log-mel", log_mel=LogMel(centred=False)),
        "whisper": SoundPreprocess(16000, features="whisper"),
        "ast": SoundPreprocess(16000, features="ast", layout="NTC"),
    }[layout]
    found = prepared_sound(sound, preprocess)
    values = found.values.squeeze()
    place = np.unravel_index(int(values.argmax()), values.shape)
    names = [axis.name for axis in found.axes if axis.name in ("time", "frequency")]
    at = dict(zip(names, place, strict=True))
    assert found.time.at(at["time"]) == pytest.approx(2.3, abs=0.006)
    assert found.time.nearest(2.3) == pytest.approx(at["time"], abs=16 * 6 if layout == "wave" else 1)
    if (bands := found.bands) is not None:
        low, high = bands.span(at["frequency"])
        assert low < 3000 < high
        assert abs(bands.nearest(3000) - at["frequency"]) <= 1


def test_filters_without_a_bin_are_said() -> None:
    numbers = LogMel(mels=128)
    found = prepared_sound(made(16000), SoundPreprocess(16000, features="log-mel", log_mel=numbers, layout="NCT"))
    (note,) = found.notes
    assert note == "4 mel filters have no bin of the Fourier transform and always the same value: 0, 3, 6, 13"
    assert all(float(found.values[0, row].std()) == 0 for row in (0, 3, 6, 13))


def test_samples_beyond_all_bounds_are_said() -> None:
    sound = sound_from_array(np.full((1, 2000), 3e38, np.float32), 16000, REF)
    assert prepared_sound(sound, SoundPreprocess(16000, features="whisper")).notes[-1].startswith("it is so loud")


def test_what_is_shorter_than_a_frame() -> None:
    preprocess = SoundPreprocess(16000, features="log-mel", log_mel=LogMel(centred=False))
    with pytest.raises(ExplorerError, match=r"too short\. One frame .* takes 0\.025 s"):
        sound_tensor(made(399), preprocess)
    assert sound_tensor(made(1), SoundPreprocess(16000)).shape == (1, 1, 1)


def test_real_words(shared_data: Path) -> None:
    """Speech at 16 kHz, as a file of today."""
    path = shared_data / "audio" / "commands" / "yes_1000ms.wav"
    if not path.is_file():
        pytest.skip("shared data is not there (audio)")
    found = prepared_sound(open_sound(path), SoundPreprocess(16000, 1.0, features="log-mel", log_mel=LogMel()))
    assert found.values.shape == (1, 64, 101)
    assert isinstance(found.axes[1], BandAxis)
    assert isinstance(found.axes[2], EvenAxis)
