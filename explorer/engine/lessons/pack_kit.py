"""Packs a lesson into a lab kit: one file with the lesson, its models and inputs, and a SHA256SUMS of them all."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import NAME
from explorer.core.lessons.lesson_names import models_of, own_files
from explorer.core.translation import tr
from explorer.engine import whole_files
from explorer.engine.lessons import checksums
from explorer.engine.lessons.kit_archive import MOST_ENTRIES, SUFFIX, checked, is_kit
from explorer.engine.lessons.lesson_source import OpenedLesson, missing_of, open_lesson

_PARTS = ("po", "media", "sessions", "models", "pictures", "inputs")  # folders that go into a kit
_MADE = (1980, 1, 1, 0, 0, 0)  # of every entry: the same lesson gives the same file
_SQUEEZED = {".png", ".jpg", ".jpeg", ".webp", ".zip", ".safetensors", ".mp4", ".ogg", ".flac", ".mp3"}


@dataclass(frozen=True, slots=True)
class PackedKit:
    """`by_name`: models that the program has, or finds, by their names, and that are not in the file."""

    path: Path
    files: tuple[tuple[str, int], ...]  # (name, bytes)
    by_name: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Of the file."""
        return self.path.stat().st_size


def pack_kit(folder: Path, out: Path) -> PackedKit:
    """Writes the file whole or not at all; reads the folder only. Raises ExplorerError."""
    out = out.expanduser().absolute()
    if out.suffix.lower() != SUFFIX:
        raise ExplorerError(
            tr("{out} is no name of a kit.", out=out.name),
            "",
            tr("Name it {stem}{suffix}.", stem=out.stem, suffix=SUFFIX),
        )
    if is_kit(folder):
        raise ExplorerError(
            tr("{folder} is a kit already.", folder=folder.name), "", tr("Name the folder of the lesson.")
        )
    opened = open_lesson(folder)
    if missing := missing_of(opened):
        raise ExplorerError(tr("This lesson cannot be packed."), " ".join(missing[:5]))
    files = _files(opened)
    try:
        lines = checksums.sums_text(opened.folder, files)
    except OSError as error:
        raise ExplorerError(tr("This lesson cannot be packed."), f"{error}.") from None
    _write(opened.folder, files, lines, out)
    sizes = tuple((name, (opened.folder / name).stat().st_size) for name in files)
    named = tuple(spec.id for spec in models_of(opened.source) if not spec.id.startswith(("demo:", "card:", "file:")))
    return PackedKit(out, sizes, named)


def _files(opened: OpenedLesson) -> list[str]:
    """lesson.toml, the folders that go into a kit, and what the lesson names beside them."""
    folder = opened.folder
    named = [(folder / name).resolve().relative_to(folder.resolve()) for name in own_files(opened.source)]
    found = [NAME]
    for part in dict.fromkeys((*map(Path, _PARTS), *named)):
        for file in (folder / part, *sorted((folder / part).rglob("*"))):
            name = file.relative_to(folder).as_posix()
            if file.is_symlink():
                raise ExplorerError(
                    tr("This lesson cannot be packed."),
                    tr("{file} is a link.", file=file),
                    tr("Put the file in its place."),
                )
            if file.is_file() and name not in found:
                found.append(name)
    if len(found) > MOST_ENTRIES:
        raise ExplorerError(
            tr("This lesson cannot be packed."),
            tr("It has {count:,} files; {most_entries:,} can be.", count=len(found), most_entries=MOST_ENTRIES),
        )
    return found


def _write(folder: Path, names: list[str], sums: str, out: Path) -> None:
    with whole_files.replacing(out) as made:
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(_info(checksums.NAME), sums)
            for name in names:
                with (folder / name).open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as target:
                    while piece := source.read(1 << 20):
                        target.write(piece)
        with zipfile.ZipFile(made) as archive:
            checked(archive, made.seek(0, 2))


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MADE)
    squeezed = Path(name).suffix.lower() in _SQUEEZED
    info.compress_type = zipfile.ZIP_STORED if squeezed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o100644 << 16
    return info
