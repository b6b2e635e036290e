"""Whether the values of a session file are what they should be: anybody may have written it, or half of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

from explorer.core.data_sets import GROUPS
from explorer.core.inputs import BUILT_IN
from explorer.core.interventions import Mode
from explorer.core.layer_views import OF_LAYER
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.render import colormaps
from explorer.core.scores import PROBABILITIES
from explorer.core.session.comparison import LEAST, MOST
from explorer.core.session.dataset_place import NEAR, STATES
from explorer.core.translation import tr

_SECONDS = 1e7  # of a sound file
_LARGEST = 1 << 14  # px of a model's input side
VALUES = 1 << 27  # of an input tensor: half a gigabyte
_MOST = (
    1 << 28
)  # channels, cells, layers: more than any layer has, and far from where sums leave 32 bits, as Qt has them
_FRAMES = (1 << 31) - 1
_SIZE = 1e18  # of a value: differences are finite in single precision, and whole numbers fit 64 bits
_LONGEST = 1 << 16  # characters of a name


def _whole(low: int, high: int = _MOST) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(value: Any) -> bool:
    finite = isinstance(value, (int, float)) and not isinstance(value, bool) and -_SIZE <= value <= _SIZE
    return finite and math.isfinite(value)


def _numbers(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(_number(part) for part in value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and len(value) <= _LONGEST


def _cell(value: Any) -> bool:
    """(row, column), or (-1, number) of a token before the grid."""
    return isinstance(value, tuple) and len(value) == 2 and _whole(-1)(value[0]) and _whole(0)(value[1])


def _region(value: Any) -> bool:
    whole = isinstance(value, tuple) and len(value) == 4 and all(_whole(-1)(at) for at in value)
    return whole and value[0] < value[2] and value[1] < value[3]


def _one_of(kind: type, name: str) -> Callable[[Any], bool]:
    allowed = get_args(get_type_hints(kind)[name])
    return lambda value: value in allowed


_SESSION: dict[str, Callable[[Any], bool]] = {
    "tap": _text,
    "channel": _whole(0),
    "cell": lambda v: v is None or _cell(v),
    "fixed": lambda v: _numbers(v) and len(v) == 2,
    "percentile": lambda v: _number(v) and 0 < v <= 100,
    "colormap": lambda v: v in (*colormaps.SEQUENTIAL, *colormaps.DIVERGING),
    **dict.fromkeys(("blocks", "single"), lambda v: isinstance(v, bool)),
    **dict.fromkeys(("workspace", "page"), _text),
    "foreground": lambda v: isinstance(v, bool),
    "shows": lambda v: v in OF_LAYER or "." in v,
    "results": lambda v: all(map(_text, v)),
    "target": lambda v: v is None or _whole(0)(v),
    "order": lambda v: v is None or (_text(v.tap) and _text(v.by) and all(_whole(0)(c) for c in v.channels)),
}
_MODEL: dict[str, Callable[[Any], bool]] = {
    "id": _text,
    "weights": _text,
    "untrained": lambda v: isinstance(v, bool),
    "seed": _whole(-(2**63), 2**63 - 1),
    "output": _text,
    "probabilities": lambda v: v in PROBABILITIES,
    "size": lambda v: (
        v is None or (isinstance(v, tuple) and len(v) == 2 and all(_whole(1, _LARGEST)(side) for side in v))
    ),
}
_INPUT: dict[str, Callable[[Any], bool]] = {
    "kind": lambda v: _text(v) and (v in BUILT_IN or "." in v),
    "path": _text,
    "frame": _whole(0, _FRAMES),
    **dict.fromkeys(("start", "length"), lambda v: _number(v) and 0 <= v < _SECONDS),
}
_PREPROCESS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("height", "width", "resize"), _whole(1, _LARGEST)),
    "channels": _whole(1, 1 << 12),
    "mean": _numbers,
    "std": lambda v: _numbers(v) and all(abs(part) > 1 / _SIZE for part in v),
    "fill": lambda v: _numbers(v) and all(0 <= part <= 1 for part in v),
    "transform_input": lambda v: isinstance(v, bool),
    **{name: _one_of(Preprocess, name) for name in ("fit", "interpolation", "resizer", "rounding", "order")},
}
_COMPARISON: dict[str, Callable[[Any], bool]] = {
    "columns": lambda v: not v or (LEAST <= len(v) <= MOST and len({column.key for column in v}) == len(v)),
    "kept": lambda v: v is None or (_numbers(v) and len(v) == 2 and all(0 <= share <= 1 for share in v)),
    **dict.fromkeys(("share", "foreground"), lambda v: isinstance(v, bool)),
    "against": _whole(-1),
    "ordered": _text,
}
_COLUMN: dict[str, Callable[[Any], bool]] = {
    "key": _whole(0),
    "tap": _text,
    "channel": _whole(0),
    "offset": _whole(-_MOST),
    "head": lambda v: v is None or _whole(0)(v),
    **dict.fromkeys(("locked", "frozen", "minus", "to_first"), lambda v: isinstance(v, bool)),
}
_TRANSFER: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("data", "test"), _text),
    "groups": lambda v: v in GROUPS,
    "confused": lambda v: v is None or (isinstance(v, tuple) and len(v) == 2 and all(map(_text, v))),
}
_DATASET: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("store", "data", "taps", "features", "cells", "tap", "text", "picture"), _text),
    "channel": _whole(0),
    "label": lambda v: v is None or _text(v),
    "state": lambda v: v in STATES,
    "near": lambda v: v in NEAR,
    "lasso": lambda v: isinstance(v, tuple) and (not v or len(v) > 2) and all(map(_numbers, v)),
}
_EDIT: dict[str, Callable[[Any], bool]] = {
    "tap": _text,
    "channels": lambda v: isinstance(v, tuple) and all(_whole(0)(channel) for channel in v),
    "region": lambda v: v is None or _region(v),
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
    _check(session.transfer, _TRANSFER, "transfer")
    _check(session.dataset, _DATASET, "dataset")
    for column in session.comparison.columns:
        _check(column, _COLUMN, "column")
        _sources(column)
    for edit in (*session.edits, *(edit for column in session.comparison.columns for edit in column.edits)):
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
        pre = held.model.preprocess
        _check(pre, _PREPROCESS, "preprocess")
        if pre.height * pre.width * pre.channels > VALUES:
            raise ValueError(
                tr(
                    "an input of {channels} × {height} × {width} values would not fit in memory",
                    channels=pre.channels,
                    height=pre.height,
                    width=pre.width,
                )
            )


def _check(held: Any, rules: dict[str, Callable[[Any], bool]], name: str) -> None:
    for key, right in rules.items():
        value = getattr(held, key)
        try:
            wrong = not right(value)
        except TypeError:  # not comparable, not hashable
            wrong = True
        if wrong:
            raise ValueError(
                tr("“{name}” cannot be {shown}", name=f"{name}.{key}" if name else key, shown=_shown(value))
            )


def _shown(value: Any) -> str:
    try:
        return repr(str(value)[:40])
    except ValueError:  # a number of more digits than Python writes
        return tr("so large a number")
