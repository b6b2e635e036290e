"""A data set from a folder: its folders are classes, their pictures come in natural order, and none is decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from explorer.core.data_sets import GROUPS, MOST_CLASSES, TEST, DataClass, DataPicture, DataSet, why_unused
from explorer.core.errors import ExplorerError
from explorer.core.input_files import check_file, unreadable
from explorer.core.translation import tr
from explorer.engine.data_sets.picture_groups import groups_of, says_burst
from explorer.engine.inputs.folder import is_picture, natural_key
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_DEEPEST = 8  # folders below a class
_BY_PILLOW = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})
_MOST_GOOD = 200_000
_GOOD: set[tuple[str, int, int]] = set()  # (path, size, time of change) of files whose header has been read


def read_folder(
    folder: str | Path, groups: str = "none", test: str | Path = "", name: str = "", cancelled: Cancelled = never
) -> DataSet:
    """The data set of a folder. Its test pictures are in `test`, else in a folder named test beside the classes, if there is one.

    Raises ExplorerError where the folder cannot be read or has too many classes; CancelledError.
    """
    if groups not in GROUPS:
        raise ExplorerError(
            tr("There are no groups {groups!r}.", groups=groups[:40]),
            "",
            tr("There are: {list}.", list=", ".join(GROUPS)),
        )
    folder = Path(os.path.abspath(folder))
    names = _folders(folder)
    inside = folder / TEST if not test and TEST in names and len(names) > 1 else None
    classes, bad = _classes(folder, folder, [n for n in names if inside is None or n != TEST], groups, cancelled)
    notes: list[str] = []
    tests: list[DataClass] = []
    place = Path(os.path.abspath(test)) if test else inside
    if place is not None:
        tests, more = _classes(place, folder, _folders(place), groups, cancelled)
        bad += more
        notes = _differences(classes, tests, place.name)
        if not any(each.pictures for each in tests):
            raise ExplorerError(
                tr("There is no picture in “{place}”.", place=place.name),
                str(place),
                tr("Give each class a folder in it."),
            )
    checked = [DataClass(e.name, e.pictures, why_unused(e.pictures, bool(tests))) for e in classes]
    loose = sum(is_picture(each.name) for each in _entries(folder))
    if loose:
        notes.append(tr("{loose} pictures lie beside the classes and are in none of them.", loose=loose))
    known = {each.name for each in checked if not each.reason}
    tests = [each for each in tests if each.name in known and each.pictures]
    return DataSet(name or str(folder), str(folder), tuple(checked), tuple(tests), tuple(bad), groups, tuple(notes))


def _differences(classes: list[DataClass], tests: list[DataClass], name: str) -> list[str]:
    known, tested = {each.name for each in classes}, {each.name for each in tests if each.pictures}
    other, untested = sorted(tested - known, key=natural_key), sorted(known - tested, key=natural_key)
    notes = []
    if other and not tested & known:
        what = tr("The test folder “{name}” has none of the classes.", name=name)
        raise ExplorerError(
            what,
            tr("It has {some}; the data set has {some2}.", some=_some(other), some2=_some(sorted(known))),
            tr("Use the same names."),
        )
    if other:
        notes.append(tr("Left out of the test: {some}, which nothing is learnt of.", some=_some(other)))
    if untested:
        notes.append(tr("Not tested, for “{name}” has no pictures of it: {some}.", name=name, some=_some(untested)))
    return notes


def _some(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:3]) + (
        tr(" and {count} more", count=len(names) - 3) if len(names) > 3 else ""
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except NotADirectoryError as error:
        raise ExplorerError(
            tr("“{folder}” is not a folder.", folder=folder.name), str(folder), tr("Choose the folder of the classes.")
        ) from error
    except OSError as error:
        raise unreadable(folder, "folder", error) from error


def _folders(folder: Path) -> list[str]:
    names = [entry.name for entry in _entries(folder) if entry.is_dir()]
    if len(names) > MOST_CLASSES:
        what = tr("“{folder}” has {count:,} classes.", folder=folder.name, count=len(names))
        raise ExplorerError(
            what,
            tr("At most {most_classes:,} can be told apart here.", most_classes=MOST_CLASSES),
            tr("Choose a folder with fewer folders."),
        )
    return sorted(names, key=natural_key)


def _classes(
    place: Path, base: Path, names: list[str], groups: str, cancelled: Cancelled
) -> tuple[list[DataClass], list[tuple[str, str]]]:
    """Classes with the pictures that can be read, and (path, why) of the others; paths below `base`, or whole ones."""
    classes: list[DataClass] = []
    bad: list[tuple[str, str]] = []

    def named(path: Path) -> str:
        return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()

    listed: list[tuple[str, list[tuple[Path, os.stat_result]]]] = []
    for name in names:
        if cancelled():
            raise CancelledError
        found: list[tuple[Path, os.stat_result]] = []
        for path in sorted(_pictures(place / name), key=lambda p: [natural_key(part) for part in p.parts]):
            try:
                found.append((path, _checked(path)))
            except ExplorerError as error:
                bad.append((named(path), " ".join(part for part in (error.what, error.why) if part)))
        listed.append((name, found))
    by_time = not any(says_burst(path) for _, found in listed for path, _ in found)
    for name, found in listed:
        grouped = groups_of(groups, place / name, [(path, about.st_mtime) for path, about in found], by_time)
        pictures = tuple(
            DataPicture(named(path), name, group, about.st_size, about.st_mtime_ns)
            for (path, about), group in zip(found, grouped, strict=True)
        )
        classes.append(DataClass(name, pictures))
    return classes, bad


def _pictures(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Pictures in a class's folder and in its folders; links to folders are not followed."""
    try:
        entries = _entries(folder)
    except ExplorerError:  # the folder has gone meanwhile, or may not be read
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
            yield from _pictures(Path(entry.path), depth + 1)
        elif is_picture(entry.name):
            yield Path(entry.path)


def _checked(path: Path) -> os.stat_result:
    """What is known of a file whose header says picture. Raises ExplorerError."""
    try:
        about = path.stat()
    except OSError as error:
        raise unreadable(path, "picture", error) from error
    state = str(path), about.st_size, about.st_mtime_ns
    if state in _GOOD:
        return about
    check_file(path, "picture")
    if path.suffix.lower() in _BY_PILLOW:
        try:
            with Image.open(path):
                pass
        except Exception as error:  # Pillow's decoders raise a dozen kinds for damaged files
            raise ExplorerError(tr("“{path}” is no picture, or damaged.", path=path.name)) from error
    if len(_GOOD) >= _MOST_GOOD:
        _GOOD.clear()
    _GOOD.add(state)
    return about
