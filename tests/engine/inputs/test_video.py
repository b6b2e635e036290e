"""Every frame is the frame that was asked for, and a broken file says where it breaks."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import av
import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.engine.inputs import video as video_module
from explorer.engine.inputs.video import Video
from tests.engine.inputs.video_files import number_in, write_video

KINDS = [
    pytest.param("a.mp4", "mpeg4", {}, id="mp4"),
    pytest.param("b.mov", "mpeg4", {"bf": "2"}, id="mov with frames out of order"),
    pytest.param("c.mkv", "libx264", {"bf": "3"}, id="mkv h264"),
    pytest.param("d.mp4", "libx264", {"bf": "3", "x264-params": "open-gop=1"}, id="mp4 open gop"),
    pytest.param("e.avi", "libx264", {"bf": "3"}, id="avi: its time stamps lie"),
    pytest.param("f.avi", "mpeg4", {}, id="avi"),
    pytest.param("g.webm", "libvpx", {"auto-alt-ref": "1", "lag-in-frames": "16"}, id="vp8 with hidden frames"),
    pytest.param("h.ts", "libx264", {"bf": "3"}, id="transport stream"),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", 90, container={"movflags": "faststart"})


@pytest.mark.parametrize(("name", "codec", "options"), KINDS)
def test_every_frame_is_exact_in_order_and_after_random_seeks(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    rng = random.Random(3)
    with Video(write_video(tmp_path / name, 70, codec, options)) as video:
        assert video.count == 70
        assert [number_in(picture.pixels) for picture in video] == list(range(70))
        wanted = [rng.randrange(70) for _ in range(40)] + [69, 68, 67, 0, 69]
        assert [number_in(video.read(number).pixels) for number in wanted] == wanted
        assert video.ended == ""


def test_what_a_video_says_of_itself(clip: Path) -> None:
    with Video(clip) as video:
        assert video.fps == 25.0
        assert video.duration == pytest.approx(3.6)
        assert video.time_of(50) == pytest.approx(2.0)
        picture = video.read(7)
    assert picture.ref == InputRef("video", str(clip), 7)
    assert picture.pixels.dtype == np.uint8
    assert not picture.pixels.flags.writeable
    assert picture.notes == ()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not tell threads")
@pytest.mark.parametrize("way", ["read", "frames", "seek", "broken off", "still referred to"])
def test_a_closed_video_lets_go_of_its_decoder_at_once(clip: Path, way: str) -> None:
    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    gc.collect()
    gc.disable()  # what only the collector of circles frees stays
    try:
        before, kept = threads(), []
        for _ in range(5):
            with Video(clip) as video:
                if way == "frames":
                    next(iter(video))
                elif way == "seek":
                    [video.read(number) for number in (80, 3, 40)]
                elif way == "broken off":
                    with pytest.raises(ExplorerError):
                        video.read(10**6)
                else:
                    video.read(5)
            if way == "still referred to":
                kept.append(video)
            del video
        assert threads() <= before
        assert all(video.fps == 25.0 and video.count == 90 for video in kept)
    finally:
        gc.enable()


def test_reading_in_order_never_seeks(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Video(clip) as video:
        monkeypatch.setattr(video, "_jump", lambda key: pytest.fail("went elsewhere"))
        for number in range(90):
            video.read(number)
        for number in range(89, 89 - 16, -1):  # and the last sixteen are at hand for stepping back
            assert number_in(video.read(number).pixels) == number


def test_a_long_file_is_scanned_when_a_frame_out_of_order_is_wanted(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_module, "_SCAN_LIMIT", 0)
    with Video(clip) as video:
        assert video.count is None
        assert [number_in(video.read(number).pixels) for number in (0, 1, 2)] == [0, 1, 2]
        assert video.count is None
        assert number_in(video.read(60).pixels) == 60
        assert video.count == 90
    with Video(clip) as video:
        assert [number_in(picture.pixels) for picture in video.frames()] == list(range(90))


def test_frames_past_the_end_are_refused_in_words(clip: Path) -> None:
    with Video(clip) as video:
        for number in (90, -1):
            with pytest.raises(ExplorerError, match="has no frame") as caught:
                video.read(number)
            assert "0 to 89" in caught.value.why


def test_a_broken_tail_gives_every_frame_that_is_there_and_the_reason(tmp_path: Path, clip: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes()[: int(clip.stat().st_size * 0.6)])
    with Video(broken) as video:
        seen = [number_in(picture.pixels) for picture in video]
        assert 30 < len(seen) < 80
        assert seen == list(range(len(seen)))
        assert "cut short" in video.ended or "promises 90 frames" in video.ended
        with pytest.raises(ExplorerError) as caught:
            video.read(len(seen))
        assert video.ended in str(caught.value)
        assert number_in(video.read(len(seen) - 1).pixels) == len(seen) - 1


@pytest.mark.parametrize("name", ["cut.mkv", "cut.webm"])
def test_a_container_that_just_stops_is_noticed(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name.endswith("mkv") else "libvpx"
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg has no {codec}")
    path = write_video(tmp_path / name, 90, codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with Video(path) as video:
        seen = [number_in(picture.pixels) for picture in video]
        assert seen == list(range(video.count or 0))
        assert "promises 3.60 s" in video.ended


def test_damage_in_the_middle_loses_only_frames_near_it(tmp_path: Path, clip: Path) -> None:
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    path = tmp_path / "hole.mp4"
    path.write_bytes(bytes(data))
    with Video(path) as video:
        good = [p.ref.frame for p in video if number_in(p.pixels) == p.ref.frame]
        assert good[-10:] == list(range(80, 90))
        assert good[:30] == list(range(30))
        assert len(good) < 90
        lost = sorted(set(range(90)) - {p.ref.frame for p in video})
        assert lost
        with pytest.raises(ExplorerError, match="cannot be decoded"):
            video.read(lost[0])
        assert number_in(video.read(85).pixels) == 85


def test_a_turned_video_is_shown_upright(tmp_path: Path, clip: Path) -> None:
    data = bytearray(clip.read_bytes())
    track = data.index(b"tkhd")
    identity = bytes.fromhex("00010000" + "00000000" * 3 + "00010000")
    place = data.index(identity, track)
    # (x, y) -> (height - y, x): a telephone held upright, its picture to be turned clockwise
    data[place : place + 20] = bytes.fromhex("000000000001000000000000ffff000000000000")
    path = tmp_path / "turned.mp4"
    path.write_bytes(bytes(data))
    with Video(clip) as plain, Video(path) as turned:
        picture = turned.read(5)
        assert np.array_equal(picture.pixels, np.rot90(plain.read(5).pixels, -1))
    assert picture.notes == ("turned by 90°",)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"not a video, only words " * 20, "not a video that can be opened"), (None, "no video")],
)
def test_files_that_are_no_video(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ExplorerError, match=message) as caught:
        Video(path)
    assert caught.value.todo


def test_a_file_that_vanishes_is_said_and_may_come_back(tmp_path: Path, clip: Path) -> None:
    path = tmp_path / "stick.mp4"
    path.write_bytes(clip.read_bytes())
    with Video(path) as video:
        video.read(60)
        path.rename(tmp_path / "away")
        with pytest.raises(ExplorerError, match="not a video that can be opened"):
            video.read(0)  # the start is reached by opening the file again
        with pytest.raises(ExplorerError):
            video.read(70)
        (tmp_path / "away").rename(path)
        assert number_in(video.read(70).pixels) == 70


def test_a_closed_video_says_so(clip: Path) -> None:
    video = Video(clip)
    video.close()
    video.close()
    with pytest.raises(ExplorerError, match="has been closed"):
        video.read(0)


def test_a_folder_is_not_a_video(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="is a folder"):
        Video(tmp_path)


def test_sound_alone_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(ExplorerError, match="has no pictures"):
        Video(path)


def test_any_cut_or_flipped_byte_gives_frames_or_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = write_video(tmp_path / "whole.mkv", 12, "mpeg4").read_bytes()
    rng = random.Random(5)
    path = tmp_path / "fuzzed.mkv"
    opened, refusals = 0, []
    for _ in range(60):
        damaged = bytearray(data[: rng.randrange(1, len(data) + 1)])
        for _ in range(rng.randrange(4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(bytes(damaged))
        try:
            with Video(path) as video:
                opened += len(list(video)) > 0
        except ExplorerError as error:
            refusals.append(error)
    assert all(error.what and error.todo for error in refusals)
    assert 0 < opened < 60
    assert capfd.readouterr() == ("", "")
