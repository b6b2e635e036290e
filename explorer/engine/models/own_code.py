"""A person's Python file with the files beside it that it imports, read once: what is asked about, and what runs."""

from __future__ import annotations

import ast
import hashlib
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_MOST = 2000  # files; whatever imports more than that is no model file
_AT_START = tuple(sys.path)  # before any person's file could change it


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """`path`: the file itself, without symbolic links. `files`: what runs, itself first, by path, as bytes."""

    path: Path
    files: dict[Path, bytes]

    @property
    def source(self) -> bytes:
        return self.files[self.path]

    @property
    def neighbours(self) -> tuple[Path, ...]:
        return tuple(path for path in self.files if path != self.path)

    @property
    def digest(self) -> str:
        """sha256 of all of it, 64 hex digits; that of the file alone where it imports nothing beside it."""
        return digest_of(self.path, self.files)


def digest_of(path: Path, files: dict[Path, bytes]) -> str:
    """sha256 of a file and what else runs with it, wherever the folder is."""
    own = content_hash(files[path])
    if len(files) == 1:
        return own
    whole = hashlib.sha256(own.encode())
    for other in sorted(files.keys() - {path}):
        whole.update(
            f"\n{_beside(other, path.parent)}\n{content_hash(files[other])}".encode("utf-8", "surrogateescape")
        )
    return whole.hexdigest()


def _beside(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder)) if folder in file.parents else str(file)


def content_hash(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def read_source(path: Path) -> bytes:
    """The file's bytes. Raises ExplorerError."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, without end
            raise ExplorerError(tr("{path} is not a file.", path=path), "", tr("Choose the Python file itself."))
        return path.read_bytes()
    except FileNotFoundError:
        raise ExplorerError(
            tr("There is no file {path}.", path=path), "", tr("Check the name, or choose the file again.")
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or error
        raise ExplorerError(
            tr("{path} cannot be read.", path=path), f"{why}.", tr("Check its name and permissions.")
        ) from None


def resolved(path: Path) -> Path:
    """The one path of a file, without symbolic links. Raises ExplorerError."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a NUL
        raise ExplorerError(
            tr("{path!r} cannot be read.", path=str(path)), f"{error}.", tr("Choose the file again.")
        ) from None


def read_code(path: Path, also: Iterable[Path] = ()) -> Code:
    """The file, the files of its folder that its imports name, what those import, and so on; and `also` as far as they are
    there. Raises ExplorerError."""
    whole = resolved(path)
    files = {whole: read_source(whole)}
    waiting = [*_named(files[whole], whole, whole.parent), *(resolved(each) for each in also)]
    while waiting:
        file = waiting.pop()
        if file in files or not file.is_file():
            continue
        if len(files) >= _MOST:
            what = tr("{path} imports more than {most:,} files beside it.", path=path.name, most=_MOST)
            raise ExplorerError(what, "", tr("Install what it imports as a package."))
        files[file] = read_source(file)
        waiting += _named(files[file], file, whole.parent)
    return Code(whole, files)


def _named(source: bytes, file: Path, folder: Path) -> Iterator[Path]:
    """Files of `folder` that the imports in a source may mean, whether they are there or not."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # said when it is compiled
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield from _modules(folder, name.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = folder if not node.level else file.parents[min(node.level, len(file.parents)) - 1]
            parts = node.module.split(".") if node.module else []
            if node.level and parts == []:
                yield base / "__init__.py"
            for name in node.names:
                yield from _modules(base, [*parts, name.name], free=bool(node.level))


def _modules(folder: Path, parts: list[str], free: bool = False) -> Iterator[Path]:
    """Where a module and the packages above it may lie. What is installed under that name comes first, unless `free`."""
    if not free and (parts[0] in sys.stdlib_module_names or _is_installed_name(parts[0], folder)):
        return
    for end in range(1, len(parts) + 1):
        place = folder.joinpath(*parts[:end])
        for candidate in (place.with_name(place.name + ".py"), place / "__init__.py"):
            if candidate.is_file():
                yield candidate.resolve()


def _is_installed_name(name: str, folder: Path) -> bool:
    places = [entry for entry in sys.path if entry and not is_own(Path(entry).resolve() / name, folder)]
    try:
        return PathFinder.find_spec(name, places) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def is_own(file: Path, folder: Path) -> bool:
    """Whether a file is the person's and no installed package: in the folder of the model file, or reached by a path that
    was added since the start. Both without symbolic links."""
    if any(root in file.parents for root in _installed()):
        return False
    return folder in file.parents or not any(root in file.parents for root in _given())


@cache
def _installed() -> tuple[Path, ...]:
    """Folders of packages, and of the application itself."""
    names = [sysconfig.get_paths().get(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    names += [*site.getsitepackages(), site.getusersitepackages()] if hasattr(site, "getsitepackages") else []
    names += [getattr(sys, "_MEIPASS", None), str(Path(__file__).parents[2])]
    return tuple({Path(name).resolve() for name in names if name})


@cache
def _given() -> tuple[Path, ...]:
    """Where the person's own installation looks for modules, but for the folder in which the application was started."""
    here = Path.cwd().resolve()
    return tuple({place for name in _AT_START if name and (place := Path(name).resolve()) != here})
