"""What a data set holds, whatever the kind: pictures, frames of videos, sound clips, sentences, samples. Nothing is decoded."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.core.data_index import GALLERY, IndexedPicture, name_of
from explorer.core.data_sets import DEMO
from explorer.core.errors import ExplorerError
from explorer.core.input_files import SOUND_SUFFIXES, unreadable
from explorer.core.kind_words import several
from explorer.core.translation import tr
from explorer.engine.inputs.folder import is_picture, is_video, natural_key
from explorer.engine.inputs.text_lines import lines_of
from explorer.engine.jobs.cancel import Cancelled, CancelledError
from explorer.engine.jobs.job import Job

_DEEPEST = 16  # folders below the data set's
_TEXT = ".txt"
_STEP = 512  # drawn pictures that are listed at a time


@dataclass(frozen=True, slots=True)
class IndexItem:
    """One input of a data set. `path` is below its folder, with "/"; of a sample its name."""

    path: str
    kind: str  # InputRef.kind
    frame: int = 0
    label: str = ""
    size: int = 0
    changed: int = 0
    text: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """Unique in a data set."""
        return self.path, self.frame

    @property
    def name(self) -> str:
        """As `IndexedPicture.name`."""
        return name_of(self.path, self.kind, self.frame)


def item_of(picture: IndexedPicture) -> IndexItem:
    """What a picture of an index was when it was read."""
    of = picture
    return IndexItem(of.path, of.kind, of.frame, of.label, of.size, of.changed, of.text)


@dataclass(frozen=True, slots=True)
class Listing:
    """The inputs of a data set in natural order; in a folder those of a class stand side by side. `folder` "": there are no files of
    its own. `failed`: (path, why) of files of several."""

    data: str  # as it is named in the index: a whole path, "gallery", "demo:NAME"
    folder: str
    items: tuple[IndexItem, ...]
    failed: tuple[tuple[str, str], ...] = ()


def listed(data: str, kind: str, job: Job) -> Generator[None, None, Listing]:
    """The inputs of a kind, "picture", "sound" or "text". Raises ExplorerError where there is none; CancelledError."""
    if not data or "\0" in data:
        raise ExplorerError(tr("No data set was named."), "", tr("Name a folder, a text file, or: gallery."))
    job.progress(tr("Reading the data set"))
    if data == GALLERY:
        return Listing(GALLERY, "", _samples(kind))
    if data.startswith(DEMO):
        from explorer.engine.data_sets import demo_sets, drawn_world  # draw with torch

        if drawn_world.is_drawn(data):
            return (yield from _drawn(data, kind, job))
        folder = yield from demo_sets.make(data.removeprefix(DEMO), job)
        return _folder(Path(folder), kind, data, job.cancelled)
    yield
    place = Path(os.path.abspath(os.path.expanduser(data)))
    if kind == "text" and not place.is_dir():
        return Listing(str(place), str(place.parent), tuple(_lines(place, place.name, "")))
    return _folder(place, kind, str(place), job.cancelled)


def _drawn(data: str, kind: str, job: Job) -> Generator[None, None, Listing]:
    """Pictures that have no files."""
    from explorer.engine.data_sets.drawn_world import drawn_pictures

    if kind != "picture":
        raise ExplorerError(
            tr("{data} holds pictures.", data=data),
            tr("The model takes {kinds}.", kinds=several(kind)),
            tr("Choose a data set of {kinds}.", kinds=several(kind)),
        )
    items: list[IndexItem] = []
    for name, label in drawn_pictures(data):
        if len(items) % _STEP == 0:
            if job.cancelled():
                raise CancelledError
            yield
        items.append(IndexItem(name, "sample", label=label))
    return Listing(data, "", tuple(items))


def _folder(place: Path, kind: str, data: str, cancelled: Cancelled) -> Listing:
    items: list[IndexItem] = []
    failed: list[tuple[str, str]] = []
    paths = [path.relative_to(place) for path in _ordered(place, cancelled) if _wanted(path, kind)]
    common = _common_folders(paths)
    for inside in paths:
        if cancelled():
            raise CancelledError
        path, name, parts = place / inside, inside.as_posix(), inside.parts[common:]
        label = parts[0] if len(parts) > 1 else ""
        try:
            items += _of_file(path, name, label, kind)
        except ExplorerError as error:
            failed.append((name, " ".join(part for part in (error.what, error.why) if part)))
    if not items and not failed:
        raise ExplorerError(
            tr("There are no {kinds} in “{place}”.", kinds=several(kind), place=place.name),
            str(place),
            tr("Choose a folder with {kinds}, for which this model is made.", kinds=several(kind)),
        )
    return Listing(data, str(place), tuple(items), tuple(failed))


def _wanted(path: Path, kind: str) -> bool:
    """Whether the name says that it holds inputs of a kind."""
    if kind == "text":
        return path.suffix.lower() == _TEXT
    return path.suffix.lower() in SOUND_SUFFIXES if kind == "sound" else is_picture(path) or is_video(path)


def _common_folders(paths: list[Path]) -> int:
    """How many folders all files lie in, one in the other: the classes begin below them."""
    folders = [path.parts[:-1] for path in paths]
    if not folders:
        return 0
    depth = 0
    while all(len(parts) > depth + 1 and parts[depth] == folders[0][depth] for parts in folders):
        depth += 1
    return depth


def _of_file(path: Path, name: str, label: str, kind: str) -> Iterator[IndexItem]:
    """The inputs of one file."""
    if kind == "text":
        return _lines(path, name, label)
    if kind == "sound":
        return _one(path, name, label, "sound")
    return _frames(path, name, label) if is_video(path) else _one(path, name, label, "picture")


def _one(path: Path, name: str, label: str, kind: str) -> Iterator[IndexItem]:
    about = _stat(path, kind)
    yield IndexItem(name, kind, 0, label, about.st_size, about.st_mtime_ns)


def _frames(path: Path, name: str, label: str) -> Iterator[IndexItem]:
    from explorer.engine.inputs.video import Video

    about = _stat(path, "video")
    with Video(path) as video:
        count = video.count
    if count is None:
        raise ExplorerError(
            tr("“{path}” is too long: its frames are not counted.", path=path.name), "", tr("Cut it into parts.")
        )
    for frame in range(count):
        yield IndexItem(name, "video", frame, label, about.st_size, about.st_mtime_ns)


def _lines(path: Path, name: str, label: str) -> Iterator[IndexItem]:
    lines = lines_of(path)
    if not lines:
        raise ExplorerError(
            tr("“{path}” is empty.", path=path.name), "", tr("Choose a file with a sentence on each line.")
        )
    about = _stat(path, "text")
    for number, line in enumerate(lines):
        yield IndexItem(name, "lines", number, label, about.st_size, about.st_mtime_ns, line)


def _stat(path: Path, what: str) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise unreadable(path, what, error) from error


def _ordered(place: Path, cancelled: Cancelled) -> list[Path]:
    """Every file below a folder, in natural order; links to folders are not followed, hidden files left out."""
    found: list[Path] = []

    def walk(folder: Path, depth: int) -> None:
        if cancelled():
            raise CancelledError
        try:
            with os.scandir(folder) as entries:
                inside = [entry for entry in entries if not entry.name.startswith(".")]
        except NotADirectoryError as error:
            raise ExplorerError(
                tr("“{folder}” is not a folder.", folder=folder.name), str(folder), tr("Name the folder.")
            ) from error
        except OSError as error:
            if depth:  # one that may not be read does not keep the others from being indexed
                return
            raise unreadable(folder, "folder", error) from error
        for entry in sorted(inside, key=lambda entry: natural_key(entry.name)):
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    walk(Path(entry.path), depth + 1)
            else:
                found.append(Path(entry.path))

    walk(place, 0)
    return found


def _samples(kind: str) -> tuple[IndexItem, ...]:
    """Those that come with the program."""
    from explorer.engine.data_sets import world_samples
    from explorer.engine.inputs.samples import sample_pictures

    if kind == "picture":
        return tuple(IndexItem(each.name, "sample", label=each.label) for each in sample_pictures())
    names = world_samples.sound_names() if kind == "sound" else world_samples.sentence_names()
    texts = {name: getattr(world_samples.made(name), "text", "") for name in names} if kind == "text" else {}
    return tuple(
        IndexItem(name, "sample", label=world_samples.title_of(name).lower(), text=texts.get(name, ""))
        for name in names
    )
