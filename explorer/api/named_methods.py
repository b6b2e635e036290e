"""A function for every method of the catalogue, made from its spec as its command is. Imports no torch until one is called."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from explorer import catalogue
from explorer.api.class_names import is_number
from explorer.api.method_runs import CLASS, PLACED, MethodResult, Place, answer, answer_pair
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.method import MethodSpec, Scope
from explorer.core.params import Param, ParamKind, made, params_of
from explorer.core.translation import tr

Function = Callable[..., MethodResult[Any]]
_TYPES = {
    ParamKind.CHOICE: str,
    ParamKind.INTEGER: int,
    ParamKind.REAL: float,
    ParamKind.FLAG: bool,
    ParamKind.TEXT: str,
    ParamKind.LAYER: str,
    ParamKind.DATASET: str,
}
_BY = inspect.Parameter.POSITIONAL_OR_KEYWORD
_NAMED = inspect.Parameter.KEYWORD_ONLY


def names() -> tuple[str, ...]:
    """Of the functions: those of the methods that have a command of their own."""
    return tuple(name_of(spec) for spec in catalogue.methods if spec.command)


def name_of(spec: MethodSpec[Any, Any]) -> str:
    """ "network_health" of network-health."""
    return spec.id.replace("-", "_")


def named(name: str) -> Function | None:
    """The function of a method; None where there is none of that name."""
    spec = next((spec for spec in catalogue.methods if spec.command and name_of(spec) == name), None)
    return None if spec is None else function_of(spec)


@lru_cache(maxsize=64)
def function_of(spec: MethodSpec[Any, Any]) -> Function:
    """With the signature and the documentation that the spec gives."""
    signature = signature_of(spec)

    def function(*args: Any, **kwargs: Any) -> MethodResult[Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return _asked(spec, dict(bound.arguments))

    function.__name__ = function.__qualname__ = name_of(spec)
    function.__module__ = "explorer"
    function.__doc__ = documentation_of(spec)
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def signature_of(spec: MethodSpec[Any, Any]) -> inspect.Signature:
    """model, the other model or the input, the place, and a keyword for each parameter."""
    found = [_argument("model", Any, _BY)]
    if spec.pair is not None:
        found.append(_argument("second", Any, _BY))
        if spec.scope == Scope.LAYER:
            found += [_argument("tap", str), _argument("tap2", str, default="")]
        else:
            found += [_argument("taps", Sequence[str], default=()), _argument("taps2", Sequence[str], default=())]
    elif spec.scope != Scope.DATA_SET:
        found.append(_argument("input", Any, _BY, None))
        if spec.scope in PLACED:
            found.append(_argument("tap", str))
        if spec.scope in (Scope.CHANNEL, Scope.CELL):
            found.append(_argument("channel", int))
        if spec.scope in (Scope.CELL, Scope.TOKEN):
            found.append(_argument("cell", tuple[int, int]))
    for param in params_of(spec.params):
        found.append(_of_param(spec, param))
    return inspect.Signature(found, return_annotation=MethodResult)


def _argument(name: str, kind: Any, how: Any = _NAMED, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, how, default=default, annotation=kind)


def _of_param(spec: MethodSpec[Any, Any], param: Param) -> inspect.Parameter:
    kind: Any = int | str if param.name == CLASS else _TYPES[param.kind]
    if param.kind != ParamKind.DATASET:
        return _argument(param.name, kind, _NAMED, param.default)
    if spec.scope == Scope.DATA_SET:
        return _argument(param.name, str)
    return _argument(param.name, str, _NAMED, param.default.text if spec.pair is not None else "")


def documentation_of(spec: MethodSpec[Any, Any]) -> str:
    """What it shows, its arguments, and where it comes from."""
    lines = [f"{spec.about}.", ""]
    lines += [spec.explained.text, ""] if spec.explained.text else []
    lines += [f"{name}: {words}." for name, words in arguments_of(spec)]
    lines += ["", tr("Returns a MethodResult; raises ExplorerError where it cannot be had.")]
    lines += [tr("Source: {source}.", source=spec.source)] if spec.source else []
    return "\n".join(lines)


def arguments_of(spec: MethodSpec[Any, Any]) -> list[tuple[str, str]]:
    """(name, what it is) of every argument beside the models and the input."""
    known = {
        "tap": tr("the layer"),
        "tap2": tr("the layer of the second model, where it differs"),
        "taps": tr("names or patterns of layers of both models, as in 'layer*'"),
        "taps2": tr("those of the second model, where they differ"),
        "channel": tr("counted from 0"),
        "cell": tr("row and column, counted from 0"),
    }
    found = [(name, known[name]) for name in signature_of(spec).parameters if name in known]
    for param in params_of(spec.params):
        unit = tr(", in {unit}", unit=param.unit) if param.unit else ""
        choices = f" ({', '.join(param.choices)})" if param.choices else ""
        found.append((param.name, f"{param.help.rstrip('.')}{unit}{choices}"))
    return found


def _asked(spec: MethodSpec[Any, Any], values: dict[str, Any]) -> MethodResult[Any]:
    from explorer.api.opened_models import busy, opened, workbench

    params, class_name = params_from(spec, values)
    with busy():
        bench = workbench()
        if spec.pair is not None:
            models = opened(values["model"])[0], opened(values["second"])[0]
            return answer_pair(bench, spec, models, _sides(spec, values), params)
        loaded, given = opened(values["model"], values.get("input"))
        cell = values.get("cell")
        place = Place(values.get("tap", ""), values.get("channel", 0), None if cell is None else (cell[0], cell[1]))
        return answer(bench, spec, loaded, given, params, place, class_name)


def _sides(spec: MethodSpec[Any, Any], values: dict[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    kind = "tap" if spec.scope == Scope.LAYER else "taps"
    first, second = (_listed(values[name]) for name in (kind, f"{kind}2"))
    return first, second or first


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(names.split(",")) if isinstance(names, str) and names else tuple(names)


def params_from(spec: MethodSpec[Any, Any], values: dict[str, Any]) -> tuple[Any, str]:
    """(the parameter object, the name of a class where one is named). Raises ExplorerError for a value that does not fit."""
    found: dict[str, Any] = {}
    class_name = ""
    for param in params_of(spec.params):
        value = values[param.name]
        if param.name == CLASS and isinstance(value, str):
            if not is_number(value):
                class_name = value
                continue
            value = int(value)
        if param.kind == ParamKind.DATASET:
            value = _inputs(spec, param, values, value)
        if value is not None:
            found[param.name] = value
    return made(spec.params, found), class_name


def _inputs(spec: MethodSpec[Any, Any], param: Param, values: dict[str, Any], value: Any) -> Any:
    """What is computed over; where nothing was named, the one input."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if spec.pair is not None or spec.scope == Scope.DATA_SET:
        return Over("folder", value) if isinstance(value, str) and os.path.isdir(value) else value
    if value:
        return value
    if values.get("input") is None:
        raise ExplorerError(tr("No inputs were named."), "", tr("Give {name}=FOLDER or an input.", name=param.name))
    return None
