"""Reads conditions from tables: all keys of a table must hold."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.guides.conditions import (
    All,
    AnyOf,
    CellIs,
    CellSelected,
    ChannelIs,
    ChannelsEdited,
    Computed,
    Condition,
    ModelsCompared,
    Not,
    Predicts,
    PredictsFirst,
    TextMatches,
    ValueIs,
)
from explorer.core.guides.known_facts import TEXTS
from explorer.core.guides.live_values import live_name
from explorer.core.guides.toml_table import TomlTable
from explorer.core.translation import tr

_DEEPEST = 8  # conditions in one another


def condition_from(table: TomlTable) -> Condition:
    """Raises ExplorerError for an unknown condition, with where and what is known."""
    if sum(part in ("all", "any", "not") for part in table.path) > _DEEPEST:
        table.fail("", tr("there are more than {deepest} conditions in one another", deepest=_DEEPEST))
    parts = [CONDITIONS[key](table, key) if key in CONDITIONS else _text(table, key) for key in table.data]
    if not parts:
        table.fail("", tr("is empty"))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _text(table: TomlTable, key: str) -> Condition:
    if key not in TEXTS:
        table.fail(key, tr("is no fact; known are {list}", list=", ".join((*TEXTS, *CONDITIONS))))
    return TextMatches(key, table.get(key, str))


def _channel(table: TomlTable, key: str) -> Condition:
    value = table.get(key, (int, list, dict))
    if isinstance(value, int):
        return ChannelIs(value)
    if isinstance(value, list):
        if not value:
            table.fail(key, tr("is empty"))
        return AnyOf(tuple(ChannelIs(each) for each in table.counts(key)))
    inner = table.table(key)
    inner.only("among", "first")
    return ChannelIs(among=live_value(inner, "among"), first=inner.count("first", 0))


def _cell(table: TomlTable, key: str) -> Condition:
    value = table.get(key, (bool, list))
    return CellSelected(value) if isinstance(value, bool) else CellIs(cell_in(table, key))


def cell_in(table: TomlTable, key: str) -> tuple[int, int]:
    """A row and a column."""
    value = table.counts(key)
    if len(value) != 2:
        table.fail(key, tr("is no cell, such as [2, 3]"))
    return value[0], value[1]


def _edits(table: TomlTable, key: str) -> Condition:
    inner = table.table(key)
    inner.only("at_least", "among", "tap")
    among = live_value(inner, "among") if "among" in inner.data else ""
    return ChannelsEdited(inner.count("at_least"), among, inner.get("tap", str, ""))


def _prediction(table: TomlTable, key: str) -> Condition:
    inner = table.table(key)
    inner.only(*(("first",) if "first" in inner.data else ("label", "at_least", "below", "first")))
    if "first" in inner.data:
        return PredictsFirst(inner.get("first", str))
    least, below = (None if name not in inner.data else _share(inner, name) for name in ("at_least", "below"))
    if least is None and below is None:
        inner.fail("", tr("needs at_least or below"))
    return Predicts(inner.get("label", str), least, below)


def _share(table: TomlTable, key: str) -> float:
    value = table.number(key)
    if not 0 <= value <= 1:
        table.fail(key, tr("is {value}; probabilities are from 0 to 1", value=value))
    return value


def _computed(table: TomlTable, key: str) -> Condition:
    if isinstance(table.get(key, (str, dict)), str):
        return Computed(table.get(key, str))
    inner = table.table(key)
    inner.only("method", "having")
    return Computed(inner.get("method", str), tuple(inner.get("having", dict, {}).items()))


def _measured(table: TomlTable, key: str) -> Condition:
    inner = table.table(key)
    inner.only("of", "at_least", "below", "equals", "same_as", "tolerance")
    least, below = (inner.number(name) if name in inner.data else None for name in ("at_least", "below"))
    tolerance = inner.number("tolerance", 0.0)
    if tolerance < 0:
        inner.fail("tolerance", tr("is {value:g}; it is 0 or more", value=tolerance))
    equals = inner.get("equals", (int, float, str)) if "equals" in inner.data else None
    if not isinstance(equals, str | None):
        inner.number("equals")
    same = live_value(inner, "same_as") if "same_as" in inner.data else ""
    if least is None and below is None and equals is None and not same:
        inner.fail("", tr("needs at_least, below, equals or same_as"))
    return ValueIs(live_value(inner, "of"), least, below, equals, same, tolerance)


def live_value(table: TomlTable, key: str) -> str:
    """The name of a live value."""
    name: str = table.get(key, str)
    try:
        live_name(name)
    except ValueError as error:
        table.fail(key, str(error))
    return name


def _compared(table: TomlTable, key: str) -> Condition:
    inner = table.table(key)
    inner.only("models", "at_least", "shows")
    models = inner.texts("models")
    return ModelsCompared(models, inner.count("at_least", max(len(models), 2)), inner.get("shows", str, ""))


def _all(table: TomlTable, key: str) -> Condition:
    return All(_each(table, key))


def _any(table: TomlTable, key: str) -> Condition:
    return AnyOf(_each(table, key))


def _each(table: TomlTable, key: str) -> tuple[Condition, ...]:
    parts = tuple(condition_from(each) for each in table.tables(key))
    if not parts:
        table.fail(key, tr("is empty"))
    return parts


def _not(table: TomlTable, key: str) -> Condition:
    return Not(condition_from(table.table(key)))


CONDITIONS: dict[str, Callable[[TomlTable, str], Condition]] = {
    "channel": _channel,
    "cell": _cell,
    "edits": _edits,
    "prediction": _prediction,
    "computed": _computed,
    "measured": _measured,
    "compared": _compared,
    "all": _all,
    "any": _any,
    "not": _not,
}
