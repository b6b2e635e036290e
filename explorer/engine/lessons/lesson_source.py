"""Opens a lesson: a folder with lesson.toml, that file itself, or a kit. Says before it starts what is not there."""

from __future__ import annotations

import hashlib
import locale
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from explorer import __version__, catalogue
from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson import Lesson
from explorer.core.lessons.lesson_file import MOST_BYTES, NAME, REFUSED, lesson_from
from explorer.core.lessons.lesson_names import (
    inputs_of,
    methods_of,
    models_of,
    own_files,
    pages_of,
    placed,
    relative_file,
)
from explorer.core.lessons.lesson_texts import translated, translated_text
from explorer.core.lessons.po_file import PoEntry, entries_from
from explorer.core.models import ModelSpec
from explorer.core.system.paths import resources
from explorer.core.translation import tr
from explorer.engine.inputs import named_input, open_input
from explorer.engine.lessons.checksums import check_sums
from explorer.engine.lessons.kit_archive import SUFFIX, is_kit, unpacked

_MOST_PO = 4 << 20  # bytes
_STEPS = re.compile(r"^\[\[step", re.MULTILINE)  # where the first begins
_VALUES = "values"  # the page that belongs to no method
_OF_TRANSFER = ("probe-pictures", "training")  # what the workspace computes beside methods


@dataclass(frozen=True, slots=True)
class OpenedLesson:
    """`lesson`: in the language asked for, its files where they lie; `source`: as it stands in its file; `entries`: its
    translations by language."""

    lesson: Lesson
    source: Lesson
    folder: Path
    file: Path  # that was opened: the folder, or the kit
    language: str
    digest: str = ""  # SHA-256 of lesson.toml
    entries: Mapping[str, Mapping[str, PoEntry]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """That of the source first."""
        return (self.source.language, *(each for each in self.entries if each != self.source.language))

    def within(self, language: str) -> OpenedLesson:
        """In another language; the source's where there is no translation."""
        entries = self.entries.get(language, {})
        lesson = placed(translated(self.source, entries), lambda path: str(self.folder / path))
        return replace(self, lesson=lesson, language=language if entries else self.source.language)


def open_lesson(path: str | Path, language: str = "", into: Path | None = None) -> OpenedLesson:
    """`language` "": that of the system. A kit is unpacked into a folder of `into` (the cache). Raises ExplorerError."""
    file = Path(path).expanduser().absolute()
    folder = unpacked(file, into) if is_kit(file) else file.parent if file.name == NAME else file
    text = _read(folder / NAME, MOST_BYTES)
    check_sums(folder)
    source = lesson_from(text, f"{folder.name}/{NAME}" if folder.name else NAME)
    _check_version(source)
    entries = {each.stem: entries_from(_read(each, _MOST_PO), f"po/{each.name}") for each in _catalogues(folder)}
    digest = hashlib.sha256(text.encode()).hexdigest()
    opened = OpenedLesson(source, source, folder, file, source.language, digest, entries)
    return opened.within(language or chosen_language(opened.languages))


def _catalogues(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in (folder / "po").iterdir() if each.suffix == ".po" and each.is_file())
    except OSError:
        return []


def _read(file: Path, most: int) -> str:
    try:
        if not file.is_file():
            raise ExplorerError(
                REFUSED,
                tr("There is no {file} in {parent}.", file=file.name, parent=file.parent),
                tr("Open a folder with a {name}, or a kit ({suffix}).", name=NAME, suffix=SUFFIX),
            )
        with file.open("rb") as stream:
            held = stream.read(most + 1)
        if len(held) > most:
            raise ExplorerError(REFUSED, tr("{file} is longer than {most:,} bytes.", file=file.name, most=most))
        return held.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExplorerError(
            REFUSED, tr("{file} is no text in UTF-8: byte {start}.", file=file.name, start=error.start)
        ) from None
    except OSError as error:
        raise ExplorerError(REFUSED, f"{file}: {error.strerror or error}.") from None


def chosen_language(languages: tuple[str, ...]) -> str:
    """That of the system where the lesson has it, else that of the source."""
    system = (locale.getlocale()[0] or "").replace("-", "_")
    for wanted in (system, system.partition("_")[0]):
        if wanted in languages:
            return wanted
    return languages[0]


def _check_version(lesson: Lesson) -> None:
    if lesson.application and _numbers(lesson.application) > _numbers(__version__):
        raise ExplorerError(
            tr("The lesson “{lesson_title}” needs a newer program.", lesson_title=lesson.title),
            tr(
                "It is made for version {application}, and this is {version}.",
                application=lesson.application,
                version=__version__,
            ),
            tr("Install the newer version."),
        )


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(part) for part in version.split(".")[:3] if part.isdigit()]
    return (*found, *(0 for _ in range(3 - len(found))))


