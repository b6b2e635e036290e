"""Decoding: the samples that went in come out, of every format, whole or as a window."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.sound import sound_files
from explorer.engine.sound.sound_files import open_sound
from tests.engine.sound.sound_files_made import encode, noise

EXACT = [
    ("a.wav", "pcm_u8", "u8"),
    ("b.wav", "pcm_s16le", "s16"),
    ("c.wav", "pcm_s24le", "s32"),
    ("d.wav", "pcm_s32le", "s32"),
    ("e.wav", "pcm_f32le", "flt"),
    ("f.wav", "pcm_f64le", "dbl"),
    ("g.flac", "flac", "s16"),
    ("h.flac", "flac", "s32"),
    ("i.aiff", "pcm_s16be", "s16"),
    ("j.au", "pcm_s16be", "s16"),
    ("k.caf", "pcm_s24be", "s32"),
    ("l.m4a", "alac", "s16p"),
    ("m.mka", "flac", "s16"),
]
# (file, encoder, its samples, rate, extra samples at the end, correlation that is left)
LOSSY = [
    ("a.wav", "pcm_mulaw", "s16", 16000, 0, 0.999),
    ("b.wav", "adpcm_ima_wav", "s16p", 16000, 700, 0.98),
    ("c.mp3", "libmp3lame", "fltp", 16000, 0, 0.98),
    ("d.ogg", "vorbis", "fltp", 16000, 64, 0.9),
    ("e.opus", "libopus", "flt", 48000, 0, 0.9),
    ("f.m4a", "aac", "fltp", 16000, 16, 0.95),
    ("g.webm", "libopus", "flt", 48000, 0, 0.9),
]


def alike(a: np.ndarray, b: np.ndarray) -> float:
    count = min(a.shape[1], b.shape[1])
    return float(np.corrcoef(a[:, :count].ravel(), b[:, :count].ravel())[0, 1])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("name", "codec", "kind"), EXACT)
def test_samples_are_exact(tmp_path: Path, name: str, codec: str, kind: str, channels: int) -> None:
    made = noise(8077, channels)
    sound = open_sound(encode(tmp_path / name, made, 16000, codec, kind))
    assert sound.rate == 16000
    np.testing.assert_array_equal(sound.samples, made)
    assert sound.samples.dtype == np.float32
    assert not sound.samples.flags.writeable
    assert sound.notes == ()


@pytest.mark.parametrize(("name", "codec", "kind", "rate", "spare", "least"), LOSSY)
def test_packed_sound_stands_where_it_stood(
    tmp_path: Path, name: str, codec: str, kind: str, rate: int, spare: int, least: float
) -> None:
    made = noise(rate * 2 + 77, 2, loud=0.1)
    options = {"strict": "experimental"} if codec == "vorbis" else {}
    sound = open_sound(encode(tmp_path / name, made, rate, codec, kind, options))
    assert 0 <= sound.count - made.shape[1] <= spare
    assert alike(sound.samples, made) > least


def test_sixteen_bits_against_the_standard_library(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).integers(-32768, 32768, (4000, 2), dtype=np.int16)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 22050, 0, "NONE", ""))
        file.writeframes(numbers.tobytes())
    sound = open_sound(tmp_path / "a.wav")
    np.testing.assert_array_equal(sound.samples, numbers.T.astype(np.float32) / 32768)
    assert (sound.rate, sound.channels, sound.count) == (22050, 2, 4000)
    assert sound.ref == InputRef("sound", str(tmp_path / "a.wav"))


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "aac"), ("a.mkv", "flac"), ("a.mov", "pcm_s16le")]
)
def test_the_sound_track_of_a_video(tmp_path: Path, name: str, codec: str) -> None:
    made = noise(16000)
    kind = {"aac": "fltp", "flac": "s16", "pcm_s16le": "s16"}[codec]
    sound = open_sound(encode(tmp_path / name, made, 16000, codec, kind, pictures=True))
    assert abs(sound.count - 16000) <= 1024
    assert alike(sound.samples, made) > 0.95


@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [EXACT[1], EXACT[6], EXACT[8], EXACT[10], EXACT[11], EXACT[12], ("x.mp3", "libmp3lame", "fltp")],
)
def test_a_window_is_that_part_of_the_whole(tmp_path: Path, name: str, codec: str, kind: str) -> None:
    path = encode(tmp_path / name, noise(80000, 2), 16000, codec, kind)
    whole = open_sound(path).samples
    for start, length in ((0.0, 0.5), (1.2345, 0.25), (2.0, 1.0), (4.9, 3.0), (3.00005, 0.0001)):
        part = open_sound(path, start, length)
        begin = round(start * 16000)
        np.testing.assert_array_equal(part.samples, whole[:, begin : begin + max(1, round(length * 16000))])
        assert part.first == begin / 16000
    rest = open_sound(path, 4.0)
    np.testing.assert_array_equal(rest.samples, whole[:, 64000:])
    with pytest.raises(ExplorerError, match=r"has nothing at 7 s\. It ends after 5\.000 s"):
        open_sound(path, 7.0, 1.0)


@pytest.mark.parametrize(("name", "codec", "kind"), [EXACT[1], EXACT[6], EXACT[8], EXACT[10], EXACT[12]])
def test_many_channels_and_high_rates(tmp_path: Path, name: str, codec: str, kind: str) -> None:
    made = noise(3000, 8)
    sound = open_sound(encode(tmp_path / name, made, 192000, codec, kind))
    np.testing.assert_array_equal(sound.samples, made)
    assert sound.rate == 192000


def test_eight_packed_channels(tmp_path: Path) -> None:
    made = noise(48000, 8, loud=0.1)
    sound = open_sound(encode(tmp_path / "a.opus", made, 48000, "libopus", "flt", {"mapping_family": "255"}))
    assert sound.samples.shape == made.shape
    assert min(alike(sound.samples[[n]], made[[n]]) for n in range(8)) > 0.8


def test_one_sample(tmp_path: Path) -> None:
    sound = open_sound(encode(tmp_path / "a.wav", np.full((1, 1), 0.5, np.float32), 16000, "pcm_s16le", "s16"))
    assert sound.samples.tolist() == [[0.5]]


def test_what_is_no_number_becomes_silence_and_is_said(tmp_path: Path) -> None:
    made = noise(1000)
    made[0, [5, 9]] = np.nan, np.inf
    made[0, 20] = 3.0
    sound = open_sound(encode(tmp_path / "a.wav", made, 16000, "pcm_f32le", "flt"))
    assert sound.samples[0, [5, 9, 20]].tolist() == [0, 0, 3]
    assert sound.notes == (
        "2 samples that are no number became 0",
        "louder than full scale: up to 3, kept as it is",
    )


def test_a_long_sound_is_opened_as_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.flac", np.zeros((1, 16000 * 700), np.float32), 16000, "flac", "s16")
    with pytest.raises(
        ExplorerError, match=r"too long to be opened at once: 11\.7 minutes\. At most 10 minutes .* Open a window"
    ):
        open_sound(path)
    assert open_sound(path, 650.0).count == 16000 * 50
    monkeypatch.setattr(sound_files, "MOST_BYTES", 4 * 16000 * 20)
    with pytest.raises(ExplorerError, match=r"At most 20 s"):
        open_sound(path, 10.0, 21.0)
    assert open_sound(path, 10.0, 20.0).count == 320000


def test_decoding_can_be_cancelled(tmp_path: Path) -> None:
    asked = []
    path = encode(tmp_path / "a.wav", noise(160000), 16000, "pcm_s16le", "s16")

    def soon() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(CancelledError):
        open_sound(path, cancelled=soon)
    assert len(asked) == 4
