"""The part of a picture that a cell sees: against a cut made by hand, with files that have changed, moved or are damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from explorer.core.boxes import Box, ReceptiveField
from explorer.core.example_pictures import ExampleAsked, ExamplePicture, FileState, ReadExamples, place_box, seen_box
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.wav_bytes import wav_bytes
from explorer.engine.data_index.example_crops import read_examples

PRE = Preprocess(height=32, width=32, resize=32, fit="stretch")
FIELD = ReceptiveField(4, 4, -1, -1, 6, 6)


class _Job:
    def cancelled(self) -> bool:
        return False


def read(request: ReadExamples) -> tuple[ExamplePicture, ...]:
    """All of them; what was told in between comes first and once."""
    told: list[ExamplePicture] = []

    def whole() -> Iterator[Any]:
        every.extend((yield from read_examples(None, request, _Job())))  # type: ignore[arg-type]

    every: list[ExamplePicture] = []
    for some in whole():
        told.extend(some)
    assert [p.asked for p in every][: len(told)] == [p.asked for p in told]
    return tuple(every)


def asked(path: Path, cell: tuple[int, int] | None, **more: Any) -> ExampleAsked:
    return ExampleAsked(InputRef("picture", str(path)), cell, **more)


def written(path: Path, size: tuple[int, int] = (64, 128)) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def test_the_crop_is_what_the_cell_sees_of_the_original(tmp_path: Path) -> None:
    pixels = written(tmp_path / "a.png")
    (found,) = read(ReadExamples((asked(tmp_path / "a.png", (2, 3)),), FIELD, PRE, str(tmp_path)))
    # cell (2, 3): rows 7 to 13 and columns 11 to 17 of 32 x 32, twice and four times as many of the original
    np.testing.assert_array_equal(found.crop, pixels[14:26, 44:68])
    assert found.box == Box(14 / 64, 44 / 128, 26 / 64, 68 / 128)
    np.testing.assert_array_equal(found.whole, pixels)
    assert found.state is FileState.SAME


def test_what_reaches_past_the_picture_is_left_out() -> None:
    assert seen_box(FIELD, PRE, (64, 128), (0, 0)) == Box(0, 0, 10, 20)
    assert seen_box(FIELD, PRE, (64, 128), None) is None
    assert seen_box(ReceptiveField(4, 4, 0, 0, 4, 4, whole=True), PRE, (64, 128), (1, 1)) is None
    causal = ReceptiveField(1, 1, 0, 0, 1, 1, whole=True, causal=True)
    assert seen_box(causal, TextPreprocess(("<pad>", "<unk>"), most=9), (1, 9), (0, 4)) == Box(0, 0, 1, 5)
    assert place_box(causal, TextPreprocess(("<pad>", "<unk>"), most=9), (1, 9), (0, 4)) == Box(0, 4, 1, 5)
    assert seen_box(ReceptiveField(4, 4, -50, -50, 100, 100), PRE, (64, 128), (1, 1)) is None


def test_a_large_photograph_is_decoded_smaller_and_shows_the_same_part(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:1600, 0:2400]
    Image.fromarray(np.stack([rows // 8, columns // 10, rows // 16], -1).astype(np.uint8)).save(tmp_path / "a.jpg")
    (found,) = read(ReadExamples((asked(tmp_path / "a.jpg", (4, 4)),), FIELD, PRE))
    assert found.crop is not None
    assert max(found.crop.shape) <= 192
    # rows 15 to 21 of 32 of 1600, columns 15 to 21 of 32 of 2400
    middle = found.crop[found.crop.shape[0] // 2, found.crop.shape[1] // 2].astype(int)
    np.testing.assert_allclose(middle, [900 // 8, 1350 // 10, 900 // 16], atol=3)


def test_a_turned_photograph_is_cut_as_it_is_seen(tmp_path: Path) -> None:
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:32, :64] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right: what was left above is right above
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif, quality=100)
    (found,) = read(ReadExamples((asked(tmp_path / "a.jpg", None),), FIELD, PRE))
    assert found.whole is not None
    assert found.whole.shape[:2] == (128, 64)
    assert found.whole[5, 60].min() > 250
    assert found.whole[5, 3].max() < 5


def test_files_that_are_gone_changed_or_damaged_are_told(tmp_path: Path) -> None:
    written(tmp_path / "a.png")
    about = (tmp_path / "a.png").stat()
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    same = asked(tmp_path / "a.png", (1, 1), size=about.st_size, changed=about.st_mtime_ns)
    os.utime(tmp_path / "a.png", ns=(about.st_atime_ns, about.st_mtime_ns))
    other = asked(tmp_path / "a.png", (1, 1), size=about.st_size, changed=about.st_mtime_ns - 1_000_000_000)
    wanted = (same, other, asked(tmp_path / "b.png", None), asked(tmp_path / "c.png", None))
    found = read(ReadExamples(wanted, FIELD, PRE, str(tmp_path)))
    assert [p.state for p in found] == [FileState.SAME, FileState.CHANGED, FileState.UNREADABLE, FileState.GONE]
    assert found[1].crop is not None  # shown, and said
    assert "b.png" in found[2].why
    assert not any(p.folder_gone for p in found)
    (moved,) = read(ReadExamples((same,), FIELD, PRE, str(tmp_path / "elsewhere")))
    assert (moved.state, moved.folder_gone) == (FileState.GONE, True)


def test_a_sample_is_in_no_file() -> None:
    (found,) = read(ReadExamples((ExampleAsked(InputRef("sample", "cat"), None, 12, 34),), FIELD, PRE))
    assert found.state is FileState.SAME
    assert found.whole is not None


def test_the_piece_of_a_sound_that_a_cell_hears(tmp_path: Path) -> None:
    samples = np.sin(np.arange(8000) / 5).astype(np.float32)
    (tmp_path / "a.wav").write_bytes(wav_bytes(samples[None], 8000)[0])
    field = ReceptiveField(1, 100, 0, 0, 1, 400)  # of samples at the model's rate
    ref = ExampleAsked(InputRef("sound", str(tmp_path / "a.wav")), (0, 10))
    (found,) = read(ReadExamples((ref,), field, SoundPreprocess(rate=8000)))
    assert found.samples is not None
    np.testing.assert_allclose(found.samples[0], samples[1000:1400], atol=1e-4)
    assert found.rate == 8000
    assert found.crop is not None


def test_a_cell_that_sees_everything_is_framed_where_it_stands(tmp_path: Path) -> None:
    pixels = written(tmp_path / "a.png")
    whole = ReceptiveField(8, 8, 0, 0, 8, 8, whole=True)
    (found,) = read(ReadExamples((asked(tmp_path / "a.png", (1, 2)),), whole, PRE))
    np.testing.assert_array_equal(found.crop, pixels)
    assert found.box == Box(0.25, 0.5, 0.5, 0.75)
