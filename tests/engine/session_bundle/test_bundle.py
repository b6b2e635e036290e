"""A bundle holds what its session names, byte for byte, and opens elsewhere; a full disk or a cancel leaves the old file."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.layer_views import BasisOrigin
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.dataset_place import DatasetPlace
from explorer.core.session.named_files import FileRole, files_of, moved
from explorer.core.session.session import Session
from explorer.engine.inputs import open_input
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.models.own_code import read_code
from explorer.engine.session_bundle.bundle_files import contents
from explorer.engine.session_bundle.read import check_bundle, open_bundle, read_manifest
from explorer.engine.session_bundle.session_file import unpacked
from explorer.engine.session_bundle.write import write_bundle

CODE = "from layers import width\n\ndef make_model():\n    return width\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A Python file with a module beside it, weights, pictures, a sound and an index, each in a folder of its own."""
    for folder in ("net", "weights", "pictures", "sounds"):
        (tmp_path / "there" / folder).mkdir(parents=True)
    there = tmp_path / "there"
    (there / "net/net.py").write_text(CODE)
    (there / "net/layers.py").write_text("width = 3\n")
    (there / "weights/best.pth").write_bytes(os.urandom(3000))
    rng = np.random.default_rng(0)
    for name in ("one ä.png", "two.png"):
        Image.fromarray(rng.integers(0, 255, (9, 12, 3), np.uint8)).save(there / "pictures" / name)
    (there / "sounds/a.wav").write_bytes(b"RIFF")
    one, two = (InputRef("picture", str(there / "pictures" / name)) for name in ("one ä.png", "two.png"))
    spec = ModelSpec(f"file:{there / 'net/net.py'}:make_model", str(there / "weights/best.pth"))
    return Session(
        spec,
        one,
        "stem",
        edits=(Edit("stem", (1,), mode="freeze", source=open_input(two).digest, origin=two),),
        pinned=BasisOrigin(f"{spec.id}|code|sha|pre", "stem", one, open_input(one).digest),
        comparison=Comparison((Column(0, spec, two), Column(1, ModelSpec("demo:shapes-cnn")))),
        dataset=DatasetPlace(store=str(there / "a.fmxindex")),
    )


def elsewhere(path: Path, into: Path) -> Session:
    """The session of a bundle with the files where they were put."""
    return unpacked(open_bundle(path, into=into))[0]


def test_every_file_comes_back_byte_for_byte_with_the_originals_gone(session: Session, tmp_path: Path) -> None:
    planned = contents(session, {})
    before = {file.name: Path(file.path).read_bytes() for file in files_of(session) if Path(file.path).is_file()}
    write_bundle(tmp_path / "s.fmx", planned)
    digest = open_input(session.input).digest  # type: ignore[arg-type]
    shutil.rmtree(tmp_path / "there")
    there = elsewhere(tmp_path / "s.fmx", tmp_path / "cache")
    found = {file.name: Path(file.path).read_bytes() for file in files_of(there) if file.role is not FileRole.INDEX}
    assert found == before
    assert len(found) == 4
    assert open_input(there.input).digest == digest  # type: ignore[arg-type]
    assert there.model is not None
    assert there.pinned is not None
    assert there.pinned.model == f"{there.model.id}|code|sha|pre"
    code = read_code(Path(there.model.id.removeprefix("file:").removesuffix(":make_model")))
    assert [path.name for path in code.files] == ["net.py", "layers.py"]
    assert moved(there, lambda file: file.name) == moved(session, lambda file: file.name)
    assert [left.what for left in planned.left_out] == ["index a.fmxindex"]


def test_a_folder_of_transformers_and_a_learnt_model_come_whole(tmp_path: Path) -> None:
    from explorer.engine.models.card_file import labels_of, weights_of

    folder, card = tmp_path / "vit small", tmp_path / "learnt/birds.json"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        (folder / name).write_text(name)
    card.parent.mkdir()
    for path in (card, weights_of(card), labels_of(card)):
        path.write_text(path.name)
    (card.parent / "other.txt").write_text("of something else")
    column = Column(0, ModelSpec(f"card:{card}"))
    session = Session(ModelSpec(f"hf:{folder}"), comparison=Comparison((column, replace(column, key=1))))
    planned = contents(session, {})
    assert [(group.title, len(group.items), group.optional) for group in planned.groups] == [
        ("vit small", 3, True),
        ("birds.json", 3, True),
    ]
    write_bundle(tmp_path / "s.fmx", planned)
    there = elsewhere(tmp_path / "s.fmx", tmp_path / "cache")
    assert there.model is not None
    path = Path(there.model.id.removeprefix("hf:"))
    assert path.is_absolute()
    assert sorted(each.name for each in path.iterdir()) == sorted(each.name for each in folder.iterdir())
    learnt = Path(there.comparison.columns[0].model.id.removeprefix("card:"))  # type: ignore[union-attr]
    assert weights_of(learnt).read_text() == "birds.safetensors"
    assert not (learnt.parent / "other.txt").exists()
    assert contents(session, {}).without({str(folder)}).session.model == session.model


