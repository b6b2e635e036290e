"""Reads from tables what shows a step, and what a guide starts from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.core.guides.condition_table import cell_in, live_value
from explorer.core.guides.guide import (
    Act,
    CheckResult,
    CompareModels,
    RunMethod,
    SelectAmong,
    SelectClass,
    SelectLargest,
    SetFields,
    ShowInput,
    ShowModel,
    ZeroAmong,
)
from explorer.core.guides.toml_table import TomlTable
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows, view_named
from explorer.core.models import ModelSpec
from explorer.core.render import ScaleMode, SortKey
from explorer.core.session.comparison import LEAST, MOST
from explorer.core.session.transfer_place import TransferPage, TransferPlace
from explorer.core.translation import tr


def act_from(table: TomlTable) -> Act:
    """Raises ExplorerError for what is no act."""
    known = ", ".join(ACTS)
    if len(table.data) != 1:
        table.fail("", tr("holds one of {known}", known=known))
    (key,) = table.data
    if key not in ACTS:
        table.fail(key, tr("is not known here; known are {known}", known=known))
    return ACTS[key](table, key)


def _run(table: TomlTable, key: str) -> Act:
    if isinstance(table.get(key, (str, dict)), str):
        return RunMethod(table.get(key, str))
    inner = table.table(key)
    inner.only("method", "params")
    return RunMethod(inner.get("method", str), tuple(inner.get("params", dict, {}).items()))


def _zero(table: TomlTable, key: str) -> Act:
    inner = table.table(key)
    if "channels" in inner.data:
        inner.only("channels", "tap")
        channels = inner.counts("channels")
        if not channels:
            inner.fail("channels", tr("is empty"))
        return ZeroAmong(channels=channels, tap=inner.get("tap", str, ""))
    inner.only("among", "count")
    count = inner.count("count")
    return ZeroAmong(inner.get("among", str, None if count else ""), count)


def _compare(table: TomlTable, key: str) -> Act:
    inner, shows = table, Shows.MAPS.value
    if isinstance(table.get(key, (str, list, dict)), dict):
        inner, key = table.table(key), "models"
        inner.only("models", "shows")
        shows = _view(inner, "shows") if "shows" in inner.data else shows
    models = inner.texts(key)
    if not LEAST <= len(models) <= MOST:
        inner.fail(
            key, tr("names {count} models; Compare shows {least} to {most}", count=len(models), least=LEAST, most=MOST)
        )
    return CompareModels(tuple(ModelSpec(name) for name in models), shows)


def _view(table: TomlTable, key: str) -> str:
    try:
        return view_named(table.get(key, str))
    except ValueError:
        table.fail(key, tr("there is no {data!r}", data=table.data[key]))


def _largest(table: TomlTable, key: str) -> Act:
    if table.get(key, str) != "largest":
        table.fail(key, tr('can be "largest"; a cell by its row and column is set = { cell = [2, 3] }'))
    return SelectLargest()


ACTS: dict[str, Callable[[TomlTable, str], Act]] = {
    "set": lambda table, key: SetFields(session_fields(table.table(key))),
    "run": _run,
    "select": lambda table, key: SelectAmong(live_value(table, key)),
    "zero": _zero,
    "class": lambda table, key: SelectClass(table.get(key, str)),
    "input": lambda table, key: ShowInput(input_in(table, key)),
    "model": lambda table, key: ShowModel(ModelSpec(table.get(key, str))),
    "cell": _largest,
    "check": lambda table, key: CheckResult(table.get(key, str)),
    "compare": _compare,
}


def input_in(table: TomlTable, key: str) -> InputRef:
    """An input, such as sample:cat."""
    kind, _, path = table.get(key, str).partition(":")
    if not path:
        table.fail(key, tr("is no input, such as sample:cat"))
    return InputRef(kind, path)


_KINDS: dict[str, Callable[[str], Any]] = {"shows": view_named, "sort": SortKey, "scale": ScaleMode}
FIELDS = ("tap", "channel", "cell", "page", "workspace", "transfer", *_KINDS)


def session_fields(table: TomlTable) -> tuple[tuple[str, Any], ...]:
    """Fields of the session. `cell` [] is no cell."""
    table.only(*FIELDS)
    found: dict[str, Any] = {}
    for key, value in table.data.items():
        if key == "cell":
            found[key] = cell_in(table, key) if value != [] else None
        elif key == "transfer":
            found[key] = _transfer(table.table(key))
        elif key in _KINDS:
            try:
                found[key] = _KINDS[key](table.get(key, str))
            except ValueError:
                table.fail(key, tr("there is no {value!r}", value=value))
        else:
            found[key] = table.count(key) if key == "channel" else table.get(key, str)
    return tuple(found.items())


def _transfer(table: TomlTable) -> TransferPlace:
    table.only("data", "page")
    page = table.get("page", str, TransferPage.LAYERS.value)
    if page not in tuple(TransferPage):
        table.fail("page", tr("there is no {page!r}; known are {list}", page=page, list=", ".join(TransferPage)))
    return TransferPlace(table.get("data", str), page=TransferPage(page))
