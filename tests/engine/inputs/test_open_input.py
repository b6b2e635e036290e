"""Samples, the test scene, and opening again whatever a reference names."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.system import paths
from explorer.engine.inputs import named_input, open_input
from explorer.engine.inputs.gallery import SCENES, SHORTCUT, WORLD
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.samples import PICTURES, sample_mask, sample_pictures, start_sample
from explorer.engine.inputs.scene import scene_frame
from explorer.engine.inputs.video import Video
from tests.engine.inputs.video_files import number_in, write_video

ROOT = Path(__file__).resolve().parents[3]


def test_every_sample_opens_by_its_reference() -> None:
    samples = sample_pictures()
    counts = Counter(sample.group for sample in samples)
    assert counts == {PICTURES: 8, WORLD: 24, SHORTCUT: 6, SCENES: 8}
    assert list(counts) == [PICTURES, WORLD, SHORTCUT, SCENES], "group by group"
    assert len({sample.name for sample in samples}) == len({sample.title for sample in samples}) == 46
    assert sum(sample.path.stat().st_size for sample in samples) <= 3_500_000
    for sample in samples:
        picture = open_input(InputRef("sample", sample.name))
        assert picture.name == sample.title
        assert picture.digest == open_picture(sample.path).digest
        least = 96 if sample.group in (WORLD, SHORTCUT) else 320
        assert min(picture.size) >= least
        assert open_input(picture.ref).digest == picture.digest


def test_masks_lie_over_their_samples_and_show_their_things() -> None:
    for sample in sample_pictures():
        mask = sample_mask(sample.name)
        if sample.group == PICTURES:
            assert mask is None
            assert (sample.things, sample.label) == ((), "")
            continue
        assert mask is not None
        assert mask.dtype == np.uint8
        assert mask.shape == open_input(InputRef("sample", sample.name)).size
        assert not mask.flags.writeable
        seen = set(np.unique(mask).tolist()) - {0}
        assert 1 in seen <= {thing.number for thing in sample.things}
        assert sample.background
        assert sample.label == (sample.things[0].shape if sample.group != SCENES else "")


def test_a_thing_is_where_its_list_says() -> None:
    """The middle of a mask lies within the thing's radius of its position, for things that are nearly whole."""
    for sample in sample_pictures():
        mask = sample_mask(sample.name)
        for thing in sample.things if mask is not None else ():
            rows, columns = np.nonzero(mask == thing.number)
            size = mask.shape[0]
            if len(rows) < 0.5 * (thing.scale * size / 2) ** 2:
                continue
            x, y = (2 * (values.mean() + 0.5) / size - 1 for values in (columns, rows))
            assert np.hypot(x - thing.x, y - thing.y) < thing.scale, sample.name


def test_a_mask_of_nothing_known() -> None:
    with pytest.raises(ExplorerError, match="no sample picture"):
        sample_mask("unicorn")


def test_without_a_gallery_the_samples_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "samples"
    (folder / "gallery").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(folder / "cat.png")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    for text in ("", "[{}]", "[3]", "{"):
        (folder / "gallery" / "gallery.json").write_text(text)
        assert [sample.name for sample in sample_pictures()] == ["cat"]
        assert start_sample() == InputRef("sample", "cat")


def test_what_a_command_line_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert named_input("sample:cat") == InputRef("sample", "cat")
    assert named_input("scene") == InputRef("scene")
    assert named_input("scene:90x400") == InputRef("scene", "90x400")
    assert named_input("a.png") == InputRef("picture", str(tmp_path / "a.png"))
    assert named_input("a.mp4") == InputRef("video", str(tmp_path / "a.mp4"))
    (tmp_path / "sample").touch()
    assert named_input("sample").kind == "picture", "a file is a file"


def test_the_samples_are_what_the_script_draws(tmp_path: Path) -> None:
    script = ROOT / "packaging" / "draw_samples.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, capture_output=True)
    for sample in (sample for sample in sample_pictures() if sample.group == PICTURES):
        drawn = np.asarray(Image.open(tmp_path / sample.path.name))
        assert np.array_equal(drawn, np.asarray(Image.open(sample.path))), sample.name


