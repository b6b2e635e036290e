"""Data sets from folders, good ones and bad ones."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from studied import job

from explorer.core.data_sets import MOST_CLASSES, ReadThumbnails, split
from explorer.core.errors import ExplorerError
from explorer.engine.data_sets import class_folders, thumbnails
from explorer.engine.data_sets.class_folders import read_folder
from explorer.engine.data_sets.data_set_answers import read_thumbnails
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.pace import Pace
from explorer.engine.jobs.steps import ended


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)).save(path)
    return path


def many(folder: Path, counts: dict[str, int]) -> Path:
    for label, count in counts.items():
        for number in range(count):
            picture(folder / label / f"{number}.png", number)
    return folder


def test_classes_and_pictures_come_in_natural_order(tmp_path: Path) -> None:
    found = read_folder(many(tmp_path, {"class 10": 2, "class 2": 12}))
    assert found.labels == ("class 2", "class 10")
    assert [p.path for p in found.classes[0].pictures][:3] == ["class 2/0.png", "class 2/1.png", "class 2/2.png"]
    assert found.classes[0].pictures[-1].path == "class 2/11.png"
    about = (tmp_path / "class 2" / "0.png").stat()
    assert found.classes[0].pictures[0].identity == ("class 2/0.png", about.st_size, about.st_mtime_ns)


def test_what_cannot_be_read_is_listed_and_counted_nowhere(tmp_path: Path) -> None:
    many(tmp_path, {"a": 3, "b": 3})
    (tmp_path / "a" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "b" / "empty.jpg").touch()
    (tmp_path / "b" / "notes.txt").write_text("no picture, and none is expected")
    picture(tmp_path / "loose.png")
    found = read_folder(tmp_path)
    assert [path for path, _ in found.unreadable] == ["a/broken.png", "b/empty.jpg"]
    assert found.count == 6
    assert "1 pictures lie beside the classes" in found.notes[0]


def test_bad_folders_are_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExplorerError, match="no folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(ExplorerError, match="no class"):
        split(read_folder(tmp_path))
    with pytest.raises(ExplorerError, match="one class"):
        split(read_folder(many(tmp_path, {"a": 3})))
    many(tmp_path, {"b": 1})
    assert "one picture" in read_folder(tmp_path).classes[1].reason
    with pytest.raises(ExplorerError, match="Fewer than two"):
        split(read_folder(tmp_path))
    monkeypatch.setattr(class_folders, "MOST_CLASSES", 1)
    with pytest.raises(ExplorerError, match="2 classes"):
        read_folder(tmp_path)
    with pytest.raises(ExplorerError, match="is not a folder"):
        read_folder(tmp_path / "a" / "0.png")
    with pytest.raises(ExplorerError, match="no groups"):
        read_folder(tmp_path, "moon")


def test_ten_thousand_classes_are_refused_before_anything_is_opened(tmp_path: Path) -> None:
    for number in range(10_000):
        os.mkdir(tmp_path / str(number))
    with pytest.raises(ExplorerError, match="10,000 classes") as raised:
        read_folder(tmp_path)
    assert f"{MOST_CLASSES:,}" in raised.value.why


def test_a_test_folder_beside_the_classes_wins(tmp_path: Path) -> None:
    many(tmp_path, {"a": 3, "b": 1, "c": 2})
    many(tmp_path / "test", {"a": 2, "b": 1, "d": 4})
    found = read_folder(tmp_path)
    assert found.labels == ("a", "b", "c")
    assert [each.name for each in found.test] == ["a", "b"]
    assert any("“d”" in note for note in found.notes)
    assert any("“c”" in note for note in found.notes)
    divided = split(found)
    assert divided.test == (("test/a/0.png", "test/a/1.png"), ("test/b/0.png",), ())


def test_a_test_folder_elsewhere(tmp_path: Path) -> None:
    many(tmp_path / "set", {"a": 3, "b": 3})
    other = many(tmp_path / "other", {"a": 1, "b": 1})
    found = read_folder(tmp_path / "set", test=other)
    paths = [picture.path for each in found.test for picture in each.pictures]
    assert [found.file(path) for path in paths] == [other / "a" / "0.png", other / "b" / "0.png"]
    strange = many(tmp_path / "strange", {"x": 1})
    with pytest.raises(ExplorerError, match="none of the classes"):
        read_folder(tmp_path / "set", test=strange)
    (tmp_path / "void" / "a").mkdir(parents=True)
    with pytest.raises(ExplorerError, match="no picture"):
        read_folder(tmp_path / "set", test=tmp_path / "void")


def test_groups_by_folder_name_and_burst(tmp_path: Path) -> None:
    for label in ("a", "b"):
        for person in ("anna", "bert"):
            for number in range(3):
                picture(tmp_path / label / "deep" / f"{person}_{number}.png")
        picture(tmp_path / label / "alone.png")
    by = {kind: {p.path: p.group for p in read_folder(tmp_path, kind).pictures} for kind in ("folder", "name", "none")}
    assert by["folder"]["a/deep/anna_0.png"] == "a/deep"
    assert by["folder"]["a/alone.png"] == ""
    assert by["name"]["a/deep/anna_0.png"] == by["name"]["b/deep/anna_2.png"] == "anna"
    assert set(by["none"].values()) == {""}
    for number in range(6):
        os.utime(picture(tmp_path / "c" / f"{number}.png"), (0, 100 + number // 3 * 60 + number * 0.3))
    bursts = [p.group for p in read_folder(tmp_path, "burst").classes[2].pictures]
    assert bursts == ["c/burst 1"] * 3 + ["c/burst 2"] * 3
    picture(tmp_path / "d" / "portrait.png")
    picture(tmp_path / "d" / "burst-1-00.png")
    picture(tmp_path / "d" / "burst-2-00.png")
    named = read_folder(tmp_path, "burst")
    assert [p.group for p in named.classes[3].pictures] == ["d/burst-1", "d/burst-2", ""]
    assert not any(p.group for p in named.classes[2].pictures)  # bursts have names here: times say nothing


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        read_folder(many(tmp_path, {"a": 1, "b": 1}), cancelled=lambda: True)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_photograph_is_not_decoded_whole_for_a_thumbnail(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.linspace(0, 255, 640, dtype=np.uint8)
    pixels = np.stack(
        [np.broadcast_to(rows, (480, 640)), np.full((480, 640), 90, np.uint8), np.zeros((480, 640), np.uint8)], 2
    )
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels).convert(mode).save(tmp_path / "a.jpg", quality=95, exif=turned)
    whole = thumbnails._any(tmp_path / "a.jpg")
    whole.thumbnail((32, 32))
    if mode != "CMYK":  # which is another matter
        monkeypatch.setattr("explorer.engine.data_sets.thumbnails.open_picture", pytest.fail)
    small = thumbnails.thumbnail(tmp_path / "a.jpg", 32)
    assert small.shape == (32, 24, 3)
    assert np.abs(small.astype(int) - np.asarray(whole).astype(int)).max() < 12


def test_a_damaged_photograph_has_no_thumbnail(tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), (9, 9, 200)).save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:900])
    with pytest.raises(ExplorerError, match=r"a\.jpg"):
        thumbnails.thumbnail(tmp_path / "a.jpg", 32)


def test_thumbnails_come_many_a_step(tmp_path: Path) -> None:
    many(tmp_path, {"a": 60})
    asked = ReadThumbnails(str(tmp_path), tuple(f"a/{n}.png" for n in range(60)), 4)
    steps = sum(1 for _ in read_thumbnails(None, asked, job(), Pace(1e9)))
    assert steps < 20  # another job may take a second between two of them


def test_thumbnails(tmp_path: Path) -> None:
    many(tmp_path, {"a": 2})
    (tmp_path / "a" / "broken.png").write_bytes(b"no picture")
    asked = ReadThumbnails(str(tmp_path), ("a/0.png", "a/1.png", "a/broken.png"), 4)
    found = ended(read_thumbnails(None, asked, job()))
    assert {path: small.shape for path, small in found.pictures.items()} == {"a/0.png": (3, 4, 3), "a/1.png": (3, 4, 3)}
    assert set(found.unreadable) == {"a/broken.png"}
