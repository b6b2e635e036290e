"""Files that are no sounds, or were: one clear line each, and nothing but ExplorerError."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.engine.sound.sound_files import open_sound
from tests.engine.inputs.video_files import write_video
from tests.engine.sound.sound_files_made import encode, noise

KINDS = [
    ("a.wav", "pcm_s16le", "s16"),
    ("b.wav", "pcm_f32le", "flt"),
    ("c.flac", "flac", "s16"),
    ("d.mp3", "libmp3lame", "fltp"),
    ("e.opus", "libopus", "flt"),
    ("f.m4a", "aac", "fltp"),
    ("g.aiff", "pcm_s16be", "s16"),
    ("h.caf", "pcm_s24be", "s32"),
    ("i.webm", "libopus", "flt"),
    ("j.m4a", "alac", "s16p"),
    ("k.wav", "adpcm_ima_wav", "s16p"),
]


def test_text_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_text("This is a text, whatever its name says.\n" * 50)
    with pytest.raises(ExplorerError, match=r"“a\.wav” is not a sound that can be opened") as caught:
        open_sound(path)
    assert "\n" not in str(caught.value)


def test_nothing_folders_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    for name, says in (("a.wav", "is empty"), ("", "is a folder"), ("b.wav", "There is no sound “b.wav”")):
        with pytest.raises(ExplorerError, match=says):
            open_sound(tmp_path / name)


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"]
)
def test_play_lists_open_no_other_file(tmp_path: Path, text: str) -> None:
    other = encode(tmp_path / "a.mp3", noise(16000), 16000, "libmp3lame", "fltp")
    for name in ("b.wav", "b.m3u8", "b.ffconcat"):
        (tmp_path / name).write_text(text.format(other.name))
        with pytest.raises(ExplorerError, match="is not a sound that can be opened"):
            open_sound(tmp_path / name)


@pytest.mark.parametrize("name", ["a%03d.wav", "concat:a|b.wav", "-i.wav", "ü #?.wav", "http:a.wav"])
def test_a_name_is_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encode(tmp_path / "plain.wav", noise(100), 16000, "pcm_s16le", "s16").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert open_sound(name).count == 100


def test_a_video_without_sound(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=r"“a\.mp4” has no sound\. It holds pictures, but no sound track\."):
        open_sound(write_video(tmp_path / "a.mp4", 5))


def test_a_header_without_samples(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", noise(4000), 16000, "pcm_s16le", "s16")
    path.write_bytes(path.read_bytes()[:-8000])
    with pytest.raises(ExplorerError, match="holds no sample that can be read"):
        open_sound(path)


@pytest.mark.parametrize(("name", "codec", "kind"), [KINDS[0], KINDS[6]])
def test_what_is_left_of_a_file_that_was_cut_off_is_heard(tmp_path: Path, name: str, codec: str, kind: str) -> None:
    made = noise(16000)
    path = encode(tmp_path / name, made, 16000, codec, kind)
    path.write_bytes(path.read_bytes()[:-16001])
    sound = open_sound(path)
    assert sound.count == 7999
    np.testing.assert_array_equal(sound.samples, made[:, :7999])
    (note,) = sound.notes
    assert note.startswith("the end is missing: the header promises ")
    assert note.endswith(", the sound ends after 0.50 s")


@pytest.mark.parametrize(("name", "codec", "kind"), [KINDS[2], KINDS[5], KINDS[9]])
def test_what_is_missing_in_the_middle_moves_nothing(tmp_path: Path, name: str, codec: str, kind: str) -> None:
    path = encode(tmp_path / name, noise(64000, 2), 16000, codec, kind)
    whole = open_sound(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = random.Random(1).randbytes(200)
    path.write_bytes(data)
    broken = open_sound(path)
    assert any(note.endswith("s that are missing in it are silent") for note in broken.notes)
    assert abs(broken.count - whole.count) <= 600
    differs = np.flatnonzero((broken.samples[:, : whole.count] != whole.samples[:, : broken.count]).any(0))
    assert differs.min() > 24_000
    assert differs.max() < 40_000
    late = open_sound(path, 3.0, 0.5)
    np.testing.assert_array_equal(late.samples, whole.samples[:, 48_000:56_000])


def test_orders_of_channels_that_are_lists_end_nothing(tmp_path: Path) -> None:
    """In a process of its own: PyAV frees such a list twice."""
    paths = [
        encode(tmp_path / "a.aiff", noise(20000, 8), 16000, "pcm_s16be", "s16"),
        encode(tmp_path / "b.caf", noise(20000, 8), 16000, "pcm_s16be", "s16"),
        encode(tmp_path / "c.mov", noise(20000, 8), 16000, "pcm_s16le", "s16"),
    ]
    code = "import gc, sys; from explorer.engine.sound.sound_files import open_sound\n"
    code += "for path in sys.argv[1:] * 3: assert open_sound(path).samples.shape == (8, 20000); gc.collect()"
    done = subprocess.run([sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def damaged(good: bytes, rng: random.Random) -> bytes:
    """Cut off, bits turned, a piece replaced, or lengths in the header that lie."""
    data, way = bytearray(good), rng.randrange(4)
    if way == 0:
        return bytes(data[: rng.randrange(len(data))])
    if way == 1:
        for _ in range(rng.choice((1, 3, 30))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == 2:
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(1, 400)] = rng.randbytes(rng.randrange(400))
    else:
        at = rng.randrange(min(len(data), 300))
        data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"))
    return bytes(data)


@pytest.mark.parametrize(("name", "codec", "kind"), KINDS)
def test_damaged_files_are_sounds_or_errors(tmp_path: Path, name: str, codec: str, kind: str) -> None:
    rng = random.Random(name)
    good = encode(tmp_path / name, noise(6000, 2), 48000, codec, kind).read_bytes()
    path = tmp_path / f"damaged{Path(name).suffix}"
    for _ in range(40):
        path.write_bytes(damaged(good, rng))
        before = time.perf_counter()
        try:
            sound = open_sound(path)
        except ExplorerError:
            pass
        else:
            assert np.isfinite(sound.samples).all()
            assert sound.count > 0
        assert time.perf_counter() - before < 10
