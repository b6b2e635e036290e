"""Lessons as folders and kits: opened in a language, told what is missing, packed and unpacked, refused where they mean harm."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import NAME, lesson_from
from explorer.engine.lessons import checksums
from explorer.engine.lessons.lesson_source import lessons_inside, missing_of, open_lesson, title_of
from explorer.engine.lessons.lesson_start import session_at_start
from explorer.engine.lessons.new_lesson import make_lesson, write_texts
from explorer.engine.lessons.pack_kit import pack_kit
from tests.support.lesson_files import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small"
    made.mkdir()
    (made / NAME).write_text(SMALL, encoding="utf-8")
    return made


def test_a_folder_and_its_file_open(folder: Path) -> None:
    assert open_lesson(folder).lesson.title == "Small"
    assert open_lesson(folder / NAME).folder == folder


def test_a_lesson_opens_in_a_language(folder: Path) -> None:
    file, count = write_texts(folder, "de")
    assert count == 11
    file.write_text(file.read_text().replace('msgid "Small"\nmsgstr ""', 'msgid "Small"\nmsgstr "Klein"'))
    opened = open_lesson(folder, "de")
    assert (opened.lesson.title, opened.source.title, opened.languages) == ("Klein", "Small", ("en", "de"))
    assert opened.within("en").lesson.title == "Small"
    assert opened.within("fr").language == "en"
    changed = SMALL.replace('title = "Small"', 'title = "Tiny"')
    (folder / NAME).write_text(changed)
    assert write_texts(folder, "de")[1] == 11  # what was translated is fuzzy now
    assert 'fuzzy\nmsgctxt "small/title"\nmsgid "Tiny"\nmsgstr "Klein"' in file.read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('model = "demo:shapes-cnn"', 'model = "demo:no-such"', "The model demo:no-such is not there"),
        (
            'model = "demo:shapes-cnn"',
            'model = "card:models/mine.json"',
            "The file models/mine.json is not in the lesson.",
        ),
        (
            'input = "sample:world-14-star-checks"',
            'input = "picture:inputs/cat.png"',
            "The file inputs/cat.png is not in",
        ),
        (
            'input = "sample:world-14-star-checks"',
            'input = "picture:../../secret.png"',
            "The file ../../secret.png is not in",
        ),
        (
            'input = "sample:world-14-star-checks"',
            'input = "sample:no-such"',
            "The input sample:no-such cannot be opened",
        ),
        ("Go to **stage 1**.", "![x](media/x.png)", "The file media/x.png is not in the lesson."),
        ('page = "values"', 'page = "loud"', "There is no page loud."),
        ('done = { tap = "stage1.*" }', 'done = { computed = "magic" }', "There is no method magic."),
        ('licence = "CC0-1.0"', 'needs = ["demo:gone"]', "The model demo:gone is not there"),
    ],
)
def test_what_is_missing_is_told_before_it_starts(folder: Path, old: str, new: str, said: str) -> None:
    assert missing_of(open_lesson(folder)) == ()
    (folder / NAME).write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    assert any(said in each for each in missing_of(open_lesson(folder)))


def test_a_newer_program_is_asked_for(folder: Path) -> None:
    (folder / NAME).write_text(SMALL.replace("minutes = 5", 'minutes = 5\napplication = "99.1"'), encoding="utf-8")
    with pytest.raises(ExplorerError, match=r"needs a newer program. It is made for version 99\.1"):
        open_lesson(folder)


@pytest.mark.parametrize(("name", "content"), [("none", None), ("binary", b"\xff\xfe"), ("long", b"#" * (1 << 21))])
def test_what_is_no_lesson_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    made = tmp_path / name
    made.mkdir()
    if content is not None:
        (made / NAME).write_bytes(content)
    with pytest.raises(ExplorerError, match="This lesson cannot be used"):
        open_lesson(made)


def test_a_new_lesson_is_one(tmp_path: Path) -> None:
    file = make_lesson(tmp_path / "My First Lesson", 'A "quoted" title')
    assert lesson_from(file.read_text()).id == "my-first-lesson"
    with pytest.raises(ExplorerError, match="There is a lesson in"):
        make_lesson(tmp_path / "My First Lesson")


def test_the_start_is_a_session_that_does_not_depend_on_what_was_open(folder: Path) -> None:
    session = session_at_start(open_lesson(folder))
    assert (session.tap, session.channel, session.page, session.edits) == ("stem.2", 0, "values", ())
    assert session.model is not None
    assert session.model.id == "demo:shapes-cnn"


# --- kits


@pytest.fixture
def kit(folder: Path, tmp_path: Path) -> Path:
    (folder / "inputs").mkdir()
    (folder / "inputs" / "cat.png").write_bytes(b"picture")
    (folder / "notes.txt").write_text("stays at home")
    return pack_kit(folder, tmp_path / "small.fmxlab").path


def test_a_kit_holds_the_lesson_and_opens(kit: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kit) as archive:
        assert archive.namelist() == [checksums.NAME, "lesson.toml", "inputs/cat.png"]
    opened = open_lesson(kit, into=tmp_path / "cache")
    assert opened.lesson.title == "Small"
    assert (opened.folder / "inputs" / "cat.png").read_bytes() == b"picture"
    assert open_lesson(kit, into=tmp_path / "cache").folder == opened.folder


def test_the_same_lesson_gives_the_same_kit(folder: Path, kit: Path, tmp_path: Path) -> None:
    assert pack_kit(folder, tmp_path / "again.fmxlab").path.read_bytes() == kit.read_bytes()


def test_a_kit_opens_from_a_folder_that_cannot_be_written_to(kit: Path, tmp_path: Path) -> None:
    kit.chmod(0o444)
    kit.parent.chmod(0o555)
    try:
        assert open_lesson(kit, into=tmp_path / "no" / "cache").lesson.title == "Small"
    finally:
        kit.parent.chmod(0o755)


def test_a_changed_file_is_refused_by_its_name(kit: Path, tmp_path: Path) -> None:
    folder = open_lesson(kit, into=tmp_path / "cache").folder
    (folder / "inputs" / "cat.png").write_bytes(b"pictUre")
    with pytest.raises(ExplorerError, match=r"The content of inputs/cat\.png is not what its SHA256SUMS says"):
        open_lesson(folder)
    for damage in (lambda file: file.write_bytes(b"pictUre"), Path.unlink):
        damage(folder / "inputs" / "cat.png")
        assert open_lesson(kit, into=tmp_path / "cache").lesson  # unpacked anew
        assert (folder / "inputs" / "cat.png").read_bytes() == b"picture"


def test_a_file_that_the_lesson_names_goes_into_the_kit_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    text = SMALL.replace("sample:world-14-star-checks", "lines:words.txt")
    (folder / NAME).write_text(text, encoding="utf-8")
    (folder / "words.txt").write_text("one line")
    kit = pack_kit(folder, tmp_path / "words.fmxlab")
    assert "words.txt" in dict(kit.files)
    assert not missing_of(open_lesson(kit.path, into=tmp_path / "cache"))


def test_what_is_missing_is_not_packed(folder: Path, tmp_path: Path) -> None:
    (folder / NAME).write_text(SMALL.replace("Go to", "![x](media/x.png) Go to"), encoding="utf-8")
    with pytest.raises(ExplorerError, match=r"The file media/x\.png is not in the lesson"):
        pack_kit(folder, tmp_path / "x.fmxlab")
    with pytest.raises(ExplorerError, match="is no name of a kit"):
        pack_kit(folder, tmp_path / "x.zip")
    assert list(tmp_path.glob("*.fmxlab")) == []


def _named(name: str) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: archive.writestr(name, "x")


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("media/x.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("media/zeros.png", bytes(80 << 20), zipfile.ZIP_DEFLATED)


def _many(archive: zipfile.ZipFile) -> None:
    for at in range(2001):
        archive.writestr(f"media/{at}.png", "")


@pytest.mark.parametrize(
    ("add", "said"),
    [
        (_named("../evil.txt"), "leads out of it"),
        (_named("/evil.txt"), "leads out of it"),
        (_named("media/../../evil.txt"), "leads out of it"),
        (_named("C:evil.txt"), "leads out of it"),
        (_named("media/nul.png"), "leads out of it"),
        (_named("a\\b.txt"), "leads out of it"),
        (_named("LESSON.toml"), "have the same name"),
        (_link, "is a link"),
        (_bomb, "Its files would be"),
        (_many, "at most 2,000"),
    ],
)
def test_a_kit_that_means_harm_is_refused_and_nothing_is_written(
    tmp_path: Path, add: Callable[[zipfile.ZipFile], None], said: str
) -> None:
    file = tmp_path / "bad.fmxlab"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(NAME, SMALL)
        add(archive)
    with pytest.raises(ExplorerError) as caught:
        open_lesson(file, into=tmp_path / "cache")
    assert said in str(caught.value)
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and each != file]


def test_a_cut_off_kit_is_refused(kit: Path, tmp_path: Path) -> None:
    kit.write_bytes(kit.read_bytes()[:-40])
    with pytest.raises(ExplorerError, match="It is damaged"):
        open_lesson(kit, into=tmp_path / "cache")


def test_the_lessons_inside_stand_by_their_numbers() -> None:
    numbers = [open_lesson(folder).source.number or 1000 for folder in lessons_inside()]
    assert numbers == sorted(numbers)
    assert numbers[0] == 1


def test_the_lessons_inside_open_in_all_their_languages() -> None:
    folders = lessons_inside()
    assert folders
    for folder in folders:
        opened = open_lesson(folder)
        assert {"en", "de"} <= set(opened.languages)
        assert missing_of(opened) == ()
        for language in opened.languages:
            assert title_of(folder, language) == opened.within(language).lesson.title


@pytest.mark.parametrize("computed", ["probe", "probe-pictures", "training"])
def test_what_transfer_computes_can_be_asked_for(folder: Path, computed: str) -> None:
    text = (folder / NAME).read_text(encoding="utf-8")
    changed = text.replace('done = { tap = "stage1.*" }', f'done = {{ computed = "{computed}" }}')
    assert changed != text
    (folder / NAME).write_text(changed, encoding="utf-8")
    assert missing_of(open_lesson(folder)) == ()


def test_the_title_of_what_is_no_lesson_is_the_name_of_its_folder(tmp_path: Path) -> None:
    assert title_of(tmp_path, "de") == tmp_path.name
    (tmp_path / NAME).write_text("title = [", encoding="utf-8")
    assert title_of(tmp_path, "de") == tmp_path.name
