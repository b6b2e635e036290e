"""The figure of a method's result: that of its folder (`figure.py`), else one made of what it says as JSON."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigurePart,
    NotePart,
    TablePart,
)
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.method import MethodSpec
from explorer.core.registry import load
from explorer.core.translation import tr

_LONG = 8  # numbers in a row: more are a curve
Draw = Callable[[Any, FigureSubject], FigureDescription]


def figure_of(spec: MethodSpec[Any, Any], result: Any, about: FigureSubject) -> FigureDescription:
    """By the method's own function `figure(result, about)` where it has one."""
    if importlib.util.find_spec(f"{spec.package}.figure") is not None:
        draw: Draw = load(f"{spec.package}.figure:figure")
        return draw(result, about)
    return default_figure(spec, result, about)


def default_figure(spec: MethodSpec[Any, Any], result: Any, about: FigureSubject) -> FigureDescription:
    """Single values in a table, lists of rows as tables, long lists of numbers as curves."""
    told = spec.to_json(result)
    plain = tuple((_words(name), _cell(value)) for name, value in told.items() if not _nested(value))
    parts: list[FigurePart] = [TablePart("", (), plain)] if plain else []
    for name, value in told.items():
        if _nested(value):
            part = _part(_words(name), value)
            parts += [part] if part is not None else []
    rows = tuple((part,) for part in parts) or ((NotePart(tr("No values.")),),)
    return FigureDescription(spec.title, rows, about.caption(spec.unfinished(result)), file_name(spec.id))


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def _part(name: str, value: Any) -> FigurePart | None:
    if isinstance(value, Mapping):
        return TablePart(name, (), tuple((_words(key), _cell(each)) for key, each in value.items()))
    if not value:
        return None
    if all(isinstance(row, Mapping) for row in value):
        header = tuple(dict.fromkeys(key for row in value for key in row))
        rows = tuple(tuple(_cell(row.get(key)) for key in header) for row in value)
        return TablePart(name, tuple(_words(key) for key in header), rows)
    if all(isinstance(each, int | float) for each in value) and len(value) > _LONG:
        curve = FigureCurve("", np.arange(len(value)), np.asarray(value, float))
        return CurvesPart(name, (curve,), FigureAxis(tr("number")), FigureAxis(name))
    return TablePart(name, (), tuple((_cell(each),) for each in value))


def _words(key: object) -> str:
    return str(key).replace("_", " ")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return written(value)
    if _nested(value):
        return ", ".join(_cell(each) for each in (value.values() if isinstance(value, Mapping) else value))
    return str(value)
