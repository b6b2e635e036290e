"""Values of the open model, by name, read when they are asked for: what texts show, conditions compare and answers are held against.

`FACT`, `FACT@LAYER`, `FACT[i]`, `FACT@LAYER[i]`; `count(FACT)` and `nonzero(FACT)` say how many a list has. Nothing here is ever
written down in a guide, so that one made for a model is right for another training of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.guides.known_facts import TEXTS, Facts
from explorer.core.layouts import as_maps, as_sequence, as_vector, prefix_tokens
from explorer.core.session.resolve import strip_taps
from explorer.core.translation import tr

Value = int | float | str
Values = tuple[Value, ...]

_NAME = re.compile(r"(?P<fact>[a-z][\w -]*(?:\.[^@\[\]{}]+)?)(?:@(?P<tap>.+?))?(?:\[(?P<at>\d+(?:,\s*\d+)*)\])?")
_CALL = re.compile(r"(?P<call>count|nonzero)\((?P<inner>.+)\)")
_INDICES = {"value": (3, 1), "map": (1,), "layer": ()}  # how many an index of it may have; others: one


@dataclass(frozen=True, slots=True)
class LiveName:
    """A name taken apart. `tap` "": the shown layer; `at` (): what is selected, of a list: all of it."""

    text: str
    fact: str
    tap: str = ""
    at: tuple[int, ...] = ()
    call: str = ""  # "count", "nonzero"

    @property
    def first(self) -> str:
        """Before the point: "layer" of "layer.channels"."""
        return self.fact.partition(".")[0]

    @property
    def rest(self) -> str:
        """Behind it."""
        return self.fact.partition(".")[2]


def live_name(text: str) -> LiveName:
    """Raises ValueError with what is wrong for a name that cannot be one."""
    call = _CALL.fullmatch(text.strip())
    found = _NAME.fullmatch(call["inner"].strip() if call is not None else text.strip())
    if found is None:
        raise ValueError(tr("{text!r} is no name of a value, such as layer.channels or prediction.star", text=text))
    at = tuple(int(each) for each in (found["at"] or "").split(",") if each)
    tap = found["tap"] or ""
    name = LiveName(text.strip(), found["fact"].strip(), tap, at, call["call"] if call is not None else "")
    if name.first == "layer" and tap and at:  # the brackets belong to the name of the layer
        name = LiveName(name.text, name.fact, f"{tap}[{','.join(map(str, at))}]", (), name.call)
    _check(name)
    return name


def _check(name: LiveName) -> None:
    known = _TABLES.get(name.first)
    if known is not None:
        if name.rest not in known:
            raise ValueError(
                tr(
                    "there is no {fact!r}; known are {list}",
                    fact=name.fact,
                    list=", ".join(_full(name.first, each) for each in known),
                )
            )
        if name.at and len(name.at) not in _INDICES.get(name.first, (1,)):
            raise ValueError(tr("{name_text!r} has {count} indices", name_text=name.text, count=len(name.at)))
    elif not name.rest and name.fact not in TEXTS:
        raise ValueError(tr("there is no {fact!r}; known are {list}", fact=name.fact, list=", ".join(known_names())))
    if name.tap and name.first not in ("layer", "map", "value"):
        raise ValueError(tr("{fact!r} is not about a layer", fact=name.fact))


def _full(first: str, rest: str) -> str:
    return f"{first}.{rest}" if rest else first


def known_names() -> tuple[str, ...]:
    """Of all values but those of classes and of methods."""
    own = (_full(first, rest) for first, table in _TABLES.items() for rest in table)
    return (*TEXTS, *own, "prediction.CLASS", "METHOD.NAME")


def live(text: str, facts: Facts) -> Values:
    """The values of a name now; () where they are not known. Raises ValueError as `live_name`."""
    name = live_name(text)
    values = _read(name, facts)
    if name.call and not values and not _is_known_empty(name, facts):
        return ()
    if name.call == "count":
        return (len(values),)
    if name.call == "nonzero":
        return (sum(bool(value) for value in values),)
    return values


def _is_known_empty(name: LiveName, facts: Facts) -> bool:
    """Whether a result has this list, or the list of tables that it would be a column of, without entries."""
    parts = name.fact.split(".")
    return any(facts.measured.get(".".join(parts[:end])) == () for end in range(2, len(parts) + 1))


def live_one(text: str, facts: Facts) -> Value | None:
    """The one value of a name; of a list the first. None where it is not known."""
    values = live(text, facts)
    return values[0] if values else None


def live_number(text: str, facts: Facts) -> float | None:
    """As a number; None where it is none, or NaN."""
    value = live_one(text, facts)
    return None if value is None or isinstance(value, str) or value != value else float(value)


def _read(name: LiveName, facts: Facts) -> Values:
    table = _TABLES.get(name.first)
    if table is not None:
        value = table[name.rest](name, facts)
        return () if value is None else (value,)
    if name.fact in TEXTS:
        text = facts.texts.get(name.fact, "")
        return (text,) if text else ()
    if name.first == "prediction":
        share = facts.probabilities.get(name.rest)
        return () if share is None else (share,)
    values = facts.measured.get(name.fact, ())
    return values if not name.at else values[name.at[0] : name.at[0] + 1]


# --- what is read of the layers and of their values


def _tap(name: LiveName, facts: Facts) -> Tap | None:
    wanted = name.tap or facts.texts.get("tap", "")
    taps = facts.capture.taps if facts.capture is not None else ()
    return next((tap for tap in taps if tap.name == wanted), None)


def _raw_values(tap: Tap | None, facts: Facts) -> Array | None:
    """Of a layer, without the batch dimension."""
    if tap is None or facts.capture is None:
        return None
    values = facts.capture.values.get(tap.name)
    if values is None:
        values = facts.capture.values.get(tap.alias)
    return None if values is None or not values.size else np.asarray(values)


def _layer_values(name: LiveName, facts: Facts) -> Array | None:
    """(C, H, W) maps as the window shows them, (C, T) of a sequence, (C,) of a vector; None where the layer has no channels."""
    tap = _tap(name, facts)
    values = _raw_values(tap, facts)
    if tap is None or values is None:
        return None
    try:
        maps = as_maps(values, tap)
    except ExplorerError:  # values that do not fit what is known of the layer
        return None
    line = as_sequence(values, tap) if maps is None else maps
    return as_vector(values, tap) if line is None else line


def _map(name: LiveName, facts: Facts) -> Array | None:
    values, channel = _layer_values(name, facts), name.at[0] if name.at else facts.channel
    return values[channel] if values is not None and 0 <= channel < len(values) else None


def map_of(facts: Facts) -> Array | None:
    """(H, W): the map of the selected channel; of a sequence (1, T), of a vector (1, 1)."""
    found = _map(LiveName("", ""), facts)
    return None if found is None else np.atleast_2d(found)


def _value(name: LiveName, facts: Facts) -> float | None:
    values = _layer_values(name, facts)
    if values is None:
        return None
    if not name.at and facts.cell is not None and facts.cell[0] < 0:
        return _prefix_value(_tap(name, facts), facts.cell[1], facts)
    selected = (facts.channel, *(facts.cell or ())) if values.ndim > 1 else (facts.channel,)
    at = name.at or selected
    if values.ndim == 2 and len(at) == 3:  # of a line: row 0
        at = (at[0], at[2])
    inside = len(at) == values.ndim and all(0 <= i < size for i, size in zip(at, values.shape, strict=True))
    return float(values[at]) if inside else None


def _prefix_value(tap: Tap | None, token: int, facts: Facts) -> float | None:
    """Of a token before the grid, which the window selects as the cell (-1, token)."""
    values = _raw_values(tap, facts)
    tokens = None if tap is None or values is None else prefix_tokens(values, tap)
    if tokens is None or not (token < len(tokens) and 0 <= facts.channel < tokens.shape[1]):
        return None
    return float(tokens[token, facts.channel])


def _of_map(measure: Callable[[Array], float]) -> _Read:
    def read(name: LiveName, facts: Facts) -> float | None:
        found = _map(name, facts)
        return None if found is None or np.isnan(found).all() else measure(found)

    return read


def _of_layer(measure: Callable[[Array], float]) -> _Read:
    def read(name: LiveName, facts: Facts) -> float | None:
        found = _layer_values(name, facts)
        return None if found is None or np.isnan(found).all() else measure(found)

    return read


def _of_tap(field: Callable[[Tap], Value | None]) -> _Read:
    def read(name: LiveName, facts: Facts) -> Value | None:
        tap = _tap(name, facts)
        return None if tap is None else field(tap)

    return read


def _size(tap: Tap, axis: int) -> int | None:
    if tap.grid is not None:
        return tap.grid[axis]
    if tap.layout == "NCT" and len(tap.shape) > 2:
        return (1, tap.shape[2])[axis]
    return None


def _cells(tap: Tap) -> int | None:
    height, width = _size(tap, 0), _size(tap, 1)
    return None if height is None or width is None else height * width


def _field_width(tap: Tap) -> float | None:
    """None where there is no one size: a cell sees the whole input, or all before it."""
    return None if tap.receptive is None or tap.receptive.whole else tap.receptive.size_x


def _depth(name: LiveName, facts: Facts) -> int | None:
    tap = _tap(name, facts)
    return None if tap is None or facts.capture is None else facts.capture.taps.index(tap) + 1


def _macs_of_model(_name: LiveName, facts: Facts) -> int | None:
    if facts.capture is None:
        return None
    # what a module computes by functions, such as attention, is in it but in none of its leaves
    taps = facts.capture.taps
    return max(sum(tap.macs for tap in taps if tap.leaf), max((tap.macs for tap in taps), default=0))


def _input_size(axis: int) -> _Read:
    def read(_name: LiveName, facts: Facts) -> int | None:
        size = getattr(facts.capture.picture, "size", None) if facts.capture is not None else None
        return None if size is None else int(size[axis])

    return read


def _row_of_largest(values: Array) -> int:
    """0 of a line."""
    return _largest(values)[0]


def _column_of_largest(values: Array) -> int:
    return _largest(values)[1]


def _largest(values: Array) -> tuple[int, int]:
    rows = np.atleast_2d(values)
    row, column = np.unravel_index(int(np.nanargmax(rows)), rows.shape)
    return int(row), int(column)


def _share_of_zeros(values: Array) -> float:
    return float(np.mean(values == 0))


def _silent(values: Array) -> int:
    return int(np.sum(~values.reshape(len(values), -1).any(axis=1)))


_Read = Callable[[LiveName, Facts], Value | None]

_TABLES: dict[str, dict[str, _Read]] = {
    "channel": {"": lambda _name, facts: facts.channel},
    "edits": {"": lambda _name, facts: len(facts.edited)},
    "columns": {"": lambda _name, facts: len(facts.compared)},
    "cell": {
        "row": lambda _name, facts: None if facts.cell is None else facts.cell[0],
        "column": lambda _name, facts: None if facts.cell is None else facts.cell[1],
    },
    "top": {
        "label": lambda _name, facts: facts.best[0] if facts.best is not None else None,
        "probability": lambda _name, facts: facts.best[1] if facts.best is not None else None,
    },
    "model": {
        "": lambda _name, facts: facts.texts.get("model") or None,
        "name": lambda _name, facts: facts.card.name if facts.card is not None else None,
        "parameters": lambda _name, facts: facts.card.parameters if facts.card is not None else None,
        "classes": lambda _name, facts: len(facts.card.labels) if facts.card is not None else None,
        "layers": lambda _name, facts: (
            len(strip_taps(facts.capture.taps, False)) if facts.capture is not None else None
        ),
        "macs": _macs_of_model,
    },
    "input": {
        "": lambda _name, facts: facts.texts.get("input") or None,
        "height": _input_size(0),
        "width": _input_size(1),
    },
    "layer": {
        "channels": _of_tap(lambda tap: tap.channels),
        "height": _of_tap(lambda tap: _size(tap, 0)),
        "width": _of_tap(lambda tap: _size(tap, 1)),
        "cells": _of_tap(_cells),
        "type": _of_tap(lambda tap: tap.type),
        "detail": _of_tap(lambda tap: tap.detail or None),
        "shape": _of_tap(lambda tap: " × ".join(map(str, tap.shape[1:]))),
        "parameters": _of_tap(lambda tap: tap.parameters),
        "macs": _of_tap(lambda tap: tap.macs),
        "bytes": _of_tap(lambda tap: tap.nbytes),
        "stride": _of_tap(lambda tap: None if tap.receptive is None else tap.receptive.jump_x),
        "receptive": _of_tap(_field_width),
        "depth": _depth,
        "min": _of_layer(lambda values: float(np.nanmin(values))),
        "max": _of_layer(lambda values: float(np.nanmax(values))),
        "mean": _of_layer(lambda values: float(np.nanmean(values, dtype=np.float64))),
        "zeros": _of_layer(_share_of_zeros),
        "silent": _of_layer(_silent),
    },
    "map": {
        "min": _of_map(lambda values: float(np.nanmin(values))),
        "max": _of_map(lambda values: float(np.nanmax(values))),
        "mean": _of_map(lambda values: float(np.nanmean(values, dtype=np.float64))),
        "zeros": _of_map(_share_of_zeros),
        "row": _of_map(_row_of_largest),
        "column": _of_map(_column_of_largest),
    },
    "value": {"": _value},
}


_WORDS = {
    "value": tr("the value of the selected cell"),
    "channel": tr("the selected channel"),
    "cell.row": tr("the row of the selected cell"),
    "cell.column": tr("the column of the selected cell"),
    "edits": tr("the number of edited channels of this layer"),
    "columns": tr("the number of columns in Compare"),
    "top.label": tr("the first class of the prediction"),
    "top.probability": tr("the probability of the first class"),
    "map.min": tr("the smallest value of the channel"),
    "map.max": tr("the largest value of the channel"),
    "map.mean": tr("the mean of the channel"),
    "map.zeros": tr("the share of zeros of the channel"),
    "map.row": tr("the row of the largest value"),
    "map.column": tr("the column of the largest value"),
    "layer.stride": tr("the stride of the layer"),
    "layer.receptive": tr("the receptive field of the layer"),
    "layer.macs": tr("the multiply-adds of the layer"),
    "layer.parameters": tr("the number of parameters of the layer"),
    "layer.channels": tr("the number of channels of the layer"),
}


def value_words(name: str) -> str:
    """What a name stands for, in words; the name where there are none."""
    found = live_name(name)
    words = _WORDS.get(found.fact)
    if words is None or found.call or found.at:
        return name
    return f"{words} {found.tap}" if found.tap else words


def written_value(value: Value | None, spec: str = "", share: bool = False) -> str:
    """As text, by a format such as ".0%", ",", ".3f"; "…" for what is not known. `share`: from 0 to 1, shown in %."""
    if value is None:
        return "…"
    if isinstance(value, str):
        return value
    if spec.endswith("%") or (share and not spec):
        words = f"{100 * value:{spec[:-1] or '.1'}f} %"
    else:
        words = format(value, spec or ("" if isinstance(value, int) else ".4g"))
    return words.replace("-", "−")