def test_each_entry_has_its_sha256_and_no_path_of_this_computer(session: Session, tmp_path: Path) -> None:
    planned = contents(replace(session, dataset=DatasetPlace()), {})
    write_bundle(tmp_path / "s.fmx", planned)
    with zipfile.ZipFile(tmp_path / "s.fmx") as archive:
        names = {*archive.namelist()} - {"manifest.json"}
        said = {entry.name: entry.sha256 for entry in read_manifest(tmp_path / "s.fmx").entries}
        assert said == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
        assert str(tmp_path) not in archive.read("session.fmx.json").decode() + archive.read("manifest.json").decode()
    assert len(names) == 6
    checked = check_bundle(tmp_path / "s.fmx")
    text = next(entry.bytes for entry in checked.entries if entry.role == "session")
    assert checked.total == planned.size + text


def test_weights_are_left_out_by_choice_and_named_as_before(session: Session, tmp_path: Path) -> None:
    weights = session.model.weights  # type: ignore[union-attr]
    planned = contents(session, {}).without({weights})
    write_bundle(tmp_path / "s.fmx", planned)
    assert not any("best.pth" in entry.name for entry in read_manifest(tmp_path / "s.fmx").entries)
    assert any(left.what == "best.pth" for left in read_manifest(tmp_path / "s.fmx").left_out)
    there = elsewhere(tmp_path / "s.fmx", tmp_path / "cache")
    assert there.model is not None
    assert there.model.weights == weights
    assert there.comparison.columns[0].model == there.model


@pytest.mark.parametrize("kind", ["colour", "grey", "deep"])
def test_a_picture_that_is_in_no_file_becomes_one_with_the_same_values(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    pixels = {
        "colour": rng.integers(0, 255, (7, 5, 3), np.uint8),
        "grey": rng.integers(0, 255, (7, 5), np.uint8),
        "deep": rng.integers(0, 65535, (7, 5, 3), np.uint16),
    }[kind]
    ref = InputRef("clipboard")
    picture = picture_from_array(pixels, ref)
    held = Edit("a", mode="freeze", source=picture.digest, origin=ref)
    session = Session(ModelSpec("demo:seeded"), ref, edits=(held, replace(held, source="another")))
    planned = contents(session, {ref: picture})
    write_bundle(tmp_path / "s.fmx", planned)
    there = elsewhere(tmp_path / "s.fmx", tmp_path / "cache")
    assert there.input is not None
    assert there.input.kind == "picture"
    again = open_input(there.input)
    assert again.digest == picture.digest
    assert open_input(there.edits[0].origin).digest == picture.digest  # type: ignore[arg-type]
    assert there.edits[1].origin == ref  # of a picture that is no more
    assert any("has changed" in left.why for left in planned.left_out)


def test_a_frame_of_a_video_is_in_it_as_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = InputRef("video", str(tmp_path / "clip.mp4"), 17)
    frame = picture_from_array(np.random.default_rng(2).integers(0, 255, (6, 8, 3), np.uint8), ref)
    monkeypatch.setattr("explorer.engine.session_bundle.bundle_files.open_input", lambda _ref: frame)
    planned = contents(Session(ModelSpec("demo:seeded"), ref), {})
    assert planned.groups[0].note == "frame of a video"
    write_bundle(tmp_path / "s.fmx", planned)
    there = elsewhere(tmp_path / "s.fmx", tmp_path / "cache")
    assert there.input is not None
    assert there.input.path.endswith("clip-frame-17.png")
    assert open_input(there.input).digest == frame.digest


def test_a_full_disk_and_a_cancel_leave_the_old_file(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.fmx"
    path.write_bytes(b"old")
    planned = contents(session, {})
    before = sorted(tmp_path.iterdir())

    def cancel(_text: str, _done: float | None) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        write_bundle(path, planned, cancel)
    assert path.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == before

    def full(self: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)  # type: ignore[attr-defined]
    with pytest.raises(ExplorerError, match="full"):
        write_bundle(path, planned)
    assert path.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_has_gone_since_the_plan_is_named(session: Session, tmp_path: Path) -> None:
    planned = contents(session, {})
    Path(session.model.weights).unlink()  # type: ignore[union-attr]
    with pytest.raises(ExplorerError, match=r"best\.pth cannot be read"):
        write_bundle(tmp_path / "s.fmx", planned)
    assert not (tmp_path / "s.fmx").exists()


def test_it_is_unpacked_once_and_again_where_it_was_damaged(session: Session, tmp_path: Path) -> None:
    write_bundle(tmp_path / "s.fmx", contents(session, {}))
    first = open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")
    picture = next(path for path in Path(first.folder).rglob("one*.png"))
    kept, good = picture.stat().st_mtime_ns, picture.read_bytes()
    assert open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache").folder == first.folder
    assert picture.stat().st_mtime_ns == kept
    picture.write_bytes(b"x" * len(good))
    open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")
    assert picture.read_bytes() == good
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [Path(first.folder).name]


def test_it_opens_where_nothing_can_be_written_in_the_cache(session: Session, tmp_path: Path) -> None:
    write_bundle(tmp_path / "s.fmx", contents(session, {}))
    (tmp_path / "file").write_text("")
    opened = open_bundle(tmp_path / "s.fmx", into=tmp_path / "file/cache")
    assert Path(opened.folder).is_dir()
    shutil.rmtree(Path(opened.folder).parent)


def test_too_little_room_is_said_before_anything_is_written(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(tmp_path / "s.fmx", contents(session, {}))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 10})())
    with pytest.raises(ExplorerError, match="cannot be unpacked"):
        open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_no_zip_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "s.fmx").write_bytes(io.BytesIO(b"PK\x03\x04 and nothing").getvalue())
    with pytest.raises(ExplorerError, match="cannot be opened"):
        open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")
