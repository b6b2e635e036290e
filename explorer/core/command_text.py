"""The command line that computes what the window shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any

from explorer.core.dataset import Over
from explorer.core.models import ModelSpec
from explorer.core.params import ParamKind, params_of

PROGRAM = "feature-map-explorer"


def command(verb: str, model: ModelSpec, params: Any, *more: str) -> str:
    """A verb on a model with parameters, those at their default left out; `more` are further arguments."""
    return shlex.join([PROGRAM, verb, *model_arguments(model), *options(params), *more])


def model_arguments(spec: ModelSpec) -> list[str]:
    """How a model is named."""
    size = f"{spec.size[0]}x{spec.size[1]}" if spec.size is not None else ""
    named = (
        ("--weights", spec.weights),
        ("--seed", str(spec.seed) if spec.untrained and spec.seed else ""),
        ("--output", spec.output),
        ("--probabilities", "" if spec.probabilities == "auto" else spec.probabilities),
        ("--size", size),
    )
    found = [spec.id, *(["--untrained"] if spec.untrained else [])]
    found += [part for name, value in named if value for part in (name, value)]
    return found + [part for name, value in spec.arguments for part in ("--argument", f"{name}={value}")]


def options(params: Any, without: Iterable[str] = ()) -> list[str]:
    """Those of a parameter object that are not at their default."""
    found: list[str] = []
    for param in params_of(type(params)):
        value = getattr(params, param.name)
        if param.name in without or value == param.default or not param.counts(params):
            continue
        if param.kind is ParamKind.FLAG:
            found.append(param.flag_name if value else f"--no-{param.flag_name[2:]}")
        else:
            found += [param.flag_name, value.text if isinstance(value, Over) else str(value)]
    return found
