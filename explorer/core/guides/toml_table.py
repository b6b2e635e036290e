"""Tables of a TOML file that anybody may have written: what they may hold, with errors that name the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from explorer.core.errors import ExplorerError
from explorer.core.translation import msgid, tr

Path = tuple[str | int, ...]  # of a key: ("step", 0, "done"); tables of an array count from 0

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\s\"'-]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*(?:\.[\w.-]+\s*)?=")
_KINDS: dict[type[Any], str] = {
    str: msgid("a text"),
    int: msgid("a whole number"),
    float: msgid("a number"),
    bool: msgid("true or false"),
    list: msgid("a list"),
    dict: msgid("a table"),
}
_TOO_LARGE = 1e300
_LONGEST = 60  # characters of a value in an error
_MARKS = ('"""', "'''")


def _short(value: object) -> str:
    if isinstance(value, int) and not abs(value) < _TOO_LARGE:
        return tr("a number with very many digits")
    written = repr(value)
    return written if len(written) <= _LONGEST else f"{written[:_LONGEST]} …"


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of each header and of each key that stands at the beginning of a line."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    open_mark = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not open_mark and line.lstrip().startswith("#"):
            continue
        if not open_mark:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header is not None:
                table = _table(header[2], header[1] == "[[", counts)
                found.setdefault(table, number)
                if isinstance(table[-1], int):
                    found.setdefault(table[:-1], number)
            elif key is not None:
                found.setdefault((*table, key[1]), number)
        open_mark = _mark_after(line, open_mark)
    return found


def _table(name: str, many: bool, counts: dict[Path, int]) -> Path:
    """The path of a header; one of an array goes on in the last table of the arrays above it."""
    path: Path = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for at, part in enumerate(parts):
        path = (*path, part)
        if at == len(parts) - 1 and many:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _mark_after(line: str, mark: str) -> str:
    """The mark of the text over several lines that is open after a line; "" for none."""
    at = 0
    while True:
        if mark:
            end = line.find(mark, at)
            if end < 0:
                return mark
            at, mark = end + len(mark), ""
        starts = [(line.find(each, at), each) for each in _MARKS if line.find(each, at) >= 0]
        if not starts:
            return ""
        begin, mark = min(starts)
        at = begin + len(mark)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file as it is told of in errors. `refused`: the first sentence of each."""

    name: str
    refused: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def fail(self, path: Path, why: str) -> NoReturn:
        """Raises ExplorerError with the line and the key."""
        line = next((self.lines[path[:at]] for at in range(len(path), 0, -1) if path[:at] in self.lines), 0)
        where = f"{self.name}{(tr(', line {line}', line=line) if line else '')}"
        words = ", ".join(_written(path))
        raise ExplorerError(self.refused, f"{where}{f', {words}' if words else ''}: {why}.")


def _written(path: Path) -> Iterator[str]:
    for at, part in enumerate(path):
        if isinstance(part, int):
            continue
        number = path[at + 1] if at + 1 < len(path) else None
        yield f"{part} {number + 1}" if isinstance(number, int) else str(part)


class TomlTable:
    """One table of a file."""

    def __init__(self, file: TomlFile, path: Path, data: object) -> None:
        self.file, self.path = file, path
        if not isinstance(data, dict):
            self.fail(
                "", tr("is {data}, which is no table", data=_short(data)) if data is not None else tr("is missing")
            )
        self.data: dict[str, Any] = dict(data)

    def fail(self, key: str, why: str) -> NoReturn:
        """Raises ExplorerError about a key of this table; "": about the table."""
        self.file.fail((*self.path, key) if key else self.path, why)

    def only(self, *known: str) -> None:
        """Refuses every other key."""
        for key in self.data:
            if key not in known:
                self.fail(key, tr("is not known here; known are {list}", list=", ".join(known)))

    def get(self, key: str, kind: type[Any] | tuple[type[Any], ...], default: Any = None) -> Any:
        """A value of a kind; without a default it must be there."""
        if key not in self.data and default is not None:
            return default
        value = self.data.get(key)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if value is None:
            self.fail(key, tr("is missing"))
        if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kinds):
            known = ", ".join(tr(_KINDS[each]) for each in kinds)
            self.fail(key, tr("is {value}; it can be: {known}", value=_short(value), known=known))
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.get(key, (int, float), default)
        if not abs(value) < _TOO_LARGE:
            self.fail(key, tr("is {value}, which is no number to compare with", value=_short(value)))
        return float(value)

    def count(self, key: str, default: int | None = None) -> int:
        """A whole number, 0 or more."""
        value: int = self.get(key, int, default)
        if value < 0:
            self.fail(key, tr("is {value}; it is 0 or more", value=_short(value)))
        return value

    def counts(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, each 0 or more."""
        held = self.get(key, list)
        if not all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in held):
            self.fail(key, tr("is {value}; it is a list of numbers such as [3, 5]", value=_short(held)))
        return tuple(held)

    def table(self, key: str) -> TomlTable:
        """A table in this one."""
        return TomlTable(self.file, (*self.path, key), self.get(key, dict))

    def tables(self, key: str, default: Any = None) -> tuple[TomlTable, ...]:
        """The tables of an array."""
        held = self.get(key, list, default)
        return tuple(TomlTable(self.file, (*self.path, key, at), each) for at, each in enumerate(held))

    def texts(self, key: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        value = self.get(key, (str, list), [])
        found = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(text, str) for text in found):
            self.fail(key, tr("holds what is no text"))
        return found


def table_of(text: str, name: str, refused: str) -> TomlTable:
    """The whole of a file. Raises ExplorerError where it is no TOML."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also of a number with too many digits
        raise ExplorerError(refused, f"{name}: {error}.") from None
    return TomlTable(TomlFile(name, refused, lines_of(text)), (), data)
