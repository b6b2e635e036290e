"""Reads a guide from TOML. Unknown keys, facts and values are refused with the line of the table and the key; nothing in it runs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn

from explorer.core.errors import ExplorerError
from explorer.core.guides.conditions import (
    All,
    AnyOf,
    CellSelected,
    ChannelIs,
    ChannelsEdited,
    Computed,
    Condition,
    Not,
    Predicts,
    TextMatches,
)
from explorer.core.guides.guide import (
    Act,
    Guide,
    GuideStep,
    RunMethod,
    SelectAmong,
    SelectClass,
    SetFields,
    ShowInput,
    Start,
    ZeroAmong,
)
from explorer.core.guides.known_facts import TEXTS
from explorer.core.inputs import InputRef
from explorer.core.layer_views import view_named
from explorer.core.models import ModelSpec
from explorer.core.render import ScaleMode, SortKey
from explorer.core.system.paths import resources

FORMAT = 1
BUILT_IN = ("first-steps", "shortcut")  # in the order of the menu
_MOST_STEPS = 200


class _Reader:
    """One table of the file: what it may hold, with errors that say where."""

    def __init__(self, where: str, data: object) -> None:
        self.where = where
        if not isinstance(data, dict):
            self.fail("", "is no table")
        self.data: dict[str, Any] = dict(data)

    def fail(self, key: str, why: str) -> NoReturn:
        raise ExplorerError("This guide cannot be used.", f"{self.where}{f', {key}' if key else ''}: {why}.")

    def only(self, *known: str) -> None:
        """Refuses every other key."""
        for key in self.data.keys() - set(known):
            self.fail(key, f"is not known here; known are {', '.join(known)}")

    def get(self, key: str, kind: type[Any] | tuple[type[Any], ...], default: Any = None) -> Any:
        """A value of a kind; without a default it must be there."""
        if key not in self.data and default is not None:
            return default
        value = self.data.get(key)
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            self.fail(key, "is missing" if value is None else f"is {value!r}, which is not what stands there")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        value = self.get(key, (str, list), [])
        found = (value,) if isinstance(value, str) else tuple(value)
        if not all(isinstance(text, str) for text in found):
            self.fail(key, "holds what is no text")
        return found


def guide_from(text: str, name: str = "the guide") -> Guide:
    """Raises ExplorerError for what is no guide, with where and why."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ExplorerError("This guide cannot be used.", f"{name}: {error}.") from None
    read = _Reader(name, data)
    read.only("format", "id", "title", "about", "minutes", "start", "step")
    if read.get("format", int) != FORMAT:
        read.fail("format", f"this program reads {FORMAT}")
    steps = read.get("step", list)
    if not 0 < len(steps) <= _MOST_STEPS:
        read.fail("step", f"there are {len(steps)}; 1 to {_MOST_STEPS} can be shown")
    made = tuple(_step(_Reader(f"{name}, step {at}", each)) for at, each in enumerate(steps, 1))
    if len({step.id for step in made}) < len(made):
        read.fail("step", "two steps have the same id")
    return Guide(
        read.get("id", str),
        read.get("title", str),
        read.get("about", str),
        read.get("minutes", int),
        _start(_Reader(f"{name}, start", data.get("start"))),
        made,
    )


def _start(read: _Reader) -> Start:
    fields = {key: value for key, value in read.data.items() if key not in ("model", "input")}
    return Start(
        ModelSpec(read.get("model", str)), _input(read, read.get("input", str)), _fields(_Reader(read.where, fields))
    )


def _input(read: _Reader, text: str) -> InputRef:
    kind, _, path = text.partition(":")
    if not path:
        read.fail("input", "is no input, such as sample:cat")
    return InputRef(kind, path)


def _step(read: _Reader) -> GuideStep:
    read.only("id", "title", "text", "then", "hint", "point", "done", "show")
    done, show = _Reader(f"{read.where}, done", read.get("done", dict)), read.get("show", list)
    acts = tuple(_act(_Reader(f"{read.where}, show {at}", each)) for at, each in enumerate(show, 1))
    if not acts:
        read.fail("show", "is empty: every step can be shown")
    return GuideStep(
        read.get("id", str),
        read.get("title", str),
        read.get("text", str),
        condition_from(done),
        acts,
        read.texts("point"),
        read.texts("hint"),
        read.get("then", str, ""),
    )


# --- conditions


def condition_from(read: _Reader) -> Condition:
    """All keys of a table must hold."""
    parts = [_CONDITIONS[key](read, key) if key in _CONDITIONS else _text(read, key) for key in read.data]
    if not parts:
        read.fail("", "is empty")
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _text(read: _Reader, key: str) -> Condition:
    if key not in TEXTS:
        read.fail(key, f"is no fact; known are {', '.join((*TEXTS, *_CONDITIONS))}")
    return TextMatches(key, read.get(key, str))