def test_an_unknown_sample_names_the_known_ones() -> None:
    with pytest.raises(ExplorerError, match="no sample picture") as caught:
        open_input(InputRef("sample", "unicorn"))
    assert "house" in caught.value.why


def test_picture_and_video_references(tmp_path: Path) -> None:
    Image.new("RGB", (5, 4), (1, 2, 3)).save(tmp_path / "a.png")
    assert open_input(InputRef("picture", str(tmp_path / "a.png"))).size == (4, 5)
    clip = write_video(tmp_path / "a.mp4", 30)
    picture = open_input(InputRef("video", str(clip), 21))
    assert number_in(picture.pixels) == 21
    with Video(clip) as video:
        assert video.read(21).digest == picture.digest


@pytest.mark.parametrize("kind", ["clipboard", "camera"])
def test_what_was_never_a_file_is_gone(kind: str) -> None:
    with pytest.raises(ExplorerError, match="no longer available") as caught:
        open_input(InputRef(kind))
    assert caught.value.todo


def test_scene_frames_depend_on_their_index_alone() -> None:
    first = scene_frame(7)
    others = [scene_frame(index) for index in (0, 100_000, 8, -3)]
    assert scene_frame(7).digest == first.digest
    assert len({first.digest, *(other.digest for other in others)}) == 5
    assert first.pixels.shape == (360, 480, 3)
    assert not first.pixels.flags.writeable


def test_the_scene_moves_everywhere_but_never_jumps() -> None:
    a, b = (scene_frame(index).pixels.astype(int) for index in (50, 51))
    moved = np.abs(a - b).max(axis=2) > 0
    assert all(block.mean() > 0.1 for half in np.array_split(moved, 2) for block in np.array_split(half, 2, axis=1))
    assert np.abs(a - b).mean() < 40


@pytest.mark.parametrize("size", [(360, 480), (32, 32), (90, 400), (720, 1280)])
def test_scenes_of_other_sizes_open_again(size: tuple[int, int]) -> None:
    picture = scene_frame(12, size)
    assert picture.size == size
    assert open_input(picture.ref).digest == picture.digest


@pytest.mark.parametrize("path", ["big", "x", "10x10", "99999x50", "-5x40"])
def test_scene_sizes_that_make_no_sense(path: str) -> None:
    with pytest.raises(ExplorerError, match="scene"):
        open_input(InputRef("scene", path))


def test_real_photos_and_videos_open(shared_data: Path) -> None:
    for path in sorted((shared_data / "photos").glob("*.[pj][np]g")):
        assert min(open_picture(path).size) > 100
    with Video(shared_data / "video" / "car-detection.mp4") as video:
        assert video.count == 377
        digests = [picture.digest for picture in video]
        assert len(digests) == 377
        assert [video.read(number).digest for number in (300, 12, 376)] == [digests[i] for i in (300, 12, 376)]


@pytest.mark.parametrize(
    ("words", "start", "length"), [("a.wav@12.5+1", 12.5, 1.0), ("a.wav@3", 3.0, 0.0), ("sound:a.mp4@0+2", 0.0, 2.0)]
)
def test_a_window_stands_behind_the_name_of_a_sound(words: str, start: float, length: float) -> None:
    found = named_input(words)
    assert (found.kind, found.start, found.length) == ("sound", start, length)
    assert "@" not in found.path


def test_a_file_that_is_called_like_a_window_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav@3"
    path.write_bytes(b"")
    assert named_input(str(path)).path == str(path)
    assert named_input("picture.png@3").start == 0


@pytest.mark.parametrize("text", ["word " * 80, "word " * 80 + "@3", "I heard song.wav@3+2"])
def test_a_typed_text_is_no_name_of_a_file(text: str) -> None:
    assert named_input(f"text:{text}") == InputRef("text", text)
