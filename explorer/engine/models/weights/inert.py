"""What a pickle describes, as plain values that do nothing. No class or function that a file names is ever looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Broken(Exception):
    """The file is damaged, or no file of its kind. The text says what is wrong, in a few words."""


class TooMuch(Exception):
    """Reading on would take more memory or time than a weight file can need. The text says what is too much."""


class Table(dict[Any, Any]):
    """A dictionary of any class. `state`: the attributes that were stored with it, as `_metadata` of a state dict is."""

    __slots__ = ("state",)

    def __init__(self, state: Any = None) -> None:
        super().__init__()
        self.state = state


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A class, function or constant under its dotted name."""

    path: str


@dataclass(slots=True, eq=False)
class PickledCall:
    """What would be made by calling `what` with `args`; `state`: what its attributes would be."""

    what: Any
    args: Any
    state: Any = None

    @property
    def path(self) -> str:
        """Dotted name of the class or function, "" when it is none."""
        return self.what.path if isinstance(self.what, Name) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A piece of memory that is kept outside of the pickle, under this key."""

    key: Any


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """Bytes, or text in UTF-8, that stay where they are in the file."""

    data: memoryview
    text: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OddKey:
    """A key that cannot be a name; equal to no other."""


@dataclass(slots=True)
class Parsed:
    """What one pickle comes to: its value, the place after it, every dotted name in it in the order of appearance."""

    value: Any = None
    end: int = 0
    names: dict[str, None] = field(default_factory=dict)


def inside(value: Any) -> Iterator[Any]:
    """The values directly in a container or a call."""
    if isinstance(value, dict):
        yield from value.values()
        yield getattr(value, "state", None)
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, PickledCall):
        yield from (value.what, value.args, value.state)