def _channel(read: _Reader, key: str) -> Condition:
    value = read.get(key, (int, dict))
    if isinstance(value, int):
        return ChannelIs(value)
    inner = _Reader(f"{read.where}, {key}", value)
    inner.only("among", "first")
    return ChannelIs(among=inner.get("among", str), first=inner.get("first", int, 0))


def _cell(read: _Reader, key: str) -> Condition:
    return CellSelected(read.get(key, bool))


def _edits(read: _Reader, key: str) -> Condition:
    inner = _Reader(f"{read.where}, {key}", read.get(key, dict))
    inner.only("at_least", "among")
    return ChannelsEdited(inner.get("at_least", int), inner.get("among", str, ""))


def _prediction(read: _Reader, key: str) -> Condition:
    inner = _Reader(f"{read.where}, {key}", read.get(key, dict))
    inner.only("label", "at_least", "below")
    least, below = (None if name not in inner.data else _share(inner, name) for name in ("at_least", "below"))
    if least is None and below is None:
        inner.fail("", "needs at_least or below")
    return Predicts(inner.get("label", str), least, below)


def _share(read: _Reader, key: str) -> float:
    value = float(read.get(key, (int, float)))
    if not 0 <= value <= 1:
        read.fail(key, f"is {value}; probabilities are from 0 to 1")
    return value


def _computed(read: _Reader, key: str) -> Condition:
    value = read.get(key, (str, dict))
    if isinstance(value, str):
        return Computed(value)
    inner = _Reader(f"{read.where}, {key}", value)
    inner.only("method", "having")
    return Computed(inner.get("method", str), tuple(inner.get("having", dict, {}).items()))


def _any(read: _Reader, key: str) -> Condition:
    return AnyOf(tuple(condition_from(_Reader(f"{read.where}, {key}", each)) for each in read.get(key, list)))


def _not(read: _Reader, key: str) -> Condition:
    return Not(condition_from(_Reader(f"{read.where}, {key}", read.get(key, dict))))


_CONDITIONS = {
    "channel": _channel,
    "cell": _cell,
    "edits": _edits,
    "prediction": _prediction,
    "computed": _computed,
    "any": _any,
    "not": _not,
}


# --- what shows a step


def _act(read: _Reader) -> Act:
    if len(read.data) != 1:
        read.fail("", "holds one of set, run, select, zero, class, input")
    (key,) = read.data
    if key == "set":
        return SetFields(_fields(_Reader(read.where, read.get(key, dict))))
    if key == "run":
        inner = _Reader(read.where, read.get(key, dict))
        inner.only("method", "params")
        return RunMethod(inner.get("method", str), tuple(inner.get("params", dict, {}).items()))
    if key == "zero":
        inner = _Reader(read.where, read.get(key, dict))
        inner.only("among", "count")
        return ZeroAmong(inner.get("among", str, ""), inner.get("count", int))
    if key == "input":
        return ShowInput(_input(read, read.get(key, str)))
    if key == "select":
        return SelectAmong(read.get(key, str))
    if key == "class":
        return SelectClass(read.get(key, str))
    return read.fail(key, "is not known here; known are set, run, select, zero, class, input")


def _cells(read: _Reader, key: str) -> tuple[int, int]:
    value = read.get(key, list)
    if len(value) != 2 or not all(isinstance(each, int) for each in value):
        read.fail(key, "is no cell, such as [2, 3]")
    return value[0], value[1]


_KINDS = {"shows": view_named, "sort": SortKey, "scale": ScaleMode}


def _fields(read: _Reader) -> tuple[tuple[str, Any], ...]:
    """Fields of the session. `cell` [] is no cell."""
    read.only("tap", "channel", "cell", "page", "workspace", *_KINDS)
    found: dict[str, Any] = {}
    for key, value in read.data.items():
        if key == "cell":
            found[key] = _cells(read, key) if value != [] else None
        elif key in _KINDS:
            try:
                found[key] = _KINDS[key](read.get(key, str))
            except ValueError:
                read.fail(key, f"there is no {value!r}")
        else:
            found[key] = read.get(key, int if key == "channel" else str)
    return tuple(found.items())


@lru_cache(maxsize=8)
def built_in(name: str) -> Guide:
    """A guide that comes with the application. Raises ExplorerError where its file is not there or no guide."""
    file = resources() / "guides" / f"{name}.toml"
    try:
        return guide_from(file.read_text(encoding="utf-8"), file.name)
    except OSError as error:
        raise ExplorerError("This guide cannot be opened.", f"{file}: {error.strerror or error}.") from None


def guides() -> Mapping[str, Guide]:
    """Those that come with the application, by id."""
    return {name: built_in(name) for name in BUILT_IN}