# --- what is there


def lessons_inside() -> tuple[Path, ...]:
    """Folders of the lessons that come with the application, by their numbers; those without one come last, by name."""
    try:
        return tuple(sorted((each.parent for each in (resources() / "lessons").glob(f"*/{NAME}")), key=_place))
    except OSError:
        return ()


def is_inside(folder: Path) -> bool:
    """Whether a lesson is one of those."""
    return folder.resolve().is_relative_to((resources() / "lessons").resolve())


def title_of(folder: Path, language: str) -> str:
    """Of a lesson inside, in a language where it has one of it; only what stands before its steps is read."""
    head = _head(folder)
    title = str(head.get("title", folder.name))
    try:
        file = next((each for each in _catalogues(folder) if each.stem == language), None)
        entries = entries_from(_read(file, _MOST_PO), file.name) if file is not None else {}
    except ExplorerError:
        return title
    return translated_text(entries, f"{head.get('id')}/title", title)


def _head(folder: Path) -> dict[str, Any]:
    """What stands before the steps; {} for what cannot be read, which is told when it is opened."""
    try:
        return tomllib.loads(_STEPS.split(_read(folder / NAME, MOST_BYTES), maxsplit=1)[0])
    except (ExplorerError, tomllib.TOMLDecodeError, RecursionError):
        return {}


def _place(folder: Path) -> tuple[int, str]:
    number = _head(folder).get("number")
    return (number if isinstance(number, int) and number > 0 else 1000), folder.name


def missing_of(opened: OpenedLesson) -> tuple[str, ...]:
    """In a teacher's words, what of a lesson is not there, as far as can be said without opening a model."""
    return tuple(dict.fromkeys(_missing(opened)))


def _missing(opened: OpenedLesson) -> Iterator[str]:
    lesson, source = opened.lesson, opened.source
    for name in own_files(source):
        if not _lies_in(opened.folder, name):
            yield tr("The file {name} is not in the lesson.", name=name)
    for model in (*models_of(source), *(ModelSpec(name) for name in lesson.needs if not _is_input(name))):
        if not relative_file(model) and (why := _model_fault(model)):
            yield why
    needed = [named_input(name) for name in lesson.needs if _is_input(name)]
    for given in (*inputs_of(lesson), *needed):
        if not relative_file(given):
            try:
                if catalogue.lasts(given.kind):
                    open_input(given)
            except ExplorerError as error:
                yield tr(
                    "The input {kind}:{path} cannot be opened: {error}", kind=given.kind, path=given.path, error=error
                )
    for method in methods_of(lesson):
        if method not in _OF_TRANSFER and catalogue.methods.get(method) is None:
            yield tr("There is no method {method}.", method=method)
    for page in pages_of(lesson):
        if page != _VALUES and catalogue.methods.get(page) is None:
            yield tr("There is no page {page}.", page=page)


def _lies_in(folder: Path, name: str) -> bool:
    try:
        file = (folder / name).resolve()
        return file.is_relative_to(folder.resolve()) and file.exists()
    except (OSError, ValueError):
        return False


def _is_input(name: str) -> bool:
    return name.partition(":")[0] in {kind.id for kind in catalogue.inputs}


def _model_fault(model: ModelSpec) -> str:
    """Why a model by name is surely not there; "" where it may be."""
    source, _, name = model.id.partition(":")
    if source != "demo":
        return ""
    from explorer.engine.models.demo import shelf

    return (
        ""
        if name in shelf.names()
        else tr("The model {id} is not there: this program has no demo model of that name.", id=model.id)
    )
