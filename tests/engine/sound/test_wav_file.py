"""What is written is what is read: by the standard library, by SciPy, by FFmpeg."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.wav_bytes import fitting_gain, wav_bytes
from explorer.engine.sound.sound_files import open_sound
from explorer.engine.wav_export import write_wav
from tests.engine.sound.sound_files_made import noise


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_sixteen_bits_against_the_standard_library(tmp_path: Path, channels: int) -> None:
    made = noise(999, channels)
    written = write_wav(tmp_path / "a.wav", made, 22050, "pcm16")
    assert written.told == "16-bit PCM, as loud as it is"
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getparams()[:4] == (channels, 2, 22050, 999)
        read = np.frombuffer(file.readframes(999), "<i2").reshape(-1, channels).T
    np.testing.assert_array_equal(read, made * 32768)


@pytest.mark.parametrize("kind", ["float32", "pcm16"])
def test_against_scipy_and_ffmpeg(tmp_path: Path, kind: str) -> None:
    from scipy.io import wavfile

    made = np.random.default_rng(0).uniform(-1, 1, (2, 501)).astype(np.float32)
    write_wav(tmp_path / "a.wav", made, 16000, kind, 0.5)
    rate, read = wavfile.read(tmp_path / "a.wav")
    assert rate == 16000
    wanted = made * 0.5 if kind == "float32" else np.rint(made * 0.5 * 32768).astype(np.int16)
    np.testing.assert_array_equal(read.T, wanted)
    np.testing.assert_array_equal(open_sound(tmp_path / "a.wav").samples, wanted / (1 if kind == "float32" else 32768))


def test_the_gain_is_said_in_the_file_too(tmp_path: Path) -> None:
    loud = noise(400) * 8
    peak = float(np.abs(loud).max())
    data, written = wav_bytes(loud, 16000, "pcm16")
    assert written.gain == pytest.approx(1 / peak)
    assert written.clipped == 0
    assert written.told.startswith(f"16-bit PCM, gain {1 / peak:.6g} (-")
    assert written.told.encode() in data
    assert wav_bytes(loud, 16000, "pcm16", 1.0)[1].clipped == int((np.abs(loud) > 1).sum())
    assert wav_bytes(loud, 16000)[1].told == "32-bit float, as loud as it is"


def test_one_gain_for_several_sounds() -> None:
    assert fitting_gain(np.array([0.5, -4.0]), np.array([2.0])) == 0.25
    assert fitting_gain(np.array([0.5]), np.zeros(0)) == 1.0


@pytest.mark.parametrize("samples", [np.zeros(0), np.array([0.0, np.nan])])
def test_what_cannot_be_written(tmp_path: Path, samples: np.ndarray) -> None:
    with pytest.raises(ExplorerError, match="no sound to be written"):
        write_wav(tmp_path / "a.wav", samples, 16000)
    with pytest.raises(ExplorerError, match=r"Its gain is 0\."):
        write_wav(tmp_path / "a.wav", np.zeros(3), 16000, gain=0.0)
    with pytest.raises(ExplorerError, match="is not there"):
        write_wav(tmp_path / "none" / "a.wav", np.zeros(3), 16000)
    assert list(tmp_path.iterdir()) == []
