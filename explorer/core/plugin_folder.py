"""Plug-ins in a folder of the person, for programs into which nothing can be installed: run only after a yes to exactly their files.

Each is a folder as `plugin new` writes it: its pyproject.toml names the entry points, its packages lie beside that. The files are read
once; what the yes was about is what runs, whatever becomes of the files meanwhile.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import config_dir, data_dir
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

_FILE = "plugins.json"
_FILES, _BYTES = 500, 32 << 20  # of one plug-in


@dataclass(frozen=True, slots=True)
class OfferedPlugin:
    """A folder among the plug-ins. digest: of all its files; reason: why it cannot be used, "" where it can."""

    name: str
    digest: str = ""
    allowed: bool = False
    reason: str = ""
    points: tuple[EntryPoint, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict, repr=False)  # by path within the folder, with "/"


def plugin_folder() -> Path:
    """Where they are looked for. Not created here."""
    return data_dir() / "plugins"


def offered() -> tuple[OfferedPlugin, ...]:
    """Every folder there, as its files are now."""
    try:
        there = sorted(path for path in plugin_folder().iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return ()
    allowed = _allowed()
    return tuple(_read(path, allowed.get(path.name, "")) for path in there)


def allow(name: str) -> OfferedPlugin:
    """Remembers a yes to the files of a plug-in as they are now; they are used from the next start on. Raises ExplorerError."""
    found = _named(name)
    if found.reason:
        raise ExplorerError(tr("{name} cannot be used.", name=name), found.reason)
    _write({**_allowed(), name: found.digest})
    return found


def forbid(name: str) -> None:
    """Takes the yes back, from the next start on. Raises ExplorerError where it cannot be written down."""
    _write({known: digest for known, digest in _allowed().items() if known != name})


def points_of(group: str) -> tuple[tuple[EntryPoint, str], ...]:
    """(entry point, plug-in) of those that may run; they can be imported from now on."""
    return tuple(
        (point, each.name) for each in _running(plugin_folder()) for point in each.points if point.group == group
    )


def forget() -> None:
    """The folder is read anew when it is next asked for; what was imported stays."""
    _running.cache_clear()
    _HELD.files.clear()


def _named(name: str) -> OfferedPlugin:
    for each in offered():
        if each.name == name:
            return each
    raise ExplorerError(
        tr("There is no plug-in {name} in {folder}.", name=name, folder=plugin_folder()),
        "",
        tr("Put the folder that has its pyproject.toml there."),
    )


@lru_cache(1)
def _running(_folder: Path) -> tuple[OfferedPlugin, ...]:
    found: tuple[OfferedPlugin, ...] = ()
    for each in offered():
        free = not any(name in _HELD.files for name in _packages(each.files))
        if each.allowed and not each.reason and free:
            _HELD.take(plugin_folder() / each.name, each.files)
            found += (each,)
    if found and _HELD not in sys.meta_path:
        sys.meta_path.append(_HELD)  # last: nothing that is installed is replaced
    return found


def _read(path: Path, allowed: str) -> OfferedPlugin:
    try:
        files = _files(path)
        points = _points(files)
        taken = [name for name in _packages(files) if not _HELD.is_of(name, path) and importlib.util.find_spec(name)]
        reason = tr("a package called {name!r} is installed already", name=taken[0]) if taken else ""
    except OSError as error:
        return OfferedPlugin(path.name, reason=tr("it cannot be read: {why}", why=error.strerror or error))
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        return OfferedPlugin(path.name, reason=str(error))
    digest = hashlib.sha256()
    for name, held in sorted(files.items()):
        digest.update(f"{len(name.encode())} {len(held)} {name}".encode() + held)
    told = digest.hexdigest()
    return OfferedPlugin(path.name, told, told == allowed, reason, points, files)


def _files(folder: Path) -> dict[str, bytes]:
    """Raises ValueError for what is too large, or leads elsewhere."""
    found: dict[str, bytes] = {}
    size = 0
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in sorted(folders) if not name.startswith(".") and name != "__pycache__"]
        for path in (Path(where) / name for name in (*folders, *names)):
            if path.is_symlink():
                raise ValueError(tr("{name} leads to another place", name=path.name))
        for path in (Path(where) / name for name in sorted(names) if not name.startswith(".")):
            size += path.stat().st_size
            if len(found) >= _FILES or size > _BYTES:
                raise ValueError(tr("it has more than {count} files, or {size} MB", count=_FILES, size=_BYTES >> 20))
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _points(files: dict[str, bytes]) -> tuple[EntryPoint, ...]:
    if "pyproject.toml" not in files:
        raise ValueError(tr("it has no pyproject.toml"))
    groups = tomllib.loads(files["pyproject.toml"].decode()).get("project", {}).get("entry-points", {})
    found = tuple(
        EntryPoint(str(name), str(value), str(group))
        for group, points in groups.items()
        for name, value in points.items()
        if group.startswith("explorer.")
    )
    if not found:
        raise ValueError(tr("its pyproject.toml names no entry points of explorer"))
    return found


def _packages(files: dict[str, bytes]) -> list[str]:
    return sorted({name.partition("/")[0] for name in files if name.count("/") == 1 and name.endswith("/__init__.py")})


def _allowed() -> dict[str, str]:
    """Digests by name. What is unreadable or damaged means that nothing was allowed."""
    try:
        held = parsed((config_dir() / _FILE).read_text(encoding="utf-8"))["allowed"]
        return {str(name): str(digest) for name, digest in held.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(allowed: dict[str, str]) -> None:
    file = config_dir() / _FILE
    part = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({"version": 1, "allowed": allowed}, indent=1), encoding="utf-8")
        os.replace(part, file)
    except OSError as error:
        raise ExplorerError(tr("{path} cannot be written.", path=file), f"{error.strerror or error}.") from None


class _HeldSources(SourceLoader):
    """A finder that imports modules from bytes that were read before; nothing is compiled to a file beside them."""

    def __init__(self) -> None:
        self.files: dict[
            str, tuple[str, bytes, bool]
        ] = {}  # by name of the module: path, source, whether it is a package

    def take(self, folder: Path, files: dict[str, bytes]) -> None:
        """Of a plug-in: its packages with all that is in them."""
        tops = _packages(files)
        for name, source in files.items():
            parts = name.removesuffix(".py").split("/")
            if name.endswith(".py") and parts[0] in tops:
                package = parts[-1] == "__init__"
                module = ".".join(parts[:-1] if package else parts)
                self.files.setdefault(module, (str(folder / name), source, package))

    def is_of(self, package: str, folder: Path) -> bool:
        """Whether a package was taken from this folder."""
        return package in self.files and folder in Path(self.files[package][0]).parents

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of a module of a plug-in."""
        if fullname not in self.files:
            return None
        where, _, package = self.files[fullname]
        # a package without a path: Python would look for the files in it before it asks here
        spec = ModuleSpec(fullname, self, origin=where, is_package=package)
        spec.has_location = True
        return spec

    def get_filename(self, fullname: str) -> str:
        """Where the file lies, for messages."""
        return self.files[fullname][0]

    def get_data(self, path: bytes | str) -> bytes:
        """The bytes that were read; OSError for everything else."""
        for where, source, _ in self.files.values():
            if where == path:
                return source
        raise OSError(path)


_HELD = _HeldSources()
