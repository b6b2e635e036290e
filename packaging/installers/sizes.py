"""Where the bytes of the frozen application are, and the checksums of what is handed to people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

MIB = 1 << 20
# Beginnings of paths inside the frozen folder (forward slashes, without _internal/); the first that fits counts.
_COMPONENTS = (
    ("PyTorch", ("torch/", "torch-")),
    ("torchvision", ("torchvision",)),
    ("Qt and PySide6", ("PySide6/", "shiboken6", "pyside6", "libQt6")),
    ("video (PyAV, FFmpeg)", ("av/", "av.libs/", "av-")),
    ("NumPy", ("numpy",)),
    ("Pillow", ("PIL/", "pillow")),
    ("demo models", ("resources/models/",)),
    ("sample pictures and icons", ("resources/",)),
    ("Python", ("libpython", "python3", "base_library.zip", "lib-dynload/", "Python")),
)
_PROGRAM, _REST = "byte code of all Python (the program)", "other libraries"


def component(path: str) -> str:
    """The component that a file of the frozen folder belongs to."""
    if not path.startswith(("_internal/", "Contents/")):
        return _PROGRAM
    inside = path.removeprefix("_internal/")
    return next((name for name, beginnings in _COMPONENTS if inside.startswith(beginnings)), _REST)


def by_component(folder: Path) -> dict[str, int]:
    """Bytes of each component, the largest first. Links count nothing: what they point to is inside, too."""
    sizes: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            name = component(path.relative_to(folder).as_posix())
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda entry: -entry[1]))


def largest(folder: Path, number: int = 10) -> list[tuple[int, str]]:
    """(bytes, path) of the largest files of the frozen folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = ((path.stat().st_size, path.relative_to(folder).as_posix()) for path in files)
    return sorted(found, key=lambda entry: (-entry[0], entry[1]))[:number]


def report(sizes: dict[str, int], files: Iterable[Path]) -> str:
    """A table of the components, then the files that are handed out."""
    total = sum(sizes.values())
    lines = [f"{size / MIB:8.1f} MiB  {size / total:6.1%}  {name}" for name, size in sizes.items()]
    lines.append(f"{total / MIB:8.1f} MiB  installed")
    lines += [f"{path.stat().st_size / 1e6:8.1f} MB   {path.name}" for path in files]
    return "\n".join(lines)


def checksums(files: Iterable[Path]) -> str:
    """Lines that `sha256sum --check` takes."""
    lines = []
    for path in sorted(files):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(lines)


def too_large(sizes: dict[str, int], files: Iterable[Path], limits: dict[str, float]) -> list[str]:
    """What is over its limit: `limits` holds MB for a file's suffix and MiB for "installed"."""
    found = []
    installed = sum(sizes.values()) / MIB
    if installed > limits.get("installed", installed):
        found.append(f"installed: {installed:.0f} MiB, more than {limits['installed']:.0f}")
    for path in files:
        size = path.stat().st_size / 1e6
        if size > limits.get(path.suffix, size):
            found.append(f"{path.name}: {size:.0f} MB, more than {limits[path.suffix]:.0f}")
    return found
