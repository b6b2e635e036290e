"""What is registered as strings, the program's own and those of installed packages, imported when it is first asked for."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import Any, Generic, TypeVar

from explorer.core import plugin_folder
from explorer.core.translation import tr

T = TypeVar("T")

log = logging.getLogger("explorer.registry")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Something registered: its name, what it is, and the package that brought it ("" for the program's own)."""

    name: str
    value: T
    package: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something registered that cannot be used, and why."""

    name: str
    package: str
    reason: str

    @property
    def text(self) -> str:
        """One line."""
        return f"{self.name}{(tr(' of {package}', package=self.package) if self.package else '')}: {self.reason}"


class Registry(Generic[T]):
    """Reads `table` ("module:attribute" each) and the entry points of `group` once. `check` gives (name, why it cannot be
    used); one that fails, or has the name of an earlier one, is a line in `problems`, and the others go on."""

    def __init__(self, table: Iterable[str], group: str, check: Callable[[Any], tuple[str, str]]) -> None:
        self._table, self._group, self._check = tuple(table), group, check
        self._entries: dict[str, Entry[T]] | None = None
        self._problems: list[Problem] = []

    @property
    def entries(self) -> tuple[Entry[T], ...]:
        """The program's own first, in the order of the table."""
        if self._entries is None:
            self._entries = {}
            for target in self._table:
                self._take(target, "", target)
            for point, package in _points(self._group, self._problems):
                self._take(point.value, package, point.name)
        return tuple(self._entries.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is registered and cannot be used."""
        _ = self.entries
        return tuple(self._problems)

    def get(self, name: str) -> T | None:
        """What has this name; None where nothing has."""
        return next((entry.value for entry in self.entries if entry.name == name), None)

    def __iter__(self) -> Iterator[T]:
        return (entry.value for entry in self.entries)

    def again(self) -> None:
        """Packages may have come or gone: everything is read anew when it is next asked for."""
        self._entries = None
        self._problems.clear()
        _installed.cache_clear()
        plugin_folder.forget()

    def _take(self, target: str, package: str, title: str) -> None:
        assert self._entries is not None
        try:
            value = load(target)
            name, reason = self._check(value)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            name, reason = (
                title,
                tr("it cannot be imported: {name}: {words}", name=type(error).__name__, words=_words(error)),
            )
            log.warning("%s of %s", target, package or "the program", exc_info=error)
        if not reason and name in self._entries:
            reason = tr("another one is called {name!r} already", name=name)
        if reason:
            self._problems.append(Problem(name or title, package, reason))
        else:
            self._entries[name] = Entry(name, value, package)


class NamedRegistry(Generic[T]):
    """As `Registry`, of things that have their names where they are registered: nothing is imported but what is asked for. `table` has
    "module:attribute" by name, `make` makes what is used of that and raises where it cannot."""

    def __init__(self, table: Mapping[str, str], group: str, make: Callable[[Any], T]) -> None:
        self._table, self._group, self._make = dict(table), group, make

    @property
    def targets(self) -> dict[str, Entry[str]]:
        """What is registered by its name, the program's own first; reads names only."""
        return self._read()[0]

    @property
    def taken(self) -> tuple[Problem, ...]:
        """Those of packages that have the name of another."""
        return tuple(self._read()[1])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What packages bring and cannot be used; imports them."""
        found = list(self.taken)
        for entry in self.targets.values():
            if entry.package:
                try:
                    self.get(entry.name)
                except UnusableError as error:
                    found.append(Problem(entry.name, entry.package, str(error)))
        return tuple(found)

    def get(self, name: str) -> T:
        """What has this name, imported now. Raises KeyError where nothing has, UnusableError for what cannot be used."""
        entry = self.targets[name]
        try:
            return self._make(load(entry.value))
        except UnusableError:
            raise
        except Exception as error:
            raise UnusableError(f"{type(error).__name__}: {_words(error)}") from error

    def _read(self) -> tuple[dict[str, Entry[str]], list[Problem]]:
        found, problems = {name: Entry(name, target) for name, target in self._table.items()}, list[Problem]()
        for point, package in _points(self._group, problems):
            name = point.name.lower()
            if name in found:
                problems.append(Problem(name, package, tr("another one is called {name!r} already", name=name)))
            else:
                found[name] = Entry(name, point.value, package)
        return found, problems


class UnusableError(Exception):
    """Something registered that cannot be used."""


def _points(group: str, problems: list[Problem]) -> tuple[tuple[metadata.EntryPoint, str], ...]:
    """(entry point, package) of what is installed, and of the folder of plug-ins."""
    try:
        installed = tuple((point, _package(point)) for point in _installed(tuple(sys.path)) if point.group == group)
    except Exception as error:  # noqa: BLE001 - the metadata of a broken package
        problems.append(Problem(group, "", tr("the installed packages cannot be read: {error}", error=error)))
        installed = ()
    return installed + plugin_folder.points_of(group)


@lru_cache(1)
def _installed(_path: tuple[str, ...]) -> tuple[metadata.EntryPoint, ...]:
    """Of all groups: the metadata of every installed package is read once."""
    every = metadata.entry_points()
    return tuple(point for group in every.groups for point in every.select(group=group))


def _package(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else tr("a package")


def load(target: str) -> Any:
    """What "module:attribute" names."""
    module, _, attribute = target.partition(":")
    value = importlib.import_module(module)
    for part in attribute.split(".") if attribute else ():
        value = getattr(value, part)
    return value


def _words(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # noqa: BLE001 - an error whose own words fail
        return tr("it says nothing more")
