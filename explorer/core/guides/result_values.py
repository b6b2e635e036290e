"""What guides can ask of any result: the plain numbers and texts of its JSON, by name. Pictures and tables of tables are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.core.guides.live_values import Values
from explorer.core.method import Measured

_DEEPEST = 4
_LONGEST = 20_000  # entries of a list


def flattened(data: Mapping[str, Any], before: str = "", depth: int = 0) -> dict[str, Values]:
    """`{"rows": [{"channel": 3, "dead": true}]}` as `{"rows.channel": (3,), "rows.dead": (True,)}`. What is null is ""."""
    found: dict[str, Values] = {}
    for key, value in data.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            if depth < _DEEPEST:
                found.update(flattened(value, f"{name}.", depth + 1))
        elif isinstance(value, (list, tuple)):
            found.update(_listed(name, value))
        elif _is_plain(value):
            found[name] = (value,)
    return found


def _listed(name: str, items: Sequence[Any]) -> dict[str, Values]:
    if not items or len(items) > _LONGEST:
        return {name: ()} if not items else {}
    if all(isinstance(item, Mapping) for item in items):
        keys = dict.fromkeys(key for item in items for key in item)
        columns = {key: tuple(item.get(key) for item in items) for key in keys}
        return {f"{name}.{key}": _plain(column) for key, column in columns.items() if _all_plain(column)}
    return {name: _plain(items)} if _all_plain(items) else {}


def _all_plain(items: Sequence[Any]) -> bool:
    return all(item is None or _is_plain(item) for item in items)


def _plain(items: Sequence[Any]) -> Values:
    return tuple("" if item is None else item for item in items)


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float | str)


class LastValues:
    """Those of the last result that was asked for: a guide looks twice a second."""

    def __init__(self) -> None:
        self._of: object = None
        self._values: Measured = {}

    def of(self, result: object, make: Callable[[], Measured]) -> Measured:
        """`make` is called for another result than the last."""
        if result is not self._of:
            self._of, self._values = result, make()
        return self._values
