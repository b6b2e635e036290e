"""While a person's file runs: of what is not installed only the bytes that were agreed to are imported, never a .pyc file."""

from __future__ import annotations

import contextlib
import linecache
import sys
import zipimport
from collections.abc import Callable, Iterator
from importlib.machinery import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from explorer.core.translation import tr
from explorer.engine.models.own_code import Code, is_own, resolved

SHOWN: set[str] = set()  # files of persons that have run since the start, as tracebacks name them


class ImportGuard:
    """`ran`: what has run, by path, as the bytes it was; `refused`: what was not agreed to. `free`: nothing needs to be."""

    def __init__(self, code: Code, free: bool) -> None:
        self.code, self.free = code, free
        self.ran: dict[Path, bytes] = {code.path: code.source}
        self.refused: list[Path] = []

    def own(self, file: str) -> Path | None:
        """The path of a person's own file, None for what is installed."""
        path = resolved(Path(file))
        return path if is_own(path, self.code.path.parent) else None

    def source(self, path: Path, read: Callable[[], bytes]) -> bytes:
        """What may run of a file: what was read when it was agreed to, whatever the disk says now."""
        held = self.code.files.get(path)
        if held is None and not self.free:
            self.refused.append(path)
            raise ImportError(tr("{path} is not among the files that were agreed to", path=path.name), path=str(path))
        self.ran[path] = held if held is not None else read()
        return self.ran[path]

    def compiled(self, loader: SourceFileLoader, path: Path, name: str) -> CodeType:
        file = loader.get_filename(name)
        source = self.source(path, lambda: loader.get_data(file))
        show_source(file, source)
        made: CodeType = loader.source_to_code(source, file)
        return made


@contextlib.contextmanager
def guarded(code: Code, free: bool) -> Iterator[ImportGuard]:
    """Within, imports anywhere in the process keep to `code`; files beside it can be imported by name. Own modules are
    forgotten at the end, so that they are read anew when the model is opened again."""
    guard, before = ImportGuard(code, free), dict(sys.modules)
    folder = str(code.path.parent)
    with contextlib.ExitStack() as patches:
        for kind, name, made in _PATCHES:
            patches.enter_context(_patched(kind, name, made(guard, getattr(kind, name))))
        # At the end of the path, so that a neighbour called types.py hides nothing.
        sys.path.append(folder)
        sys.path_importer_cache.pop(folder, None)  # it may have been looked at before a file came
        try:
            yield guard
        finally:
            with contextlib.suppress(ValueError):
                sys.path.remove(folder)
            _forget_own(guard, before)


def show_source(file: str, source: bytes) -> None:
    """For tracebacks and for what compiles a function from its source (torch.jit.script): the source that runs."""
    SHOWN.add(file)
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    linecache.cache[file] = (len(source), None, lines, file)


def _forget_own(guard: ImportGuard, before: dict[str, Any]) -> None:
    for name in list(sys.modules):
        module = sys.modules[name]
        if module is before.get(name) or name.startswith("_explorer_file_"):
            continue
        places = [getattr(module, "__file__", None), *_list(getattr(module, "__path__", ()))]
        if any(isinstance(place, str) and guard.own(place) for place in places):
            del sys.modules[name]
    for name, module in before.items():  # what it put other modules in the place of, or took away
        if sys.modules.get(name) is not module:
            sys.modules[name] = module


def _list(value: Any) -> list[Any]:
    try:
        return list(value)
    except Exception:  # noqa: BLE001 - a person's module may hold anything there
        return []


@contextlib.contextmanager
def _patched(kind: type, name: str, made: Callable[..., Any]) -> Iterator[None]:
    inherited = name not in vars(kind)
    before = getattr(kind, name)
    setattr(kind, name, made)
    try:
        yield
    finally:
        if inherited:
            delattr(kind, name)
        else:
            setattr(kind, name, before)


def _of_source(guard: ImportGuard, plain: Callable[..., Any]) -> Callable[..., Any]:
    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        path = guard.own(loader.path)
        found: CodeType | None = plain(loader, name) if path is None else guard.compiled(loader, path, name)
        return found

    return get_code


def _of_bytes(guard: ImportGuard, plain: Callable[..., Any]) -> Callable[..., Any]:
    def get_code(loader: SourcelessFileLoader, name: str) -> Any:
        if guard.own(loader.path) is not None:
            raise ImportError(
                tr("{name} has no source beside it, and is not run", name=Path(loader.path).name),
                name=name,
                path=loader.path,
            )
        return plain(loader, name)

    return get_code


def _of_binary(guard: ImportGuard, plain: Callable[..., Any]) -> Callable[..., Any]:
    def create_module(loader: ExtensionFileLoader, spec: Any) -> Any:
        if guard.own(loader.path) is not None and not guard.free:
            why = tr(
                "{name} is compiled and cannot be shown to you before it runs: install it as a package",
                name=Path(loader.path).name,
            )
            raise ImportError(why, path=loader.path)
        return plain(loader, spec)

    return create_module


def _of_archive(guard: ImportGuard, plain: Callable[..., Any]) -> Callable[..., Any]:
    def get_code(loader: zipimport.zipimporter, name: str) -> Any:
        if guard.own(loader.archive) is not None and not guard.free:
            why = tr(
                "{name} is an archive that cannot be shown to you before it runs: unpack it",
                name=Path(loader.archive).name,
            )
            raise ImportError(why, name=name, path=loader.archive)
        return plain(loader, name)

    return get_code


_PATCHES: tuple[tuple[Any, str, Callable[[ImportGuard, Callable[..., Any]], Callable[..., Any]]], ...] = (
    (SourceFileLoader, "get_code", _of_source),
    (SourcelessFileLoader, "get_code", _of_bytes),
    (ExtensionFileLoader, "create_module", _of_binary),
    (zipimport.zipimporter, "get_code", _of_archive),
)
