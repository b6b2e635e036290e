"""Samples, the test scene, and opening again whatever a reference names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.core.types import ExplorerError, InputRef
from explorer.engine.inputs import open_input
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.samples import sample_pictures
from explorer.engine.inputs.scene import scene_frame
from explorer.engine.inputs.video import Video
from tests.engine.inputs.video_files import number_in, write_video

ROOT = Path(__file__).resolve().parents[3]


def test_every_sample_opens_by_its_reference() -> None:
    samples = sample_pictures()
    assert len(samples) == 8
    assert sum(sample.path.stat().st_size for sample in samples) <= 1_000_000
    for name, title, path in samples:
        picture = open_input(InputRef("sample", name))
        assert picture.name == title
        assert picture.digest == open_picture(path).digest
        assert min(picture.size) >= 320
        assert open_input(picture.ref).digest == picture.digest


def test_the_samples_are_what_the_script_draws(tmp_path: Path) -> None:
    script = ROOT / "packaging" / "draw_samples.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, capture_output=True)
    for sample in sample_pictures():
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
    with pytest.raises(ExplorerError, match="is gone") as caught:
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
