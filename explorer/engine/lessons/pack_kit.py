"""Packs a lesson into a lab kit: one file with the lesson, its models and inputs, and a SHA256SUMS of them all."""

from __future__ import annotations

import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import NAME
from explorer.core.lessons.lesson_names import models_of
from explorer.core.translation import tr
from explorer.engine.lessons import checksums
from explorer.engine.lessons.kit_archive import MOST_ENTRIES, SUFFIX, checked, is_kit
from explorer.engine.lessons.lesson_source import missing_of, open_lesson

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
    files = _files(opened.folder)
    lines = checksums.sums_text(opened.folder, files)
    _write(opened.folder, files, lines, out)
    sizes = tuple((name, (opened.folder / name).stat().st_size) for name in files)
    named = tuple(spec.id for spec in models_of(opened.source) if not spec.id.startswith(("demo:", "card:", "file:")))
    return PackedKit(out, sizes, named)


def _files(folder: Path) -> list[str]:
    found = [NAME]
    for part in _PARTS:
        for file in sorted((folder / part).rglob("*")):
            if file.is_symlink():
                raise ExplorerError(
                    tr("This lesson cannot be packed."),
                    tr("{file} is a link.", file=file),
                    tr("Put the file in its place."),
                )
            if file.is_file():
                found.append(file.relative_to(folder).as_posix())
    if len(found) > MOST_ENTRIES:
        raise ExplorerError(
            tr("This lesson cannot be packed."),
            tr("It has {count:,} files; {most_entries:,} can be.", count=len(found), most_entries=MOST_ENTRIES),
        )
    return found


def _write(folder: Path, names: list[str], sums: str, out: Path) -> None:
    try:
        handle, made = tempfile.mkstemp(prefix=".packing-", suffix=SUFFIX, dir=out.parent)
        os.close(handle)
        temporary = Path(made)
        try:
            with zipfile.ZipFile(temporary, "w") as archive:
                archive.writestr(_info(checksums.NAME), sums)
                for name in names:
                    info = _info(name)
                    with (folder / name).open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                        while piece := source.read(1 << 20):
                            target.write(piece)
            with zipfile.ZipFile(temporary) as archive:
                checked(archive, temporary)
            temporary.chmod(0o644)
            os.replace(temporary, out)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ExplorerError(tr("{out} cannot be written.", out=out), f"{error.strerror or error}.") from None


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MADE)
    squeezed = Path(name).suffix.lower() in _SQUEEZED
    info.compress_type = zipfile.ZIP_STORED if squeezed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o100644 << 16
    return info
