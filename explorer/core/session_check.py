"""Whether the values of a session file are what they should be: anybody may have written it, or half of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

from explorer.core import colormaps
from explorer.core.compare import LEAST, MOST
from explorer.core.edits import Mode
from explorer.core.features import OF_LAYER
from explorer.core.scores import PROBABILITIES
from explorer.core.types import InputRef, ModelSpec, Preprocess

_LARGEST = 1 << 20  # px of a model's input side
_FRAMES = 1 << 40


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _numbers(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(_number(part) for part in value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _one_of(kind: type, name: str) -> Callable[[Any], bool]:
    allowed = get_args(get_type_hints(kind)[name])
    return lambda value: value in allowed


_SESSION: dict[str, Callable[[Any], bool]] = {
    "tap": _text,
    "channel": _whole(0, 1 << 31),
    "cell": lambda v: v is None or (_numbers(v) and len(v) == 2 and all(_whole(0, 1 << 31)(part) for part in v)),
    "fixed": lambda v: _numbers(v) and len(v) == 2,
    "percentile": lambda v: _number(v) and 0 < v <= 100,
    "colormap": lambda v: v in (*colormaps.SEQUENTIAL, *colormaps.DIVERGING),
    "blocks": lambda v: isinstance(v, bool),
    "workspace": _text,
    "foreground": lambda v: isinstance(v, bool),
    "shows": lambda v: v in OF_LAYER,
    "order": lambda v: v is None or (_text(v.tap) and _text(v.by) and all(_whole(0, 1 << 31)(c) for c in v.channels)),
}
_MODEL: dict[str, Callable[[Any], bool]] = {
    "id": _text,
    "weights": _text,
    "untrained": lambda v: isinstance(v, bool),
    "seed": _whole(-(2**63), 2**63 - 1),
    "output": _text,
    "probabilities": lambda v: v in PROBABILITIES,
}
_INPUT: dict[str, Callable[[Any], bool]] = {
    "kind": _one_of(InputRef, "kind"),
    "path": _text,
    "frame": _whole(0, _FRAMES),
}
_PREPROCESS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("height", "width", "resize"), _whole(1, _LARGEST)),
    "channels": _whole(1, 1 << 16),
    "mean": _numbers,
    "std": _numbers,
    "fit": _one_of(Preprocess, "fit"),
    "interpolation": _one_of(Preprocess, "interpolation"),
}
_COMPARISON: dict[str, Callable[[Any], bool]] = {
    "columns": lambda v: not v or (LEAST <= len(v) <= MOST and len({column.key for column in v}) == len(v)),
    "kept": lambda v: v is None or (_numbers(v) and len(v) == 2 and all(0 <= share <= 1 for share in v)),
    **dict.fromkeys(("share", "foreground"), lambda v: isinstance(v, bool)),
}
_COLUMN: dict[str, Callable[[Any], bool]] = {
    "key": _whole(0, 1 << 31),
    "tap": _text,
    "channel": _whole(0, 1 << 31),
    "offset": _whole(-(1 << 31), 1 << 31),
    "head": lambda v: v is None or _whole(0, 1 << 31)(v),
    **dict.fromkeys(("locked", "frozen", "minus", "to_first"), lambda v: isinstance(v, bool)),
}
_EDIT: dict[str, Callable[[Any], bool]] = {
    "tap": _text,
    "channels": lambda v: isinstance(v, tuple) and all(_whole(0, 1 << 31)(channel) for channel in v),
    "region": lambda v: (
        v is None or (isinstance(v, tuple) and len(v) == 4 and all(_whole(-1, 1 << 31)(at) for at in v))
    ),
    "mode": lambda v: v in get_args(Mode),
    "means": lambda v: v == () or _numbers(v),
    "source": _text,
}
_ORIGIN: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("model", "tap", "digest", "picture", "edits"), _text),
    "foreground": lambda v: isinstance(v, bool),
}


def check(session: Any) -> None:
    """Raises ValueError naming the first value that cannot be. Takes a Session; its enums are checked by their own type."""
    _check(session, _SESSION, "")
    _sources(session)
    _check(session.comparison, _COMPARISON, "comparison")
    for column in session.comparison.columns:
        _check(column, _COLUMN, "column")
        _sources(column)
        for edit in column.edits:
            _check(edit, _EDIT, "edit")
            if edit.origin is not None:
                _check(edit.origin, _INPUT, "origin")
    if session.pinned is not None:
        _check(session.pinned, _ORIGIN, "pinned")
        _check(session.pinned.input, _INPUT, "pinned.input")


def _sources(held: Any) -> None:
    """Model and input of a session or a column."""
    for part, rules, name in ((held.model, _MODEL, "model"), (held.input, _INPUT, "input")):
        if part is not None:
            _check(part, rules, name)
    if isinstance(held.model, ModelSpec) and held.model.preprocess is not None:
        _check(held.model.preprocess, _PREPROCESS, "preprocess")


def _check(held: Any, rules: dict[str, Callable[[Any], bool]], name: str) -> None:
    for key, right in rules.items():
        value = getattr(held, key)
        try:
            wrong = not right(value)
        except TypeError:  # not comparable, not hashable
            wrong = True
        if wrong:
            raise ValueError(f"“{f'{name}.{key}' if name else key}” cannot be {str(value)[:40]!r}")
